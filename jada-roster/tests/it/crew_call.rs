//! The call of a crew as it runs, on the memory backend and on the embedded engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jada_auth::ManualClock;
use jada_roster::{
    Answer, CallRepository, CallRules, Charter, CharterId, CharterRepository, CrewCall, CrewId,
    CrewMember, Currency, DynamoCharters, EmbeddedEngine, Error, Harbour, Letter, MemoryCharters,
    MemoryRoster, Outcome, PersonName, Phase, Postman, Role, RosterRepository, Status,
};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

/// Letters by their keys, as an outbox keeps them.
#[derive(Debug, Default)]
struct Letters(Mutex<BTreeMap<String, String>>);

#[async_trait]
impl Postman for Letters {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let key = letter.notice.key(letter.event.id());
        let to = letter.notice.to().map_or("operations", CrewId::as_str);
        let said = format!("{} {to}", letter.notice.kind().as_str());
        self.0.lock().unwrap().insert(key, said);
        Ok(())
    }
}

impl Letters {
    fn all(&self) -> Vec<String> {
        let mut all: Vec<_> = self.0.lock().unwrap().values().cloned().collect();
        all.sort();
        all
    }
}

async fn crew() -> Arc<MemoryRoster> {
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

    let looked = call.advance_month("2026-05".parse().unwrap()).await.unwrap();
    assert_eq!(looked.len(), 1);
    assert_eq!(letters.all(), ["ask c1"]);
    assert!(call.advance_month("2026-05".parse().unwrap()).await.unwrap().is_empty());
    assert!(call.advance_due().await.unwrap().is_empty(), "nothing is due, and nothing owed");

    hand.advance(Duration::from_secs(2 * 60 * 60));
    assert_eq!(call.advance_due().await.unwrap().len(), 1);
    assert_eq!(letters.all(), ["ask c1", "ask c2", "ask c3"]);

    let crew = |id: &str| CrewId::new(id).unwrap();
    assert_eq!(call.answer(&id, &crew("c3"), Answer::Accept).await.unwrap(), Outcome::Aboard);
    assert_eq!(call.answer(&id, &crew("c3"), Answer::Accept).await.unwrap(), Outcome::Aboard);
    assert_eq!(call.answer(&id, &crew("c1"), Answer::Accept).await.unwrap(), Outcome::Taken);
    let all = ["aboard c3", "ask c1", "ask c2", "ask c3", "taken c1", "taken c2"];
    assert_eq!(letters.all(), all);
    let now = charters.open(&id).await.unwrap().unwrap();
    assert_eq!(now.call.unwrap().phase(), Phase::Filled);
    assert_eq!(now.charter.assignments()[0].crew().as_str(), "c3");

    charters.change_status(&now.charter, Status::Cancelled).await.unwrap();
    assert_eq!(call.advance_month("2026-05".parse().unwrap()).await.unwrap().len(), 1);
    assert_eq!(letters.all().len(), all.len() + 1);
    assert!(letters.all().contains(&"released c3".to_owned()));
    assert!(charters.open(&id).await.unwrap().unwrap().charter.assignments().is_empty());
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
