//! Files that appear whole or not at all, in folders that are their owner's alone.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use tempfile::NamedTempFile;

use crate::Error;

/// Creates the folder and its parents, with mode 0700 on Unix, and makes them last.
pub(crate) fn create_folder(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    crash::point(folder)?;
    builder.create(folder).map_err(|source| Error::io("create the folder", folder, source))?;
    missing.into_iter().try_for_each(|folder| sync_folder(parent(folder)))
}

/// A file that is written and synced, under a name that nobody looks for; it is removed when it is
/// dropped.
#[derive(Debug)]
pub(crate) struct Unfinished(NamedTempFile);

impl Unfinished {
    /// Writes `bytes` in `folder`, readable by the owner alone.
    pub(crate) fn write(folder: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let failed = |source| Error::io("write a file in", folder, source);
        crash::point(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .suffix(".tmp")
            .tempfile_in(folder)
            .map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        crash::point(folder)?;
        file.as_file().sync_all().map_err(failed)?;
        Ok(Self(file))
    }

    /// Takes the place of `path`, and makes that last.
    pub(crate) fn publish(self, path: &Path) -> Result<(), Error> {
        crash::point(path)?;
        self.0.persist(path).map_err(|error| Error::io("write", path, error.error))?;
        sync_folder(parent(path))
    }
}

/// Replaces the content of `path`.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    Unfinished::write(parent(path), bytes)?.publish(path)
}

/// Gives a file another name on the same volume, and makes that last.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    crash::point(to)?;
    fs::rename(from, to).map_err(|source| Error::io("move a file to", to, source))?;
    sync_folder(parent(to))?;
    sync_folder(parent(from))
}

/// Removes a file, which may be gone already, and makes that last.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    crash::point(path)?;
    match fs::remove_file(path) {
        Ok(()) => sync_folder(parent(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("remove", path, error)),
    }
}

/// Reads a file that may not be there.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// Makes renames in the folder last. Windows offers no such call for a folder and needs none on
/// NTFS.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    crash::point(folder)?;
    match cfg!(unix) {
        true => File::open(folder).and_then(|folder| folder.sync_all()),
        false => Ok(()),
    }
    .map_err(|source| Error::io("sync", folder, source))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// What a file's name begins with until it is finished.
pub(crate) const UNFINISHED: &str = ".unfinished-";

/// A crash that a test asks for: after so many steps nothing reaches the disk any more.
pub(crate) mod crash {
    use std::path::Path;

    use crate::Error;

    #[cfg(not(test))]
    #[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
    #[inline(always)]
    pub(super) fn point(_: &Path) -> Result<(), Error> {
        Ok(())
    }

    #[cfg(test)]
    thread_local!(static STEPS_LEFT: std::cell::Cell<usize> = const { std::cell::Cell::new(usize::MAX) });

    #[cfg(test)]
    pub(super) fn point(path: &Path) -> Result<(), Error> {
        let left = STEPS_LEFT.get();
        let Some(left) = left.checked_sub(1) else {
            return Err(Error::io("reach", path, std::io::ErrorKind::Other.into()));
        };
        STEPS_LEFT.set(left);
        Ok(())
    }

    /// Lets `steps` more steps of this thread succeed.
    #[cfg(test)]
    pub(crate) fn after(steps: usize) {
        STEPS_LEFT.set(steps);
    }

    /// How many steps are left; none when the crash has come.
    #[cfg(test)]
    pub(crate) fn steps_left() -> usize {
        STEPS_LEFT.get()
    }
}
