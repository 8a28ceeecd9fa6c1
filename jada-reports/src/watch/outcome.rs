//! What each run makes of the health, and which incidents are to be told.

use jiff::Timestamp;

use super::alert::{Incident, Stage, Untold};
use super::health::{Health, JobStatus};
use super::journal::Entry;
use crate::failure::Failure;

impl Health {
    /// A run begins.
    pub(super) fn begin(&mut self, now: Timestamp) {
        (self.last_run, self.running_since) = (Some(now), Some(now));
        self.pid = std::process::id();
    }

    /// A run ended as the journal says: whoever reads it later comes to the same health.
    pub(super) fn record(&mut self, entry: &Entry) {
        (self.last_run, self.running_since) = (Some(entry.started), None);
        self.next_run = entry.next;
        match &entry.failure {
            None => self.succeed(entry),
            Some(failure) => self.fail(failure, entry),
        }
    }

    fn succeed(&mut self, entry: &Entry) {
        if let Some(since) = self.failing_since.take() {
            let why = self.failure.take();
            self.untold.push(self.incident(Stage::Recovered, since, entry.ended, why));
        }
        (self.status, self.last_good) = (JobStatus::Good, Some(entry.started));
        (self.failures, self.failure, self.escalated) = (0, None, false);
    }

    /// The first one, and the first that needs a person, are told.
    fn fail(&mut self, failure: &Failure, entry: &Entry) {
        self.failures += 1;
        self.status = JobStatus::of(failure);
        let needs_person = !failure.is_transient();
        let stage = match self.failing_since {
            None => Some(Stage::Began),
            Some(_) if needs_person && !self.escalated => Some(Stage::NeedsPerson),
            Some(_) => None,
        };
        let since = *self.failing_since.get_or_insert(entry.started);
        self.escalated |= needs_person;
        self.failure = Some(failure.clone());
        if let Some(stage) = stage {
            self.untold.push(self.incident(stage, since, entry.ended, Some(failure.clone())));
        }
    }

    /// That nothing can be put on record since now.
    pub(super) fn unrecorded(&self, failure: Failure, now: Timestamp) -> Untold {
        let Untold { incident, .. } = self.incident(Stage::Began, now, now, Some(failure));
        Untold::new(Incident { failures: 1, unrecorded: true, ..incident })
    }

    /// Takes on record what was told while nothing could be put there, and whom that did not reach.
    /// It is an incident of its own unless the job failed before.
    pub(super) fn adopt(&mut self, unrecorded: &Incident, left: &[Untold]) {
        let new = left.iter().filter(|it| !self.untold.contains(it)).cloned();
        self.untold.extend(new.collect::<Vec<_>>());
        if self.failing_since.is_none() {
            let failure = &unrecorded.failure;
            (self.status, self.escalated) = (JobStatus::of(failure), !failure.is_transient());
            (self.failing_since, self.failures) = (Some(unrecorded.since), unrecorded.failures);
            self.failure = Some(failure.clone());
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
            folder: self.folder.clone(),
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
