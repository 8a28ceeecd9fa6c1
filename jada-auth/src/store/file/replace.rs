//! Replacing a file so that it is the old one or the new one at any instant.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::{
    beside,
    failure::{failed, problem},
};
use crate::{Error, FileProblem};

/// A file that will take another's place: `.<name>.tmp` beside it, 0600. It is removed when it is
/// dropped before that.
#[derive(Debug)]
pub(crate) struct Replacement {
    file: File,
    path: PathBuf,
    target: PathBuf,
}

impl Replacement {
    /// Creates it; one that a dead process left is removed. At most one process may do so at a time.
    ///
    /// # Errors
    ///
    /// [`Error::File`], as for the others.
    pub(crate) fn create(target: &Path) -> Result<Self, Error> {
        let path = beside(target, ".", ".tmp");
        match fs::remove_file(&path) {
            Err(_) if path.is_dir() => Err(problem(&path, FileProblem::NotAFile)),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(target, error)),
            _ => Self::create_at(path, target),
        }
    }

    /// Creates it under a name of its own, for a file that several may replace at a time.
    pub(crate) fn create_beside_others(target: &Path) -> Result<Self, Error> {
        let own = format!(".{:016x}.tmp", fastrand::u64(..));
        Self::create_at(beside(target, ".", &own), target)
    }

    fn create_at(path: PathBuf, target: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => Ok(Self { file, path, target: target.to_owned() }),
            Err(error) => Err(failed(target, error)),
        }
    }

    /// Fills `length` bytes and syncs them, so that the disk and the quota have had their say. It
    /// writes them all, since a hole takes no room.
    pub(crate) fn reserve(&self, length: u64) -> Result<(), Error> {
        let fill = || -> io::Result<()> {
            for offset in (0..length).step_by(BLOCK.len()) {
                self.file.write_all_at(&BLOCK, offset)?;
            }
            self.file.sync_all()
        };
        fill().map_err(|error| failed(&self.target, error))
    }

    /// Writes `bytes` and takes the other's place. That lasts once the folder is synced.
    pub(crate) fn publish(self, bytes: &[u8]) -> Result<(), Error> {
        let publish = || -> io::Result<()> {
            self.file.write_all_at(bytes, 0)?;
            self.file.set_len(bytes.len() as u64)?;
            self.file.sync_all()?;
            fs::rename(&self.path, &self.target)
        };
        publish().map_err(|error| failed(&self.target, error))
    }
}

impl Drop for Replacement {
    /// Finds nothing once it was renamed, since a name is used by one at a time.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes renames in the folder last.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| failed(folder, error))
}

const BLOCK: [u8; 4096] = [0; 4096];
