//! Keeping leases while a handler works.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};

use futures_util::future::{Either, select};
use tracing::{info, warn};

use crate::dynamo::streams::CharterChanges;
use crate::dynamo::streams::source::TARGET;
use crate::error::Error;

impl CharterChanges {
    /// Renews the leases that are held, and lets go of those that are not ours any more.
    pub(super) async fn renew(&mut self) -> Result<(), Error> {
        for shard in self.held.keys().cloned().collect::<Vec<_>>() {
            let is_read = self.held.get(&shard).is_some_and(|held| held.is_read);
            let renewed = match is_read {
                true => self.leases.renew_read(&self.stream, &shard).await?,
                false => self.leases.renew(&self.stream, &shard).await?,
            };
            match (renewed, self.held.get_mut(&shard)) {
                (Some(lease), Some(held)) => (held.read_at, held.is_read) = (lease.read_at, false),
                _ => self.lose(&shard),
            }
        }
        self.renewed_at = Some(self.clock.now().monotonic);
        Ok(())
    }

    pub(super) fn lose(&mut self, shard: &str) {
        if self.held.remove(shard).is_some() {
            info!(target: TARGET, table = self.source.table, shard, "a lease went to another");
        }
    }

    /// Waits for a handler, however long it takes, and renews the leases meanwhile. Its future may be
    /// large, and has a box of its own.
    pub(super) async fn hand_over(
        &mut self,
        work: Pin<Box<impl Future<Output = Result<(), Error>>>>,
    ) -> Result<(), Error> {
        match select(work, pin!(self.keep())).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => match never {},
        }
    }

    async fn keep(&mut self) -> Infallible {
        loop {
            tokio::time::sleep(self.between()).await;
            if let Err(error) = self.renew().await {
                warn!(target: TARGET, table = self.source.table, %error, "a lease was not renewed");
            }
        }
    }
}
