//! Calls in memory, beside the charters that are there: a fake good enough to ship.

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::call::Call;
use crate::calls::{CallRepository, CallStream, CalledCharter, is_astray};
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::month::Month;
use crate::repository::memory::MemoryCharters;
use crate::repository::{CHARTER, with_assignments};

#[async_trait]
impl CallRepository for MemoryCharters {
    async fn open(&self, id: &CharterId) -> Result<Option<CalledCharter>, Error> {
        let (calls, charters) = (self.calls(), self.lock());
        let (call, charter) = (calls.get(id).cloned(), charters.get(id).cloned());
        Ok(charter.map(|charter| CalledCharter { charter, call }))
    }

    async fn write(
        &self,
        charter: &Charter,
        call: &Call,
        assignments: &[Assignment],
    ) -> Result<CalledCharter, Error> {
        let next = with_assignments(charter, assignments)?;
        let (mut calls, mut charters) = (self.calls(), self.lock());
        let id = charter.id();
        let stored = charters
            .get_mut(id)
            .ok_or_else(|| Error::NotFound { what: CHARTER, id: id.to_string() })?;
        if stored.version() == charter.version() {
            *stored =
                stored.clone().with_assignments(assignments.to_vec()).with_version(next.version());
            calls.insert(id.clone(), call.clone());
        } else if !stored.is_same_state(&next) || calls.get(id) != Some(call) {
            return Err(Error::conflict(CHARTER, id));
        }
        Ok(CalledCharter { charter: stored.clone(), call: Some(call.clone()) })
    }

    fn due(&self, by: Timestamp) -> CallStream {
        let calls = self.calls();
        let due: BTreeSet<_> = calls
            .iter()
            .filter_map(|(id, call)| Some((call.wakes()?, id.clone())))
            .filter(|(wakes, _)| *wakes <= by)
            .collect();
        stream::iter(due.into_iter().map(|(_, id)| Ok(id))).boxed()
    }

    fn astray(&self, month: Month) -> CallStream {
        let (calls, charters) = (self.calls(), self.lock());
        let ids: Vec<_> = charters
            .values()
            .filter(|charter| month.contains(charter.date()))
            .filter(|charter| is_astray(charter, calls.get(charter.id())))
            .map(|charter| Ok(charter.id().clone()))
            .collect();
        stream::iter(ids).boxed()
    }
}
