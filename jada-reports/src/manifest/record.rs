//! A line of the manifest as it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use jada_mail::MailState;
use jada_roster::Month;
use serde::Deserialize;

use super::Manifest;
use super::basis::Basis;
use super::seal::{Seal, Seals};
use super::verify::Mismatch;
use crate::error::Error;
use crate::uploaded::Uploaded;

/// What is on record of one publication.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Record {
    pub(super) period: String,
    pub(super) canonical_sha256: String,
    pub(super) artefacts: Vec<Recorded>,
    #[serde(default)]
    pub(super) basis: Vec<Basis>,
    #[serde(default)]
    charters: Charters,
    #[serde(default)]
    pub(super) rows: BTreeMap<String, String>,
    pub(super) made_by: Option<String>,
    #[cfg_attr(
        not(all(feature = "mail", feature = "xlsx")),
        expect(dead_code, reason = "what was published alone is rendered again")
    )]
    pub(super) style_sha256: Option<String>,
    #[serde(default)]
    pub(super) uploads: Vec<Uploaded>,
    pub(super) mail: Option<Mail>,
}

/// The charters by their ids.
#[derive(Clone, Debug, Default, Deserialize)]
struct Charters {
    counted: Vec<String>,
    not_counted: BTreeMap<String, Vec<String>>,
}

/// A file.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Recorded {
    pub(super) path: PathBuf,
    pub(super) sha256: String,
}

/// A mail in an outbox.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Mail {
    pub(super) key: String,
    pub(super) to: Vec<String>,
    pub(super) state: MailState,
    path: Option<PathBuf>,
    sha256: Option<String>,
}

impl Mail {
    /// The mail as it was queued.
    pub(super) fn kept(&self) -> Option<Recorded> {
        let (path, sha256) = self.path.clone().zip(self.sha256.clone())?;
        Some(Recorded { path, sha256 })
    }
}

impl Record {
    /// What it states: `2026-05`, or `2026`.
    #[must_use]
    pub fn period(&self) -> &str {
        &self.period
    }

    /// The months whose charters it was stated from; none in the records of earlier versions.
    #[must_use]
    pub fn months(&self) -> Vec<Month> {
        let periods = self.basis.iter().flat_map(|basis| &basis.periods);
        periods.filter_map(|period| period.parse().ok()).collect()
    }

    /// Whether it is of a version that seals what it writes.
    fn is_of_sealed(&self) -> bool {
        self.made_by.is_some() || !self.basis.is_empty() || !self.rows.is_empty()
    }

    /// The ids that only one of `charters` and `rows` has; those of earlier versions have no rows.
    fn unmatched_ids(&self) -> Vec<&str> {
        if !self.is_of_sealed() {
            return Vec::new();
        }
        let Charters { counted, not_counted } = &self.charters;
        let ids = counted.iter().chain(not_counted.values().flatten()).map(String::as_str);
        let (ids, rows): (BTreeSet<_>, BTreeSet<_>) =
            (ids.collect(), self.rows.keys().map(String::as_str).collect());
        ids.symmetric_difference(&rows).copied().collect()
    }
}

/// What a manifest holds.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) records: Vec<Record>,
    /// Lines that end before their record does.
    pub(super) broken_off: usize,
    /// Others that are no record.
    pub(super) foreign: usize,
    /// What of the manifest itself is not as it was written.
    pub(super) edits: Vec<Mismatch>,
}

impl Manifest {
    /// The last record of each period, by periods.
    ///
    /// # Errors
    /// [`Error::File`] for a manifest that cannot be read.
    pub fn records(&self) -> Result<Vec<Record>, Error> {
        Ok(self.lines()?.last_records())
    }

    pub(super) fn lines(&self) -> Result<Lines, Error> {
        let text = fs::read(&self.path).map_err(|error| Error::file(&self.path, "read", error))?;
        let (mut read, mut seals, mut ends_well) = (Lines::default(), Seals::default(), true);
        for (number, line) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
            let seal = seals.follow(line);
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            ends_well = true;
            match serde_json::from_slice::<Record>(line) {
                Ok(record) => {
                    read.edits.extend(Mismatch::of_seal(&record, number, seal));
                    read.edits.extend(Mismatch::of_ids(&record, number));
                    read.records.push(record);
                }
                Err(error) if error.is_eof() => {
                    (read.broken_off, ends_well) = (read.broken_off + 1, false)
                }
                Err(_) => read.foreign += 1,
            }
        }
        if !ends_well {
            read.edits.push(Mismatch::of_end());
        }
        Ok(read)
    }
}

impl Lines {
    pub(super) fn last_records(self) -> Vec<Record> {
        let by_period = self.records.into_iter().map(|record| (record.period.clone(), record));
        by_period.collect::<BTreeMap<_, _>>().into_values().collect()
    }
}

impl Mismatch {
    fn of_seal(record: &Record, number: usize, seal: Seal) -> Option<Self> {
        let none = |expected: &str| (expected.to_owned(), "none".to_owned());
        let (expected, found) = match seal {
            Seal::Wrong { expected, found } => (expected, found),
            Seal::Missing => none("one that continues the seal before"),
            Seal::NotYet if record.is_of_sealed() => none("one, as all lines of its version have"),
            Seal::Right | Seal::NotYet => return None,
        };
        Some(Self::of_line(record, number, "the seal", expected, found))
    }

    fn of_ids(record: &Record, number: usize) -> Option<Self> {
        let ids = record.unmatched_ids();
        let (expected, found) = ("the ids of its rows".to_owned(), ids.join(", "));
        let is_edited = !ids.is_empty();
        is_edited.then(|| Self::of_line(record, number, "ids without a match", expected, found))
    }

    fn of_line(
        record: &Record,
        number: usize,
        aspect: &'static str,
        expected: String,
        found: String,
    ) -> Self {
        Self {
            period: record.period.clone(),
            what: format!("line {number} of the manifest"),
            aspect,
            expected,
            found: Some(found),
            mend: "it, or what stood right before it, was edited: put back a copy of the manifest"
                .to_owned(),
        }
    }

    fn of_end() -> Self {
        Self {
            period: String::new(),
            what: "the end of the manifest".to_owned(),
            aspect: "a record",
            expected: "a whole line".to_owned(),
            found: None,
            mend: "what was published last is not on record: publish it again, which repeats \
                   nothing, or put back a copy of the manifest"
                .to_owned(),
        }
    }
}
