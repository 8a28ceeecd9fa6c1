//! Whom to tell when a job begins to fail, needs a person, fails in another way, and recovers.

use std::fmt;
use std::path::PathBuf;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::health::age;
use crate::artefact::{as_text, sha256};
use crate::error::BoxError;
use crate::failure::{Failure, HealedBy};

/// Hears of each incident when it begins, when it first needs a person, when more comes to fail, and when
/// it ends; a closure
/// that takes an [`Incident`] will do.
///
/// It is called once for each of these, across restarts and by one process of those that share a
/// folder. Two things lead to another call: a process that dies right after it, and an error. It
/// should hand over and return, since the folder is locked meanwhile.
#[async_trait]
pub trait Alert: Send + Sync {
    /// Tells of an incident.
    ///
    /// # Errors
    /// Whatever kept it from that. It is called again after the next run.
    async fn alert(&self, incident: &Incident) -> Result<(), BoxError>;

    /// Sends what waits; called after each run.
    ///
    /// # Errors
    /// Whatever kept it from that, which the health file then says.
    async fn deliver(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

const _: Option<&dyn Alert> = None;

#[async_trait]
impl<F: Fn(&Incident) + Send + Sync> Alert for F {
    async fn alert(&self, incident: &Incident) -> Result<(), BoxError> {
        self(incident);
        Ok(())
    }
}

/// A job that fails, from its first bad run to its next good one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Incident {
    /// The job's name.
    pub job: String,
    /// Where the job keeps its state, from the root: what tells it from another of its name.
    #[serde(default, serialize_with = "as_text")]
    pub folder: PathBuf,
    /// What is told of now.
    pub stage: Stage,
    /// When the first bad run began: a UTC instant, and one incident's own.
    pub since: Timestamp,
    /// When it came to this stage: a UTC instant.
    pub at: Timestamp,
    /// How many runs have failed by then.
    pub failures: u64,
    /// When the last good run before it began; of a recovery too.
    pub last_good: Option<Timestamp>,
    /// Why the last bad run failed, and what mends it.
    pub failure: Failure,
    /// Whether it could not be put on record: then each process tells of it, and that it is over
    /// only one that lives to see it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unrecorded: bool,
}

/// What is told of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Stage {
    /// The job was good, and fails.
    Began,
    /// It was to heal by itself, and a person has to act.
    NeedsPerson,
    /// Something fails besides what did.
    Worsened,
    /// The job is good again.
    Recovered,
}

impl Incident {
    /// A name for this stage of this incident, such as
    /// `sheet-sync-20260501T140000Z-began-1b4f0e98`: letters, digits and `-` of ASCII. The eight
    /// digits are of the job, its folder and the instant, so that it is no other alert's. One that
    /// could not be put on record has its UTC day for a name, such as
    /// `sheet-sync-20260501-unrecorded-1b4f0e98`, and in its digits the last good run, by which one
    /// after a recovery is another: no process knows of the others.
    #[must_use]
    pub fn key(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let job: String = self.job.chars().map(plain).take(LONGEST_NAME).collect();
        let (stage, since, at) = match (self.unrecorded, self.stage) {
            (true, _) => ("unrecorded", self.since.strftime("%Y%m%d").to_string(), self.last_good),
            (_, Stage::Began) => ("began", self.second(), Some(self.at)),
            (_, Stage::NeedsPerson) => ("needs-person", self.second(), Some(self.at)),
            (_, Stage::Worsened) => ("worsened", self.second(), Some(self.at)),
            (_, Stage::Recovered) => ("recovered", self.second(), Some(self.at)),
        };
        let at = at.map(|at| at.to_string()).unwrap_or_default();
        let folder = self.folder.display();
        let identity = format!("{}\0{folder}\0{stage}\0{since}\0{at}", self.job);
        format!("{job}-{since}-{stage}-{}", &sha256(identity.as_bytes())[..8])
    }

    fn second(&self) -> String {
        self.since.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// What it is about, in one line.
    #[must_use]
    pub fn subject(&self) -> String {
        let job = &self.job;
        match self.stage {
            _ if self.unrecorded => format!("{job} cannot keep its state"),
            Stage::Recovered => {
                format!("{job} is good again after {}", age(self.since, self.at))
            }
            Stage::Worsened if self.failure.healed_by != HealedBy::Nothing => {
                format!("{job} fails in one more way")
            }
            Stage::Began | Stage::NeedsPerson | Stage::Worsened => match self.failure.healed_by {
                HealedBy::Time => format!("{job} fails"),
                HealedBy::Consent => format!("{job} fails until somebody consents"),
                HealedBy::Nothing => format!("{job} has failed, and that is over"),
                HealedBy::Person | HealedBy::OtherInput => {
                    format!("{job} fails until somebody mends it")
                }
            },
        }
    }
}

/// Since when, why and what mends it, a line each.
impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}.\n", self.subject())?;
        let runs = if self.failures == 1 { "run" } else { "runs" };
        writeln!(f, "Failing since: {:.0} ({} {runs})", self.since, self.failures)?;
        match self.last_good {
            Some(at) => writeln!(f, "Last good run: {at:.0}")?,
            None => writeln!(f, "Last good run: none")?,
        }
        match self.stage {
            Stage::Recovered => writeln!(f, "Good again at: {:.0}", self.at)?,
            Stage::Began | Stage::NeedsPerson | Stage::Worsened => {}
        }
        writeln!(f, "Why: {}", self.failure.why)?;
        self.failure.mend.iter().try_for_each(|mend| writeln!(f, "What mends it: {mend}"))?;
        writeln!(f, "Its state: {}", self.folder.display())
    }
}

/// An incident that not every alert has taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Untold {
    pub(super) incident: Incident,
    /// Those that have, by their order.
    told: Vec<usize>,
}

impl Untold {
    pub(super) fn new(incident: Incident) -> Self {
        Self { incident, told: Vec::new() }
    }

    /// Tells those that have not heard, all of them though one fails.
    async fn tell(&mut self, alerts: &[Box<dyn Alert>]) -> Result<(), BoxError> {
        let mut failed = None;
        for (number, alert) in alerts.iter().enumerate() {
            if self.told.contains(&number) {
                continue;
            }
            match alert.alert(&self.incident).await {
                Ok(()) => self.told.push(number),
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

/// Tells all, and lets them deliver: those that are untold still, and what kept them from it.
pub(super) async fn tell(
    alerts: &[Box<dyn Alert>],
    untold: Vec<Untold>,
) -> (Vec<Untold>, Option<Failure>) {
    let (mut left, mut problem) = (Vec::new(), None);
    for mut untold in untold {
        if let Err(error) = untold.tell(alerts).await {
            problem = Some(error);
            left.push(untold);
        }
    }
    for alert in alerts {
        problem = alert.deliver().await.err().or(problem);
    }
    (latest(left), problem.map(|error| Failure::of(&*error)))
}

/// Alerts that have failed for long tell what came last.
fn latest(mut untold: Vec<Untold>) -> Vec<Untold> {
    let surplus = untold.len().saturating_sub(MOST_UNTOLD);
    untold.drain(..surplus);
    untold
}

const MOST_UNTOLD: usize = 32;
/// With the rest it stays a name of a mail, which has 200 bytes at most.
const LONGEST_NAME: usize = 100;
