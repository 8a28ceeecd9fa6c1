//! A folder that is its owner's alone: files that appear whole or not at all, and locks that end
//! with their process.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{BoxError, Error};
use crate::files::{
    Access, append, crash, create_folder, folder_of, opened_with, publish, sync_folder, unfinished,
};

#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Creates it with mode 0700, these folders in it as well, and refuses one that others can look
    /// into.
    pub(crate) fn create(&self, inner: &[&str]) -> Result<(), Error> {
        create_folder(&self.0, Access::Private)
            .map_err(|error| Error::file(&self.0, "created", error))?;
        self.check_closed()?;
        inner.iter().try_for_each(|name| {
            let path = self.join(name);
            create_folder(&path, Access::Private)
                .map_err(|error| Error::file(&path, "created", error))
        })
    }

    #[cfg(unix)]
    fn check_closed(&self) -> Result<(), Error> {
        use std::os::unix::fs::PermissionsExt;

        let found = fs::metadata(&self.0).map_err(|error| Error::file(&self.0, "read", error))?;
        match found.permissions().mode() & 0o777 {
            mode if mode & 0o077 == 0 => Ok(()),
            mode => {
                let path = self.0.display().to_string().replace('\'', r"'\''");
                let why = format!("it is open to others ({mode:04o}): run `chmod 700 '{path}'`");
                Err(Error::file(&self.0, "used", why))
            }
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "on Unix it fails")]
    fn check_closed(&self) -> Result<(), Error> {
        Ok(())
    }

    /// A kill at any instant leaves the old content or the new; once this returns, the new.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.join(name);
        let replaced =
            unfinished(folder_of(&path), UNFINISHED, Access::Private).and_then(|mut file| {
                file.write_all(bytes)?;
                publish(file, &path)
            });
        replaced.map_err(|error| Error::file(&path, "written", error))
    }

    /// Appends a line and syncs it. Half a line that a crash left stays as it is, and the new one
    /// begins after it.
    pub(crate) fn append(&self, name: &str, line: &[u8]) -> Result<(), Error> {
        let path = self.join(name);
        append(&path, line, Access::Private).map_err(|error| Error::file(&path, "written", error))
    }

    /// Gives a file the place of another.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), Error> {
        let (from, to) = (self.join(from), self.join(to));
        let renamed = crash::point().and_then(|()| fs::rename(&from, &to));
        let synced = renamed.and_then(|()| sync_folder(folder_of(&to)));
        synced.map_err(|error| Error::file(&to, "written", error))
    }

    /// Removes a file, which may be gone.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.join(name);
        match crash::point().and_then(|()| fs::remove_file(&path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed
                .and_then(|()| sync_folder(folder_of(&path)))
                .map_err(|error| Error::file(&path, "removed", error)),
        }
    }

    /// Reads a file, which may not be there.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file(&path, "read", error)),
        }
    }

    /// The files of an inner folder that end in `.json`; none where there is no such folder.
    pub(crate) fn records(&self, inner: &str) -> Result<Vec<String>, Error> {
        let path = self.join(inner);
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| Error::file(&path, "listed", error))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| Error::file(&path, "listed", error))?.file_name();
            let name = name.to_str().filter(|name| name.ends_with(".json"));
            names.extend(name.map(|name| format!("{inner}/{name}")));
        }
        Ok(names)
    }

    /// Removes what processes that died left unfinished, once it is an hour old.
    pub(crate) fn sweep(&self, inner: &[&str]) -> Result<(), Error> {
        for name in inner.iter().chain([&""]) {
            // One that cannot be listed is told of when its records are looked for.
            for entry in fs::read_dir(self.join(name)).into_iter().flatten().flatten() {
                let unfinished =
                    entry.file_name().to_str().is_some_and(|it| it.starts_with(UNFINISHED));
                let modified = entry.metadata().and_then(|found| found.modified()).ok();
                if unfinished && modified.is_some_and(is_old) {
                    let path = entry.path();
                    fs::remove_file(&path).map_err(|error| Error::file(&path, "removed", error))?;
                }
            }
        }
        Ok(())
    }

    /// Removes files of an inner folder, which may be gone.
    pub(crate) fn remove_all(&self, inner: &str, names: &[String]) -> Result<(), Error> {
        let path = self.join(inner);
        let removed = names.iter().try_for_each(|name| {
            crash::point()?;
            match fs::remove_file(self.join(name)) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                removed => removed,
            }
        });
        let synced = removed.and_then(|()| sync_folder(&path));
        synced.map_err(|error| Error::file(&path, "cleared", error))
    }

    /// Takes the lock of this name, unless another process or task has it.
    pub(crate) fn try_lock(&self, name: &str) -> Result<Option<Lock>, Error> {
        let path = self.join(name);
        let failed = |error: io::Error| Error::file(&path, "locked", error);
        let mut options = opened_with(Access::Private);
        let file = options.write(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Takes a lock that is held for milliseconds.
    pub(crate) fn lock(&self, name: &str) -> Result<Lock, Error> {
        let began = Instant::now();
        loop {
            match self.try_lock(name)? {
                Some(lock) => return Ok(lock),
                None if began.elapsed() > PATIENCE => return Err(self.busy(name)),
                None => thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// Says who holds a lock.
    pub(crate) fn busy(&self, name: &str) -> Error {
        let signed = fs::read(self.join(name)).unwrap_or_default();
        let holder = match serde_json::from_slice::<Holder>(&signed) {
            Ok(Holder { pid, since }) => format!("process {pid}, since {since:.0}"),
            Err(_) => "another process".to_owned(),
        };
        Error::Busy { folder: self.0.clone(), holder }
    }
}

/// Held until it is dropped or its process dies.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Says who holds it. If that fails nobody is named, and nothing else is amiss.
    pub(crate) fn sign(&mut self, now: Timestamp) {
        let holder = Holder { pid: std::process::id(), since: now };
        let _ = serde_json::to_vec(&holder).map_err(io::Error::from).and_then(|it| self.note(&it));
    }

    /// Writes a note into the file, which is not synced.
    pub(crate) fn note(&mut self, note: &[u8]) -> io::Result<()> {
        self.0.rewind()?;
        self.0.set_len(0)?;
        self.0.write_all(note)
    }

    /// The note of whoever held it last.
    pub(crate) fn noted(&mut self) -> io::Result<String> {
        let mut note = String::new();
        self.0.rewind()?;
        self.0.read_to_string(&mut note)?;
        Ok(note)
    }
}

impl Drop for Lock {
    /// Said aloud, since a child that was just forked would keep the lock until it runs its program.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

#[derive(Serialize, Deserialize)]
struct Holder {
    pid: u32,
    since: Timestamp,
}

/// Reads what this crate has written; a file of another shape is a person's to mend.
pub(crate) fn parsed<T: for<'a> Deserialize<'a>>(path: &Path, json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|error| Error::file(path, "read", error))
}

pub(crate) fn as_json(path: &Path, value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let failed = |error| Error::file(path, "written", BoxError::from(error));
    serde_json::to_vec(value).map_err(failed)
}

/// By the clock that files are dated by.
fn is_old(modified: SystemTime) -> bool {
    modified.elapsed().is_ok_and(|age| age > Duration::from_secs(3600))
}

/// What a file's name begins with until it is whole.
const UNFINISHED: &str = ".unfinished-";

/// How long one waits for a lock that is held for milliseconds, unless its holder was stopped.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_it_holds_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;

        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::new(parent.path().join("state"));
        folder.create(&["inner"]).unwrap();
        folder.replace("inner/a.json", b"{}").unwrap();
        folder.append("journal", b"{}").unwrap();
        drop(folder.try_lock(".lock").unwrap());
        let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode();
        for (name, expected) in
            [("", 0o700), ("inner", 0o700), ("inner/a.json", 0o600), ("journal", 0o600)]
        {
            assert_eq!(mode(name) & 0o777, expected, "{name}");
        }
        assert_eq!(mode(".lock") & 0o777, 0o600);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let Error::File { source, .. } = folder.create(&[]).unwrap_err() else { panic!() };
        assert!(source.to_string().contains("run `chmod 700 "), "{source}");
    }

    #[test]
    fn a_lock_has_one_holder_who_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::new(parent.path().to_owned());
        let mut held = folder.try_lock(".lock").unwrap().unwrap();
        held.sign(Timestamp::UNIX_EPOCH);
        assert!(folder.try_lock(".lock").unwrap().is_none());
        let busy = folder.busy(".lock").to_string();
        let process = format!("process {}, since 1970-01-01T00:00:00Z", std::process::id());
        assert!(busy.ends_with(&process), "{busy}");
        drop(held);
        assert!(folder.try_lock(".lock").unwrap().is_some());
    }
}
