//! Calls that are out, each for a charter of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
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

use crate::plain_calls::PlainCalls;

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
        let (charters, roster) =
            (DynamoCharters::new(client.clone()), DynamoRoster::new(client.clone()));
        charters.ensure_call_index().await.unwrap();
        roster.ensure_tables().await.unwrap();
        for number in 1..=60 {
            roster.add(&member(number)).await.unwrap();
        }
        for first in (0..count).step_by(100) {
            let rows: Vec<Charter> = (first..count.min(first + 100)).map(charter).collect();
            charters.save(&rows).await.unwrap();
            let ids: Vec<CharterId> = rows.iter().map(|row| row.id().clone()).collect();
            for (number, row) in (0..).zip(charters.find(&ids).await.unwrap()) {
                let captain = CrewId::new(&format!("captain-{number}")).unwrap();
                charters.assign(&row, &[Assignment::new(captain, Role::Captain)]).await.unwrap();
            }
        }
        let clock = Arc::new(ManualClock::new("2026-04-01T09:00:00Z".parse().unwrap()));
        let harbour = Harbour::new("Pier 2", TimeZone::UTC).without_quiet_hours();
        let rules = CallRules::builder(harbour)
            .berths([Berth::captain(), Berth::of(Role::Crew)])
            .build()
            .unwrap();
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
        let mut begun = early;
        for months in 0..12 {
            let month = Month::of(date(2026, 6, 1) + Span::new().months(months)).unwrap();
            begun += looks(self.call.advance_month(month)).await;
        }
        assert_eq!(begun, count);
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

fn member(level: u8) -> CrewMember {
    let id = CrewId::new(&format!("crew-{level}")).unwrap();
    let name = PersonName::new(&format!("Member {level}")).unwrap();
    let phone = format!("+1555{:07}", 100_000 + u32::from(level)).parse().unwrap();
    let email = format!("crew-{level}@example.com").parse().unwrap();
    CrewMember::new(id, name, phone, email, Role::Crew)
        .with_cascade_level(CascadeLevel::new(level).unwrap())
}

/// Those that are booked one after another sail on days far apart.
fn charter(number: u64) -> Charter {
    let days = (number * 7919 % 365).try_into().unwrap();
    let day = date(2026, 6, 1) + Span::new().days::<i64>(days);
    let id = CharterId::new(&format!("C-{number:05}")).unwrap();
    Charter::builder(id, day, Currency::USD).status(Status::Confirmed).build().unwrap()
}
