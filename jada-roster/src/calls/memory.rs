//! Calls in memory, beside the charters that are there: a fake good enough to ship.

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::call::Call;
use crate::calls::{CallRepository, CallStream, CalledCharter, DueStream};
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::month::Month;
use crate::repository::memory::MemoryCharters;
use crate::repository::{CHARTER, with_assignments};

impl MemoryCharters {
    fn due_of(&self, by: Timestamp, is_one: impl Fn(&Call) -> bool) -> DueStream {
        let calls = self.calls();
        let due: BTreeSet<_> = calls
            .iter()
            .filter(|(_, call)| is_one(call))
            .filter_map(|(id, call)| Some((call.wakes()?, id.clone())))
            .filter(|(wakes, _)| *wakes <= by)
            .collect();
        stream::iter(due.into_iter().map(|(_, id)| Ok(id))).boxed()
    }
}

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
        let is_as_read = stored.version() == charter.version() && stored.crew() == charter.crew();
        if is_as_read {
            *stored = stored.clone().with_crew(next.crew().clone()).with_version(next.version());
            calls.insert(id.clone(), call.clone());
        } else if !stored.is_same_state(&next) || calls.get(id) != Some(call) {
            return Err(Error::conflict(CHARTER, id));
        }
        Ok(CalledCharter { charter: stored.clone(), call: Some(call.clone()) })
    }

    fn due(&self, by: Timestamp) -> DueStream {
        self.due_of(by, |_| true)
    }

    fn exhausted(&self, by: Timestamp) -> DueStream {
        self.due_of(by, move |call| call.wants_person(by))
    }

    fn calls_of(&self, month: Month) -> CallStream {
        let (calls, charters) = (self.calls(), self.lock());
        let called: Vec<_> = charters
            .values()
            .filter(|charter| month.contains(charter.date()))
            .map(|charter| {
                let (charter, call) = (charter.clone(), calls.get(charter.id()).cloned());
                Ok(CalledCharter { charter, call })
            })
            .collect();
        stream::iter(called).boxed()
    }
}
