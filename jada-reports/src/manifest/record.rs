//! A line of the manifest as it is read.

use std::collections::BTreeMap;
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
    pub(super) rows: BTreeMap<String, String>,
    #[cfg_attr(
        not(all(feature = "mail", feature = "xlsx")),
        expect(dead_code, reason = "what was published alone is rendered again")
    )]
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
                    read.edits.extend(Mismatch::of_seal(&record.period, number, seal));
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
    fn of_seal(period: &str, number: usize, seal: Seal) -> Option<Self> {
        let (expected, found) = match seal {
            Seal::Right | Seal::NotYet => return None,
            Seal::Wrong { expected, found } => (expected, found),
            Seal::Missing => ("one that continues the seal before".to_owned(), "none".to_owned()),
        };
        Some(Self {
            period: period.to_owned(),
            what: format!("line {number} of the manifest"),
            aspect: "the seal",
            expected,
            found: Some(found),
            mend: "it, or what stood right before it, was edited: put back a copy of the manifest"
                .to_owned(),
        })
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
