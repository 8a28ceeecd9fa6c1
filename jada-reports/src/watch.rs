//! A job that cannot fail silently: each run is on record, and who has to know is told.

mod alert;
mod entered;
mod health;
mod journal;
#[cfg(feature = "watch")]
mod log_alert;
mod mail_alert;
mod outcome;
pub(crate) mod pace;
mod recovery;
#[cfg(feature = "watch")]
mod schedule;
#[cfg(test)]
mod tests;
mod time_of_day;

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jada_auth::{Clock, SystemClock};
use jiff::Timestamp;
use serde::Serialize;

pub use self::alert::{Alert, Incident, Stage};
use self::alert::{Untold, tell};
use self::entered::Entered;
pub use self::health::{Health, JobStatus};
pub use self::journal::{Entry, Journal};
#[cfg(feature = "watch")]
pub use self::log_alert::LogAlert;
pub use self::mail_alert::MailAlert;
use self::recovery::recovered;
#[cfg(feature = "watch")]
pub use self::schedule::{Schedule, Turn};
use crate::error::Error;
use crate::failure::Failure;
use crate::folder::Folder;

/// Watches over a job: what every run did is in its [`Journal`], how it is doing in its
/// [`Health`], and an [`Alert`] is called once when it begins to fail, once when it first needs a
/// person, once for each [part](Failure::all) of it that comes to fail besides, and once when it is good
/// again.
///
/// All of that is in a folder of mode 0700, so it outlives the process: a restart alerts nobody
/// twice, and a run that was cut off by a kill is found by the next and counts as a failure. Of
/// several processes that share the folder one runs at a time. The folder belongs on a local disk,
/// since its lock holds for one host. File operations are done inline, a few syncs a run.
///
/// ```
/// use std::time::Duration;
///
/// use jada_reports::{Error, Failure, Health, Watch};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let temporary = tempfile::tempdir()?;
/// # let folder = temporary.path().join("state");
/// let watch = Watch::builder(&folder, "roster-sync")
///     .alert(|incident: &jada_reports::Incident| eprintln!("{incident}"))
///     .build();
/// let run = watch.run(async || Ok::<_, Error>(["C-1", "C-2"])).await?;
/// assert!(run.outcome.is_ok());
///
/// // Anywhere else, such as from cron:
/// let health = Health::read(&folder)?.ok_or("it never ran")?;
/// health.check(Duration::from_secs(7200), jiff::Timestamp::now())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Watch(Arc<Inner>);

struct Inner {
    folder: Folder,
    job: String,
    alerts: Vec<Box<dyn Alert>>,
    clock: Arc<dyn Clock>,
    /// Known to this process alone, since nothing can be put on record.
    unrecorded: Mutex<Option<Unrecorded>>,
}

/// That nothing can be put on record.
#[derive(Clone)]
struct Unrecorded {
    incident: Incident,
    /// Whom it did not reach, and why.
    left: Vec<Untold>,
    alert_problem: Option<Failure>,
}

/// What became of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run<R> {
    /// The job's own report, or why it failed.
    pub outcome: Result<R, Failure>,
    /// How the job is doing since.
    pub health: Health,
}

impl Watch {
    /// Starts building the watch over a job that keeps its state in `folder`, which is its own. The
    /// name of the job is what alerts call it, and what tells it from others.
    pub fn builder(folder: impl Into<PathBuf>, job: impl Into<String>) -> WatchBuilder {
        WatchBuilder {
            folder: Folder::new(folder.into()),
            job: job.into(),
            alerts: Vec::new(),
            clock: Arc::new(SystemClock),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.folder.path()
    }

    /// How the job is doing, as [`Health::read`].
    ///
    /// # Errors
    /// As [`Health::read`].
    pub fn health(&self) -> Result<Option<Health>, Error> {
        Health::load(&self.0.folder)
    }

    /// The record of its runs.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal::new(self.0.folder.clone())
    }

    /// Since when this process can put nothing on record, and why; none once a run is on record
    /// again. No file says that.
    #[must_use]
    pub fn unrecorded(&self) -> Option<Incident> {
        self.unrecorded_slot().as_ref().map(|it| it.incident.clone())
    }

    /// Runs the job once, now, on the record. A job that fails is no error of this; the outcome says
    /// so.
    ///
    /// A future that is dropped half way leaves a run that was cut off.
    ///
    /// # Errors
    /// [`Error::Busy`], worth a retry, while another process runs it. [`Error::File`] when that
    /// cannot be put on record, of which alerts are told: before the job, which then does not run,
    /// or after it. [`Error::OtherJob`], told as well, for a folder of another.
    pub async fn run<R, E, F>(&self, job: impl FnOnce() -> F) -> Result<Run<R>, Error>
    where
        R: Serialize,
        E: Into<Failure>,
        F: Future<Output = Result<R, E>>,
    {
        match self.enter() {
            Ok(Some(entered)) => entered.run(job, None).await,
            Ok(None) => Err(self.0.folder.busy(LOCK)),
            Err(error) => {
                self.shout(&error).await;
                Err(error)
            }
        }
    }

    /// Has the folder to itself; `None` while another has it.
    fn enter(&self) -> Result<Option<Entered>, Error> {
        let now = self.now();
        self.0.folder.create(&[])?;
        let Some(mut lock) = self.0.folder.try_lock(LOCK)? else { return Ok(None) };
        lock.sign(now);
        self.0.folder.sweep(&[])?;
        let health = recovered(&self.0.folder, &self.0.job, now)?;
        Ok(Some(Entered { watch: self.clone(), health, _lock: lock }))
    }

    /// Tells, once until a run is on record again, that nothing can be put on record. Whom that did
    /// not reach is told with the next attempt.
    async fn shout(&self, error: &Error) {
        let known = self.unrecorded_slot().clone();
        let known = known.unwrap_or_else(|| self.first_unrecorded(error));
        let (left, problem) = tell(&self.0.alerts, known.left).await;
        trace_alerts(&self.0.job, known.alert_problem.as_ref(), problem.as_ref());
        let unrecorded = Unrecorded { left, alert_problem: problem, ..known };
        *self.unrecorded_slot() = Some(unrecorded);
    }

    fn first_unrecorded(&self, error: &Error) -> Unrecorded {
        let now = self.now();
        let health = Health::load(&self.0.folder).ok().flatten();
        let health = health.filter(|health| health.job == self.0.job);
        let health = health.unwrap_or_else(|| Health::new(&self.0.folder, &self.0.job, now));
        let untold = health.unrecorded(Failure::of(error), now);
        Unrecorded { incident: untold.incident.clone(), left: vec![untold], alert_problem: None }
    }

    fn unrecorded_slot(&self) -> MutexGuard<'_, Option<Unrecorded>> {
        self.0.unrecorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now().wall
    }
}

/// Traces that alerts do not get through, or do again, once for each change.
#[cfg_attr(not(feature = "watch"), expect(unused_variables, reason = "nothing is traced"))]
fn trace_alerts(job: &str, before: Option<&Failure>, now: Option<&Failure>) {
    #[cfg(feature = "watch")]
    match (before, now) {
        (None, Some(Failure { why, mend, .. })) => {
            tracing::error!(job, why, mend, "alerts do not get through");
        }
        (Some(_), None) => tracing::info!(job, "alerts get through again"),
        _ => {}
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("job", &self.0.job)
            .field("folder", &self.folder())
            .finish_non_exhaustive()
    }
}

/// What a [`Watch`] is built from.
#[must_use = "a builder does nothing until it is built"]
pub struct WatchBuilder {
    folder: Folder,
    job: String,
    alerts: Vec<Box<dyn Alert>>,
    clock: Arc<dyn Clock>,
}

impl WatchBuilder {
    /// Tells this one too. Keep the order of alerts from one start to the next: by that it is known
    /// who has heard.
    pub fn alert(mut self, alert: impl Alert + 'static) -> Self {
        self.alerts.push(Box::new(alert));
        self
    }

    /// Tells the time by `clock` instead of that of this machine.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The watch. Nothing is read or created yet.
    pub fn build(self) -> Watch {
        let Self { folder, job, alerts, clock } = self;
        Watch(Arc::new(Inner { folder, job, alerts, clock, unrecorded: Mutex::default() }))
    }
}

impl fmt::Debug for WatchBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchBuilder")
            .field("job", &self.job)
            .field("folder", &self.folder.path())
            .finish_non_exhaustive()
    }
}

const LOCK: &str = ".lock";
