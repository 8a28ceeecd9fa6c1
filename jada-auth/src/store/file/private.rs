//! Opening files that nobody else may reach: what is checked is what was opened.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
    sync::Arc,
};

use rustix::{fs::OFlags, io::Errno, process::geteuid};
use zeroize::Zeroizing;

use super::failure::{failed, no_folder, problem, quoted};
use crate::{Error, FileProblem};

/// The user as whom this process opens files.
pub(crate) fn effective_uid() -> u32 {
    geteuid().as_raw()
}

/// Checks that the folder is a folder of `uid` and closed to others. It may be reached by links.
pub(crate) fn check_folder(folder: &Path, uid: u32) -> Result<(), Error> {
    let found = match fs::metadata(folder) {
        Ok(found) => found,
        Err(error) if is_astray(&error) => return Err(no_folder(folder)),
        Err(error) => return Err(unreadable(folder, error)),
    };
    if !found.is_dir() {
        return Err(problem(folder, FileProblem::NotAFolder));
    }
    check_access(folder, &found, uid)?;
    match found.mode() & 0o100 {
        0 => check_entrance(folder),
        _ => Ok(()),
    }
}

/// Its owner may have closed it to himself. Root enters all the same.
fn check_entrance(folder: &Path) -> Result<(), Error> {
    let entered = fs::metadata(folder.join("."));
    entered.map(drop).map_err(|error| Error::File {
        path: folder.to_owned(),
        problem: FileProblem::Io,
        mend: format!("run `chmod 700 {}`", quoted(folder)),
        source: Some(Arc::new(error)),
    })
}

/// Tells whether the path is a link, and what it leads to is not there.
pub(super) fn leads_nowhere(path: &Path) -> bool {
    path.is_symlink() && fs::metadata(path).is_err_and(|error| is_astray(&error))
}

fn is_astray(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) || is_loop(error)
}

fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Tells whether there is anything by that name, a broken link included.
pub(crate) fn found(path: &Path) -> Result<bool, Error> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unreadable(path, error)),
    }
}

/// Opens a file to read it; none when it is not there.
pub(super) fn open(path: &Path, uid: u32) -> Result<Option<File>, Error> {
    match private_options().read(true).open(path) {
        Ok(file) => checked(path, file, uid).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused(path, error, uid, unreadable)),
    }
}

/// Opens a file to lock it, and creates it first where it is not there.
pub(super) fn open_lock(path: &Path, uid: u32) -> Result<File, Error> {
    let mut options = private_options();
    match options.read(true).write(true).create(true).truncate(false).open(path) {
        Ok(file) => checked(path, file, uid),
        Err(error) => Err(refused(path, error, uid, failed)),
    }
}

/// All of an open file.
pub(super) fn read_all(path: &Path, file: &File) -> Result<Zeroizing<Vec<u8>>, Error> {
    let length = file.metadata().map_err(|error| unreadable(path, error))?.len();
    if length > LARGEST {
        return Err(problem(path, FileProblem::TooLarge));
    }
    // Room for all, so that no copy stays behind where the buffer grew.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length as usize + 1024));
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(problem(path, FileProblem::TooLarge));
    }
    Ok(bytes)
}

/// All of a file that only `uid` may reach; none when it is not there.
pub(crate) fn read_private(path: &Path, uid: u32) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let Some(file) = open(path, uid)? else { return Ok(None) };
    read_all(path, &file).map(Some)
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// `NONBLOCK`, since opening a pipe would wait for its other end.
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    options.mode(0o600).custom_flags(flags.bits().cast_signed());
    options
}

fn checked(path: &Path, file: File, uid: u32) -> Result<File, Error> {
    let found = file.metadata().map_err(|error| unreadable(path, error))?;
    if !found.is_file() {
        return Err(problem(path, FileProblem::NotAFile));
    }
    check_access(path, &found, uid)?;
    Ok(file)
}

fn check_access(path: &Path, found: &Metadata, uid: u32) -> Result<(), Error> {
    if found.uid() != uid {
        return Err(problem(path, FileProblem::Owner { uid: found.uid() }));
    }
    if found.mode() & 0o077 != 0 {
        return Err(problem(path, FileProblem::Mode { mode: found.mode() & 0o7777 }));
    }
    Ok(())
}

/// Why a file could not be opened: what stands there often says it better than the system.
fn refused(
    path: &Path,
    error: io::Error,
    uid: u32,
    otherwise: fn(&Path, io::Error) -> Error,
) -> Error {
    if is_loop(&error) {
        let dangling = leads_nowhere(path);
        return problem(
            path,
            if dangling { FileProblem::DanglingLink } else { FileProblem::Symlink },
        );
    }
    match path.symlink_metadata() {
        Ok(found) if !found.is_file() => problem(path, FileProblem::NotAFile),
        Ok(found) if found.uid() != uid => problem(path, FileProblem::Owner { uid: found.uid() }),
        Ok(_) if error.kind() == ErrorKind::PermissionDenied => unreadable(path, error),
        _ => otherwise(path, error),
    }
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    let mend = match error.kind() {
        ErrorKind::PermissionDenied if path.is_file() => {
            format!("run `chmod 600 {}`", quoted(path))
        }
        ErrorKind::PermissionDenied => {
            format!("let this user enter the folders above it; see `namei -l {}`", quoted(path))
        }
        _ => "see what the system says".to_owned(),
    };
    let problem = FileProblem::Io;
    Error::File { path: path.to_owned(), problem, mend, source: Some(Arc::new(error)) }
}

/// 1 MiB: no file of these is nearly as long.
const LARGEST: u64 = 1 << 20;
