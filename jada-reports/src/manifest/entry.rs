//! A line of the manifest as it is written.

use std::path::Path;

use jada_roster::Charter;
use jiff::Timestamp;
use serde::Serialize;
use serde::ser::Serializer;

use super::basis::Basis;
use super::canonical::row_digest;
use crate::artefact::Artefact;
use crate::published::{Mailed, Published};
use crate::stated::Stated;
use crate::statement::{NotCounted, Statement};
use crate::uploaded::Uploaded;
use crate::year;

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    artefacts: Vec<Artefact>,
    basis: Vec<Basis>,
    canonical_sha256: String,
    charters: Charters<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<Mailed>,
    made_by: &'static str,
    period: String,
    rows: Rows<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    style_sha256: Option<&'a str>,
    time: String,
    #[serde(skip_serializing_if = "<[Uploaded]>::is_empty")]
    uploads: &'a [Uploaded],
}

impl<'a> Entry<'a> {
    /// With paths from the manifest's folder.
    pub(super) fn of(
        stated: Stated<'a>,
        published: &'a Published,
        folder: &Path,
        time: Timestamp,
    ) -> Self {
        let months = stated.months();
        Self {
            artefacts: published.artefacts.iter().map(|it| relative(it, folder)).collect(),
            basis: Basis::of(months),
            canonical_sha256: stated.canonical_sha256(),
            charters: Charters { counted: Ids(months), not_counted: Excluded(months) },
            mail: published.mailed.clone().map(|mailed| Mailed {
                artefact: mailed.artefact.as_ref().map(|it| relative(it, folder)),
                ..mailed
            }),
            made_by: MADE_BY,
            period: stated.period(),
            rows: Rows(months),
            style_sha256: published.style_sha256.as_deref(),
            time: time.to_string(),
            uploads: &published.uploads,
        }
    }
}

#[derive(Serialize)]
struct Charters<'a> {
    counted: Ids<'a>,
    not_counted: Excluded<'a>,
}

struct Ids<'a>(&'a [Statement]);

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let counted = self.0.iter().flat_map(Statement::counted);
        to.collect_seq(counted.map(|charter| charter.id().as_str()))
    }
}

struct Excluded<'a>(&'a [Statement]);

impl Serialize for Excluded<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let reasons = year::reasons(self.0);
        to.collect_map(reasons.into_iter().map(|(reason, _)| (reason, not_counted(self.0, reason))))
    }
}

/// The ids of those that this reason left out.
fn not_counted<'a>(months: &'a [Statement], reason: &'a str) -> Vec<&'a str> {
    let of_month = |month: &'a Statement| {
        let of = move |row: &&NotCounted| month.reason(row) == reason;
        month.not_counted().iter().filter(of).map(|row| row.charter().id().as_str())
    };
    months.iter().flat_map(of_month).collect()
}

/// The digest of each charter's row, by its id.
struct Rows<'a>(&'a [Statement]);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(charters(self.0).map(|charter| (charter.id().as_str(), row_digest(charter))))
    }
}

/// Every charter of these months, counted or not.
pub(super) fn charters(months: &[Statement]) -> impl Iterator<Item = &Charter> {
    months.iter().flat_map(|month| {
        month.counted().iter().chain(month.not_counted().iter().map(NotCounted::charter))
    })
}

fn relative(artefact: &Artefact, folder: &Path) -> Artefact {
    let path = artefact.path.strip_prefix(folder).unwrap_or(&artefact.path).to_owned();
    Artefact { path, ..artefact.clone() }
}

/// Another version may render the same statement otherwise.
pub(super) const MADE_BY: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
