//! Reading a shard that is held: from its checkpoint, to the handler, and on.

use std::future::Future;

use tracing::warn;

use crate::dynamo::streams::CharterChanges;
use crate::dynamo::streams::change::{Changes, Gap, Polled};
use crate::dynamo::streams::lease_row::{Checkpoint, is_long_ago};
use crate::dynamo::streams::source::{Fetched, Page, Stale, TARGET};
use crate::error::Error;

impl CharterChanges {
    /// Hands over the next changes of a shard, then notes how far it was read.
    pub(super) async fn read<F, Fut>(
        &mut self,
        shard: &str,
        handler: &mut F,
        polled: &mut Polled,
    ) -> Result<(), Error>
    where
        F: FnMut(Changes) -> Fut,
        Fut: Future<Output = Result<(), Error>>,
    {
        for _ in 0..ITERATORS {
            match self.fetch(shard).await? {
                None => return Ok(()),
                Some(Ok(page)) => return self.handle(shard, page, handler, polled).await,
                Some(Err(Stale::Expired)) => self.ask_anew(shard),
                Some(Err(Stale::Trimmed)) => return self.skip(shard, handler, polled).await,
            }
        }
        Err(self.source.unavailable("GetRecords", "iterators expire as soon as they are made"))
    }

    /// None when the shard is no longer held.
    async fn fetch(&mut self, shard: &str) -> Result<Option<Fetched<Page>>, Error> {
        let Some(held) = self.held.get_mut(shard) else { return Ok(None) };
        let iterator = match held.iterator.clone() {
            Some(iterator) => iterator,
            None => {
                // From the first that is kept on nobody is told that there were others.
                if held.checkpoint.is_none() && is_long_ago(held.read_at, self.clock.now().wall) {
                    return Ok(Some(Err(Stale::Trimmed)));
                }
                let after = held.checkpoint.as_deref();
                match self.source.iterator(&self.stream, shard, after).await? {
                    Ok(iterator) => held.iterator.insert(iterator).clone(),
                    Err(stale) => return Ok(Some(Err(stale))),
                }
            }
        };
        self.source.records(&iterator).await.map(Some)
    }

    async fn handle<F, Fut>(
        &mut self,
        shard: &str,
        page: Page,
        handler: &mut F,
        polled: &mut Polled,
    ) -> Result<(), Error>
    where
        F: FnMut(Changes) -> Fut,
        Fut: Future<Output = Result<(), Error>>,
    {
        if !page.charters.is_empty() {
            let count = page.charters.len();
            self.hand_over(Box::pin(handler(Changes::Charters(page.charters)))).await?;
            polled.charters += count;
        }
        match (page.next, page.last) {
            (None, _) => self.end(shard).await,
            (next, Some(last)) => self.advance(shard, Some(last), next).await,
            (next, None) => {
                if let Some(held) = self.held.get_mut(shard) {
                    (held.iterator, held.is_read) = (next, true);
                }
                Ok(())
            }
        }
    }

    /// The children of a shard that has ended are there already.
    async fn end(&mut self, shard: &str) -> Result<(), Error> {
        self.leases.move_to(&self.stream, shard, &Checkpoint::End).await?;
        self.held.remove(shard);
        self.looked_at = None;
        Ok(())
    }

    /// Tells that records are gone, and goes on from the first that is kept.
    async fn skip<F, Fut>(
        &mut self,
        shard: &str,
        handler: &mut F,
        polled: &mut Polled,
    ) -> Result<(), Error>
    where
        F: FnMut(Changes) -> Fut,
        Fut: Future<Output = Result<(), Error>>,
    {
        let gap = Gap::Trimmed;
        warn!(target: TARGET, table = self.source.table, shard, %gap, "changes were missed");
        self.hand_over(Box::pin(handler(Changes::Missed(gap)))).await?;
        polled.gaps += 1;
        self.advance(shard, None, None).await
    }

    /// The iterator moves on after the checkpoint, never before.
    async fn advance(
        &mut self,
        shard: &str,
        checkpoint: Option<String>,
        iterator: Option<String>,
    ) -> Result<(), Error> {
        let stored = checkpoint.clone().map_or(Checkpoint::Start, Checkpoint::After);
        if !self.leases.move_to(&self.stream, shard, &stored).await? {
            self.lose(shard);
        } else if let Some(held) = self.held.get_mut(shard) {
            (held.checkpoint, held.iterator) = (checkpoint, iterator);
            held.read_at = self.clock.now().wall.as_millisecond();
        }
        Ok(())
    }

    fn ask_anew(&mut self, shard: &str) {
        if let Some(held) = self.held.get_mut(shard) {
            held.iterator = None;
        }
    }
}

/// One that has expired, and one that was made just now.
const ITERATORS: u32 = 2;
