//! Files that nobody else may reach: what is checked is what was opened, and a file appears whole.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::process::geteuid;
use zeroize::Zeroizing;

use crate::error::{BoxError, Error};

/// All of a file; none when it is not there.
pub(super) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let file = match private_options().read(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(not_opened(path, error)),
    };
    check_folder(folder_of(path))?;
    let found = file.metadata().map_err(|error| failed(path, error))?;
    check_file(path, &found)?;
    if found.len() > LARGEST {
        return Err(wrong(path, "it is far too long to be a list of peppers; restore it"));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(found.len() as usize + 1024));
    file.take(LARGEST).read_to_end(&mut bytes).map_err(|error| failed(path, error))?;
    Ok(Some(bytes))
}

/// Creates a file that is not there, with its folder. Where someone else was first, theirs stays.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = folder_of(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| failed(folder, error))?;
    check_folder(folder)?;
    let temporary = Temporary::new(path, bytes)?;
    match fs::hard_link(&temporary.0, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(failed(path, error)),
        _ => sync(folder),
    }
}

/// The right to replace a file, held by one process at a time: a lock on a file beside it, which
/// is never deleted.
pub(super) struct Locked<'a> {
    path: &'a Path,
    _lock: File,
}

impl<'a> Locked<'a> {
    /// Waits until nobody else has it.
    pub(super) fn new(path: &'a Path) -> Result<Self, Error> {
        check_folder(folder_of(path))?;
        let beside = beside(path, ".lock");
        let mut options = private_options();
        let lock = options.read(true).write(true).create(true).truncate(false).open(&beside);
        let lock = lock.map_err(|error| not_opened(&beside, error))?;
        let found = lock.metadata().map_err(|error| failed(&beside, error))?;
        check_file(&beside, &found)?;
        lock.lock().map_err(|error| failed(&beside, error))?;
        Ok(Self { path, _lock: lock })
    }

    /// Puts another content in the file's place: at any instant it is the old or the new one.
    pub(super) fn replace(&self, bytes: &[u8]) -> Result<(), Error> {
        let temporary = Temporary::new(self.path, bytes)?;
        fs::rename(&temporary.0, self.path).map_err(|error| failed(self.path, error))?;
        sync(folder_of(self.path))
    }
}

/// A file with a name of its own, synced; removed when it is dropped, if it was not renamed.
struct Temporary(PathBuf);

impl Temporary {
    fn new(target: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let path = beside(target, &format!(".{:016x}.tmp", fastrand::u64(..)));
        let mut options = private_options();
        let file = options.write(true).create_new(true).open(&path);
        let mut file = file.map_err(|error| failed(target, error))?;
        let temporary = Self(path);
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map(|()| temporary).map_err(|error| failed(target, error))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// `NONBLOCK`, since opening a pipe would wait for its other end.
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    options.mode(0o600).custom_flags(flags.bits().cast_signed());
    options
}

fn check_file(path: &Path, found: &Metadata) -> Result<(), Error> {
    if !found.is_file() {
        return Err(wrong(path, "it is no file; put the file in its place"));
    }
    check_access(path, found, "600")
}

fn check_folder(folder: &Path) -> Result<(), Error> {
    let found = fs::metadata(folder).map_err(|error| failed(folder, error))?;
    if !found.is_dir() {
        return Err(wrong(folder, "it is no folder"));
    }
    check_access(folder, &found, "700")
}

fn check_access(path: &Path, found: &Metadata, mode: &str) -> Result<(), Error> {
    let (uid, own, quoted) = (found.uid(), geteuid().as_raw(), quoted(path));
    if uid != own {
        let whose = format!("it belongs to user {uid}, and this process runs as {own}");
        return Err(wrong(path, format!("{whose}; run `chown {own} {quoted}`")));
    }
    let found = found.mode() & 0o7777;
    if found & 0o077 != 0 {
        let open = format!("it is open to others (mode {found:04o})");
        return Err(wrong(path, format!("{open}; run `chmod {mode} {quoted}`")));
    }
    Ok(())
}

fn not_opened(path: &Path, error: io::Error) -> Error {
    if path.is_symlink() {
        return wrong(path, "it is a symbolic link; put the file itself there");
    }
    if path.is_file() && error.kind() == ErrorKind::PermissionDenied {
        return with_source(path, format!("run `chmod 600 {}`", quoted(path)), error);
    }
    failed(path, error)
}

fn failed(path: &Path, error: io::Error) -> Error {
    with_source(path, "see what the system says", error)
}

fn with_source(path: &Path, mend: impl Into<String>, error: impl Into<BoxError>) -> Error {
    let path = path.display().to_string();
    Error::Peppers { path, mend: mend.into(), source: Some(error.into()) }
}

fn wrong(path: &Path, mend: impl Into<String>) -> Error {
    Error::Peppers { path: path.display().to_string(), mend: mend.into(), source: None }
}

/// Makes what was created or renamed in the folder last.
fn sync(folder: &Path) -> Result<(), Error> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| failed(folder, error))
}

/// `.<name><ending>` in the same folder.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{ending}"))
}

fn folder_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// As a shell takes it for one word.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// 62 peppers are far below.
const LARGEST: u64 = 1 << 20;
