//! An office with its charters, its crew, an outbox and a clock that is set by hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use jada_auth::ManualClock;
use jada_roster::{
    Answer, Assignment, Berth, CallRepository, CallRules, CascadeLevel, Charter, CharterId,
    CharterRepository, CrewCall, CrewId, CrewMember, Currency, Error, Harbour, Letter,
    MemoryCharters, MemoryRoster, Outcome, PersonName, Phase, Postman, Role, RosterRepository,
    Status,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// An outbox: of each key the first letter, in order.
#[derive(Debug, Default)]
pub(super) struct Post(Mutex<(BTreeMap<String, ()>, Vec<String>)>);

#[async_trait]
impl Postman for Post {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let key = letter.notice.key(letter.event.id());
        let to = letter.notice.to().map_or("operations", CrewId::as_str);
        let said =
            format!("{} {to} {}", letter.notice.kind().as_str(), letter.notice.sailing().date);
        let mut all = self.0.lock().unwrap();
        if all.0.insert(key, ()).is_none() {
            all.1.push(said);
        }
        Ok(())
    }
}

impl Post {
    pub(super) fn new_ones(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }
}

pub(super) fn who(id: &str) -> CrewId {
    CrewId::new(id).unwrap()
}

pub(super) async fn crew(members: &[(&str, Role, u8)]) -> Arc<MemoryRoster> {
    let roster = MemoryRoster::new();
    for (number, (id, role, level)) in members.iter().enumerate() {
        let name = PersonName::new(&format!("Member {id}")).unwrap();
        let phone = format!("+1555010{:04}", 100 + number).parse().unwrap();
        let email = format!("{id}@example.com").parse().unwrap();
        let member = CrewMember::new(who(id), name, phone, email, role.clone());
        roster.add(&member.with_cascade_level(CascadeLevel::new(*level).unwrap())).await.unwrap();
    }
    Arc::new(roster)
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn id(text: &str) -> CharterId {
    CharterId::new(text).unwrap()
}

pub(super) fn booking(
    name: &str,
    day: Date,
    hours: &str,
    status: Status,
) -> jada_roster::CharterBuilder {
    let hours = (!hours.is_empty()).then(|| ("hours".to_owned(), hours.to_owned()));
    Charter::builder(id(name), day, Currency::USD).status(status).extra(hours)
}

pub(super) struct Desk<C> {
    pub(super) charters: Arc<C>,
    pub(super) post: Arc<Post>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) call: CrewCall,
}

impl<C: CharterRepository + CallRepository + 'static> Desk<C> {
    pub(super) async fn new(
        charters: C,
        roster: Arc<MemoryRoster>,
        berths: &[&str],
        now: &str,
    ) -> Self {
        let berths: Vec<Berth> = berths.iter().map(|berth| berth.parse().unwrap()).collect();
        let harbour = Harbour::new("Pier 2", TimeZone::UTC);
        let rules = CallRules::builder(harbour).berths(berths).build().unwrap();
        let (charters, post) = (Arc::new(charters), Arc::new(Post::default()));
        let clock = Arc::new(ManualClock::new(at(now)));
        let call = CrewCall::builder(charters.clone(), roster, rules, post.clone());
        let call = call.clock(clock.clone()).build();
        Self { charters, post, clock, call }
    }

    pub(super) async fn save(&self, charter: jada_roster::CharterBuilder) {
        let charter = charter.build().unwrap();
        let stored = self.charters.find(&[charter.id().clone()]).await.unwrap().pop();
        let version = stored.map_or(charter.version(), |stored| stored.version());
        self.charters.save(&[charter.with_version(version)]).await.unwrap();
    }

    pub(super) async fn stored(&self, name: &str) -> Charter {
        self.charters.find(&[id(name)]).await.unwrap().pop().unwrap()
    }

    pub(super) async fn status(&self, name: &str, status: Status) {
        self.charters.change_status(&self.stored(name).await, status).await.unwrap();
    }

    pub(super) async fn assign(&self, name: &str, crew: &[(&str, Role)]) {
        let crew: Vec<_> =
            crew.iter().map(|(id, berth)| Assignment::new(who(id), berth.clone())).collect();
        self.charters.assign(&self.stored(name).await, &crew).await.unwrap();
    }

    pub(super) async fn aboard(&self, name: &str) -> Vec<String> {
        let stored = self.stored(name).await;
        stored.assignments().unwrap().iter().map(|sails| sails.crew().to_string()).collect()
    }

    pub(super) async fn look(&self, name: &str) -> Vec<String> {
        self.call.advance(&id(name)).await.unwrap();
        self.post.new_ones()
    }

    /// What a dispatcher without a stream does: the months ahead, and what is due.
    pub(super) async fn dispatch(&self, months: &[&str]) -> Vec<String> {
        for month in months {
            let looked: Vec<_> =
                self.call.advance_month(month.parse().unwrap()).try_collect().await.unwrap();
            looked.iter().for_each(|looked| assert!(looked.outcome.is_ok(), "{looked:?}"));
        }
        self.call.advance_due().try_collect::<Vec<_>>().await.unwrap();
        self.post.new_ones()
    }

    pub(super) async fn say(&self, name: &str, crew: &str, answer: Answer) -> Outcome {
        self.call.answer(&id(name), &who(crew), answer).await.unwrap()
    }

    pub(super) async fn phase(&self, name: &str) -> Phase {
        self.charters.open(&id(name)).await.unwrap().unwrap().call.unwrap().phase()
    }

    pub(super) fn hours(&self, hours: u64) {
        self.clock.advance(Duration::from_secs(hours * 3600));
    }
}

pub(super) const CAPTAINS: [(&str, Role, u8); 2] =
    [("c1", Role::Captain, 1), ("c2", Role::Captain, 2)];

/// An outbox that is down, or that refuses one letter once.
#[derive(Debug, Default)]
pub(super) struct Moody {
    pub(super) post: Post,
    pub(super) is_down: std::sync::atomic::AtomicBool,
    pub(super) refuses: Mutex<Option<&'static str>>,
}

#[async_trait]
impl Postman for Moody {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let kind = letter.notice.kind().as_str();
        let refused = self.refuses.lock().unwrap().take_if(|refused| *refused == kind).is_some();
        if refused || self.is_down.load(std::sync::atomic::Ordering::SeqCst) {
            let (table, source) = ("outbox".to_owned(), "busy".into());
            return Err(Error::Unavailable { table, operation: "take", source });
        }
        self.post.take(letter).await
    }
}

pub(super) async fn moody(members: &[(&str, Role, u8)]) -> (Desk<MemoryCharters>, Arc<Moody>) {
    let mut desk =
        Desk::new(MemoryCharters::new(), crew(members).await, &["captain"], "2026-05-01T08:00:00Z")
            .await;
    let post = Arc::new(Moody::default());
    let harbour = Harbour::new("Pier 2", TimeZone::UTC);
    let rules = CallRules::builder(harbour).build().unwrap();
    let call = CrewCall::builder(desk.charters.clone(), crew(members).await, rules, post.clone());
    desk.call = call.clock(desk.clock.clone()).build();
    (desk, post)
}
