//! Whether what was published is still as the record says.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Manifest;
use super::record::{Lines, Recorded};
use crate::artefact::Artefact;
use crate::error::Error;
use crate::files::folder_of;
use crate::statement::plural;
use crate::uploaded::Uploaded;

/// What a look at everything that is on record came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// How many things were looked at: files, uploads, mails, statements and their charters.
    pub checked: usize,
    /// Those that are not as recorded.
    pub mismatches: Vec<Mismatch>,
    /// Lines of the manifest that break off, as a crash leaves them: tolerated where a later
    /// record stands.
    pub unreadable_lines: usize,
    /// Whole lines of the manifest that are no record: it was spoilt, or is none.
    pub foreign_lines: usize,
}

/// A thing that is not as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mismatch {
    /// The period that it belongs to, such as `2026-05`; blank for the manifest's end.
    pub period: String,
    /// What it is: a path, a name with its link, a charter, a line of the manifest.
    pub what: String,
    /// What of it was compared, such as `SHA-256`.
    pub aspect: &'static str,
    /// What is on record.
    pub expected: String,
    /// What was found; none where nothing was.
    pub found: Option<String>,
    /// What a person can do.
    pub mend: String,
}

impl Manifest {
    /// Recomputes the hash of every file that the last record of each period names, and compares;
    /// and looks whether each line of the manifest is what was written there.
    ///
    /// A mail is looked at while the outbox has its bytes. A manifest from whose end whole lines
    /// were cut is as it was before they were written, which only what they spoke of can tell.
    ///
    /// # Errors
    /// [`Error::File`] for a manifest, or a file, that is there and cannot be read.
    pub fn verify(&self) -> Result<Verified, Error> {
        let mut lines = self.lines()?;
        let mut verified = Verified {
            unreadable_lines: lines.broken_off,
            foreign_lines: lines.foreign,
            mismatches: std::mem::take(&mut lines.edits),
            ..Verified::default()
        };
        for record in lines.last_records() {
            let mut files = record.artefacts;
            let mail = record.mail.as_ref().and_then(super::record::Mail::kept);
            files.extend(mail.filter(|mail| self.has_bytes(mail)));
            for Recorded { path, sha256 } in files {
                let (found, what) = (digest(&self.place(&path))?, path.display().to_string());
                verified.compare(&record.period, &what, SHA256, sha256, found, MEND);
            }
        }
        Ok(verified)
    }

    /// The last upload of each period, folder and name, by periods.
    #[cfg_attr(not(feature = "drive"), expect(dead_code, reason = "Drive alone uploads"))]
    pub(crate) fn uploads(&self) -> Result<Vec<(String, Uploaded)>, Error> {
        let Lines { records, .. } = self.lines()?;
        let mut last = BTreeMap::<String, Vec<Uploaded>>::new();
        for record in records {
            let of_period = last.entry(record.period).or_default();
            for upload in record.uploads {
                of_period.retain(|earlier| !upload.replaces(earlier));
                of_period.push(upload);
            }
        }
        let of_period = |(period, uploads): (String, Vec<Uploaded>)| {
            uploads.into_iter().map(move |upload| (period.clone(), upload))
        };
        Ok(last.into_iter().flat_map(of_period).collect())
    }

    fn place(&self, path: &Path) -> PathBuf {
        folder_of(&self.path).join(path)
    }

    /// The outbox may have freed the room of a mail that was sent.
    fn has_bytes(&self, mail: &Recorded) -> bool {
        fs::metadata(self.place(&mail.path)).is_ok_and(|file| file.len() > 0)
    }
}

impl Verified {
    /// Whether everything is as recorded, and something is on record: a manifest without a record
    /// proves nothing.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.checked > 0 && self.foreign_lines == 0 && self.mismatches.is_empty()
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.checked += other.checked;
        self.mismatches.extend(other.mismatches);
        self.unreadable_lines += other.unreadable_lines;
        self.foreign_lines += other.foreign_lines;
        self
    }

    /// Counts one thing, and notes it where it is not as recorded. Whether it is.
    pub(crate) fn compare(
        &mut self,
        period: &str,
        what: &str,
        aspect: &'static str,
        expected: String,
        found: Option<String>,
        mend: &str,
    ) -> bool {
        self.checked += 1;
        if found.as_ref() == Some(&expected) {
            return true;
        }
        let (period, what, mend) = (period.to_owned(), what.to_owned(), mend.to_owned());
        self.mismatches.push(Mismatch { period, what, aspect, expected, found, mend });
        false
    }
}

/// A line for each thing that is not as recorded, and how many were looked at.
impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { checked, mismatches, unreadable_lines, foreign_lines } = self;
        mismatches.iter().try_for_each(|mismatch| writeln!(f, "{mismatch}"))?;
        if *unreadable_lines > 0 {
            let lines = plural(*unreadable_lines, "line breaks", "lines break");
            writeln!(f, "{lines} off, as a crash leaves them")?;
        }
        if *foreign_lines > 0 {
            let lines = plural(*foreign_lines, "line is", "lines are");
            writeln!(f, "{lines} no record of a statement")?;
        }
        let (things, others) = (plural(*checked, "thing", "things"), mismatches.len());
        match others {
            0 if *checked == 0 => f.write_str("nothing is on record"),
            0 => write!(f, "{things} looked at, all as recorded"),
            _ => write!(f, "{things} looked at, {others} not as recorded"),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { period, what, aspect, expected, found, mend } = self;
        if !period.is_empty() {
            write!(f, "{period}: ")?;
        }
        match found {
            None => write!(f, "{what} is missing, or cannot be told: {mend}"),
            Some(found) => write!(f, "{what} has {aspect} {found} instead of {expected}: {mend}"),
        }
    }
}

/// None where there is no such file.
fn digest(path: &Path) -> Result<Option<String>, Error> {
    match File::open(path).map_err(|error: io::Error| error.kind()) {
        Err(ErrorKind::NotFound) => Ok(None),
        _ => Artefact::of(path).map(|artefact| Some(artefact.sha256)),
    }
}

pub(crate) const SHA256: &str = "SHA-256";
const MEND: &str = "put back a copy, or publish the period again";
