//! A repository in memory: a fake good enough to ship, for the tests of users.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::filter::Filter;
use crate::month::Month;
use crate::repository::{CharterRepository, CharterStream, Reindexed, Unindexed};
use crate::version::Version;

/// Charters in memory; clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryCharters {
    charters: Arc<Mutex<BTreeMap<CharterId, Charter>>>,
}

impl MemoryCharters {
    /// An empty repository.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CharterId, Charter>> {
        self.charters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CharterRepository for MemoryCharters {
    fn month(&self, month: Month, filter: &Filter) -> CharterStream {
        let mut charters: Vec<Charter> = self
            .lock()
            .values()
            .filter(|charter| month.contains(charter.date()) && filter.admits(charter))
            .cloned()
            .collect();
        charters.sort_by_key(Charter::date);
        stream::iter(charters.into_iter().map(Ok)).boxed()
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
                    return Err(Error::conflict("charter", charter.id()));
                }
            }
        }
        for charter in writes {
            stored.insert(charter.id().clone(), charter.clone().with_version(next(charter)));
        }
        Ok(())
    }

    /// Always empty: there is no index to miss.
    async fn unindexed(&self) -> Result<Vec<Unindexed>, Error> {
        Ok(Vec::new())
    }

    async fn reindex(&self) -> Result<Reindexed, Error> {
        Ok(Reindexed::default())
    }
}
