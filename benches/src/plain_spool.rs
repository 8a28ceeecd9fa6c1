//! Files that last, by hand: written beside their place, synced, renamed, and the folder synced.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// A folder that keeps each file with the two syncs that one file needs.
#[derive(Debug)]
pub struct PlainSpool(PathBuf);

impl PlainSpool {
    /// Creates the folder, with a first file in it, and makes both last.
    #[must_use]
    pub fn create(folder: impl Into<PathBuf>) -> Self {
        let spool = Self(folder.into());
        std::fs::create_dir(&spool.0).unwrap();
        spool.keep("first", b"");
        sync(spool.0.parent().unwrap());
        spool
    }

    /// Makes the file last.
    pub fn keep(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        let mut file = NamedTempFile::new_in(&self.0).unwrap();
        file.write_all(bytes).unwrap();
        file.as_file().sync_all().unwrap();
        file.persist(&path).unwrap();
        sync(&self.0);
    }
}

fn sync(folder: &Path) {
    File::open(folder).unwrap().sync_all().unwrap();
}
