//! Looking after leases: which stream there is, what of it nobody reads, and what was missed.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Instant;

use tracing::{info, warn};

use crate::dynamo::streams::change::{Changes, Gap, Polled};
use crate::dynamo::streams::lease::Known;
use crate::dynamo::streams::lease_row::{Checkpoint, Lease};
use crate::dynamo::streams::share::{Sharing, Watch};
use crate::dynamo::streams::source::{Described, Shard, TARGET};
use crate::dynamo::streams::{CharterChanges, Held};
use crate::error::Error;

impl CharterChanges {
    /// Takes what is to be taken and renews what is held, after it has told what was missed.
    pub(super) async fn look<F, Fut>(
        &mut self,
        handler: &mut F,
        polled: &mut Polled,
    ) -> Result<(), Error>
    where
        F: FnMut(Changes) -> Fut,
        Fut: Future<Output = Result<(), Error>>,
    {
        let described = self.source.describe().await?;
        if described.stream != self.stream {
            (self.held, self.watch) = (BTreeMap::new(), Watch::default());
            self.stream.clone_from(&described.stream);
        }
        let known = self.leases.read(&described).await?;
        let now = self.clock.now().monotonic;
        self.hold_what_is_ours(&described, &known);
        self.watch.look(&known.leases, now);
        let wanted = self.wanted(&described.shards, &known, now);
        if let Some(gap) = self.gap(&described, &known, &wanted) {
            warn!(target: TARGET, table = self.source.table, %gap, "changes may have been missed");
            self.hand_over(Box::pin(handler(Changes::Missed(gap)))).await?;
            self.leases.follow(&self.stream).await?;
            polled.gaps += 1;
        }
        self.renew().await?;
        for shard in wanted {
            self.take(shard, &known).await?;
        }
        self.looked_at = Some(now);
        Ok(())
    }

    fn wanted<'s>(&self, shards: &'s [Shard], known: &Known, now: Instant) -> Vec<&'s Shard> {
        let (me, life) = (&*self.leases.owner, self.lease_life);
        let (leases, watch) = (&known.leases, &self.watch);
        Sharing { shards, leases, watch, me, now, life }.to_take()
    }

    /// What the rows say counts: a round that was dropped may have taken a lease unawares.
    fn hold_what_is_ours(&mut self, described: &Described, known: &Known) {
        let mut held = BTreeMap::new();
        for shard in &described.shards {
            let Some(lease) = known.leases.get(&shard.id) else { continue };
            if lease.owner.as_ref() == Some(&self.leases.owner) {
                let was = self.held.remove(&shard.id);
                held.insert(shard.id.clone(), was.unwrap_or_else(|| Held::from(lease)));
            }
        }
        self.held = held;
    }

    /// Why changes may have been missed of what is about to be taken. It is told before a row is
    /// written that would hide it.
    fn gap(&self, described: &Described, known: &Known, wanted: &[&Shard]) -> Option<Gap> {
        match &known.followed {
            None => Some(Gap::Begun),
            Some(followed) if *followed != described.stream => Some(Gap::Replaced),
            Some(_) => {
                let has_lost = |shard: &&Shard| self.has_lost(shard, described, known);
                wanted.iter().any(has_lost).then_some(Gap::Trimmed)
            }
        }
    }

    /// Whether the stream may have dropped records of a shard, or of those before it, unread.
    fn has_lost(&self, shard: &Shard, described: &Described, known: &Known) -> bool {
        if let Some(lease) = known.leases.get(&shard.id) {
            return lease.is_neglected(self.clock.now().wall);
        }
        let Some(parent) = &shard.parent else { return false };
        let is_kept = described.shards.iter().any(|shard| shard.id == *parent);
        match known.leases.get(parent) {
            // What the shard holds came after the end of its parent, which may be long ago.
            Some(lease) if lease.checkpoint == Checkpoint::End => {
                lease.is_neglected(self.clock.now().wall)
            }
            _ => !is_kept,
        }
    }

    async fn take(&mut self, shard: &Shard, known: &Known) -> Result<(), Error> {
        let seen = known.leases.get(&shard.id);
        let taken = match seen {
            Some(seen) => self.leases.take(&self.stream, &shard.id, seen).await?,
            None => {
                let read_at = self.begins_at(shard, known);
                self.leases.begin(&self.stream, &shard.id, read_at).await?
            }
        };
        let Some(lease) = taken else { return Ok(()) };
        let from = seen.and_then(|seen| seen.owner.as_deref());
        info!(target: TARGET, table = self.source.table, shard = shard.id, from, "took a lease");
        self.held.insert(shard.id.clone(), Held::from(&lease));
        Ok(())
    }

    /// Of what came before this instant, in milliseconds since 1970, it is known what became of it.
    fn begins_at(&self, shard: &Shard, known: &Known) -> i64 {
        let now = self.clock.now().wall;
        let parent = shard.parent.as_ref().and_then(|id| known.leases.get(id));
        let ended = parent.filter(|parent| parent.checkpoint == Checkpoint::End);
        let ended = ended.filter(|parent| !parent.is_neglected(now));
        ended.map_or(now.as_millisecond(), |parent| parent.read_at)
    }
}

impl From<&Lease> for Held {
    fn from(lease: &Lease) -> Self {
        let checkpoint = match &lease.checkpoint {
            Checkpoint::After(sequence) => Some(sequence.clone()),
            Checkpoint::Start | Checkpoint::End => None,
        };
        Self { checkpoint, iterator: None, read_at: lease.read_at, is_read: false }
    }
}
