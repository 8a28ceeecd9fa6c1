//! How a job is doing, in a file that outlives its process.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::alert::{Incident, Stage, Untold};
use super::pace::{Pace, later};
use crate::error::Error;
use crate::failure::{Failure, HealedBy};
use crate::folder::{Folder, as_json, parsed};

/// How a job is doing: what `health.json` in its folder says, replaced whole after each run.
///
/// All times are UTC instants. What it says is as of its last run: that of a process that died is
/// told from a good one by its age alone, so ask [`check`](Self::check) or
/// [`is_stale`](Self::is_stale) rather than [`status`](Self::status).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// The job's name.
    pub job: String,
    /// Who has to act, if anyone.
    pub status: JobStatus,
    /// When the last good run began: what it brought across is as of then.
    pub last_good: Option<Timestamp>,
    /// When the first run began that failed since then.
    pub failing_since: Option<Timestamp>,
    /// How many runs have failed since then.
    pub failures: u64,
    /// Why the last run failed, and what mends it; none when it was good.
    pub failure: Option<Failure>,
    /// When the last run began.
    pub last_run: Option<Timestamp>,
    /// When the run began that is under way, or that was cut off.
    pub running_since: Option<Timestamp>,
    /// When the next run is to begin; none where nothing was said of it.
    pub next_run: Option<Timestamp>,
    /// How often it is to run, in seconds; none where nothing was said of it.
    #[serde(default)]
    pub interval: Option<u64>,
    /// When the first run began that was watched.
    pub watched_since: Timestamp,
    /// Which process wrote this.
    pub pid: u32,
    /// Why an alert did not get through; it is tried again with each run.
    pub alert_problem: Option<String>,
    #[serde(default)]
    pub(super) escalated: bool,
    #[serde(default)]
    pub(super) untold: Vec<Untold>,
}

/// Who has to act for a job to do well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum JobStatus {
    /// Nobody knows: no run has ended yet.
    New,
    /// Nobody: the last run was good.
    Good,
    /// Nobody: the last run failed in a way that heals by itself.
    Failing,
    /// A person: nothing changes until someone mends what the failure says.
    NeedsPerson,
    /// A person: nothing changes until someone consents.
    NeedsConsent,
}

impl Health {
    /// How far ahead of this machine's a time in the file may be before it is disbelieved: 5 min.
    pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(300);

    /// Reads the health of the job that keeps its state in `folder`; none before its first run.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read, or is not what [`Watch`](super::Watch) writes.
    pub fn read(folder: impl Into<PathBuf>) -> Result<Option<Self>, Error> {
        Self::load(&Folder::new(folder.into()))
    }

    pub(super) fn load(folder: &Folder) -> Result<Option<Self>, Error> {
        folder.read(FILE)?.map(|json| parsed(&folder.join(FILE), &json)).transpose()
    }

    pub(super) fn save(&self, folder: &Folder) -> Result<(), Error> {
        folder.replace(FILE, &as_json(Path::new(FILE), self)?)
    }

    pub(super) fn new(job: &str, now: Timestamp) -> Self {
        Self {
            job: job.to_owned(),
            status: JobStatus::New,
            last_good: None,
            failing_since: None,
            failures: 0,
            failure: None,
            last_run: None,
            running_since: None,
            next_run: None,
            interval: None,
            watched_since: now,
            pid: std::process::id(),
            alert_problem: None,
            escalated: false,
            untold: Vec::new(),
        }
    }

    /// Whether the last good run is longer ago than `after`, or there was none for so long; or the
    /// next is overdue by more than [`CLOCK_TOLERANCE`](Self::CLOCK_TOLERANCE), and none is under way.
    /// A time that has not come yet was written by a clock that was off, and counts as stale.
    #[must_use]
    pub fn is_stale(&self, after: Duration, now: Timestamp) -> bool {
        let next = self.next_run.filter(|_| self.running_since.is_none());
        if next.is_some_and(|next| later(next, Self::CLOCK_TOLERANCE) < now) {
            return true;
        }
        let since = self.last_good.unwrap_or(self.watched_since);
        match Duration::try_from(now.duration_since(since)) {
            Ok(age) => age > after,
            Err(_) => since.duration_since(now).unsigned_abs() > Self::CLOCK_TOLERANCE,
        }
    }

    /// Whether the job does well, for an exit status or a monitor.
    ///
    /// # Errors
    /// [`Error::Failing`] when its last run failed, which tells who has to act, and
    /// [`Error::Stale`] when the last good run is longer ago than `stale_after`, whatever the status
    /// says; also where time alone was to heal it.
    pub fn check(&self, stale_after: Duration, now: Timestamp) -> Result<(), Error> {
        let stale = self.is_stale(stale_after, now);
        let last_good = self.last_good_ago(now);
        match (&self.failure, self.failing_since) {
            (Some(failure), Some(since)) if !(stale && failure.is_transient()) => {
                let failure = Box::new(failure.clone());
                Err(Error::Failing { job: self.job.clone(), since, last_good, failure })
            }
            _ if stale => {
                let next = self.next_run.map(|next| format!("; it was to run at {next:.0}"));
                let failure = self.failure.as_ref().map(|failure| format!("; {failure}"));
                let next = [next, failure].into_iter().flatten().collect();
                Err(Error::Stale { job: self.job.clone(), last_good, next })
            }
            _ => Ok(()),
        }
    }

    /// When it was good last, such as `last good run 18 h ago`.
    #[must_use]
    pub fn last_good_ago(&self, now: Timestamp) -> String {
        match self.last_good {
            Some(last_good) => format!("last good run {} ago", age(last_good, now)),
            None => format!("no good run in the {} it is watched", age(self.watched_since, now)),
        }
    }

    /// All that a person wants to know, on one line.
    #[must_use]
    pub fn line(&self, now: Timestamp) -> String {
        let Self { job, status, .. } = self;
        let mut line = match self.failing_since {
            Some(since) => format!("{job}: {status} since {since:.0}"),
            None => format!("{job}: {status}"),
        };
        line.push_str(&format!(", {}", self.last_good_ago(now)));
        let next = self.next_run.map(|next| format!(", next run at {next:.0}"));
        let failure = self.failure.as_ref().map(|failure| format!(": {failure}"));
        let problem = self.alert_problem.as_ref();
        let problem = problem.map(|why| format!("; nobody was alerted: {why}"));
        line.extend([next, failure, problem].into_iter().flatten());
        line
    }

    /// A run begins.
    pub(super) fn begin(&mut self, now: Timestamp) {
        (self.last_run, self.running_since) = (Some(now), Some(now));
        self.pid = std::process::id();
    }

    /// A run ended well.
    pub(super) fn succeed(&mut self, began: Timestamp, now: Timestamp, pace: Option<&Pace>) {
        if let Some(since) = self.failing_since.take() {
            let why = self.failure.take();
            self.untold.push(self.incident(Stage::Recovered, since, now, why));
        }
        (self.status, self.last_good) = (JobStatus::Good, Some(began));
        (self.failures, self.failure, self.escalated) = (0, None, false);
        self.running_since = None;
        self.interval = pace.map(|pace| pace.interval.as_secs());
        self.next_run = pace.map(|pace| pace.after_success(began, now));
    }

    /// A run that began then failed. The first one, and the first that needs a person, are told.
    pub(super) fn fail(
        &mut self,
        failure: Failure,
        began: Timestamp,
        now: Timestamp,
        pace: Option<&Pace>,
    ) {
        self.failures += 1;
        self.status = JobStatus::of(&failure);
        self.running_since = None;
        self.interval = pace.map(|pace| pace.interval.as_secs());
        self.next_run = pace.map(|pace| pace.after(&failure, self.failures, began, now));
        let needs_person = !failure.is_transient();
        let stage = match self.failing_since {
            None => Some(Stage::Began),
            Some(_) if needs_person && !self.escalated => Some(Stage::NeedsPerson),
            Some(_) => None,
        };
        let since = *self.failing_since.get_or_insert(began);
        self.escalated |= needs_person;
        self.failure = Some(failure.clone());
        if let Some(stage) = stage {
            self.untold.push(self.incident(stage, since, now, Some(failure)));
        }
    }

    fn incident(
        &self,
        stage: Stage,
        since: Timestamp,
        at: Timestamp,
        failure: Option<Failure>,
    ) -> Untold {
        Untold::new(Incident {
            job: self.job.clone(),
            stage,
            since,
            at,
            failures: self.failures,
            last_good: self.last_good,
            failure: failure.unwrap_or_else(|| Failure::transient("nobody knows")),
            unrecorded: false,
        })
    }
}

impl JobStatus {
    fn of(failure: &Failure) -> Self {
        match failure.healed_by {
            HealedBy::Time => Self::Failing,
            HealedBy::Consent => Self::NeedsConsent,
            HealedBy::Person | HealedBy::OtherInput => Self::NeedsPerson,
        }
    }
}

/// As in a sentence: `failing`, `needs consent`.
impl std::fmt::Display for JobStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::New => "not run to an end yet",
            Self::Good => "good",
            Self::Failing => "failing",
            Self::NeedsPerson => "needs a person",
            Self::NeedsConsent => "needs consent",
        })
    }
}

/// How long ago that was, in the largest unit of which there are at least two.
pub(super) fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = Duration::try_from(now.duration_since(since)).unwrap_or_default().as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

const FILE: &str = "health.json";
