//! The call of a crew as it runs, on the memory backend and on the embedded engine.

mod desk;
mod harbours;
mod letters;
mod office;
mod polls;
mod rows;
mod shortage;
mod station;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use jada_auth::ManualClock;
use jada_roster::{
    Answer, CallRepository, CallRules, Charter, CharterId, CharterRepository, CrewCall, CrewId,
    CrewMember, Currency, DynamoCharters, EmbeddedEngine, Error, Harbour, Letter, LookedStream,
    MemoryCharters, MemoryRoster, Outcome, PersonName, Phase, Postman, Role, RosterRepository,
    Status,
};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

/// Letters by their keys, as an outbox keeps them.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    said: Mutex<BTreeMap<String, String>>,
    numbers: Mutex<BTreeMap<(CharterId, u32), String>>,
}

#[async_trait]
impl Postman for Letters {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let key = letter.notice.key(letter.event.id());
        let to = letter.notice.to().map_or("operations", CrewId::as_str);
        let said = format!("{} {to}", letter.notice.kind().as_str());
        let number = (letter.event.id().clone(), letter.notice.sequence());
        let own = self.numbers.lock().unwrap().entry(number).or_insert_with(|| key.clone()).clone();
        assert_eq!(own, key, "a number of two mails");
        self.said.lock().unwrap().insert(key, said);
        Ok(())
    }
}

impl Letters {
    pub(crate) fn all(&self) -> Vec<String> {
        let mut all: Vec<_> = self.said.lock().unwrap().values().cloned().collect();
        all.sort();
        all
    }
}

pub(crate) async fn crew() -> Arc<MemoryRoster> {
    let roster = MemoryRoster::new();
    for (number, level) in [(1, 1), (2, 2), (3, 2)] {
        let id = CrewId::new(&format!("c{number}")).unwrap();
        let (name, phone) = (format!("Captain {number}"), format!("+1555010010{number}"));
        let email = format!("c{number}@example.com");
        let (name, phone) = (PersonName::new(&name).unwrap(), phone.parse().unwrap());
        let member = CrewMember::new(id, name, phone, email.parse().unwrap(), Role::Captain);
        let level = jada_roster::CascadeLevel::new(level).unwrap();
        roster.add(&member.with_cascade_level(level)).await.unwrap();
    }
    Arc::new(roster)
}

async fn a_call_runs<C: CharterRepository + CallRepository + 'static>(charters: C) {
    let charters = Arc::new(charters);
    let id = CharterId::new("C-1").unwrap();
    let charter = Charter::builder(id.clone(), date(2026, 5, 3), Currency::USD);
    charters.save(&[charter.status(Status::Confirmed).build().unwrap()]).await.unwrap();
    let (letters, hand) =
        (Arc::new(Letters::default()), Arc::new(ManualClock::new(at("2026-05-01T10:00:00Z"))));
    let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
    let call = CrewCall::builder(Arc::clone(&charters), crew().await, rules, letters.clone());
    let call = call.clock(hand.clone()).build();

    let may = || looks(call.advance_month("2026-05".parse().unwrap()));
    assert_eq!(may().await, 1);
    assert_eq!(letters.all(), ["ask c1"]);
    assert_eq!(may().await, 0);
    assert_eq!(looks(call.advance_due()).await, 0, "nothing is due, and nothing owed");

    hand.advance(Duration::from_secs(2 * 60 * 60));
    assert_eq!(looks(call.advance_due()).await, 1);
    assert_eq!(letters.all(), ["ask c1", "ask c2", "ask c3"]);

    let crew = |id: &str| CrewId::new(id).unwrap();
    assert_eq!(call.answer(&id, &crew("c3"), Answer::Accept).await.unwrap(), Outcome::Aboard);
    assert_eq!(call.answer(&id, &crew("c3"), Answer::Accept).await.unwrap(), Outcome::Aboard);
    assert_eq!(call.answer(&id, &crew("c1"), Answer::Accept).await.unwrap(), Outcome::Taken);
    let all = ["aboard c3", "ask c1", "ask c2", "ask c3", "taken c1", "taken c2"];
    assert_eq!(letters.all(), all);
    let now = charters.open(&id).await.unwrap().unwrap();
    assert_eq!(now.call.unwrap().phase(), Phase::Filled);
    assert_eq!(now.charter.assignments().unwrap()[0].crew().as_str(), "c3");

    charters.change_status(&now.charter, Status::Cancelled).await.unwrap();
    assert_eq!(may().await, 1);
    assert_eq!(letters.all().len(), all.len() + 1);
    assert!(letters.all().contains(&"released c3".to_owned()));
    assert!(charters.open(&id).await.unwrap().unwrap().charter.assignments().unwrap().is_empty());
}

#[tokio::test]
async fn a_charter_that_moves_frees_the_berth_of_whoever_was_aboard() {
    let charters = Arc::new(MemoryCharters::new());
    let id = CharterId::new("C-1").unwrap();
    let charter = Charter::builder(id.clone(), date(2026, 5, 3), Currency::USD);
    charters.save(&[charter.status(Status::Confirmed).build().unwrap()]).await.unwrap();
    let letters = Arc::new(Letters::default());
    let clock = Arc::new(ManualClock::new(at("2026-05-01T10:00:00Z")));
    let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
    let call = CrewCall::builder(charters.clone(), crew().await, rules, letters.clone());
    let call = call.clock(clock).build();
    call.advance(&id).await.unwrap();
    let c1 = CrewId::new("c1").unwrap();
    assert_eq!(call.answer(&id, &c1, Answer::Accept).await.unwrap(), Outcome::Aboard);
    let stored = charters.open(&id).await.unwrap().unwrap().charter;
    let moved = Charter::builder(id.clone(), date(2026, 5, 9), Currency::USD);
    let moved = moved.status(Status::Confirmed).version(stored.version()).build().unwrap();
    charters.save(&[moved]).await.unwrap();
    let late = call.answer(&id, &c1, Answer::Accept).await.unwrap();
    assert_eq!(late, Outcome::Over, "the round in which they were asked is over");
    let advanced = call.advance(&id).await.unwrap();
    assert_eq!(advanced.call.unwrap().phase(), Phase::Calling);
    assert_eq!(letters.all(), ["aboard c1", "ask c1", "ask c1", "released c1"]);
}

#[tokio::test]
async fn when_time_is_short_everyone_is_asked_at_once() {
    let charters = Arc::new(MemoryCharters::new());
    let id = CharterId::new("C-1").unwrap();
    let hours = ("hours".to_owned(), "13:30-17:00".to_owned());
    let charter = Charter::builder(id.clone(), date(2026, 5, 1), Currency::USD).extra([hours]);
    charters.save(&[charter.status(Status::Confirmed).build().unwrap()]).await.unwrap();
    let letters = Arc::new(Letters::default());
    let clock = Arc::new(ManualClock::new(at("2026-05-01T10:00:00Z")));
    let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
    let call = CrewCall::builder(charters, crew().await, rules, letters.clone());
    assert_eq!(call.clock(clock).build().advance(&id).await.unwrap().mails, 3);
    assert_eq!(letters.all(), ["ask c1", "ask c2", "ask c3"]);
}

#[tokio::test]
async fn whoever_sails_into_the_next_day_is_not_asked_for_it_unless_that_is_cancelled() {
    for (status, asked) in [(Status::Confirmed, "ask c2"), (Status::Cancelled, "ask c1")] {
        let charters = Arc::new(MemoryCharters::new());
        let row = |name: &str, day, hours: &str, status| {
            let id = CharterId::new(name).unwrap();
            let hours = ("hours".to_owned(), hours.to_owned());
            let charter = Charter::builder(id, date(2026, 5, day), Currency::USD);
            charter.extra([hours]).status(status).build().unwrap()
        };
        let night = row("C-1", 2, "18:00-03:00", Status::Pending);
        let early = row("C-2", 3, "02:00-06:00", Status::Confirmed);
        charters.save(&[night, early]).await.unwrap();
        let stored = charters.open(&CharterId::new("C-1").unwrap()).await.unwrap().unwrap().charter;
        let captain = jada_roster::Assignment::new(CrewId::new("c1").unwrap(), Role::Captain);
        let stored = charters.assign(&stored, &[captain]).await.unwrap();
        charters.change_status(&stored, status).await.unwrap();
        let letters = Arc::new(Letters::default());
        let clock = Arc::new(ManualClock::new(at("2026-05-01T10:00:00Z")));
        let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
        let call = CrewCall::builder(charters, crew().await, rules, letters.clone());
        call.clock(clock).build().advance(&CharterId::new("C-2").unwrap()).await.unwrap();
        assert_eq!(letters.all()[0], asked, "{status:?}");
    }
}

#[tokio::test]
async fn whoever_has_left_the_crew_is_owed_no_mail() {
    let (charters, roster) = (Arc::new(MemoryCharters::new()), crew().await);
    let (id, c1) = (CharterId::new("C-1").unwrap(), CrewId::new("c1").unwrap());
    let charter = Charter::builder(id.clone(), date(2026, 5, 3), Currency::USD);
    charters.save(&[charter.status(Status::Confirmed).build().unwrap()]).await.unwrap();
    let post = Arc::new(NothingFor(c1.clone(), Letters::default()));
    let clock = Arc::new(ManualClock::new(at("2026-05-01T10:00:00Z")));
    let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
    let call = CrewCall::builder(charters, roster.clone(), rules, post);
    let call = call.clock(clock).build();
    assert!(call.advance(&id).await.is_err(), "the mail to c1 is not taken");
    let member = roster.find(&c1).await.unwrap().unwrap();
    roster.remove(&member).await.unwrap();
    assert_eq!(call.advance(&id).await.unwrap().call.unwrap().owed(), []);
}

/// How many calls were looked at, none of which failed.
async fn looks(looked: LookedStream<'_>) -> usize {
    let all: Vec<_> = looked.try_collect().await.unwrap();
    all.iter().for_each(|looked| assert!(looked.outcome.is_ok(), "{looked:?}"));
    all.len()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_call_runs_in_memory() {
    a_call_runs(MemoryCharters::new()).await;
}

#[tokio::test]
async fn a_call_runs_on_dynamodb() {
    let charters = DynamoCharters::new(EmbeddedEngine::in_memory().unwrap().client());
    charters.ensure_call_index().await.unwrap();
    a_call_runs(charters).await;
}

/// Takes nothing for one member.
#[derive(Debug)]
struct NothingFor(CrewId, Letters);

#[async_trait]
impl Postman for NothingFor {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        if letter.notice.to() == Some(&self.0) {
            let (table, source) = ("outbox".to_owned(), "no such address".into());
            return Err(Error::Refused { table, operation: "take", source });
        }
        self.1.take(letter).await
    }
}

#[tokio::test]
async fn a_mail_that_is_never_taken_keeps_no_other_and_no_other_call() {
    let charters = Arc::new(MemoryCharters::new());
    for name in ["C-1", "C-2"] {
        let id = CharterId::new(name).unwrap();
        let charter = Charter::builder(id, date(2026, 5, 3), Currency::USD);
        charters.save(&[charter.status(Status::Confirmed).build().unwrap()]).await.unwrap();
    }
    let post = Arc::new(NothingFor(CrewId::new("c2").unwrap(), Letters::default()));
    let clock = Arc::new(ManualClock::new(at("2026-05-01T10:00:00Z")));
    let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
    let call = CrewCall::builder(charters.clone(), crew().await, rules, post.clone());
    let call = call.clock(clock.clone()).build();
    assert_eq!(looks(call.advance_month("2026-05".parse().unwrap())).await, 2);
    for _ in 0..3 {
        clock.advance(Duration::from_secs(2 * 60 * 60));
        let looked: Vec<_> = call.advance_due().try_collect().await.unwrap();
        assert!(looked.len() == 2 && looked.iter().all(|looked| looked.outcome.is_err()));
    }
    let told = post.1.all();
    assert_eq!(
        told,
        [
            "ask c1",
            "ask c1",
            "ask c3",
            "ask c3",
            "nobody-left operations",
            "nobody-left operations"
        ]
    );
    let id = CharterId::new("C-1").unwrap();
    let c3 = CrewId::new("c3").unwrap();
    let outcome = call.answer(&id, &c3, Answer::Accept).await.unwrap();
    assert_eq!(outcome, Outcome::Aboard, "the answer stands, though a mail does not leave");
}
