//! Threads in memory: a fake good enough to ship, for the tests of users.

use std::collections::{BTreeMap, btree_map::Entry};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::charter::CharterId;
use crate::chat::{ChatMessage, ChatMessageId};
use crate::chats::{CharterChats, ChatStream};
use crate::error::Error;

/// The threads of charters in memory; clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryChats {
    threads: Arc<Mutex<BTreeMap<CharterId, Thread>>>,
}

type Thread = BTreeMap<(Timestamp, ChatMessageId), ChatMessage>;

impl MemoryChats {
    /// Without any message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CharterId, Thread>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CharterChats for MemoryChats {
    async fn post(&self, message: &ChatMessage) -> Result<(), Error> {
        let mut threads = self.lock();
        let thread = threads.entry(message.charter().clone()).or_default();
        match thread.entry(message.place()) {
            Entry::Occupied(stored) => message.check_same(stored.get()),
            Entry::Vacant(place) => {
                place.insert(message.clone());
                Ok(())
            }
        }
    }

    fn thread(&self, charter: &CharterId) -> ChatStream {
        self.since(charter, Timestamp::MIN)
    }

    fn since(&self, charter: &CharterId, at: Timestamp) -> ChatStream {
        let threads = self.lock();
        let messages = threads.get(charter).into_iter().flat_map(BTreeMap::values);
        let said: Vec<_> = messages.filter(|said| said.at() >= at).cloned().map(Ok).collect();
        stream::iter(said).boxed()
    }
}
