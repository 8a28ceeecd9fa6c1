//! Calls that are out, each for a charter of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use jada_auth::{Clock, ManualClock};
use jada_roster::{
    CallRules, CascadeLevel, Charter, CharterId, CharterRepository, CrewCall, CrewId, CrewMember,
    Currency, DynamoCharters, DynamoRoster, EmbeddedEngine, Error, Harbour, Letter, LookedStream,
    PersonName, Postman, Role, RosterRepository, Status,
};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

use crate::plain_calls::PlainCalls;

/// Calls that are out on the embedded engine in memory, of which each wave is one captain of 60.
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
    /// So many, for charters of June 2026; a first wave of each is out. Those that are `early` are due an
    /// hour from now, the others two.
    ///
    /// # Panics
    /// When the engine fails.
    pub async fn of(count: u64, early: u64) -> Self {
        let client = EmbeddedEngine::in_memory().unwrap().client();
        let (charters, roster) =
            (DynamoCharters::new(client.clone()), DynamoRoster::new(client.clone()));
        charters.ensure_call_index().await.unwrap();
        roster.ensure_tables().await.unwrap();
        for number in 1..=60 {
            roster.add(&captain(number)).await.unwrap();
        }
        for first in (0..count).step_by(100) {
            let rows: Vec<Charter> = (first..count.min(first + 100)).map(charter).collect();
            charters.save(&rows).await.unwrap();
        }
        let clock = Arc::new(ManualClock::new("2026-04-01T09:00:00Z".parse().unwrap()));
        let harbour = Harbour::new("Pier 2", TimeZone::UTC).without_quiet_hours();
        let rules = CallRules::builder(harbour).build().unwrap();
        let (charters, roster) = (Arc::new(charters), Arc::new(roster));
        let call = CrewCall::builder(charters, roster, rules, Arc::new(Nowhere));
        let call = call.clock(clock.clone()).build();
        let calls = Self { call, clock, plain: PlainCalls::of(client) };
        calls.begin(count, early).await;
        calls
    }

    async fn begin(&self, count: u64, early: u64) {
        let mut pass = self.call.pass();
        for number in 0..early {
            pass.advance(charter(number).id()).await.unwrap();
        }
        self.pass_an_hour();
        let begun = looks(self.call.advance_month("2026-06".parse().unwrap())).await;
        assert_eq!(begun, count - early);
    }

    /// Looks at what is due, and says how many calls that were: each asks its next wave.
    ///
    /// # Panics
    /// When one fails.
    pub async fn tick(&self) -> u64 {
        looks(self.call.advance_due()).await
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

fn captain(level: u8) -> CrewMember {
    let (name, phone) =
        (format!("Captain {level}"), format!("+1555{:07}", 100_000 + u32::from(level)));
    let email = format!("captain-{level}@example.com");
    CrewMember::new(
        CrewId::new(&format!("captain-{level}")).unwrap(),
        PersonName::new(&name).unwrap(),
        phone.parse().unwrap(),
        email.parse().unwrap(),
        Role::Captain,
    )
    .with_cascade_level(CascadeLevel::new(level).unwrap())
}

fn charter(number: u64) -> Charter {
    let day = date(2026, 6, 1 + i8::try_from(number % 30).unwrap());
    let id = CharterId::new(&format!("C-{number:05}")).unwrap();
    Charter::builder(id, day, Currency::USD).status(Status::Confirmed).build().unwrap()
}
