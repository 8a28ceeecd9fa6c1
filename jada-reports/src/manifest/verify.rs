//! Whether what was published is still as the record says.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Manifest;
use crate::artefact::Artefact;
use crate::error::Error;
use crate::files::folder_of;
use crate::statement::plural;
use crate::uploaded::Uploaded;

/// What a look at everything that is on record came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// How many files were looked at.
    pub checked: usize,
    /// Those that are not as recorded.
    pub mismatches: Vec<Mismatch>,
    /// Lines of the manifest that break off, as a crash leaves them: they are tolerated.
    pub unreadable_lines: usize,
    /// Whole lines of the manifest that are no record: it was spoilt, or is none.
    pub foreign_lines: usize,
}

/// A file that is not as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mismatch {
    /// The period that it states, such as `2026-05`.
    pub period: String,
    /// Its path, or its name with its link.
    pub what: String,
    /// The SHA-256 that is on record.
    pub expected: String,
    /// The SHA-256 that was found; none where nothing was.
    pub found: Option<String>,
}

impl Manifest {
    /// Recomputes the hash of every file that the last record of each period names, and compares.
    /// A mail is looked at while the outbox has its bytes.
    ///
    /// # Errors
    /// [`Error::File`] for a manifest, or a file, that is there and cannot be read.
    pub fn verify(&self) -> Result<Verified, Error> {
        let Lines { records, broken_off, foreign } = self.lines()?;
        let mut verified = Verified {
            unreadable_lines: broken_off,
            foreign_lines: foreign,
            ..Verified::default()
        };
        let last = records.into_iter().map(|record| (record.period.clone(), record));
        for (period, record) in last.collect::<BTreeMap<_, _>>() {
            let mut files = record.artefacts;
            files.extend(record.mail.and_then(Mail::kept).filter(|mail| self.has_bytes(mail)));
            for Recorded { path, sha256: expected } in files {
                let found = digest(&self.place(&path))?;
                verified.checked += 1;
                if found.as_ref() != Some(&expected) {
                    let (period, what) = (period.clone(), path.display().to_string());
                    verified.mismatches.push(Mismatch { period, what, expected, found });
                }
            }
        }
        Ok(verified)
    }

    /// The last upload of each id and period, by periods.
    #[cfg_attr(not(feature = "drive"), expect(dead_code, reason = "Drive alone uploads"))]
    pub(crate) fn uploads(&self) -> Result<Vec<(String, Uploaded)>, Error> {
        let mut last = BTreeMap::new();
        for record in self.lines()?.records {
            for upload in record.uploads {
                last.insert((record.period.clone(), upload.id.clone()), upload);
            }
        }
        Ok(last.into_iter().map(|((period, _), upload)| (period, upload)).collect())
    }

    fn lines(&self) -> Result<Lines, Error> {
        let text = fs::read(&self.path).map_err(|error| Error::file(&self.path, "read", error))?;
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let mut read = Lines::default();
        for line in lines {
            match serde_json::from_slice(line) {
                Ok(record) => read.records.push(record),
                Err(error) if error.is_eof() => read.broken_off += 1,
                Err(_) => read.foreign += 1,
            }
        }
        Ok(read)
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
}

/// A line for each file that is not as recorded, and how many were looked at.
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
        let (files, others) = (plural(*checked, "file", "files"), mismatches.len());
        match others {
            0 if *checked == 0 => f.write_str("no file is on record"),
            0 => write!(f, "{files} looked at, all as recorded"),
            _ => write!(f, "{files} looked at, {others} not as recorded"),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { period, what, expected, found } = self;
        match found {
            None => write!(f, "{period}: {what} is missing, or cannot be told"),
            Some(found) => write!(f, "{period}: {what} has SHA-256 {found} instead of {expected}"),
        }
    }
}

/// What a manifest holds.
#[derive(Default)]
struct Lines {
    records: Vec<Record>,
    /// Lines that end before their record does.
    broken_off: usize,
    /// Others that are no record.
    foreign: usize,
}

/// A line of the manifest, as far as it is verified.
#[derive(Deserialize)]
struct Record {
    period: String,
    artefacts: Vec<Recorded>,
    #[serde(default)]
    uploads: Vec<Uploaded>,
    mail: Option<Mail>,
}

#[derive(Deserialize)]
struct Recorded {
    path: PathBuf,
    sha256: String,
}

#[derive(Deserialize)]
struct Mail {
    path: Option<PathBuf>,
    sha256: Option<String>,
}

impl Mail {
    fn kept(self) -> Option<Recorded> {
        let (path, sha256) = self.path.zip(self.sha256)?;
        Some(Recorded { path, sha256 })
    }
}

/// None where there is no such file.
fn digest(path: &Path) -> Result<Option<String>, Error> {
    match File::open(path).map_err(|error: io::Error| error.kind()) {
        Err(ErrorKind::NotFound) => Ok(None),
        _ => Artefact::of(path).map(|artefact| Some(artefact.sha256)),
    }
}
