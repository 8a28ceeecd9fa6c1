//! Writing what a tab changes: one pass over the members, then those alone that were left over.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep_until};

use crate::crew::CrewMember;
use crate::error::Error;
use crate::month::Month;
use crate::roster::{CREW_MEMBER, RosterRepository};
use crate::sync::merge::{Merged, merged};
use crate::sync::report::{AvailabilitySynced, DayChange, LeftOver};
use crate::sync::{AvailabilitySync, Pending};
use crate::tab::CellAddress;

impl AvailabilitySync {
    /// How long [`write`](Self::write) goes on trying while the store is busy: 30 s.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// Writes each member of whom the tab says something new: one conditional write each, 16 at a
    /// time, and no other request while nobody else writes the same members.
    ///
    /// A member whom somebody else wrote meanwhile is read again and compared anew, so that nothing
    /// of theirs is lost. Those who are left over for a cause that heals by itself are tried again
    /// after a back-off, for 30 s in all, and then reported by name with the cause. When these are
    /// over and the last 16 had no answer, nobody else is begun: those are [`Error::Unprocessed`].
    /// Dropping this half way loses nothing: each member is as they were, or done, and the next sync
    /// does the rest.
    ///
    /// It needs a Tokio runtime with time enabled.
    pub async fn write(self, roster: &dyn RosterRepository) -> AvailabilitySynced {
        self.write_within(roster, Self::PATIENCE).await
    }

    /// As [`write`](Self::write), where nobody is tried again after this long.
    pub async fn write_within(
        self,
        roster: &dyn RosterRepository,
        patience: Duration,
    ) -> AvailabilitySynced {
        let mut backoff = Backoff { until: Instant::now() + patience, rounds: 0 };
        let mut writing = Writing::to(roster, self.report.month, backoff.until);
        writing.pass(self.pending.into_iter().map(Attempt::first).collect()).await;
        while writing.heals() && backoff.wait().await {
            let again = writing.take_those_who_heal();
            writing.pass(again).await;
        }
        writing.told(self.report.unwritten())
    }
}

/// A tab on its way to a roster.
struct Writing<'a> {
    roster: &'a dyn RosterRepository,
    month: Month,
    until: Instant,
    done: Vec<(CellAddress, Merged)>,
    left: Vec<Left>,
}

/// A member about to be written.
struct Attempt {
    pending: Pending,
    /// An answer was lost: what is stored may be ours.
    is_in_doubt: bool,
}

/// A member who could not be written.
struct Left {
    attempt: Attempt,
    error: Error,
    /// Whether trying again as it is makes sense.
    heals: bool,
}

impl<'a> Writing<'a> {
    fn to(roster: &'a dyn RosterRepository, month: Month, until: Instant) -> Self {
        Self { roster, month, until, done: Vec::new(), left: Vec::new() }
    }

    async fn pass(&mut self, attempts: Vec<Attempt>) {
        let (roster, month, until) = (self.roster, self.month, self.until);
        // A store that is slow, or busy now and then, is waited for.
        let failed_in_a_row = &AtomicUsize::new(0);
        let attempts = attempts.into_iter().map(|attempt| async move {
            match failed_in_a_row.load(Ordering::Relaxed) >= AT_ONCE && Instant::now() >= until {
                true => Err(attempt.out_of_time()),
                false => attempt.make(roster, month).await,
            }
        });
        let mut attempts = stream::iter(attempts).buffer_unordered(AT_ONCE);
        while let Some(made) = attempts.next().await {
            match made {
                Ok(done) => {
                    failed_in_a_row.store(0, Ordering::Relaxed);
                    self.done.extend(done);
                }
                Err(left) => {
                    failed_in_a_row.fetch_add(left.heals.into(), Ordering::Relaxed);
                    self.left.push(left);
                }
            }
        }
    }

    fn heals(&self) -> bool {
        self.left.iter().any(|left| left.heals)
    }

    fn take_those_who_heal(&mut self) -> Vec<Attempt> {
        self.left.extract_if(.., |left| left.heals).map(|left| left.attempt).collect()
    }

    fn told(mut self, mut synced: AvailabilitySynced) -> AvailabilitySynced {
        self.done.sort_by_key(|(at, _)| *at);
        self.done.iter().for_each(|(at, merged)| synced.record(*at, merged));
        synced.left_over = self.left.into_iter().map(Left::told).collect();
        synced.left_over.sort_by_key(|left| left.at);
        synced
    }
}

impl Left {
    fn told(self) -> LeftOver {
        let Pending { at, merged, .. } = self.attempt.pending;
        let (crew, name) = (merged.member.id().clone(), merged.member.name().clone());
        LeftOver { at, crew, name, changes: DayChange::of(at, &merged), error: self.error }
    }
}

impl Attempt {
    fn first(pending: Pending) -> Self {
        Self { pending, is_in_doubt: false }
    }

    /// What was written of a member; nothing where somebody else has written the same.
    async fn make(
        mut self,
        roster: &dyn RosterRepository,
        month: Month,
    ) -> Result<Option<(CellAddress, Merged)>, Left> {
        for _ in 0..MEETINGS {
            match roster.update(&self.pending.merged.member).await {
                Ok(_) => return Ok(Some(self.done())),
                Err(Error::VersionConflict { .. }) => {}
                Err(error) => {
                    self.is_in_doubt |= error.is_transient();
                    return Err(self.left(error));
                }
            }
            let now = match self.met(roster).await {
                Ok(Some(now)) => now,
                Ok(None) => return Err(self.given_up()),
                Err(error) => return Err(self.left(error)),
            };
            match merged(&now, &self.pending.days, month) {
                Some(merged) => self.pending.merged = merged,
                None => return Ok(self.is_in_doubt.then(|| self.done())),
            }
        }
        let error = self.conflict();
        Err(self.left(error))
    }

    /// The member as somebody else wrote them; none if the tab may not mean them any more, since they
    /// are called or reached otherwise by now: the next sync finds out.
    async fn met(&self, roster: &dyn RosterRepository) -> Result<Option<CrewMember>, Error> {
        let read = &self.pending.merged.member;
        let missing = || Error::NotFound { what: CREW_MEMBER, id: read.id().to_string() };
        let now = roster.find(read.id()).await?.ok_or_else(missing)?;
        let is_same =
            now.name() == read.name() && now.email() == read.email() && now.phone() == read.phone();
        Ok(is_same.then_some(now))
    }

    fn done(self) -> (CellAddress, Merged) {
        (self.pending.at, self.pending.merged)
    }

    fn left(self, error: Error) -> Left {
        let heals = error.is_transient();
        Left { attempt: self, error, heals }
    }

    /// Not begun, as the store was busy when the time was up.
    fn out_of_time(self) -> Left {
        let error = Error::Unprocessed {
            table: CREW_MEMBER.to_owned(),
            keys: vec![self.pending.merged.member.id().to_string()],
        };
        self.left(error)
    }

    fn given_up(self) -> Left {
        let error = self.conflict();
        Left { attempt: self, error, heals: false }
    }

    fn conflict(&self) -> Error {
        Error::conflict(CREW_MEMBER, self.pending.merged.member.id())
    }
}

/// Waits before those who are left are tried again, with full jitter.
struct Backoff {
    until: Instant,
    rounds: u32,
}

impl Backoff {
    /// Whether there is to be another round.
    async fn wait(&mut self) -> bool {
        let longest = (FIRST_WAIT * 2_u32.pow(self.rounds.min(10))).min(LONGEST_WAIT);
        self.rounds += 1;
        let next = Instant::now() + longest.mul_f64(fastrand::f64());
        if next >= self.until {
            return false;
        }
        sleep_until(next).await;
        true
    }
}

/// How many members are written at the same time.
const AT_ONCE: usize = 16;
/// How often in a row a member is read again whom others keep writing.
const MEETINGS: usize = 8;
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
