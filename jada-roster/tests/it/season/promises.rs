//! What was promised of the calls of a season, checked from the mails in the outbox, the rows, what
//! members have answered and what the office has done.

mod order;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jada_roster::{
    Answer, Asked, Berth, Call, CalledCharter, CharterId, CrewId, NoticeKind, Outcome, Phase, Role,
    Standing, Status,
};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use super::Reply;
use super::post::Mail;
use super::world::{Booking, World};

/// An answer, and what the member was told.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) begun: Timestamp,
    pub(super) at: Timestamp,
    pub(super) charter: CharterId,
    pub(super) crew: CrewId,
    pub(super) answer: Answer,
    pub(super) outcome: Outcome,
}

/// Mails that the outbox once refused: the charter, the round and the number.
pub(super) type Refused = HashSet<(CharterId, u32, u32)>;

/// What a member began to say, whatever came of it.
struct Word {
    at: Timestamp,
    crew: CrewId,
    answer: Answer,
}

pub(super) struct Promises {
    window: SignedDuration,
    lead: SignedDuration,
    /// What was begun to be said of a charter, and the yeses of a member.
    words: BTreeMap<CharterId, Vec<Word>>,
    yeses: BTreeMap<CrewId, Vec<(Timestamp, CharterId)>>,
    given: Vec<Given>,
    /// The mails of a charter, of those that were looked at.
    of_charter: BTreeMap<CharterId, Vec<Arc<Mail>>>,
    pub(super) refused: Refused,
    /// So many answers were looked at.
    heard: usize,
}

impl Promises {
    pub(super) fn new(window: Duration, lead: Duration) -> Self {
        Self {
            window: window.try_into().unwrap(),
            lead: lead.try_into().unwrap(),
            words: BTreeMap::new(),
            yeses: BTreeMap::new(),
            given: Vec::new(),
            of_charter: BTreeMap::new(),
            refused: Refused::new(),
            heard: 0,
        }
    }

    pub(super) fn begun(&mut self, at: Timestamp, reply: &Reply) {
        let Reply { charter, crew, answer, .. } = reply.clone();
        if answer == Answer::Accept {
            self.yeses.entry(crew.clone()).or_default().push((at, charter.clone()));
        }
        self.words.entry(charter).or_default().push(Word { at, crew, answer });
    }

    fn words_of(&self, charter: &CharterId, by: Timestamp) -> impl Iterator<Item = &Word> {
        self.words.get(charter).into_iter().flatten().filter(move |word| word.at <= by)
    }

    pub(super) fn given(&mut self, given: Given) {
        self.given.push(given);
    }

    /// After a step: what is new among the mails, and the rows that they and the answers are about.
    pub(super) async fn check(&mut self, world: &World, new: &[Arc<Mail>], now: Timestamp) {
        let answered = self.given[self.heard..].iter().map(|given| &given.charter);
        let mut rows = BTreeMap::new();
        for id in new.iter().map(|mail| &mail.charter).chain(answered) {
            if !rows.contains_key(id) {
                rows.insert(id.clone(), world.calls.open(id).await.unwrap().unwrap());
            }
        }
        for mail in new {
            let before = self.of_charter.entry(mail.charter.clone()).or_default();
            nothing_is_said_of_what_was_not(world, mail);
            if mail.kind == NoticeKind::NobodyLeft {
                nobody_left_is_said_once(world, before, mail);
            }
            before.push(Arc::clone(mail));
            if mail.kind == NoticeKind::Ask {
                a_round_is_one(world, before);
                quiet_hours_are_kept(mail);
            }
            let call = rows[&mail.charter].call.as_ref().unwrap();
            match mail.kind {
                _ if call.round() != mail.round => {}
                NoticeKind::Ask => self.captains_and_levels_come_first(world, call, mail),
                NoticeKind::NobodyLeft => self.nobody_was_left(world, call, mail),
                _ => {}
            }
        }
        for (id, opened) in &rows {
            a_berth_has_one_member(world, opened);
            if let Some(call) = &opened.call {
                self.windows_are_kept(world, id, call, now);
            }
        }
        self.heard = self.given.len();
    }

    /// A wave opens when those before have had their window, or when nobody of them is waited for; one
    /// for a berth that comes before theirs at any time.
    fn windows_are_kept(&self, world: &World, id: &CharterId, call: &Call, now: Timestamp) {
        let mut waves: BTreeMap<u32, Vec<&Asked>> = BTreeMap::new();
        let was_asked = |asked: &&Asked| asked.wave() > 0;
        for asked in call.asked().iter().filter(was_asked) {
            waves.entry(asked.wave()).or_default().push(asked);
        }
        let mut last = Timestamp::MIN;
        for wave in waves.values() {
            let opens = wave[0].at();
            assert!(wave.iter().all(|asked| asked.at() == opens), "{id}");
            assert!(last <= opens && opens <= now, "{id}");
            last = opens;
        }
        let place = |asked: &Asked| place_of(world, asked.berth());
        for asked in call.asked().iter().filter(was_asked) {
            let mut after = waves.range(asked.wave() + 1..).map(|(_, wave)| wave);
            let next = after.find(|wave| {
                let comes_first = place(wave[0]) < place(asked);
                let is_of_one = wave.iter().all(|other| place(other) == place(wave[0]));
                !comes_first || !is_of_one && !self.is_short(world, id, wave[0].at())
            });
            if let Some(next) = next {
                self.had_their_window(world, id, call, (asked, next[0]));
            }
        }
    }

    /// Whether there was no time left for another wave after one that opened then.
    fn is_short(&self, world: &World, id: &CharterId, opens: Timestamp) -> bool {
        world.bookings[id].about(opens).any(|state| {
            let casts_off = super::zone().to_timestamp(state.keeps().0).unwrap();
            waking(opens, casts_off - self.lead) < self.window
        })
    }

    /// Whether it was so late that all who were left were to be asked at once.
    fn is_last_call(&self, world: &World, id: &CharterId, opens: Timestamp) -> bool {
        world.bookings[id].about(opens).any(|state| {
            let casts_off = super::zone().to_timestamp(state.keeps().0).unwrap();
            casts_off - self.lead.max(HOUR) <= opens
        })
    }

    fn had_their_window(
        &self,
        world: &World,
        id: &CharterId,
        call: &Call,
        (asked, next): (&Asked, &Asked),
    ) {
        let opens = next.at();
        let mails = self.of_charter.get(id).map(Vec::as_slice).unwrap_or_default();
        let of_them = |mail: &&Arc<Mail>| {
            mail.round == call.round() && mail.to.as_ref() == Some(asked.crew())
        };
        let mine = || mails.iter().filter(of_them);
        let Some(ask) = mine().rfind(|mail| mail.kind == NoticeKind::Ask) else {
            return;
        };
        let has_heard = mine().any(|mail| {
            mail.kind != NoticeKind::Ask && asked.at() <= mail.since && mail.since <= opens
        });
        let has_answered = self.words_of(id, opens).any(|word| word.crew == *asked.crew())
            || asked.standing() != Standing::Waiting && asked.since() <= opens;
        let hands = &world.bookings[id].hands;
        let by_hand = hands.iter().any(|(at, crew)| crew == asked.crew() && *at <= opens);
        let waited = waking(ask.kept, opens);
        // One that the outbox did not take keeps nobody else waiting, where it took another of them.
        let is_out = mails.iter().any(|mail| {
            let is_of_them = mail.kind == NoticeKind::Ask && mail.since == asked.at();
            is_of_them && mail.kept <= opens
        });
        let was_refused = self.refused.contains(&(id.clone(), ask.round, ask.sequence));
        let was_late = is_out && (ask.kept > opens || ask.kept == opens && was_refused);
        let is_last = self.is_last_call(world, id, opens);
        let has_answered = has_heard || has_answered || by_hand;
        assert!(
            has_answered || is_last || was_late || waited >= self.window,
            "{id}: wave {} opens {opens}, {waited:#} after {ask:?}\n{call:#?}",
            next.wave()
        );
    }

    /// By day, when dispatchers have looked at everything: nobody is waited for while a berth that
    /// comes first is free, nobody is waited for there, and somebody could be asked.
    pub(super) async fn no_berth_waits_behind_another(&self, world: &World, now: Timestamp) {
        for (id, booking) in &world.bookings {
            let state = booking.now();
            if state.status != Status::Confirmed || state.date <= today(now) {
                continue;
            }
            let opened = world.calls.open(id).await.unwrap().unwrap();
            let call = opened.call.as_ref().unwrap();
            let has_time = |asked: &&Asked| {
                asked.standing() == Standing::Waiting && self.has_time(id, call, asked, now)
            };
            let waited = call.asked().iter().filter(has_time);
            let first = waited.map(|asked| place_of(world, asked.berth())).min();
            let open = world.berths.iter().position(|berth| is_open(&opened, berth));
            let Some(open) = open.filter(|open| first.is_none_or(|first| *open < first)) else {
                continue;
            };
            // Whoever can come only since then is asked when somebody looks for another again.
            let looked = call.asked().iter().map(Asked::at).max();
            let looked = looked.into_iter().chain(call.due().map(|due| due - HOUR)).min();
            for (crew, sailor) in &world.crew {
                let was_asked = call.asked().iter().any(|asked| asked.crew() == crew);
                let is_needed = world.berths[open].takes(&sailor.role);
                let could_come = |at| self.could_come_for_sure(world, id, (state.date, at), crew);
                let is_left =
                    is_needed && !was_asked && could_come(now) && looked.is_none_or(could_come);
                assert!(!is_left, "{id}: {crew} was to be asked at {now}: {call:#?}");
            }
        }
    }

    /// Whether somebody's window is not over. One whose mail was written off late has longer.
    fn has_time(&self, id: &CharterId, call: &Call, asked: &Asked, now: Timestamp) -> bool {
        let mails = self.of_charter.get(id).map(Vec::as_slice).unwrap_or_default();
        let ask = mails.iter().find(|mail| {
            let is_ask = mail.kind == NoticeKind::Ask && mail.round == call.round();
            is_ask && mail.to.as_ref() == Some(asked.crew())
        });
        ask.is_none_or(|ask| waking(ask.kept, now) < self.window || asked.until() > now)
    }

    /// When everything has come to rest.
    pub(super) async fn at_the_end(&self, world: &World, now: Timestamp) {
        for (id, booking) in &world.bookings {
            let opened = world.calls.open(id).await.unwrap().unwrap();
            a_berth_has_one_member(world, &opened);
            let mails = self.of_charter.get(id).map(Vec::as_slice).unwrap_or_default();
            let has_sailed = booking.now().date <= today(now);
            if let Some(call) = &opened.call {
                assert_eq!(call.owed().len(), 0, "{id} owes mails at the end: {call:#?}");
                let accepted = |asked: &Asked| asked.standing() == Standing::Accepted;
                assert!(!call.asked().iter().any(accepted), "{id} has half a yes: {call:#?}");
                everyone_knows_where_they_stand(booking, &opened, call, mails, has_sailed);
                if !has_sailed {
                    self.answers_count(id, booking, &opened, call);
                    self.the_call_follows_its_charter(world, call, &opened, now);
                }
            } else {
                let is_confirmed = booking.now().status == Status::Confirmed;
                assert!(!is_confirmed || has_sailed, "{id} is confirmed and was not called for");
                assert!(mails.is_empty(), "{id}");
            }
        }
        nobody_sails_twice_at_once(world, &self.of_charter, now).await;
    }

    /// Whatever a member said last stands, unless the office has done something since.
    fn answers_count(
        &self,
        id: &CharterId,
        booking: &Booking,
        opened: &CalledCharter,
        call: &Call,
    ) {
        for asked in call.asked() {
            let of_them = |given: &&Given| given.charter == *id && given.crew == *asked.crew();
            let Some(last) = self.given.iter().rfind(of_them) else { continue };
            let by_hand = booking.hands.iter().any(|(_, crew)| crew == asked.crew());
            let mut others = self.given.iter().filter(of_them);
            if others.any(|given| given.answer != last.answer && given.at >= last.begun) {
                continue;
            }
            if booking.changed_since(last.begun) || by_hand || last.begun < asked.at() {
                continue;
            }
            let sails =
                opened.charter.assignments().unwrap().iter().any(|s| s.crew() == asked.crew());
            assert_eq!(sails, last.outcome == Outcome::Aboard, "{id}: {last:?}\n{call:#?}");
            assert!(last.answer == Answer::Accept || last.outcome != Outcome::Aboard, "{last:?}");
        }
    }
}

/// Whether a mail came to be owed when the charter had cast off: then it says of every berth that is
/// free that it is.
fn has_cast_off(world: &World, mail: &Mail) -> bool {
    world.bookings[&mail.charter]
        .about(mail.since)
        .any(|state| super::zone().to_timestamp(state.keeps().0).unwrap() <= mail.since)
}

/// A round ends when the office ends it, and each mail has a number of its own.
fn a_round_is_one(world: &World, mails: &[Arc<Mail>]) {
    let (mail, before) = mails.split_last().unwrap();
    let endings = world.bookings[&mail.charter].endings();
    assert!(mail.round as usize <= endings + 1, "{mail:?} is of a round that nobody began");
    let own = before.iter().find(|other| other.sequence == mail.sequence);
    assert_eq!(own, None, "a number of two mails: {mail:?}");
}

/// Of a charter that was not confirmed, or not on that day, nobody is asked.
fn nothing_is_said_of_what_was_not(world: &World, mail: &Mail) {
    if matches!(mail.kind, NoticeKind::Ask | NoticeKind::NobodyLeft) {
        let mut states = world.bookings[&mail.charter].about(mail.since);
        let was_so =
            states.any(|state| (state.status, state.date) == (Status::Confirmed, mail.date));
        assert!(was_so, "{mail:?} {:?}", world.bookings[&mail.charter]);
    }
}

fn quiet_hours_are_kept(mail: &Mail) {
    assert!(!is_quiet(mail.handed), "{mail:?} leaves in quiet hours");
}

fn is_quiet(at: Timestamp) -> bool {
    let time = super::zone().to_datetime(at).time();
    let (evening, morning) = (Time::constant(21, 0, 0, 0), Time::constant(7, 0, 0, 0));
    !(morning <= time && time < evening)
}

impl Promises {
    /// A confirmed charter has its crew, or is being called for, or nobody is left; any other has
    /// none.
    fn the_call_follows_its_charter(
        &self,
        world: &World,
        call: &Call,
        opened: &CalledCharter,
        now: Timestamp,
    ) {
        let id = opened.charter.id();
        let (booking, state) = (&world.bookings[id], world.bookings[id].now());
        let assignments = opened.charter.assignments().unwrap();
        if state.status != Status::Confirmed {
            assert_eq!(call.phase(), Phase::CalledOff, "{id}");
            let left = assignments.iter().find(|sails| !booking.by_hand.contains(sails.crew()));
            assert_eq!(left, None, "{id}");
            return;
        }
        assert_eq!((call.sailing().date, call.sailing().hours), (state.date, state.hours), "{id}");
        let is_full = !world.berths.iter().any(|berth| is_open(opened, berth));
        let goes_on = call.due().is_some_and(|due| due > now);
        match call.phase() {
            Phase::Filled => assert!(is_full && goes_on, "{id}: {call:#?}"),
            Phase::Calling => assert!(!is_full && goes_on, "{id}: {call:#?}"),
            Phase::Exhausted => {
                assert!(!is_full && goes_on, "{id}: {call:#?}");
                for (crew, sailor) in &world.crew {
                    let is_needed = world
                        .berths
                        .iter()
                        .any(|berth| berth.takes(&sailor.role) && is_open(opened, berth));
                    let was_asked = call.asked().iter().any(|asked| asked.crew() == crew);
                    let is_free = state.suits(sailor.said(state.date, now))
                        && !sailor.changed_between(state.date, now - HOURS_6 * 4, now)
                        && !self.may_be_away(world, crew, state.date, now);
                    let was_skipped = is_needed && is_free && !was_asked;
                    assert!(!was_skipped, "{id}: {crew} was skipped: {call:#?}");
                }
            }
            phase => panic!("{id} is {phase:?}: {call:#?}"),
        }
    }
}

/// Whether nobody has one of its places.
fn is_open(opened: &CalledCharter, berth: &Berth) -> bool {
    let assignments = opened.charter.assignments().unwrap();
    let taken = assignments.iter().filter(|sails| sails.berth() == berth.role()).count();
    taken < usize::from(berth.places().get())
}

/// How many berths come before one.
fn place_of(world: &World, berth: &Role) -> usize {
    let mut berths = world.berths.iter();
    berths.position(|of_rules| of_rules.role() == berth).unwrap()
}

fn nobody_left_is_said_once(world: &World, before: &[Arc<Mail>], mail: &Mail) {
    let own = |other: &&Arc<Mail>| (other.round, &other.berth) == (mail.round, &mail.berth);
    let last = before.iter().filter(own).rfind(|other| other.kind == mail.kind);
    if let Some(last) = last {
        let between = last.sequence..mail.sequence;
        let is_news =
            before.iter().any(|other| other.kind != mail.kind && between.contains(&other.sequence));
        let hands = &world.bookings[&mail.charter].hands;
        let by_hand = hands.iter().any(|(at, _)| *at >= last.since);
        assert!(is_news || by_hand, "nobody left, and again: {last:?} {mail:?}");
    }
}

fn a_berth_has_one_member(world: &World, opened: &CalledCharter) {
    let assignments = opened.charter.assignments().unwrap();
    for berth in &world.berths {
        let count = assignments.iter().filter(|sails| sails.berth() == berth.role()).count();
        assert!(count <= usize::from(berth.places().get()), "{assignments:?} {:#?}", opened.call);
    }
    let crew: BTreeSet<_> = assignments.iter().map(|sails| sails.crew()).collect();
    assert_eq!(crew.len(), assignments.len());
}

/// Whoever sails was told so last, and whoever does not was not; whoever was asked in vain was told.
fn everyone_knows_where_they_stand(
    booking: &Booking,
    opened: &CalledCharter,
    call: &Call,
    mails: &[Arc<Mail>],
    has_sailed: bool,
) {
    use NoticeKind::{Aboard, Ask, CalledOff, Changed, Released, Taken};
    let id = opened.charter.id();
    let crew: BTreeSet<&CrewId> = mails.iter().filter_map(|mail| mail.to.as_ref()).collect();
    for crew in crew {
        let mut mine: Vec<&Arc<Mail>> =
            mails.iter().filter(|mail| mail.to.as_ref() == Some(crew)).collect();
        mine.sort_by_key(|mail| mail.sequence);
        let last = mine.iter().rfind(|mail| matches!(mail.kind, Aboard | Changed | Released));
        let thinks_so = last.is_some_and(|mail| mail.kind != Released);
        let sails = opened.charter.assignments().unwrap().iter().any(|sails| sails.crew() == crew);
        let by_hand = booking.by_hand.contains(crew);
        let is_corrected = has_sailed && booking.hands.iter().any(|(_, by_hand)| by_hand == crew);
        nobody_is_asked_twice(&mine);
        assert!(
            thinks_so == sails || by_hand && sails || is_corrected,
            "{id} {crew}: {mine:?}\n{call:#?}"
        );
    }
    for asked in call.asked() {
        let was_told = |kinds: &[NoticeKind]| {
            let mut mails = mails.iter().filter(|mail| mail.round == call.round());
            mails.any(|mail| mail.to.as_ref() == Some(asked.crew()) && kinds.contains(&mail.kind))
        };
        match asked.standing() {
            Standing::Waiting if !has_sailed => assert!(was_told(&[Ask]), "{asked:?}\n{call:#?}"),
            Standing::Missed => {
                assert!(was_told(&[Taken, CalledOff]), "{asked:?} {mails:?}\n{call:#?}");
            }
            _ => {}
        }
    }
}

/// Whoever was asked is asked again in a round only after they were told that they were too late.
fn nobody_is_asked_twice(mine: &[&Arc<Mail>]) {
    let mut last: Option<&Arc<Mail>> = None;
    for mail in mine {
        match mail.kind {
            NoticeKind::Ask => {
                let again = last.filter(|last| last.round == mail.round);
                assert_eq!(again, None, "asked twice: {mine:?}");
                last = Some(mail);
            }
            NoticeKind::Taken => last = None,
            _ => {}
        }
    }
}

/// But where the office has put somebody aboard by hand, or operations were told of it.
async fn nobody_sails_twice_at_once(
    world: &World,
    mails: &BTreeMap<CharterId, Vec<Arc<Mail>>>,
    now: Timestamp,
) {
    let mut sails: BTreeMap<CrewId, Vec<&CharterId>> = BTreeMap::new();
    for (id, booking) in &world.bookings {
        let state = booking.now();
        if state.status != Status::Confirmed || state.date <= today(now) {
            continue;
        }
        let opened = world.calls.open(id).await.unwrap().unwrap();
        for sailing in opened.charter.assignments().unwrap() {
            if !booking.by_hand.contains(sailing.crew()) {
                sails.entry(sailing.crew().clone()).or_default().push(id);
            }
        }
    }
    for (crew, charters) in sails {
        for (at, one) in charters.iter().enumerate() {
            for other in &charters[..at] {
                let mut told = [one, other].into_iter().filter_map(|id| mails.get(*id)).flatten();
                let excused = told.any(|mail| mail.about.as_ref() == Some(&crew));
                let (one, other) = (&world.bookings[*one], &world.bookings[*other]);
                assert!(excused || !one.now().meets(&other.now()), "{crew}: {one:?} {other:?}");
            }
        }
    }
}

/// How long it was not quiet between two instants.
fn waking(from: Timestamp, to: Timestamp) -> SignedDuration {
    let zone = super::zone();
    let mut waking = to.duration_since(from).max(SignedDuration::ZERO);
    let mut day = zone.to_datetime(from).date().yesterday().unwrap();
    while day <= zone.to_datetime(to).date() {
        let evening = zone.to_timestamp(day.at(21, 0, 0, 0)).unwrap().max(from);
        let morning = zone.to_timestamp(day.tomorrow().unwrap().at(7, 0, 0, 0)).unwrap().min(to);
        waking -= morning.duration_since(evening).max(SignedDuration::ZERO);
        day = day.tomorrow().unwrap();
    }
    waking
}

fn today(now: Timestamp) -> Date {
    super::zone().to_datetime(now).date()
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const HOURS_6: SignedDuration = SignedDuration::from_hours(6);
