//! What each run makes of the health, and which incidents are to be told.

use jiff::Timestamp;

use super::alert::{Incident, Stage, Untold};
use super::health::{Health, JobStatus};
use super::journal::Entry;
use crate::failure::{Failure, HealedBy};

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
            if why.as_ref().is_none_or(|why| why.healed_by != HealedBy::Nothing) {
                self.untold.push(self.incident(Stage::Recovered, since, entry.ended, why));
            }
        }
        (self.status, self.last_good) = (JobStatus::Good, Some(entry.started));
        (self.failures, self.failure, self.escalated) = (0, None, false);
        self.parts.clear();
    }

    /// The first one, the first that needs a person, and one of another kind are told.
    fn fail(&mut self, failure: &Failure, entry: &Entry) {
        self.failures += 1;
        self.status = JobStatus::of(failure);
        let needs_person = !failure.is_transient();
        let is_another = self.learn(failure);
        let stage = match self.failing_since {
            None => Some(Stage::Began),
            Some(_) if needs_person && !self.escalated => Some(Stage::NeedsPerson),
            Some(_) => is_another.then_some(Stage::Worsened),
        };
        let since = *self.failing_since.get_or_insert(entry.started);
        self.escalated |= needs_person;
        self.failure = Some(failure.clone());
        if let Some(stage) = stage {
            self.untold.push(self.incident(stage, since, entry.ended, Some(failure.clone())));
        }
    }

    /// Tells whether something fails that did not. Of a run that failed as a whole nobody knows how its
    /// parts would have done.
    fn learn(&mut self, failure: &Failure) -> bool {
        let known = !self.parts.is_empty();
        if failure.parts.is_empty() {
            let before = self.parts.insert(AS_A_WHOLE.to_owned(), failure.healed_by);
            return before.is_none() && known;
        }
        let is_another = failure.parts.iter().any(|(name, healed_by)| {
            let before = self.parts.get(name);
            before.is_none_or(|before| before != healed_by && *healed_by != HealedBy::Time)
        });
        self.parts.clone_from(&failure.parts);
        is_another
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

/// The name of what fails in no part of its own.
const AS_A_WHOLE: &str = "";
