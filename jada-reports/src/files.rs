//! Files that appear whole or not at all, and lines that are appended for good.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Who may reach what is created.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    /// Whoever may reach any new file here.
    Usual,
    /// Its owner alone: a file is 0600 and no link, a folder 0700.
    Private,
}

/// The folder that a path lies in, which for a bare name is this one.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder with its parents, and makes them last.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there are no such modes"))]
pub(crate) fn create_folder(folder: &Path, access: Access) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if let Access::Private = access {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    crash::point()?;
    builder.create(folder)?;
    missing.into_iter().try_for_each(|folder| sync_folder(folder_of(folder)))
}

/// A file in this folder under a name that nobody looks for; it is removed when it is dropped.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there are no such modes"))]
pub(crate) fn unfinished(folder: &Path, name: &str, access: Access) -> io::Result<NamedTempFile> {
    crash::point()?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(name).suffix(".tmp");
    #[cfg(unix)]
    if let Access::Usual = access {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Gives a file that is whole the place of `path`: a kill at any instant leaves the old content or
/// the new; once this returns, the new.
pub(crate) fn publish(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    crash::point()?;
    file.persist(path).map_err(|error| error.error)?;
    crash::point()?;
    sync_folder(folder_of(path))
}

/// Appends a line and makes it last. Half a line that a crash left stays as it is, and the new one
/// begins after it.
pub(crate) fn append(path: &Path, line: &[u8], access: Access) -> io::Result<()> {
    let new = !path.exists();
    let mut file = opened_with(access).append(true).open(path)?;
    let mut bytes = Vec::with_capacity(line.len() + 2);
    if ends_in_half_a_line(&mut file)? {
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(line);
    bytes.push(b'\n');
    crash::point()?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    crash::point()?;
    if new { sync_folder(folder_of(path)) } else { Ok(()) }
}

/// A file that is there or is created.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there are no such modes"))]
pub(crate) fn opened_with(access: Access) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).read(true);
    #[cfg(unix)]
    if let Access::Private = access {
        use std::os::unix::fs::OpenOptionsExt;
        let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        options.mode(0o600).custom_flags(no_link);
    }
    options
}

/// Makes a rename last; other systems than Unix have no such call.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn ends_in_half_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}

/// A crash that a test asks for: after so many steps nothing reaches the disk any more.
pub(crate) mod crash {
    use std::io;

    #[cfg(not(test))]
    #[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
    #[inline(always)]
    pub(crate) fn point() -> io::Result<()> {
        Ok(())
    }

    #[cfg(test)]
    thread_local!(static STEPS_LEFT: std::cell::Cell<usize> = const { std::cell::Cell::new(usize::MAX) });

    #[cfg(test)]
    pub(crate) fn point() -> io::Result<()> {
        let left = STEPS_LEFT.get().checked_sub(1).ok_or(io::ErrorKind::Other)?;
        STEPS_LEFT.set(left);
        Ok(())
    }

    /// Lets `steps` more steps of this thread succeed.
    #[cfg(test)]
    pub(crate) fn after(steps: usize) {
        STEPS_LEFT.set(steps);
    }

    /// From one crash of a sweep to the next; each sync takes its time.
    #[cfg(test)]
    pub(crate) fn stride() -> usize {
        if std::env::var("JADA_SWEEP").is_ok_and(|it| it == "full") { 1 } else { 3 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_after_half_a_line_that_a_crash_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        fs::write(&path, "{\"a\":").unwrap();
        append(&path, b"{}", Access::Private).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"{\"a\":\n{}\n");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_private_is_no_link_to_what_may_be_anothers() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "another's").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        append(&link, b"{}", Access::Private).unwrap_err();
        opened_with(Access::Private).write(true).open(&link).unwrap_err();
        assert_eq!(fs::read(&target).unwrap(), b"another's");
        append(&link, b"ours", Access::Usual).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"another's\nours\n");
    }
}
