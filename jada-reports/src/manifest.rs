//! The audit log: what was reported, from which rows, and the digest of every artefact.

mod basis;
mod canonical;
mod entry;
mod mails;
mod record;
#[cfg(all(feature = "mail", feature = "xlsx"))]
mod rendered;
mod restate;
mod seal;
mod verify;

use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

#[cfg(all(feature = "mail", feature = "xlsx"))]
pub(crate) use mails::is_mail_of;
pub use record::Record;
#[cfg(feature = "drive")]
pub(crate) use verify::SHA256;
pub use verify::{Mismatch, Verified};

use crate::artefact::Artefact;
use crate::error::Error;
use crate::files::{Access, create_folder, folder_of, opened_with, sync_folder};
use crate::folder::PATIENCE;
use crate::published::Published;
use crate::stated::Stated;
use entry::Entry;
use seal::Seals;

/// A file of one JSON object a line, to which each publication is appended.
///
/// A line has the keys `period`, `charters` (`counted`: ids; `not_counted`: ids by reason, in the
/// order of the statement), `canonical_sha256`, `artefacts` (`path` relative to the manifest,
/// `bytes`, `sha256`) and `time` (UTC); where something left the machine, also `uploads` (`id`,
/// `name`, `folder`, `link`, `sha256`, `bytes`, `uploaded`) and `mail` (`key`, `to`, `state`, and of the mail as
/// it was queued `path`, `bytes` and `sha256`).
///
/// So that all of it can be made again and compared, `basis` says what the months were stated by
/// (`periods`, `currency`, `rule`, `rounding`, `taxes`, `notes`, `skipped`, `unindexed`), `rows` has a
/// digest of each charter's row by its id, and `style_sha256` and `made_by` are those of the
/// workbook. What stands in a manifest is never changed: the `seal` at the end of a line is SHA-256
/// of the seal before it, of what stands between, and of the line up to there.
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
    /// [`Error::File`] when the file cannot be written; [`Error::Busy`], which is worth a retry,
    /// when another process keeps it.
    pub fn append<'a>(
        &self,
        stated: impl Into<Stated<'a>>,
        artefacts: &[Artefact],
        time: Timestamp,
    ) -> Result<(), Error> {
        let published = Published { artefacts: artefacts.to_vec(), ..Published::default() };
        self.append_published(stated, &published, time)
    }

    /// Appends a publication with what left the machine, and syncs the file.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn append_published<'a>(
        &self,
        stated: impl Into<Stated<'a>>,
        published: &Published,
        time: Timestamp,
    ) -> Result<(), Error> {
        let failed = |error: io::Error| Error::file(&self.path, "written", error);
        let folder = folder_of(&self.path);
        let entry = Entry::of(stated.into(), published, folder, time);
        let line = serde_json::to_vec(&entry).map_err(|error| failed(error.into()))?;
        create_folder(folder, Access::Usual).map_err(failed)?;
        let is_new = !self.path.exists();
        let mut file = self.locked()?;
        append(&mut file, line).map_err(failed)?;
        if is_new { sync_folder(folder).map_err(failed) } else { Ok(()) }
    }

    /// The file, which no other process appends to until it is closed: a line is sealed by those
    /// before it.
    fn locked(&self) -> Result<File, Error> {
        let failed = |error: io::Error| Error::file(&self.path, "written", error);
        let mut options = opened_with(Access::Usual);
        let file = options.append(true).open(&self.path).map_err(failed)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if began.elapsed() > PATIENCE => {
                    let holder = "another process".to_owned();
                    return Err(Error::Busy { folder: self.path.clone(), holder });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(GLANCE),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }
}

fn append(file: &mut File, line: Vec<u8>) -> io::Result<()> {
    let mut before = Vec::new();
    file.read_to_end(&mut before)?;
    let gap: &[u8] = if before.is_empty() || before.ends_with(b"\n") { b"" } else { b"\n" };
    before.extend_from_slice(gap);
    let line = [gap, &Seals::of(&before).seal(line)].concat();
    file.write_all(&line)?;
    file.sync_all()
}

/// A line is appended in milliseconds.
const GLANCE: Duration = Duration::from_millis(2);
