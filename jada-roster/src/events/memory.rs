//! A repository in memory: a fake good enough to ship, for the tests of users.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use jiff::civil::Date;

use crate::charter::CharterId;
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::event::view::CrewView;
use crate::events::{EVENT, EventRepository, EventStream, is_upcoming};
use crate::month::Month;

/// Crew's copies of charters in memory; clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryEvents {
    views: Arc<Mutex<BTreeMap<CharterId, CrewView>>>,
}

impl MemoryEvents {
    /// An empty repository.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CharterId, CrewView>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self, is_wanted: impl Fn(&CrewView) -> bool) -> EventStream {
        let mut views: Vec<CrewView> =
            self.lock().values().filter(|view| is_wanted(view)).cloned().collect();
        views.sort_by_key(CrewView::date);
        stream::iter(views.into_iter().map(Ok)).boxed()
    }
}

/// Refuses what would put an earlier state in the place of a later one.
fn check(stored: Option<&CrewView>, view: &CrewView) -> Result<(), Error> {
    let number = |view: &CrewView| view.charter_version().number();
    match stored {
        Some(stored) if number(stored) > number(view) => Err(Error::conflict(EVENT, view.id())),
        _ => Ok(()),
    }
}

#[async_trait]
impl EventRepository for MemoryEvents {
    async fn put(&self, view: &CrewView) -> Result<(), Error> {
        let mut views = self.lock();
        check(views.get(view.id()), view)?;
        views.insert(view.id().clone(), view.clone());
        Ok(())
    }

    async fn replace(&self, stored: &CrewView, view: &CrewView) -> Result<(), Error> {
        let mut views = self.lock();
        let is_other =
            |kept: &&CrewView| kept.charter_version().number() != stored.charter_version().number();
        check(views.get(view.id()).filter(is_other), view)?;
        views.insert(view.id().clone(), view.clone());
        Ok(())
    }

    async fn find(&self, id: &CharterId) -> Result<Option<CrewView>, Error> {
        Ok(self.lock().get(id).cloned())
    }

    async fn remove(&self, view: &CrewView) -> Result<(), Error> {
        let mut views = self.lock();
        check(views.get(view.id()), view)?;
        views.remove(view.id());
        Ok(())
    }

    fn month(&self, month: Month) -> EventStream {
        self.all(|view| month.contains(view.date()))
    }

    fn upcoming(&self, crew: &CrewId, from: Date) -> EventStream {
        self.all(|view| is_upcoming(view, crew, from))
    }
}
