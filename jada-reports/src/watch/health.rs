//! How a job is doing, in a file that outlives its process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::alert::Untold;
use super::journal::Journal;
use super::pace::later;
use crate::error::Error;
use crate::failure::{Failure, HealedBy};
use crate::folder::{Folder, as_json};

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
    /// What has failed side by side when that was last known, by names as [`Failure::all`] has them; empty
    /// when the last run was good.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, HealedBy>,
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
    pub alert_problem: Option<Failure>,
    #[serde(default)]
    pub(super) escalated: bool,
    #[serde(default)]
    pub(super) untold: Vec<Untold>,
    /// Where it was read, and is written.
    #[serde(skip)]
    pub(super) folder: PathBuf,
}

/// What is found in the place of a health file.
pub(super) enum Found {
    Nothing,
    Whole(Box<Health>),
    /// What is wrong with it.
    Damaged(serde_json::Error),
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
    /// [`Error::File`] when it cannot be read, or is not what [`Watch`](super::Watch) writes. Such a
    /// one is rebuilt by the next run from the [`Journal`].
    pub fn read(folder: impl Into<PathBuf>) -> Result<Option<Self>, Error> {
        Self::load(&Folder::new(folder.into()))
    }

    pub(super) fn load(folder: &Folder) -> Result<Option<Self>, Error> {
        match Self::find(folder)? {
            Found::Nothing => Ok(None),
            Found::Whole(health) => Ok(Some(*health)),
            Found::Damaged(what) => Err(Self::damaged(folder, &what)),
        }
    }

    pub(super) fn find(folder: &Folder) -> Result<Found, Error> {
        let Some(json) = folder.read(FILE)? else { return Ok(Found::Nothing) };
        Ok(match serde_json::from_slice(&json) {
            Ok(health) => Found::Whole(Box::new(Self { folder: absolute(folder), ..health })),
            Err(what) => Found::Damaged(what),
        })
    }

    pub(super) fn damaged(folder: &Folder, what: &serde_json::Error) -> Error {
        let mend = match Journal::new(folder.clone()).last() {
            Ok(Some(_)) => format!(
                "the next run rebuilds it from the journal beside it, and leaves this one as `{ASIDE}`"
            ),
            _ => {
                "there is no journal beside it to rebuild it from: move it away, and the next run \
                  begins anew"
                    .to_owned()
            }
        };
        Error::file(&folder.join(FILE), "read", format!("it is no health file ({what}); {mend}"))
    }

    pub(super) fn was_rebuilt(what: &serde_json::Error) -> String {
        format!(
            "`{FILE}` was no health file ({what}): it was rebuilt from the journal, and what was \
             there is `{ASIDE}`"
        )
    }

    pub(super) fn save(&self, folder: &Folder) -> Result<(), Error> {
        folder.replace(FILE, &as_json(Path::new(FILE), self)?)
    }

    /// Gives one that is damaged another name, so that a person can look at it.
    pub(super) fn set_aside(folder: &Folder) -> Result<(), Error> {
        folder.rename(FILE, ASIDE)
    }

    pub(super) fn new(folder: &Folder, job: &str, now: Timestamp) -> Self {
        Self {
            job: job.to_owned(),
            status: JobStatus::New,
            last_good: None,
            failing_since: None,
            failures: 0,
            failure: None,
            parts: BTreeMap::new(),
            last_run: None,
            running_since: None,
            next_run: None,
            interval: None,
            watched_since: now,
            pid: std::process::id(),
            alert_problem: None,
            escalated: false,
            untold: Vec::new(),
            folder: absolute(folder),
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
    /// [`Error::Failing`] when its last run failed, which tells who has to act;
    /// [`Error::Stale`] when the last good run is longer ago than `stale_after`, whatever the status
    /// says, also where time alone was to heal it; [`Error::Unalerted`] when its alerts do not get
    /// through, so that nobody would hear of the next failure.
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
            _ => self.check_alerts(),
        }
    }

    fn check_alerts(&self) -> Result<(), Error> {
        let Some(problem) = &self.alert_problem else { return Ok(()) };
        Err(Error::Unalerted { job: self.job.clone(), failure: Box::new(problem.clone()) })
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
}

/// A folder is named as it is from anywhere.
fn absolute(folder: &Folder) -> PathBuf {
    std::path::absolute(folder.path()).unwrap_or_else(|_| folder.path().to_owned())
}

impl JobStatus {
    pub(super) fn of(failure: &Failure) -> Self {
        match failure.healed_by {
            HealedBy::Time => Self::Failing,
            HealedBy::Consent => Self::NeedsConsent,
            HealedBy::Person | HealedBy::OtherInput | HealedBy::Nothing => Self::NeedsPerson,
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
const ASIDE: &str = "health.damaged.json";
