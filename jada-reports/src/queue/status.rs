//! What is in a queue.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::record::Record;
use super::{ChangeQueue, DEAD, WAITING};
use crate::error::Error;
use crate::failure::Failure;

/// What is in a [`ChangeQueue`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QueueStatus {
    /// Changes that wait, in the order in which they came.
    pub waiting: Vec<Waiting>,
    /// Changes that were given up; a person revives or discards them.
    pub dead: Vec<Waiting>,
    /// Files that cannot be read, and why; they are left as they are.
    pub damaged: Vec<String>,
}

/// A change that waits, or was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Waiting {
    /// What it changes.
    pub key: String,
    /// When it was pushed: a UTC instant.
    pub pushed_at: Timestamp,
    /// How often it was tried and failed.
    pub attempts: u32,
    /// Before when it is not tried again: a UTC instant.
    pub not_before: Option<Timestamp>,
    /// Why it failed the last time.
    pub failure: Option<Failure>,
    /// When it was given up: a UTC instant.
    pub died_at: Option<Timestamp>,
}

impl ChangeQueue {
    /// Reads what is in the queue. Others may be at work on it.
    ///
    /// # Errors
    /// [`Error::File`] when a folder cannot be read.
    pub fn status(&self) -> Result<QueueStatus, Error> {
        let (waiting, mut damaged) = self.records(WAITING)?;
        let (dead, more) = self.records(DEAD)?;
        damaged.extend(more);
        let shown = |records: Vec<Record>| records.into_iter().map(Waiting::of).collect();
        Ok(QueueStatus { waiting: shown(waiting), dead: shown(dead), damaged })
    }

    /// In the order in which they came, and what cannot be read.
    pub(super) fn records(&self, folder: &str) -> Result<(Vec<Record>, Vec<String>), Error> {
        let (mut records, mut damaged) = (Vec::new(), Vec::new());
        for name in self.folder.records(folder)? {
            match self.read(&name) {
                Ok(record) => records.extend(record),
                Err(error) => damaged.push(Failure::of(&error).why),
            }
        }
        records.sort_by_key(|record| record.order);
        damaged.sort();
        Ok((records, damaged))
    }
}

impl Waiting {
    fn of(record: Record) -> Self {
        let Record { key, pushed_at, attempts, not_before, failure, died_at, .. } = record;
        Self { key, pushed_at, attempts, not_before, failure, died_at }
    }
}

/// A line for each change, and how many there are.
impl fmt::Display for QueueStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.damaged.iter().try_for_each(|damage| writeln!(f, "damaged  {damage}"))?;
        self.dead.iter().try_for_each(|change| writeln!(f, "dead     {change}"))?;
        self.waiting.iter().try_for_each(|change| writeln!(f, "waiting  {change}"))?;
        write!(f, "{} waiting, {} dead", self.waiting.len(), self.dead.len())
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  since {:.0}", self.key, self.pushed_at)?;
        self.failure.iter().try_for_each(|failure| write!(f, ": {failure}"))?;
        self.not_before.iter().try_for_each(|until| write!(f, "; not before {until:.0}"))
    }
}
