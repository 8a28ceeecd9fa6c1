//! What the mails say, and that each is in the outbox once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::TryStreamExt;
use jada_auth::ManualClock;
use jada_mail::{EmlFolder, MailState, Received};
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::*;
use crate::call::notice::Notice;
use crate::call::{Asked, Call, Phase, Sailing, Standing};
use crate::calls::CallRepository;
use crate::cascade::rules::CallRules;
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterId};
use crate::crew::contact::PersonName;
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::crew_call::CrewCall;
use crate::event::{CharterEvent, EventColumns};
use crate::links::memory::MemoryLinks;
use crate::money::Currency;
use crate::repository::CharterRepository;
use crate::repository::memory::MemoryCharters;
use crate::roster::RosterRepository;
use crate::roster::memory::MemoryRoster;
use crate::status::Status;

struct Desk {
    folder: tempfile::TempDir,
    links: Arc<MemoryLinks>,
    mail: CallMail,
}

impl Desk {
    async fn new(now: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(now.parse().unwrap()));
        let roster = MemoryRoster::new();
        roster.add(&ada()).await.unwrap();
        let links = Arc::new(MemoryLinks::new(&roster).unwrap().with_clock(clock.clone()));
        let answers = LinkUrl::new("https://crew.example.com/crew/answer").unwrap();
        let zone = TimeZone::get("America/New_York").unwrap();
        let mail = CallMail::builder(
            Outbox::new(folder.path().join("outbox")),
            (links.clone() as Arc<dyn MagicLinks>, answers),
            "Example Sails <crew@example.com>".parse().unwrap(),
            "Operations <operations@example.com>".parse().unwrap(),
            Harbour::new("Pier 2", zone),
        );
        Self { folder, links, mail: mail.clock(clock).build() }
    }

    fn invite(&self, letter: &Letter) -> Option<jada_mail::Invite> {
        let view = CrewView::of(&letter.event, &ViewRules::default()).value;
        let words = Words::of(letter, &view, &self.mail.harbour, (&[], None));
        let member = address(&ada()).unwrap().unwrap();
        calendar::invite(letter, &words, &self.mail.from, member).unwrap()
    }

    fn queued(&self) -> usize {
        self.mail.outbox.status().unwrap().count(MailState::Queued)
    }

    /// Takes a letter, and reads it as it was sent.
    async fn sent(&self, letter: &Letter) -> (String, Received) {
        self.mail.take(letter).await.unwrap();
        let folder = self.folder.path().join("eml");
        let drained = self.mail.outbox.drain(&EmlFolder::new(&folder)).await.unwrap();
        assert_eq!(drained.sent.len(), 1);
        let file = folder.join(format!("{}.eml", CallMail::key(letter).unwrap()));
        let bytes = std::fs::read(file).unwrap();
        let mail = Received::parse(&bytes).unwrap();
        (String::from_utf8(bytes).unwrap(), mail)
    }
}

fn ada() -> CrewMember {
    let (id, name) = (CrewId::new("ada").unwrap(), PersonName::new("Ada <b>Wells</b>").unwrap());
    let phone = "+15550100101".parse().unwrap();
    CrewMember::new(id, name, phone, "ada@example.com".parse().unwrap(), Role::Captain)
}

fn bo() -> CrewMember {
    let (id, name) = (CrewId::new("bo").unwrap(), PersonName::new("Bo Field").unwrap());
    let phone = "+15550100102".parse().unwrap();
    CrewMember::new(id, name, phone, "bo@example.com".parse().unwrap(), Role::Mate)
}

fn letter(kind: NoticeKind, hours: &str) -> Letter {
    let extra = [("hours", hours), ("boat", "Isla & Co"), ("guests", "6")];
    let extra = extra.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let id = CharterId::new("MAY-002").unwrap();
    let charter = Charter::builder(id, date(2026, 5, 3), Currency::USD)
        .guest("Ann Rivers")
        .total(crate::money::Money::from_minor(123_450, Currency::USD))
        .notes("Vegetarian; $300 on board")
        .extra(extra)
        .assignments([Assignment::new(CrewId::new("bo").unwrap(), Role::Mate)])
        .build()
        .unwrap();
    let event = CharterEvent::of(charter, &EventColumns::default()).unwrap();
    let sailing = Sailing { date: event.date(), hours: event.hours() };
    let since: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let crew = CrewId::new("ada").unwrap();
    let to_operations = [NoticeKind::NobodyLeft, NoticeKind::Clash].contains(&kind);
    let notice = Notice {
        call: None,
        kind,
        to: (!to_operations).then(|| crew.clone()),
        berth: Some(Role::Captain),
        round: 1,
        sequence: 4,
        sailing,
        since,
        about: (kind == NoticeKind::Clash).then(|| crew.clone()),
    };
    let asked = |id: &str, standing| Asked {
        crew: CrewId::new(id).unwrap(),
        berth: Role::Captain,
        wave: 1,
        at: since,
        until: since + jiff::SignedDuration::from_hours(2),
        standing,
        since,
    };
    let call = Call {
        name: None,
        round: 1,
        sailing,
        phase: Phase::Exhausted,
        wave: 2,
        asked: vec![asked("ada", Standing::Waiting), asked("cy", Standing::Declined)],
        vacant: vec![Role::Captain],
        due: None,
        owed: Vec::new(),
        sequence: 4,
        unmanned: Vec::new(),
        former: Vec::new(),
        place: None,
        moved: None,
    };
    let crew = vec![ada(), bo()];
    Letter { notice, event, call, member: (!to_operations).then(ada), crew }
}

const NOW: &str = "2026-05-01T12:00:05Z";
const HOURS: &str = "09:00-13:00";

fn text(mail: &Received) -> &str {
    mail.text()
}

#[tokio::test]
async fn an_ask_has_a_link_of_its_own_until_it_casts_off() {
    let desk = Desk::new(NOW).await;
    let (raw, mail) = desk.sent(&letter(NoticeKind::Ask, HOURS)).await;
    assert_eq!(mail.subject(), "Can you sail on Sunday, 3 May 2026, 09:00-13:00? (Isla & Co)");
    let told = text(&mail);
    for said in [
        "we need a captain for this charter",
        "09:00-13:00 (America/New_York)",
        "Isla & Co",
        "Pier 2",
        "Vegetarian; [amount removed] on board",
        "https://crew.example.com/crew/answer?token=",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let html = mail.html().unwrap();
    assert!(html.contains("Ada &#60;b&#62;Wells"), "{html}");
    let links = desk.links.open_links(&CrewId::new("ada").unwrap()).await.unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].purpose.as_str(), "answer:MAY-002");
    assert_eq!(links[0].expires_at, Some("2026-05-03T13:00:00Z".parse().unwrap()));
    assert!(raw.contains("operations@example.com") && !raw.contains("text/calendar"));
}

/// `JADA_BLESS=1` writes them anew.
#[tokio::test]
async fn every_mail_is_as_it_was_looked_at() {
    for kind in NoticeKind::ALL {
        let desk = Desk::new(NOW).await;
        let (hours, sequence) = match kind {
            NoticeKind::Changed => ("10:00-14:00", 5),
            NoticeKind::Released => ("10:00-14:00", 6),
            _ => (HOURS, 4),
        };
        let mut letter = letter(kind, hours);
        letter.notice.sequence = sequence;
        let (_, mail) = desk.sent(&letter).await;
        let name = kind.as_str();
        golden(&format!("{name}.txt"), &format!("{}\n\n{}", mail.subject(), text(&mail)));
        golden(&format!("{name}.html"), mail.html().unwrap());
        if let Some(invite) = desk.invite(&letter) {
            golden(&format!("{name}.ics"), &invite.render(letter.notice.since()));
        }
    }
}

/// `JADA_BLESS=1` writes it anew.
#[tokio::test]
async fn whoever_is_aboard_a_charter_that_is_cancelled_is_told_that_it_is_off() {
    let desk = Desk::new(NOW).await;
    let mut letter = letter(NoticeKind::Released, HOURS);
    let charter = letter.event.charter().clone().with_status(Status::Cancelled);
    letter.event = CharterEvent::of(charter, &EventColumns::default()).unwrap();
    let (_, mail) = desk.sent(&letter).await;
    let said = "You do not sail on Sunday, 3 May 2026, 09:00-13:00 (Isla & Co): it is called off";
    assert_eq!(mail.subject(), said);
    assert!(text(&mail).contains("this charter is called off"), "{}", text(&mail));
    let told = format!("{}\n\n{}", mail.subject(), text(&mail));
    golden("released-cancelled.txt", &told);
    golden("released-cancelled.html", mail.html().unwrap());
}

fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/call").join(name);
    let found = match found.split_once("token=") {
        Some((before, after)) => {
            let rest =
                after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
            format!("{before}token=TOKEN{rest}")
        }
        None => found.to_owned(),
    };
    let found = found.replace("\r\n", "\n");
    if std::env::var_os("JADA_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    assert_eq!(found, expected, "{name} differs; JADA_BLESS=1 writes it anew");
}

#[tokio::test]
async fn no_mail_of_any_kind_tells_money() {
    for kind in NoticeKind::ALL {
        let desk = Desk::new(NOW).await;
        let (raw, mail) = desk.sent(&letter(kind, HOURS)).await;
        let all = format!("{raw}{}{}", text(&mail), mail.html().unwrap());
        for money in ["$300", "1234.50", "1,234.50", "USD"] {
            assert!(!all.contains(money), "{kind:?} tells {money}");
        }
        assert!(text(&mail).contains("Sunday, 3 May 2026"), "{kind:?}");
        assert!(mail.html().unwrap().contains("MAY-002"), "{kind:?}");
    }
}

#[tokio::test]
async fn the_calendar_is_told_once_of_each_change_under_one_name() {
    let desk = Desk::new(NOW).await;
    let mut names = Vec::new();
    for (kind, sequence, hours, said) in [
        (NoticeKind::Aboard, 4, HOURS, "METHOD:REQUEST"),
        (NoticeKind::Changed, 5, "10:00-14:00", "DTSTART;TZID=America/New_York:20260503T100000"),
        (NoticeKind::Released, 6, "10:00-14:00", "METHOD:CANCEL"),
    ] {
        let mut letter = letter(kind, hours);
        letter.notice.sequence = sequence;
        let invite = desk.invite(&letter).unwrap();
        let ics = invite.render(letter.notice.since());
        assert!(ics.contains(said), "{ics}");
        assert!(ics.contains(&format!("SEQUENCE:{sequence}\r\n")), "{ics}");
        names.push(invite.uid().clone());
        let (raw, _) = desk.sent(&letter).await;
        assert!(raw.contains("text/calendar"));
    }
    assert!(names.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn a_sail_without_hours_takes_its_day_in_the_calendar() {
    let desk = Desk::new(NOW).await;
    let letter = letter(NoticeKind::Aboard, "");
    let invite = desk.invite(&letter).unwrap();
    let ics = invite.render(letter.notice.since());
    assert!(ics.contains("DTSTART;VALUE=DATE:20260503\r\nDTEND;VALUE=DATE:20260504\r\n"), "{ics}");
    let (_, mail) = desk.sent(&letter).await;
    assert!(text(&mail).contains("not known yet"));
}

/// At two o'clock in the morning of that day the clocks go on to three.
#[tokio::test]
async fn hours_that_the_clocks_leave_out_take_their_day() {
    let desk = Desk::new(NOW).await;
    let mut letter = letter(NoticeKind::Aboard, "02:30-03:15");
    letter.notice.sailing.date = date(2027, 3, 14);
    let ics = desk.invite(&letter).unwrap().render(letter.notice.since());
    assert!(ics.contains("DTSTART;VALUE=DATE:20270314\r\n"), "{ics}");
    desk.sent(&letter).await;
}

#[tokio::test]
async fn operations_are_told_when_there_was_nobody_to_ask() {
    let desk = Desk::new(NOW).await;
    let mut letter = letter(NoticeKind::NobodyLeft, HOURS);
    letter.call.asked.clear();
    let (_, mail) = desk.sent(&letter).await;
    let said = "the berth of captain is free, and there is nobody who could be asked";
    assert!(text(&mail).contains(said), "{}", text(&mail));
}

#[tokio::test]
async fn operations_are_told_who_was_asked_and_what_helps() {
    let desk = Desk::new(NOW).await;
    let (raw, mail) = desk.sent(&letter(NoticeKind::NobodyLeft, HOURS)).await;
    for said in ["cy (captain)", "Ada <b>Wells</b> (captain) +15550100101", "Bo Field (mate)"] {
        assert!(text(&mail).contains(said), "{said}: {}", text(&mail));
    }
    assert!(!raw.contains("ada@example.com"));
}

#[tokio::test]
async fn a_letter_that_comes_again_adds_no_mail_and_no_link() {
    let desk = Desk::new(NOW).await;
    let ask = letter(NoticeKind::Ask, HOURS);
    for _ in 0..3 {
        desk.mail.take(&ask).await.unwrap();
    }
    assert_eq!(desk.queued(), 1);
    let crew = CrewId::new("ada").unwrap();
    assert_eq!(desk.links.open_links(&crew).await.unwrap().len(), 1);
    // Of another who was first by a hair the link is in the mail, and stays open.
    let key = CallMail::key(&ask).unwrap();
    let second = desk.mail.message(&ask, &key, None).unwrap();
    let taken = desk.mail.outbox.enqueue(&second).unwrap_err();
    assert!(matches!(taken, jada_mail::Error::KeyTaken { .. }), "{taken}");
}

#[tokio::test]
async fn whom_nobody_waits_for_has_no_link_any_more_but_of_an_ask_that_came_after() {
    let desk = Desk::new(NOW).await;
    let crew = CrewId::new("ada").unwrap();
    let links = async || desk.links.open_links(&crew).await.unwrap().len();
    let mut ask = letter(NoticeKind::Ask, HOURS);
    desk.mail.take(&ask).await.unwrap();
    let mut taken = letter(NoticeKind::Taken, HOURS);
    for (since, left) in [("2026-05-01T12:00:05Z", 1), ("2026-05-01T12:00:06Z", 0)] {
        taken.notice.since = since.parse().unwrap();
        desk.mail.take(&taken).await.unwrap();
        assert_eq!(links().await, left);
    }
    ask.notice.sequence += 1;
    desk.mail.take(&ask).await.unwrap();
    assert_eq!((links().await, desk.queued()), (1, 3));
}

#[tokio::test]
async fn nobody_is_asked_to_sail_on_a_charter_that_has_cast_off() {
    let desk = Desk::new("2026-05-03T13:00:00Z").await;
    desk.mail.take(&letter(NoticeKind::Ask, HOURS)).await.unwrap();
    assert_eq!(desk.queued(), 0);
    desk.mail.take(&letter(NoticeKind::Released, HOURS)).await.unwrap();
    assert_eq!(desk.queued(), 1);
}

#[tokio::test]
async fn an_outbox_that_cannot_be_written_keeps_the_mail_owed() {
    let mut desk = Desk::new(NOW).await;
    let file = desk.folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    desk.mail.outbox = Outbox::new(&file);
    let error = desk.mail.take(&letter(NoticeKind::Aboard, HOURS)).await.unwrap_err();
    assert!(matches!(error, Error::Mail { .. }), "{error}");
    assert!(error.to_string().contains("call-aboard-"));
}

#[tokio::test]
async fn whoever_has_no_address_any_more_is_told_by_operations() {
    let desk = Desk::new(NOW).await;
    let mut aboard = letter(NoticeKind::Aboard, HOURS);
    aboard.member.as_mut().unwrap().email = None;
    let (raw, mail) = desk.sent(&aboard).await;
    assert!(text(&mail).contains("Phone: +15550100101"), "{}", text(&mail));
    assert!(!raw.contains("ada@example.com"));
}

/// Takes letters as another does, and dies at one of its steps.
#[derive(Debug)]
struct Dying {
    mail: CallMail,
    /// How many steps are left until it dies: one before each letter is taken, and one after.
    left: AtomicUsize,
}

impl Dying {
    fn step(&self) -> Result<(), Error> {
        match self.left.fetch_sub(1, Ordering::Relaxed) {
            0 => Err(Error::NotFound { what: "process", id: "killed".to_owned() }),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Postman for Dying {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        self.step()?;
        self.mail.take(letter).await?;
        self.step()
    }
}

#[tokio::test]
async fn whenever_a_runner_dies_each_mail_is_in_the_outbox_once() {
    for steps in 0..6 {
        let desk = Desk::new(NOW).await;
        let roster = MemoryRoster::new();
        for (id, number) in [("ada", 1), ("bo", 2), ("cy", 3)] {
            let phone = format!("+1555010010{number}").parse().unwrap();
            let email = format!("{id}@example.com").parse().unwrap();
            let (id, name) = (CrewId::new(id).unwrap(), PersonName::new(id).unwrap());
            let member = CrewMember::new(id, name, phone, email, Role::Captain);
            roster.add(&member).await.unwrap();
        }
        let clock = desk.mail.clock.clone();
        let links = MemoryLinks::new(&roster).unwrap().with_clock(clock.clone());
        let mail = CallMail { links: Arc::new(links), ..desk.mail.clone() };
        let charters = Arc::new(MemoryCharters::new());
        let id = CharterId::new("C-1").unwrap();
        let charter = Charter::builder(id.clone(), date(2026, 5, 3), Currency::USD)
            .status(Status::Confirmed)
            .build()
            .unwrap();
        charters.save(&[charter]).await.unwrap();
        let roster: Arc<dyn RosterRepository> = Arc::new(roster);
        let rules = CallRules::builder(desk.mail.harbour.clone()).build().unwrap();
        let runner = |postman: Arc<dyn Postman>| {
            let call = CrewCall::builder(charters.clone(), roster.clone(), rules.clone(), postman);
            call.clock(clock.clone()).build()
        };
        let dying = Dying { mail: mail.clone(), left: AtomicUsize::new(steps) };
        assert!(runner(Arc::new(dying)).advance(&id).await.is_err(), "{steps}");
        let living = runner(Arc::new(mail));
        let looked: Vec<_> = living.advance_due().try_collect().await.unwrap();
        assert_eq!(looked.len(), 1, "what is owed is due: {steps}");
        looked
            .into_iter()
            .for_each(|looked| assert_eq!(looked.outcome.unwrap().call.unwrap().owed(), []));
        assert_eq!(desk.queued(), 3, "{steps}");
        let call = charters.open(&id).await.unwrap().unwrap().call.unwrap();
        assert!(call.owed().is_empty() && call.asked().len() == 3, "{steps}");
    }
}
