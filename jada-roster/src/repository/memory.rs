//! A repository in memory: a fake good enough to ship, for the tests of users.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use jiff::civil::Date;

use crate::call::Call;
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::filter::Filter;
use crate::month::Month;
use crate::repository::{
    CHARTER, CharterRepository, CharterStream, Reindexed, Unindexed, with_assignments, with_status,
};
use crate::status::Status;
use crate::version::Version;

/// Charters in memory; clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryCharters {
    charters: Arc<Mutex<BTreeMap<CharterId, Charter>>>,
    /// Locked before the charters, where both are.
    calls: Arc<Mutex<BTreeMap<CharterId, Call>>>,
}

impl MemoryCharters {
    /// An empty repository.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes what is stored into the next state, unless it is there or was changed meanwhile.
    fn change(
        &self,
        read: &Charter,
        next: &Charter,
        is_as_read: impl FnOnce(&Charter) -> bool,
        change: impl FnOnce(Charter) -> Charter,
    ) -> Result<Charter, Error> {
        let mut charters = self.lock();
        let stored = charters
            .get_mut(read.id())
            .ok_or_else(|| Error::NotFound { what: CHARTER, id: read.id().to_string() })?;
        if stored.version() == read.version() && is_as_read(stored) {
            *stored = change(stored.clone()).with_version(next.version());
        } else if !stored.is_same_state(next) {
            return Err(Error::conflict(CHARTER, read.id()));
        }
        Ok(stored.clone())
    }

    fn those(&self, is_one: impl Fn(&Charter) -> bool) -> CharterStream {
        let charters = self.lock();
        let mut charters: Vec<Charter> =
            charters.values().filter(|charter| is_one(charter)).cloned().collect();
        charters.sort_by_key(Charter::date);
        stream::iter(charters.into_iter().map(Ok)).boxed()
    }

    pub(crate) fn calls(&self) -> MutexGuard<'_, BTreeMap<CharterId, Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, BTreeMap<CharterId, Charter>> {
        self.charters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CharterRepository for MemoryCharters {
    fn month(&self, month: Month, filter: &Filter) -> CharterStream {
        self.those(|charter| month.contains(charter.date()) && filter.admits(charter))
    }

    fn days(&self, days: RangeInclusive<Date>) -> CharterStream {
        self.those(|charter| days.contains(&charter.date()))
    }

    async fn find(&self, ids: &[CharterId]) -> Result<Vec<Charter>, Error> {
        let charters = self.lock();
        let ids: BTreeSet<&CharterId> = ids.iter().collect();
        Ok(ids.into_iter().filter_map(|id| charters.get(id).cloned()).collect())
    }

    async fn save(&self, charters: &[Charter]) -> Result<(), Error> {
        let mut stored = self.lock();
        let next = |charter: &Charter| Version::Number(charter.version().next());
        let mut writes = Vec::with_capacity(charters.len());
        for charter in charters {
            match stored.get(charter.id()) {
                Some(now) if now.version() == next(charter) && now.says_the_same(charter) => {}
                now if now.map_or(Version::New, Charter::version) == charter.version() => {
                    writes.push(charter);
                }
                _ => {
                    return Err(Error::conflict(CHARTER, charter.id()));
                }
            }
        }
        for charter in writes {
            let crew = stored.get(charter.id()).map_or(Ok(Vec::new()), |now| now.crew().clone());
            let state = charter.clone().with_version(next(charter)).with_crew(crew);
            stored.insert(charter.id().clone(), state);
        }
        Ok(())
    }

    async fn change_status(&self, charter: &Charter, to: Status) -> Result<Charter, Error> {
        let next = with_status(charter, to)?;
        let is_as_read = |stored: &Charter| stored.status() == charter.status();
        self.change(charter, &next, is_as_read, |stored| stored.with_status(to))
    }

    async fn assign(
        &self,
        charter: &Charter,
        assignments: &[Assignment],
    ) -> Result<Charter, Error> {
        let next = with_assignments(charter, assignments)?;
        let is_as_read = |stored: &Charter| stored.crew() == charter.crew();
        self.change(charter, &next, is_as_read, |stored| stored.with_crew(Ok(assignments.to_vec())))
    }

    /// Always empty: there is no index to miss.
    async fn unindexed(&self) -> Result<Vec<Unindexed>, Error> {
        Ok(Vec::new())
    }

    async fn reindex(&self) -> Result<Reindexed, Error> {
        Ok(Reindexed::default())
    }
}
