//! A run from its beginning to its end: on disk before, and on disk after.

use std::future::Future;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::alert::tell;
use super::journal::Entry;
use super::pace::Pace;
use super::{Health, Run, Watch, trace_alerts};
use crate::error::Error;
use crate::failure::Failure;
use crate::folder::Lock;

/// A watch that has its folder to itself.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) watch: Watch,
    pub(super) health: Health,
    pub(super) _lock: Lock,
}

impl Entered {
    /// Runs the job on the record. Where that cannot be kept, alerts are told.
    pub(super) async fn run<R, E, F>(
        self,
        job: impl FnOnce() -> F,
        pace: Option<&Pace>,
    ) -> Result<Run<R>, Error>
    where
        R: Serialize,
        E: Into<Failure>,
        F: Future<Output = Result<R, E>>,
    {
        let watch = self.watch.clone();
        let ran = self.run_on_record(job, pace).await;
        if let Err(error) = &ran {
            watch.shout(error).await;
        }
        ran
    }

    async fn run_on_record<R, E, F>(
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
        self.begin(began, pace)?;
        // This run may be cut off as well.
        self.tell_untold().await?;
        // A job is large and runs seldom.
        let outcome = Box::pin(job()).await.map_err(Into::into);
        let report = outcome.as_ref().map(to_value).map_err(Clone::clone);
        self.end(began, report, pace)?;
        *self.watch.unrecorded_slot() = None;
        self.tell().await?;
        Ok(Run { outcome, health: self.health })
    }

    fn begin(&mut self, now: Timestamp, pace: Option<&Pace>) -> Result<(), Error> {
        if let Some(unrecorded) = &*self.watch.unrecorded_slot() {
            self.health.adopt(&unrecorded.incident, &unrecorded.left);
        }
        if let Some(began) = self.health.running_since {
            let why = format!("the run that began at {began:.0} was cut off: its process died");
            self.end(began, Err(Failure::transient(why)), pace)?;
        }
        self.health.begin(now);
        self.save()
    }

    /// The journal first: a crash before the health is saved is made good by what it says.
    fn end(
        &mut self,
        began: Timestamp,
        report: Result<Value, Failure>,
        pace: Option<&Pace>,
    ) -> Result<(), Error> {
        let now = self.watch.now();
        let failures = self.health.failures;
        let next = pace.map(|pace| pace.next(report.as_ref().err(), failures, began, now));
        let entry = Entry::new(&self.health.job, began, now, report).with_next(next);
        self.watch.journal().append(&entry)?;
        self.health.interval = pace.map(|pace| pace.interval.as_secs());
        self.health.record(&entry);
        self.save()
    }

    /// Tells what is untold, if anything is.
    pub(super) async fn tell_untold(&mut self) -> Result<(), Error> {
        match self.health.untold.is_empty() {
            true => Ok(()),
            false => self.tell().await,
        }
    }

    /// Tells what is untold, lets alerts deliver, and remembers what still is.
    async fn tell(&mut self) -> Result<(), Error> {
        let before = (self.health.untold.len(), self.health.alert_problem.take());
        let untold = std::mem::take(&mut self.health.untold);
        let (left, problem) = tell(&self.watch.0.alerts, untold).await;
        trace_alerts(&self.health.job, before.1.as_ref(), problem.as_ref());
        (self.health.untold, self.health.alert_problem) = (left, problem);
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
