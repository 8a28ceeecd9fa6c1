//! A job again and again: on time, soon after what heals by itself, and until it is told to stop.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Serialize;
use tokio::time::sleep;

use super::entered::Entered;
use super::pace::{Pace, later};
use super::time_of_day::TimeOfDay;
use super::{Health, Run, Watch};
use crate::error::Error;
use crate::failure::Failure;

/// When a watched job runs: at once, and then each interval, or each day at a [time](Self::at).
///
/// - The interval is from beginning to beginning, 5 % more or less at random.
/// - What heals by itself is tried again after a back-off of [`BACKOFF`](Self::BACKOFF), which
///   doubles up to the interval, and not before a `Retry-After` of at most a day.
/// - What needs a person is looked at each interval, so that new consent heals it without a restart.
/// - Where another process of the same folder has run it since it was due, this one waits for the
///   next time. If that process dies, this one takes over.
/// - It is due by whichever clock says so first, the wall clock or the monotonic one: a machine that
///   slept catches up at once, and a wall clock that was set back holds nothing up.
///
/// It needs a Tokio runtime with time enabled, and heeds its paused clock if the watch's clock does.
#[derive(Debug)]
pub struct Schedule {
    watch: Watch,
    pace: Pace,
    due: Due,
    /// How often running, one after the other, nothing could be put on record.
    unrecorded: u64,
}

#[derive(Clone, Copy, Debug)]
struct Due {
    wall: Timestamp,
    monotonic: Instant,
}

impl Watch {
    /// A schedule by which the job runs at once and then each `interval`, of a second at least.
    #[must_use]
    pub fn every(&self, interval: Duration) -> Schedule {
        let now = self.0.clock.now();
        Schedule {
            watch: self.clone(),
            pace: Pace {
                interval: interval.max(SHORTEST_INTERVAL),
                backoff: Schedule::BACKOFF,
                at: None,
            },
            due: Due { wall: now.wall, monotonic: now.monotonic },
            unrecorded: 0,
        }
    }
}

impl Schedule {
    /// The longest pause after a first failure that heals by itself: 30 s.
    pub const BACKOFF: Duration = Duration::from_secs(30);

    /// Pauses for at most this long after such a failure, instead of [`BACKOFF`](Self::BACKOFF).
    #[must_use]
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.pace.backoff = backoff;
        self
    }

    /// Runs at this time of the day in a zone, without jitter: every day, or of an interval of several
    /// days each of those. Where clocks skip that time it is as much later; where they show it
    /// twice, it is the first.
    ///
    /// A job that never ran, that failed, or that missed its last time, runs at once.
    #[must_use]
    pub fn at(mut self, time: Time, zone: TimeZone) -> Self {
        let (at, now) = (TimeOfDay { time, zone }, self.watch.now());
        let health = self.watch.health().ok().flatten();
        let is_good = |health: &Health| health.running_since.is_none() && health.failure.is_none();
        let last = health.filter(is_good).and_then(|health| health.last_run);
        let last = last.filter(|last| *last <= now);
        match last.map(|last| at.next(last, self.pace.interval)) {
            Some(next) if next > now => self.follow(Some(next)),
            _ => {}
        }
        self.pace.at = Some(at);
        self
    }

    /// Runs the job whenever it is due until `stop` is ready. A run that is under way then comes to
    /// its end.
    ///
    /// It never fails: what cannot be put on record is told to the alerts and traced, and tried
    /// again.
    pub async fn until<R, E, F>(
        &mut self,
        stop: impl Future<Output = ()>,
        mut job: impl FnMut() -> F,
    ) where
        R: Serialize,
        E: Into<Failure>,
        F: Future<Output = Result<R, E>>,
    {
        let mut stop = pin!(stop);
        while let Some(turn) = unless(stop.as_mut(), self.turn()).await {
            // It was told and traced, and the next turn is after a back-off.
            let _ = turn.run(&mut job).await;
        }
    }

    /// Waits until the job is due, and nobody else runs it. To drop this loses nothing.
    pub async fn turn(&mut self) -> Turn<'_> {
        let entered = loop {
            self.wait().await;
            match self.watch.enter() {
                Ok(Some(entered)) if self.is_done(&entered.health) => self.pass(entered).await,
                Ok(Some(entered)) => break entered,
                Ok(None) => sleep(LOOK_AGAIN).await,
                Err(error) => self.unrecordable(&error).await,
            }
        };
        Turn { schedule: self, entered }
    }

    /// As [`turn`](Self::turn), but the job is due as soon as `event` is ready, such as a change that
    /// came: so the interval is how long nothing need come, and what was missed is found. None hurries
    /// it while nothing can be put on record; what else a failure is to hold up, the event knows.
    pub async fn turn_or(&mut self, event: impl Future<Output = ()>) -> Turn<'_> {
        if self.unrecorded == 0 && unless(pin!(event), self.wait()).await.is_none() {
            self.due_in(Duration::ZERO);
        }
        self.turn().await
    }

    async fn wait(&self) {
        loop {
            let now = self.watch.0.clock.now();
            let by_wall = Duration::try_from(self.due.wall.duration_since(now.wall));
            let by_monotonic = self.due.monotonic.saturating_duration_since(now.monotonic);
            let left = by_wall.unwrap_or_default().min(by_monotonic);
            if left.is_zero() {
                return;
            }
            // In steps, since a machine that sleeps stops the clock that is slept by.
            sleep(left.min(LONGEST_SLEEP)).await;
        }
    }

    /// Whether another process has done the run that is due here. One that was cut off is not done,
    /// and a time that has not come yet is of a clock that was set back.
    fn is_done(&self, health: &Health) -> bool {
        let ended = health.last_run.filter(|_| health.running_since.is_none());
        ended.is_some_and(|last| last >= self.due.wall && last <= self.watch.now())
    }

    /// Another process has run it, and may have died before it told.
    async fn pass(&mut self, mut entered: Entered) {
        match entered.tell_untold().await {
            Ok(()) => self.follow(entered.health.next_run),
            Err(error) => self.unrecordable(&error).await,
        }
    }

    async fn unrecordable(&mut self, error: &Error) {
        self.watch.shout(error).await;
        self.retreat(error);
    }

    fn follow(&mut self, next: Option<Timestamp>) {
        let now = self.watch.now();
        let left = next.and_then(|next| Duration::try_from(next.duration_since(now)).ok());
        self.due_in(left.unwrap_or(self.pace.interval));
        self.due.wall = next.unwrap_or(self.due.wall);
    }

    /// What cannot be put on record is tried again ever later, and is an error in the log once.
    fn retreat(&mut self, error: &Error) {
        let (job, Failure { why, mend, .. }) = (&self.watch.0.job, Failure::of(error));
        match self.unrecorded {
            0 => tracing::error!(job, why, mend, "the run cannot be put on record"),
            _ => tracing::debug!(job, why, mend, "the run cannot be put on record yet"),
        }
        self.unrecorded += 1;
        self.due_in(self.pace.pause(self.unrecorded));
    }

    fn due_in(&mut self, left: Duration) {
        let now = self.watch.0.clock.now();
        let monotonic = now.monotonic.checked_add(left).unwrap_or(now.monotonic);
        self.due = Due { wall: later(now.wall, left), monotonic };
    }
}

/// The job is due, and nobody else runs it until this is dropped or has run.
#[derive(Debug)]
#[must_use = "the job runs by it"]
pub struct Turn<'a> {
    schedule: &'a mut Schedule,
    entered: Entered,
}

impl Turn<'_> {
    /// Runs the job to its end, on the record, as [`Watch::run`] does.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be put on record, of which alerts are told.
    pub async fn run<R, E, F>(self, job: impl FnOnce() -> F) -> Result<Run<R>, Error>
    where
        R: Serialize,
        E: Into<Failure>,
        F: Future<Output = Result<R, E>>,
    {
        let Self { schedule, entered } = self;
        let ran = entered.run(job, Some(&schedule.pace)).await;
        match &ran {
            Ok(run) => {
                schedule.unrecorded = 0;
                schedule.follow(run.health.next_run);
            }
            Err(error) => schedule.retreat(error),
        }
        ran
    }
}

/// What comes of `work`, or none once `stop` is ready.
async fn unless<T>(
    mut stop: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| match stop.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => work.as_mut().poll(context).map(Some),
    })
    .await
}

const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
/// How soon one looks again whether another process is done.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
