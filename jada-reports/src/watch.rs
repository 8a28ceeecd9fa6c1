//! A job that cannot fail silently: each run is on record, and who has to know is told.

mod alert;
mod health;
mod journal;
#[cfg(feature = "watch")]
mod log_alert;
mod mail_alert;
pub(crate) mod pace;
#[cfg(feature = "watch")]
mod schedule;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jada_auth::{Clock, SystemClock};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

pub use self::alert::{Alert, Incident, Stage};
pub use self::health::{Health, JobStatus};
pub use self::journal::{Entry, Journal};
#[cfg(feature = "watch")]
pub use self::log_alert::LogAlert;
pub use self::mail_alert::MailAlert;
#[cfg(feature = "watch")]
pub use self::schedule::{Schedule, Turn};
use self::{alert::Untold, pace::Pace};
use crate::error::{BoxError, Error};
use crate::failure::Failure;
use crate::folder::{Folder, Lock};

/// Watches over a job: what every run did is in its [`Journal`], how it is doing in its
/// [`Health`], and an [`Alert`] is called once when it begins to fail, once when it first needs a
/// person, and once when it is good again.
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
    /// It was told that nothing can be put on record.
    shouted: AtomicBool,
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
        let health = Health::load(&self.0.folder)?;
        let health = health.unwrap_or_else(|| Health::new(&self.0.job, now));
        if health.job != self.0.job {
            let (folder, job) = (self.folder().to_owned(), self.0.job.clone());
            return Err(Error::OtherJob { folder, job, found: health.job });
        }
        Ok(Some(Entered { watch: self.clone(), health, _lock: lock }))
    }

    /// Tells, once until a run is on record again, that nothing can be put on record.
    async fn shout(&self, error: &Error) {
        if self.0.shouted.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut health = Health::new(&self.0.job, self.now());
        health.fail(Failure::of(error), self.now(), self.now(), None);
        for untold in &mut health.untold {
            untold.incident.unrecorded = true;
            // There is no one left to tell that of.
            let _ = untold.tell(&self.0.alerts).await;
        }
        for alert in &self.0.alerts {
            let _ = alert.deliver().await;
        }
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now().wall
    }
}

/// A watch that has its folder to itself.
#[derive(Debug)]
struct Entered {
    watch: Watch,
    health: Health,
    _lock: Lock,
}

impl Entered {
    async fn run<R, E, F>(
        mut self,
        job: impl FnOnce() -> F,
        pace: Option<&Pace>,
    ) -> Result<Run<R>, Error>
    where
        R: Serialize,
        E: Into<Failure>,
        F: Future<Output = Result<R, E>>,
    {
        let began = self.watch.now();
        let was_cut_off = self.health.running_since.is_some();
        if let Err(error) = self.begin(began, pace) {
            self.watch.shout(&error).await;
            return Err(error);
        }
        if was_cut_off {
            // This run may be cut off as well.
            self.tell().await?;
        }
        // A job is large and runs seldom.
        let outcome = Box::pin(job()).await.map_err(Into::into);
        let report = outcome.as_ref().map(to_value).map_err(Clone::clone);
        if let Err(error) = self.end(began, report, pace) {
            self.watch.shout(&error).await;
            return Err(error);
        }
        self.watch.0.shouted.store(false, Ordering::Relaxed);
        self.tell().await?;
        Ok(Run { outcome, health: self.health })
    }

    fn begin(&mut self, now: Timestamp, pace: Option<&Pace>) -> Result<(), Error> {
        if let Some(began) = self.health.running_since {
            let why = format!("the run that began at {began:.0} was cut off: its process died");
            self.end(began, Err(Failure::transient(why)), pace)?;
        }
        self.health.begin(now);
        self.save()
    }

    fn end(
        &mut self,
        began: Timestamp,
        report: Result<Value, Failure>,
        pace: Option<&Pace>,
    ) -> Result<(), Error> {
        let now = self.watch.now();
        let (report, failure) = match report {
            Ok(report) => (Some(report), None),
            Err(failure) => (None, Some(failure)),
        };
        match failure.clone() {
            None => self.health.succeed(began, now, pace),
            Some(failure) => self.health.fail(failure, began, now, pace),
        }
        let (job, next) = (self.health.job.clone(), self.health.next_run);
        let entry = Entry { job, started: began, ended: now, report, failure, next };
        self.watch.journal().append(&entry)?;
        self.save()
    }

    /// Tells what is untold, and remembers what still is.
    async fn tell(&mut self) -> Result<(), Error> {
        let watch = self.watch.clone();
        let alerts = &watch.0.alerts;
        let before = (self.health.untold.len(), self.health.alert_problem.clone());
        let mut problem = None;
        let mut left = Vec::new();
        for mut untold in std::mem::take(&mut self.health.untold) {
            if let Err(error) = untold.tell(alerts).await {
                problem = Some(error);
                left.push(untold);
            }
        }
        for alert in alerts {
            problem = alert.deliver().await.err().or(problem);
        }
        self.health.untold = latest(left);
        self.health.alert_problem = problem.map(|error| because(&error));
        match before == (0, self.health.alert_problem.clone()) {
            true => Ok(()),
            false => self.save(),
        }
    }

    fn save(&self) -> Result<(), Error> {
        self.health.save(&self.watch.0.folder)
    }
}

/// What a job reports, for the journal.
fn to_value<R: Serialize>(report: &R) -> Value {
    serde_json::to_value(report).unwrap_or_else(|error| format!("not shown: {error}").into())
}

fn because(error: &BoxError) -> String {
    Failure::of(&**error).why
}

/// Alerts that have failed for long tell what came last.
fn latest(mut untold: Vec<Untold>) -> Vec<Untold> {
    let surplus = untold.len().saturating_sub(MOST_UNTOLD);
    untold.drain(..surplus);
    untold
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
        Watch(Arc::new(Inner { folder, job, alerts, clock, shouted: AtomicBool::new(false) }))
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
const MOST_UNTOLD: usize = 32;
