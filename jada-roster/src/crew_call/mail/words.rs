//! What a mail of a call says, in the words of those who sail.

use jiff::Timestamp;

use crate::call::notice::NoticeKind;
use crate::call::{Asked, Sailing, Standing};
use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::crew_call::postman::Letter;
use crate::event::view::CrewView;
use crate::harbour::Harbour;
use crate::status::Status;

/// What a mail says, whether as a page, as text or in a calendar.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) title: String,
    pub(super) lead: String,
    /// What is known of the charter, each with its label.
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) after: Vec<String>,
    /// How a calendar names the sail, and where it casts off.
    pub(super) summary: String,
    pub(super) harbour: String,
    pub(super) zone: jiff::tz::TimeZone,
}

impl Words {
    pub(super) fn of(
        letter: &Letter,
        view: &CrewView,
        harbour: &Harbour,
        (hints, link_until): (&[String], Option<Timestamp>),
    ) -> Self {
        let Letter { notice, member, .. } = letter;
        let sailing = notice.sailing();
        let boat = view.boat().as_str();
        let named = if boat.is_empty() { String::new() } else { format!(" ({boat})") };
        let berth = notice.berth().map(ToString::to_string).unwrap_or_default();
        let harbour_name = match view.harbour().as_str() {
            "" => harbour.name(),
            name => name,
        };
        let zone = harbour.time_zone().clone();
        let name = member.as_ref().map(|member| member.name().as_str()).unwrap_or_default();
        let mut facts = facts(letter, view, harbour, harbour_name);
        if letter.notice.kind() == NoticeKind::NobodyLeft {
            facts.extend(standings(letter));
        }
        let aboard = if boat.is_empty() { "Sail".to_owned() } else { format!("Sail on {boat}") };
        let mut after = after(notice.kind(), letter, hints);
        after.extend(link_until.map(|until| until_line(until, harbour)));
        if let Some(member) = member.as_ref().filter(|member| member.email().is_none()) {
            let phone = member.phone().map_or("not known", |phone| phone.as_str());
            after.insert(
                0,
                format!("{name} has no e-mail address, so please tell them. Phone: {phone}."),
            );
        }
        Self {
            subject: subject(letter, &when(sailing), &named),
            title: title(letter).to_owned(),
            lead: lead(letter, name, &berth),
            facts,
            after,
            summary: format!("{aboard}, as {berth}"),
            harbour: harbour_name.to_owned(),
            zone,
        }
    }
}

fn subject(letter: &Letter, when: &str, boat: &str) -> String {
    let id = letter.event.id();
    match letter.notice.kind() {
        NoticeKind::Ask => format!("Can you sail on {when}?{boat}"),
        NoticeKind::Aboard => format!("You sail on {when}{boat}"),
        NoticeKind::Changed => format!("Changed: you sail on {when}{boat}"),
        NoticeKind::Released if is_cancelled(letter) => {
            format!("You do not sail on {when}{boat}: it is called off")
        }
        NoticeKind::Released => format!("You do not sail on {when}{boat}"),
        NoticeKind::Taken => format!("No longer needed on {when}{boat}"),
        NoticeKind::CalledOff => format!("Called off: {when}{boat}"),
        NoticeKind::NobodyLeft => format!("Nobody left to call for {id}, {when}{boat}"),
        NoticeKind::Clash => format!("Sails twice at once: {id}, {when}{boat}"),
    }
}

fn title(letter: &Letter) -> &'static str {
    match letter.notice.kind() {
        NoticeKind::Ask => "Can you sail?",
        NoticeKind::Aboard => "You sail",
        NoticeKind::Changed => "The charter has changed",
        NoticeKind::Released if is_cancelled(letter) => CALLED_OFF,
        NoticeKind::Released => "You do not sail",
        NoticeKind::Taken => "The berth is filled",
        NoticeKind::CalledOff => CALLED_OFF,
        NoticeKind::NobodyLeft => "Nobody is left to call",
        NoticeKind::Clash => "Sails twice at once",
    }
}

fn lead(letter: &Letter, name: &str, berth: &str) -> String {
    match letter.notice.kind() {
        NoticeKind::Ask => {
            format!("Hello {name}, we need a {berth} for this charter. The first to say yes sails.")
        }
        NoticeKind::Aboard => {
            format!("Hello {name}, thank you: you sail on this charter as {berth}.")
        }
        NoticeKind::Changed => {
            format!(
                "Hello {name}, this charter on which you sail has changed: its hours, boat or harbour \
                 are as below."
            )
        }
        NoticeKind::Released if is_cancelled(letter) => {
            format!("Hello {name}, this charter is called off, so that you do not sail on it.")
        }
        NoticeKind::Released => format!("Hello {name}, you are no longer aboard this charter."),
        NoticeKind::Taken => format!(
            "Hello {name}, the berth that you were asked about is filled. There is nothing to do."
        ),
        NoticeKind::CalledOff => format!(
            "Hello {name}, the charter that you were asked about is off at this time. There is \
             nothing to do."
        ),
        NoticeKind::NobodyLeft => nobody_left(letter),
        NoticeKind::Clash => clash(letter),
    }
}

/// Whether nobody sails on it any more, rather than somebody else.
fn is_cancelled(letter: &Letter) -> bool {
    letter.event.charter().status() == Status::Cancelled
}

/// Which berths are free, and whether anybody was asked at all.
fn nobody_left(letter: &Letter) -> String {
    let vacant: Vec<&str> = match letter.notice.berth() {
        Some(berth) => vec![berth.as_str()],
        // An older version did not say which.
        None => letter.call.vacant().iter().map(Role::as_str).collect(),
    };
    let free = match vacant.join(", ") {
        none if none.is_empty() => "a berth".to_owned(),
        berths => format!("the berth of {berths}"),
    };
    match letter.call.asked().is_empty() {
        true => format!(
            "On this charter {free} is free, and there is nobody who could be asked before it casts \
             off."
        ),
        false => format!(
            "On this charter {free} is still free, and everyone who could sail on it was asked."
        ),
    }
}

/// Who it is.
fn clash(letter: &Letter) -> String {
    let (about, berth) = (letter.notice.about(), letter.notice.berth());
    let who = about.zip(berth).map(|(id, berth)| named(letter, id, berth));
    let who = who.unwrap_or_else(|| "A member".to_owned());
    format!("{who} is aboard this charter, and at its new time sails on another one too.")
}

/// By the clocks of the harbour.
fn until_line(until: Timestamp, harbour: &Harbour) -> String {
    let until = until.to_zoned(harbour.time_zone().clone());
    format!("It can be answered until {}.", until.strftime("%A, %-d %B %Y, %H:%M"))
}

fn after(kind: NoticeKind, letter: &Letter, hints: &[String]) -> Vec<String> {
    let id = letter.event.id();
    let lines: &[&str] = match kind {
        NoticeKind::Ask => &[
            "The link is yours alone and works once. Please do not forward this mail.",
            "If you cannot come, please say no, so that the next can be asked.",
        ],
        NoticeKind::Aboard => &[
            "The sail is attached for your calendar.",
            "If you cannot make it after all, please tell the office by an answer to this mail.",
        ],
        NoticeKind::Changed => &[
            "Attached is its update for your calendar.",
            "If you cannot make it, please tell the office by an answer to this mail.",
        ],
        NoticeKind::Released => &["Its entry in your calendar is cancelled with this mail."],
        NoticeKind::Taken | NoticeKind::CalledOff => &[],
        NoticeKind::Clash => {
            &["They stay aboard both until you take them off one of the two, or move it."]
        }
        NoticeKind::NobodyLeft => {
            let on = "The call goes on by itself when somebody becomes available, or says yes \
                      after all.";
            let hints = hints.iter().map(|hint| hint.replace("{charter}", id.as_str()));
            return hints.chain([on.to_owned()]).collect();
        }
    };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// Of one that was moved, when it was to sail is all that is told of it.
fn facts(
    letter: &Letter,
    view: &CrewView,
    harbour: &Harbour,
    harbour_name: &str,
) -> Vec<(&'static str, String)> {
    let notice = &letter.notice;
    let with = if notice.to().is_some() { aboard(letter) } else { String::new() };
    let Sailing { date, hours } = notice.sailing();
    let zone = harbour.time_zone().iana_name().unwrap_or("the harbour's time");
    let hours = hours.map_or_else(|| "not known yet".to_owned(), |it| format!("{it} ({zone})"));
    let mut facts = vec![("Day", date.strftime(DAY).to_string()), ("Hours", hours)];
    let mut add = |label, text: &str| {
        if !text.is_empty() {
            facts.push((label, text.to_owned()));
        }
    };
    add("Boat", view.boat().as_str());
    add("Harbour", harbour_name);
    let is_off =
        [NoticeKind::Released, NoticeKind::Taken, NoticeKind::CalledOff].contains(&notice.kind());
    if !is_off {
        add("Guests", &view.head_count().map(|guests| guests.to_string()).unwrap_or_default());
        let label = if notice.to().is_some() { "As" } else { "Berth" };
        add(label, notice.berth().map(|berth| berth.as_str()).unwrap_or_default());
        add("With", &with);
        add("Notes", view.note().as_str());
    }
    add("Charter", view.id().as_str());
    facts
}

/// Who was asked, by where they stand.
fn standings(letter: &Letter) -> Vec<(&'static str, String)> {
    let of = |standing| {
        let asked = letter.call.asked().iter();
        asked.filter(move |asked| asked.standing() == standing)
    };
    let declined = of(Standing::Declined).map(|asked| named(letter, asked.crew(), asked.berth()));
    let waiting = of(Standing::Waiting).map(|asked| reachable(letter, asked));
    let lines = [
        ("Aboard", aboard(letter)),
        ("Said no", declined.collect::<Vec<_>>().join(", ")),
        ("No answer", waiting.collect::<Vec<_>>().join(", ")),
    ];
    lines.map(|(label, who)| (label, if who.is_empty() { "nobody".to_owned() } else { who })).into()
}

/// Who sails with whoever the letter goes to.
fn aboard(letter: &Letter) -> String {
    let others = letter.event.assignments().iter();
    let others = others.filter(|other| Some(other.crew()) != letter.notice.to());
    let named = others.map(|other| named(letter, other.crew(), other.berth()));
    named.collect::<Vec<_>>().join(", ")
}

/// With the number by which operations may ask again.
fn reachable(letter: &Letter, asked: &Asked) -> String {
    let named = named(letter, asked.crew(), asked.berth());
    let member = letter.crew.iter().find(|member| member.id() == asked.crew());
    match member.and_then(CrewMember::phone) {
        Some(phone) => format!("{named} {}", phone.as_str()),
        None => named,
    }
}

/// By name where it is known, and else by id.
fn named(letter: &Letter, id: &CrewId, role: &Role) -> String {
    let member = letter.crew.iter().find(|member| member.id() == id);
    format!("{} ({role})", member.map_or(id.as_str(), |member| member.name().as_str()))
}

fn when(sailing: Sailing) -> String {
    let day = sailing.date.strftime(DAY);
    sailing.hours.map_or_else(|| day.to_string(), |hours| format!("{day}, {hours}"))
}

const CALLED_OFF: &str = "The charter is called off";
const DAY: &str = "%A, %-d %B %Y";
