//! The audit log: what was reported, from which rows, and the digest of every artefact.

mod verify;

use std::io;
use std::path::{Path, PathBuf};

use jada_roster::Charter;
use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

pub use verify::{Mismatch, Verified};

use crate::artefact::{Artefact, Counting};
use crate::error::Error;
use crate::files::{Access, append, create_folder, folder_of};
use crate::published::{Mailed, Published};
use crate::statement::{NotCounted, Statement};
use crate::uploaded::Uploaded;

/// A file of one JSON object a line, to which each publication is appended.
///
/// A line has the keys `period`, `charters` (`counted`: ids; `not_counted`: ids by reason, in the
/// order of the statement), `canonical_sha256`, `artefacts` (`path` relative to the manifest,
/// `bytes`, `sha256`) and `time` (UTC); where something left the machine, also `uploads` (`id`,
/// `name`, `link`, `sha256`, `bytes`, `uploaded`) and `mail` (`key`, `to`, `state`, and of the mail as
/// it was queued `path`, `bytes` and `sha256`). What stands there is never changed.
#[derive(Clone, Debug)]
pub struct Manifest {
    path: PathBuf,
}

impl Manifest {
    /// The manifest in this file, which need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Appends a publication and syncs the file.
    ///
    /// A line that a crash left half written stays as it is; the new one begins after it.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be written.
    pub fn append(
        &self,
        statement: &Statement,
        artefacts: &[Artefact],
        time: Timestamp,
    ) -> Result<(), Error> {
        let published = Published { artefacts: artefacts.to_vec(), ..Published::default() };
        self.append_published(statement, &published, time)
    }

    /// Appends a publication with what left the machine, and syncs the file.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn append_published(
        &self,
        statement: &Statement,
        published: &Published,
        time: Timestamp,
    ) -> Result<(), Error> {
        let failed = |error: io::Error| Error::file(&self.path, "written", error);
        let folder = folder_of(&self.path);
        let entry = Entry {
            artefacts: published.artefacts.iter().map(|it| relative(it, folder)).collect(),
            canonical_sha256: statement.canonical_sha256(),
            charters: Charters { counted: Ids(statement), not_counted: Excluded(statement) },
            mail: published.mailed.clone().map(|mailed| Mailed {
                artefact: mailed.artefact.as_ref().map(|it| relative(it, folder)),
                ..mailed
            }),
            period: statement.month().to_string(),
            time: time.to_string(),
            uploads: &published.uploads,
        };
        let line = serde_json::to_vec(&entry).map_err(|error| failed(error.into()))?;
        create_folder(folder, Access::Usual).map_err(failed)?;
        append(&self.path, &line, Access::Usual).map_err(failed)
    }
}

impl Statement {
    /// SHA-256 of the statement's content as JSON with sorted keys and no white space.
    ///
    /// Two statements have the same when they say the same, whatever they were rendered to.
    #[must_use]
    pub fn canonical_sha256(&self) -> String {
        let currency = self.currency();
        let canonical = Canonical {
            counted: Rows(self),
            currency: currency.code(),
            gross: self.gross().decimal().to_string(),
            net: self.net().decimal().to_string(),
            not_counted: ExcludedRows(self),
            notes: self.notes(),
            period: self.month().to_string(),
            rounding: self.rounding().as_str(),
            rule: self.rule().name(),
            skipped: self.skipped(),
            taxes: self
                .taxes()
                .iter()
                .map(|tax| CanonicalTax {
                    amount: tax.amount.decimal().to_string(),
                    base: tax.base.decimal().to_string(),
                    name: &tax.name,
                    rate: tax.rate.to_string(),
                })
                .collect(),
            unindexed: self.unindexed(),
        };
        let mut counting = Counting::new(io::BufWriter::new(io::sink()));
        // Writing into a sink cannot fail, and every key is text.
        let _ = serde_json::to_writer(&mut counting, &canonical);
        counting.finish().2
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    artefacts: Vec<Artefact>,
    canonical_sha256: String,
    charters: Charters<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<Mailed>,
    period: String,
    time: String,
    #[serde(skip_serializing_if = "<[Uploaded]>::is_empty")]
    uploads: &'a [Uploaded],
}

#[derive(Serialize)]
struct Charters<'a> {
    counted: Ids<'a>,
    not_counted: Excluded<'a>,
}

struct Ids<'a>(&'a Statement);

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.counted().iter().map(|charter| charter.id().as_str()))
    }
}

struct Excluded<'a>(&'a Statement);

impl Serialize for Excluded<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let ids = |reason: &str| -> Vec<&str> {
            let of = |row: &&NotCounted| self.0.reason(row) == reason;
            self.0.not_counted().iter().filter(of).map(|row| row.charter().id().as_str()).collect()
        };
        let reasons = self.0.not_counted_by_reason();
        to.collect_map(reasons.into_iter().map(|(reason, _)| (reason, ids(reason))))
    }
}

#[derive(Serialize)]
struct Canonical<'a> {
    counted: Rows<'a>,
    currency: &'a str,
    gross: String,
    net: String,
    not_counted: ExcludedRows<'a>,
    notes: &'a [String],
    period: String,
    rounding: &'a str,
    rule: &'a str,
    skipped: &'a [String],
    taxes: Vec<CanonicalTax<'a>>,
    unindexed: usize,
}

#[derive(Serialize)]
struct CanonicalTax<'a> {
    amount: String,
    base: String,
    name: &'a str,
    rate: String,
}

#[derive(Serialize)]
struct CanonicalRow<'a> {
    brand: &'a str,
    charter_id: &'a str,
    currency: &'a str,
    date: String,
    extra: Columns<'a>,
    guest: &'a str,
    kind: &'a str,
    notes: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    status: &'a str,
    total: Option<String>,
}

impl<'a> CanonicalRow<'a> {
    fn of(charter: &'a Charter, currency: &'a str, reason: Option<&'a str>) -> Self {
        Self {
            brand: charter.brand(),
            charter_id: charter.id().as_str(),
            currency,
            date: charter.date().to_string(),
            extra: Columns(charter.extra()),
            guest: charter.guest(),
            kind: charter.kind().as_str(),
            notes: charter.notes(),
            reason,
            status: charter.status().as_str(),
            total: charter.total().map(|total| total.decimal().to_string()),
        }
    }
}

/// Other columns of the input, by name.
struct Columns<'a>(&'a [(String, String)]);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

struct Rows<'a>(&'a Statement);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut rows = to.serialize_seq(Some(self.0.counted().len()))?;
        let currency = self.0.currency();
        for charter in self.0.counted() {
            rows.serialize_element(&CanonicalRow::of(charter, currency.code(), None))?;
        }
        rows.end()
    }
}

struct ExcludedRows<'a>(&'a Statement);

impl Serialize for ExcludedRows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut rows = to.serialize_seq(Some(self.0.not_counted().len()))?;
        let currency = self.0.currency();
        for row in self.0.not_counted() {
            let reason = Some(self.0.reason(row));
            rows.serialize_element(&CanonicalRow::of(row.charter(), currency.code(), reason))?;
        }
        rows.end()
    }
}

fn relative(artefact: &Artefact, folder: &Path) -> Artefact {
    let path = artefact.path.strip_prefix(folder).unwrap_or(&artefact.path).to_owned();
    Artefact { path, ..artefact.clone() }
}
