//! Calls that are out, each for a charter of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jada_auth::{Clock, ManualClock};
use jada_roster::{
    Assignment, Berth, CallRules, CascadeLevel, Charter, CharterId, CharterRepository, CrewCall,
    CrewId, CrewMember, Currency, DynamoCharters, DynamoRoster, EmbeddedEngine, Error, Harbour,
    Letter, LookedStream, Month, PersonName, Postman, Role, RosterRepository, Status,
};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::plain_calls::{Item, PlainCalls};

/// Calls that are out on the embedded engine in memory, each for a charter that has its captain: a wave
/// is one of 60 who may sail as crew.
#[derive(Debug)]
pub struct OpenCalls {
    call: CrewCall,
    clock: Arc<ManualClock>,
    plain: PlainCalls,
}

/// Takes every letter, and keeps none.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Postman for Nowhere {
    async fn take(&self, _: &Letter) -> Result<(), Error> {
        Ok(())
    }
}

impl OpenCalls {
    /// So many, for charters of the year from June 2026 on; a first wave of each is out. Those that are
    /// `early` are due an hour from now, the others two.
    ///
    /// # Panics
    /// When the engine fails.
    pub async fn of(count: u64, early: u64) -> Self {
        let client = EmbeddedEngine::in_memory().unwrap().client();
        let charters = Arc::new(DynamoCharters::new(client.clone()));
        let roster = Arc::new(DynamoRoster::new(client.clone()));
        charters.ensure_call_index().await.unwrap();
        roster.ensure_tables().await.unwrap();
        for number in 1..=60 {
            roster.add(&member(Role::Captain, number)).await.unwrap();
            roster.add(&member(Role::Crew, number)).await.unwrap();
        }
        let clock = Arc::new(ManualClock::new("2026-04-01T09:00:00Z".parse().unwrap()));
        let call = CrewCall::builder(charters.clone(), roster, rules(), Arc::new(Nowhere));
        let call = call.clock(clock.clone()).build();
        let calls = Self { call, clock, plain: PlainCalls::of(client) };
        let first = calls.begin(&charters, &charter(0)).await;
        calls.pass_an_hour();
        let second = calls.begin(&charters, &charter(1)).await;
        for chunk in (0..count).collect::<Vec<_>>().chunks(100) {
            let row = |number: &u64| match *number {
                number if number < early => first.with(&charter(number)),
                number => second.with(&charter(number)),
            };
            calls.plain.put_back(&chunk.iter().map(row).collect::<Vec<_>>()).await;
        }
        calls
    }

    /// Calls for the crew of a charter that has its captain.
    async fn begin(&self, charters: &DynamoCharters, charter: &Charter) -> Begun {
        let ids = std::slice::from_ref(charter.id());
        charters.save(std::slice::from_ref(charter)).await.unwrap();
        let stored = charters.find(ids).await.unwrap().remove(0);
        let captain = Assignment::new(member(Role::Captain, 1).id().clone(), Role::Captain);
        charters.assign(&stored, &[captain]).await.unwrap();
        assert_eq!(self.call.advance(charter.id()).await.unwrap().mails, 1);
        Begun { row: self.plain.open(charter.id().as_str()).await, charter: charter.clone() }
    }

    /// Looks at what is due, and says how many calls that were: each asks its next wave.
    ///
    /// # Panics
    /// When one fails.
    pub async fn tick(&self) -> u64 {
        looks(self.call.advance_due()).await
    }

    /// How many calls have found nobody.
    ///
    /// # Panics
    /// When the engine fails.
    pub async fn exhausted(&self) -> usize {
        self.call.exhausted().try_collect::<Vec<_>>().await.unwrap().len()
    }

    /// An hour goes by.
    pub fn pass_an_hour(&self) {
        self.clock.advance(Duration::from_secs(60 * 60));
    }

    /// The same tables by the SDK's requests alone.
    #[must_use]
    pub fn plain(&self) -> &PlainCalls {
        &self.plain
    }

    /// The instant at which it is looked.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now().wall
    }
}

async fn looks(looked: LookedStream<'_>) -> u64 {
    let count = looked.try_fold(0, async |count, looked| {
        assert_eq!(looked.outcome?.mails, 1);
        Ok(count + 1)
    });
    count.await.unwrap()
}

/// The row of a charter whose call is out.
struct Begun {
    row: Item,
    charter: Charter,
}

impl Begun {
    /// The same for another charter.
    fn with(&self, other: &Charter) -> Item {
        let (id, date) = (self.charter.id().as_str(), self.charter.date().to_string());
        let (other_id, other_date) = (other.id().as_str(), other.date().to_string());
        let changed = |(name, value): (&String, &AttributeValue)| {
            let value = match value {
                AttributeValue::S(text) => {
                    AttributeValue::S(text.replace(id, other_id).replace(&date, &other_date))
                }
                value => value.clone(),
            };
            (name.clone(), value)
        };
        let mut row: Item = self.row.iter().map(changed).collect();
        let month = Month::of(other.date()).unwrap().to_string();
        row.insert("month".to_owned(), AttributeValue::S(month));
        row
    }
}

/// A captain and one more, and no quiet hours.
pub(crate) fn rules() -> CallRules {
    let harbour = Harbour::new("Pier 2", TimeZone::UTC).without_quiet_hours();
    let berths = [Berth::captain(), Berth::of(Role::Crew)];
    CallRules::builder(harbour).berths(berths).build().unwrap()
}

pub(crate) fn member(role: Role, level: u8) -> CrewMember {
    let kind = role.to_string();
    let id = CrewId::new(&format!("{kind}-{level}")).unwrap();
    let name = PersonName::new(&format!("{kind} {level}")).unwrap();
    let number = id.as_str().len() * 1_000 + usize::from(level);
    let phone = format!("+1555{number:07}").parse().unwrap();
    let email = format!("{id}@example.com").parse().unwrap();
    CrewMember::new(id, name, phone, email, role)
        .with_cascade_level(CascadeLevel::new(level).unwrap())
}

/// Those that are booked one after another sail on days far apart.
fn charter(number: u64) -> Charter {
    let days = (number * 7919 % 365).try_into().unwrap();
    let day = date(2026, 6, 1) + Span::new().days::<i64>(days);
    let id = CharterId::new(&format!("C-{number:05}")).unwrap();
    Charter::builder(id, day, Currency::USD).status(Status::Confirmed).build().unwrap()
}
