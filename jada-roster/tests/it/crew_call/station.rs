//! A runner of calls with its post, its clock and an office, for tests.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jada_auth::ManualClock;
use jada_roster::{
    Answer, CallRepository, CallRules, CascadeLevel, Charter, CharterBuilder, CharterId,
    CharterRepository, CrewCall, CrewId, CrewMember, Currency, Error, Harbour, Letter,
    MemoryCharters, MemoryRoster, Outcome, PersonName, Phase, Postman, Role, RosterRepository,
    Status,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// An outbox: of each key the first letter, in order. It may refuse a kind of letter once.
#[derive(Debug, Default)]
pub(super) struct Post(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    keys: BTreeSet<String>,
    new: Vec<String>,
    refuses: Option<&'static str>,
    is_down: bool,
}

#[async_trait]
impl Postman for Post {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let (notice, mut kept) = (&letter.notice, self.0.lock().unwrap());
        let kind = notice.kind().as_str();
        if kept.is_down || kept.refuses.take_if(|refused| *refused == kind).is_some() {
            let (table, source) = ("outbox".to_owned(), "busy".into());
            return Err(Error::Unavailable { table, operation: "take", source });
        }
        let to = notice.to().map_or("operations", CrewId::as_str);
        if kept.keys.insert(notice.key(letter.event.id())) {
            kept.new.push(format!("{kind} {to} {}", notice.sailing().date));
        }
        Ok(())
    }
}

impl Post {
    pub(super) fn new_ones(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().new)
    }

    pub(super) fn goes_down(&self) {
        self.0.lock().unwrap().is_down = true;
    }

    /// Up again, but for one letter of this kind.
    pub(super) fn refuses_once(&self, kind: &'static str) {
        let mut kept = self.0.lock().unwrap();
        (kept.is_down, kept.refuses) = (false, Some(kind));
    }
}

/// Where one captain is wanted for each charter, `c1` before `c2`.
pub(super) struct Station<C> {
    pub(super) charters: Arc<C>,
    pub(super) post: Arc<Post>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) call: CrewCall,
}

impl Station<MemoryCharters> {
    pub(super) async fn in_memory() -> Self {
        Self::of(MemoryCharters::new()).await
    }
}

impl<C: CharterRepository + CallRepository + 'static> Station<C> {
    /// It is ten o'clock on the first of May 2026.
    pub(super) async fn of(charters: C) -> Self {
        let now = "2026-05-01T10:00:00Z".parse().unwrap();
        let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
        let (charters, post) = (Arc::new(charters), Arc::new(Post::default()));
        let clock = Arc::new(ManualClock::new(now));
        let call = CrewCall::builder(charters.clone(), captains().await, rules, post.clone());
        let call = call.clock(clock.clone()).build();
        Self { charters, post, clock, call }
    }

    /// Books a charter, or books it otherwise.
    pub(super) async fn book(&self, charter: CharterBuilder) {
        let charter = charter.build().unwrap();
        let stored = self.charters.find(&[charter.id().clone()]).await.unwrap().pop();
        let version = stored.map_or(charter.version(), |stored| stored.version());
        self.charters.save(&[charter.with_version(version)]).await.unwrap();
    }

    pub(super) async fn cancel(&self, name: &str) {
        let stored = self.charters.find(&[id(name)]).await.unwrap().remove(0);
        self.charters.change_status(&stored, Status::Cancelled).await.unwrap();
    }

    pub(super) async fn look(&self, name: &str) -> Vec<String> {
        self.call.advance(&id(name)).await.unwrap();
        self.post.new_ones()
    }

    /// What a dispatcher without a stream does: the months ahead, and what is due.
    pub(super) async fn poll(&self, months: &[&str]) -> Vec<String> {
        for month in months {
            let looked = self.call.advance_month(month.parse().unwrap());
            let looked: Vec<_> = looked.try_collect().await.unwrap();
            looked.iter().for_each(|looked| assert!(looked.outcome.is_ok(), "{looked:?}"));
        }
        self.call.advance_due().try_collect::<Vec<_>>().await.unwrap();
        self.post.new_ones()
    }

    /// As [`poll`](Self::poll), hour after hour for two days.
    pub(super) async fn poll_for_two_days(&self, months: &[&str]) -> Vec<String> {
        let mut mails = Vec::new();
        for _ in 0..48 {
            self.hours(1);
            mails.extend(self.poll(months).await);
        }
        mails
    }

    pub(super) async fn say(&self, name: &str, crew: &str, answer: Answer) -> Outcome {
        self.call.answer(&id(name), &CrewId::new(crew).unwrap(), answer).await.unwrap()
    }

    pub(super) async fn phase(&self, name: &str) -> Phase {
        self.charters.open(&id(name)).await.unwrap().unwrap().call.unwrap().phase()
    }

    pub(super) fn hours(&self, hours: u64) {
        self.clock.advance(Duration::from_secs(hours * 3600));
    }
}

async fn captains() -> Arc<MemoryRoster> {
    let roster = MemoryRoster::new();
    for level in [1, 2] {
        let (id, name) = (CrewId::new(&format!("c{level}")), format!("Captain {level}"));
        let (phone, email) = (format!("+1555010010{level}"), format!("c{level}@example.com"));
        let (name, phone) = (PersonName::new(&name).unwrap(), phone.parse().unwrap());
        let email = email.parse().unwrap();
        let member = CrewMember::new(id.unwrap(), name, phone, email, Role::Captain);
        let level = CascadeLevel::new(level).unwrap();
        roster.add(&member.with_cascade_level(level)).await.unwrap();
    }
    Arc::new(roster)
}

pub(super) fn id(text: &str) -> CharterId {
    CharterId::new(text).unwrap()
}

/// A confirmed charter.
pub(super) fn booking(name: &str, day: Date) -> CharterBuilder {
    Charter::builder(id(name), day, Currency::USD).status(Status::Confirmed)
}

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Puts the row of `C-1` as a tool does that knows nothing of versions and calls.
pub(super) async fn put(
    client: &aws_sdk_dynamodb::Client,
    day: &str,
    more: &[(&str, AttributeValue)],
) {
    let date_key = format!("{day}#C-1");
    let base = [
        ("charter_id", "C-1"),
        ("date", day),
        ("month", &day[..7]),
        ("date_key", &date_key),
        ("currency", "USD"),
        ("status", "confirmed"),
    ];
    let base = base.map(|(name, value)| (name.to_owned(), text(value)));
    let mut item = HashMap::from(base);
    item.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    client.put_item().table_name("crew-dispatch").set_item(Some(item)).send().await.unwrap();
}

/// Sets one attribute of the row of `C-1`, and no other.
pub(super) async fn set(client: &aws_sdk_dynamodb::Client, attribute: &str, value: AttributeValue) {
    let update = client.update_item().table_name("crew-dispatch").key("charter_id", text("C-1"));
    let update = update.update_expression("SET #attribute = :value");
    let update = update.expression_attribute_names("#attribute", attribute);
    update.expression_attribute_values(":value", value).send().await.unwrap();
}
