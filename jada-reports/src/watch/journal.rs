//! What every run did, a line each.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::failure::Failure;
use crate::folder::{Folder, as_json};

/// The record of every run of a job: `journal.jsonl` in its folder, one JSON object a line,
/// append-only and synced.
///
/// It is bounded: one that has passed [`LIMIT`](Self::LIMIT) becomes `journal.1.jsonl`, in place of
/// the one before, and a new one is begun.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: Folder,
}

/// One run, as the journal has it. Times are UTC instants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// The job's name.
    pub job: String,
    /// When the run began.
    pub started: Timestamp,
    /// When it ended; of one that was cut off, when that was found.
    pub ended: Timestamp,
    /// What it changed: the job's own report, of a run that was good, or that did what it could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Value>,
    /// Why it failed; none of a run that was good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// When the next was to begin, where that is known.
    pub next: Option<Timestamp>,
}

impl Entry {
    pub(super) fn new(
        job: &str,
        started: Timestamp,
        ended: Timestamp,
        report: Result<Value, Failure>,
    ) -> Self {
        let (report, failure) = match report {
            Ok(report) => (Some(report), None),
            Err(failure) => (failure.report.clone(), Some(failure)),
        };
        Self { job: job.to_owned(), started, ended, report, failure, next: None }
    }

    pub(super) fn with_next(self, next: Option<Timestamp>) -> Self {
        Self { next, ..self }
    }
}

impl Journal {
    /// How large it grows before it is begun anew: 1 MiB.
    pub const LIMIT: u64 = 1 << 20;

    pub(super) fn new(folder: Folder) -> Self {
        Self { folder }
    }

    /// The file that is written to.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    pub(super) fn append(&self, entry: &Entry) -> Result<(), Error> {
        let path = self.path();
        if path.metadata().is_ok_and(|found| found.len() > Self::LIMIT) {
            self.folder.rename(FILE, BEFORE)?;
        }
        self.folder.append(FILE, &as_json(&path, entry)?)
    }

    /// The runs that are on record, the oldest first. A line that a crash left half written, or
    /// that a newer version wrote, is passed over.
    ///
    /// # Errors
    /// [`Error::File`] when a file cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        for name in [BEFORE, FILE] {
            let lines = self.folder.read(name)?.unwrap_or_default();
            let lines = lines.split(|byte| *byte == b'\n');
            entries.extend(lines.filter_map(|line| serde_json::from_slice(line).ok()));
        }
        Ok(entries)
    }

    /// The run that was put on record last.
    pub(super) fn last(&self) -> Result<Option<Entry>, Error> {
        Ok(self.entries()?.pop())
    }
}

const FILE: &str = "journal.jsonl";
const BEFORE: &str = "journal.1.jsonl";
