//! The memory backends as dispatchers see them: they may be stopped before and after each call, and
//! some calls fail, or are done and their answer lost, as on a store far away.

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use jada_roster::{
    Assignment, Call, CallRepository, CallStream, CalledCharter, Charter, CharterId,
    CharterRepository, CharterStream, CrewId, CrewMember, CrewStream, DueStream, EmailAddress,
    Error, Filter, MemoryCharters, MemoryRoster, Month, PhoneNumber, Reindexed, Role,
    RosterRepository, Status, Unindexed,
};
use jiff::Timestamp;
use jiff::civil::Date;

use super::store::{Fault, Weather, pause};

/// A backend on which things go wrong.
#[derive(Clone, Debug)]
pub(super) struct Flaky<T> {
    pub(super) backend: T,
    pub(super) weather: Arc<Weather>,
}

impl<T> Flaky<T> {
    /// As the SDK does it: what failed, or whose answer was lost, is asked again.
    pub(super) async fn ask<R>(
        &self,
        what: &'static str,
        [first, again]: [impl Future<Output = Result<R, Error>>; 2],
    ) -> Result<R, Error> {
        pause().await;
        match self.weather.fault() {
            None => {}
            Some(Fault::Outage) => return Err(unavailable()),
            Some(Fault::Throttle | Fault::Fail) => pause().await,
            Some(Fault::LoseAnswer) => {
                first.await?;
                pause().await;
            }
        }
        self.weather.done(what);
        let answer = again.await;
        pause().await;
        answer
    }

    fn list<R: Send + 'static>(
        &self,
        rows: stream::BoxStream<'static, Result<R, Error>>,
    ) -> stream::BoxStream<'static, Result<R, Error>> {
        match self.weather.fault() {
            Some(Fault::Outage) => stream::iter([Err(unavailable())]).boxed(),
            _ => {
                self.weather.done("list");
                stream::once(pause()).flat_map(|()| stream::empty()).chain(rows).boxed()
            }
        }
    }
}

#[async_trait]
impl CallRepository for Flaky<MemoryCharters> {
    async fn open(&self, id: &CharterId) -> Result<Option<CalledCharter>, Error> {
        self.ask("open", [(); 2].map(|()| self.backend.open(id))).await
    }

    async fn write(
        &self,
        charter: &Charter,
        call: &Call,
        assignments: &[Assignment],
    ) -> Result<CalledCharter, Error> {
        self.weather.write_begins();
        self.ask("write", [(); 2].map(|()| self.backend.write(charter, call, assignments))).await
    }

    fn due(&self, by: Timestamp) -> DueStream {
        self.list(self.backend.due(by))
    }

    fn calls_of(&self, month: Month) -> CallStream {
        self.list(self.backend.calls_of(month))
    }
}

#[async_trait]
impl CharterRepository for Flaky<MemoryCharters> {
    fn month(&self, month: Month, filter: &Filter) -> CharterStream {
        self.list(self.backend.month(month, filter))
    }

    fn days(&self, days: RangeInclusive<Date>) -> CharterStream {
        self.list(self.backend.days(days))
    }

    async fn find(&self, ids: &[CharterId]) -> Result<Vec<Charter>, Error> {
        self.ask("find", [(); 2].map(|()| self.backend.find(ids))).await
    }

    async fn save(&self, charters: &[Charter]) -> Result<(), Error> {
        self.backend.save(charters).await
    }

    async fn change_status(&self, charter: &Charter, to: Status) -> Result<Charter, Error> {
        self.backend.change_status(charter, to).await
    }

    async fn assign(&self, charter: &Charter, crew: &[Assignment]) -> Result<Charter, Error> {
        self.backend.assign(charter, crew).await
    }

    async fn unindexed(&self) -> Result<Vec<Unindexed>, Error> {
        self.backend.unindexed().await
    }

    async fn reindex(&self) -> Result<Reindexed, Error> {
        self.backend.reindex().await
    }
}

#[async_trait]
impl RosterRepository for Flaky<MemoryRoster> {
    async fn add(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        self.backend.add(member).await
    }

    async fn find(&self, id: &CrewId) -> Result<Option<CrewMember>, Error> {
        self.ask("find", [(); 2].map(|()| self.backend.find(id))).await
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<CrewMember>, Error> {
        self.backend.find_by_email(email).await
    }

    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<CrewMember>, Error> {
        self.backend.find_by_phone(phone).await
    }

    fn in_role(&self, role: &Role) -> CrewStream {
        self.list(self.backend.in_role(role))
    }

    fn list(&self) -> CrewStream {
        self.list(self.backend.list())
    }

    async fn update(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        self.backend.update(member).await
    }

    async fn remove(&self, member: &CrewMember) -> Result<(), Error> {
        self.backend.remove(member).await
    }
}

fn unavailable() -> Error {
    let (table, source) = ("memory".to_owned(), "nobody answers".into());
    Error::Unavailable { table, operation: "any", source }
}
