//! A pass over the changes that wait.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::record::{Change, Record};
use super::{ChangeQueue, DEAD, DRAIN, LOCK, WAITING};
use crate::error::Error;
use crate::failure::{Failure, HealedBy};
use crate::watch::pace::{LONGEST_WAIT, later};

/// What became of the changes that a [drain](ChangeQueue::drain) found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[must_use = "what was not applied is told here"]
pub struct Drained {
    /// The keys of those that were applied, in their order.
    pub applied: Vec<String>,
    /// The keys of those that were given up; [`ChangeQueue::status`] says why.
    pub dead: Vec<String>,
    /// How many wait by now.
    pub waiting: usize,
    /// When the next of them is worth a drain: a UTC instant; none when nothing waits.
    pub next: Option<Timestamp>,
    /// What keeps changes from being applied for now, if something does: none was tried after it.
    pub stopped: Option<Failure>,
    /// Files that cannot be read, and why; they are left as they are.
    pub damaged: Vec<String>,
}

impl ChangeQueue {
    /// Hands each change that is due to `handler`, in the order in which they came. One that it
    /// fails on waits, or goes to the dead; the others go on. They do not
    ///
    /// - when consent is needed: none is tried before there is, and that counts as no attempt;
    /// - when the other side asks to be left alone, or three fail in a row;
    /// - when two in a row need a person, since then it is not the change.
    ///
    /// [`Drained::stopped`] says so. What is pushed meanwhile is for the next drain.
    ///
    /// # Errors
    /// [`Error::Busy`], worth a retry, while another process drains it; [`Error::File`].
    pub async fn drain<E, F>(&self, mut handler: impl FnMut(Change) -> F) -> Result<Drained, Error>
    where
        E: Into<Failure>,
        F: Future<Output = Result<(), E>>,
    {
        self.pass(1, |change, _| handler(change)).await
    }

    /// As [`drain`](Self::drain), but for up to `limit` changes at a time, for a handler that takes
    /// many at the price of one, and all of a batch or none. What is wrong with one of them is found
    /// by handing over one half after the other: of 500, by some 20 calls.
    ///
    /// # Errors
    /// As for [`drain`](Self::drain).
    pub async fn drain_batches<E, F>(
        &self,
        limit: usize,
        mut handler: impl FnMut(Vec<Change>) -> F,
    ) -> Result<Drained, Error>
    where
        E: Into<Failure>,
        F: Future<Output = Result<(), E>>,
    {
        let all = |first, rest| handler(std::iter::once(first).chain(rest).collect());
        self.pass(limit, all).await
    }

    async fn pass<E, F>(
        &self,
        limit: usize,
        mut handler: impl FnMut(Change, Vec<Change>) -> F,
    ) -> Result<Drained, Error>
    where
        E: Into<Failure>,
        F: Future<Output = Result<(), E>>,
    {
        let draining = self.folder.try_lock(DRAIN)?;
        let mut draining = draining.ok_or_else(|| self.folder.busy(DRAIN))?;
        draining.sign(self.now());
        self.folder.sweep(&[WAITING, DEAD])?;
        let (mut due, _) = self.records(WAITING)?;
        due.retain(|record| self.is_due(record));
        let mut pass = Pass::new(self);
        for batch in due.chunks(limit.max(1)) {
            pass.batch(batch, &mut handler).await?;
        }
        pass.end()
    }

    /// No wait is longer than we ever ask for, unless the clock was set back.
    fn is_due(&self, record: &Record) -> bool {
        let now = self.now();
        record.not_before.is_none_or(|until| until <= now || until > later(now, LONGEST_WAIT))
    }

    /// Does something with a record, unless a later change of its key has come.
    fn unless_replaced(
        &self,
        record: &Record,
        then: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let _lock = self.folder.lock(LOCK)?;
        match self.is_still(record)? {
            true => then(),
            false => Ok(()),
        }
    }

    /// Whether that change, or an earlier one of its key, is among the dead. One that cannot be read
    /// stays, and is told as damaged.
    fn has_died_before(&self, record: &Record) -> bool {
        let dead = self.read(&record.path(DEAD)).ok().flatten();
        dead.is_some_and(|dead| dead.order <= record.order)
    }

    fn is_still(&self, record: &Record) -> Result<bool, Error> {
        Ok(self.read(&record.path(WAITING))?.is_some_and(|found| found.order == record.order))
    }
}

struct Pass<'a> {
    queue: &'a ChangeQueue,
    /// Failures in a row that time heals.
    foul: u32,
    /// Failures in a row that need a person.
    blocked: u32,
    drained: Drained,
}

impl<'a> Pass<'a> {
    fn new(queue: &'a ChangeQueue) -> Self {
        Self { queue, foul: 0, blocked: 0, drained: Drained::default() }
    }

    async fn batch<E, F>(
        &mut self,
        batch: &[Record],
        handler: &mut impl FnMut(Change, Vec<Change>) -> F,
    ) -> Result<(), Error>
    where
        E: Into<Failure>,
        F: Future<Output = Result<(), E>>,
    {
        let batch = self.current(batch)?;
        let mut parts = vec![&batch[..]];
        while let Some(part) = parts.pop() {
            let Some(failure) = self.hand_over(part, handler).await? else { continue };
            let of_one = !matches!(failure.healed_by, HealedBy::Time | HealedBy::Consent);
            if part.len() == 1 || !of_one {
                self.failed(part, &failure)?;
                continue;
            }
            let (first, second) = part.split_at(part.len() / 2);
            parts.extend([second, first]);
        }
        Ok(())
    }

    /// Those that no later change has replaced since they were listed.
    fn current(&self, batch: &[Record]) -> Result<Vec<Record>, Error> {
        let mut current = Vec::with_capacity(batch.len());
        for record in batch {
            if self.queue.is_still(record)? {
                current.push(record.clone());
            }
        }
        Ok(current)
    }

    /// Applies changes unless the pass has stopped; the failure, if it comes to one.
    async fn hand_over<E, F>(
        &mut self,
        batch: &[Record],
        handler: &mut impl FnMut(Change, Vec<Change>) -> F,
    ) -> Result<Option<Failure>, Error>
    where
        E: Into<Failure>,
        F: Future<Output = Result<(), E>>,
    {
        let Some((first, rest)) = batch.split_first().filter(|_| self.drained.stopped.is_none())
        else {
            return Ok(None);
        };
        let rest = rest.iter().map(Record::to_change).collect();
        if let Err(error) = handler(first.to_change(), rest).await {
            return Ok(Some(error.into()));
        }
        (self.foul, self.blocked) = (0, 0);
        self.applied(batch)?;
        Ok(None)
    }

    /// A crash may have left an earlier change of the same key among the dead: that goes first, so
    /// that nobody revives what is out of date.
    fn applied(&mut self, batch: &[Record]) -> Result<(), Error> {
        let queue = self.queue;
        let _lock = queue.folder.lock(LOCK)?;
        let mut done = Vec::with_capacity(batch.len());
        for record in batch.iter().filter(|record| queue.has_died_before(record)) {
            queue.folder.remove(&record.path(DEAD))?;
        }
        for record in batch {
            if queue.is_still(record)? {
                done.push(record.path(WAITING));
            }
            self.drained.applied.push(record.key.clone());
        }
        queue.folder.remove_all(WAITING, &done)
    }

    fn failed(&mut self, batch: &[Record], failure: &Failure) -> Result<(), Error> {
        match failure.healed_by {
            HealedBy::Consent => {
                self.drained.stopped = Some(failure.clone());
                return Ok(());
            }
            HealedBy::Time => self.foul += 1,
            HealedBy::Person => self.blocked += 1,
            HealedBy::OtherInput | HealedBy::Nothing => {}
        }
        let asked = failure.is_transient() && failure.retry_after.is_some();
        if asked || self.foul >= FOUL_ENOUGH || self.blocked >= BLOCKED_ENOUGH {
            self.drained.stopped = Some(failure.clone());
        }
        batch.iter().try_for_each(|record| self.put_back(record.clone(), failure))
    }

    /// Lets it wait for another attempt, or gives it up.
    fn put_back(&mut self, mut record: Record, failure: &Failure) -> Result<(), Error> {
        let (queue, now) = (self.queue, self.queue.now());
        record.attempts += 1;
        record.strikes += u32::from(failure.healed_by != HealedBy::Time);
        record.failure = Some(failure.clone());
        let hopeless = matches!(failure.healed_by, HealedBy::OtherInput | HealedBy::Nothing);
        if hopeless || record.strikes >= queue.max_attempts {
            (record.not_before, record.died_at) = (None, Some(now));
            self.drained.dead.push(record.key.clone());
            return queue.unless_replaced(&record, || {
                queue.folder.replace(&record.path(DEAD), &record.to_json()?)?;
                queue.folder.remove(&record.path(WAITING))
            });
        }
        let asked = failure.retry_after.unwrap_or(Duration::ZERO).min(LONGEST_WAIT);
        let pause = queue.pace.pause(record.attempts.into()).max(asked);
        record.not_before = Some(later(now, pause));
        queue.unless_replaced(&record, || {
            queue.folder.replace(&record.path(WAITING), &record.to_json()?)
        })
    }

    fn end(mut self) -> Result<Drained, Error> {
        let (left, damaged) = self.queue.records(WAITING)?;
        let now = self.queue.now();
        self.drained.waiting = left.len();
        self.drained.next = left.iter().map(|record| record.not_before.unwrap_or(now)).min();
        self.drained.damaged = damaged;
        Ok(self.drained)
    }
}

/// How many were applied, what waits, and what stands in the way.
impl fmt::Display for Drained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} applied, {} waiting", self.applied.len(), self.waiting)?;
        if !self.dead.is_empty() {
            write!(f, ", given up: {}", self.dead.join(", "))?;
        }
        self.stopped.iter().try_for_each(|failure| write!(f, "; {failure}"))?;
        self.damaged.iter().try_for_each(|damage| write!(f, "; {damage}"))
    }
}

/// So many failures in a row, and the others are left for later.
const FOUL_ENOUGH: u32 = 3;
/// So many in a row that need a person, and it is not the change.
const BLOCKED_ENOUGH: u32 = 2;
