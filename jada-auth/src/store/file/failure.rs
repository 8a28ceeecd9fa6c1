//! What the system refused, and the command that mends it.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Remedy,
    private::{effective_uid, folder_of, leads_nowhere},
};
use crate::{Error, FileProblem};

/// A problem that was found by looking, with what mends it where that follows from the problem.
pub(crate) fn problem(path: &Path, problem: FileProblem) -> Error {
    let mend = mend(path, problem);
    Error::File { path: path.to_owned(), problem, mend, source: None }
}

/// A system call that failed on `path` or in its folder.
pub(crate) fn failed(path: &Path, error: io::Error) -> Error {
    let folder = folder_of(path);
    let (problem, mend) = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            (FileProblem::Full, mend(path, FileProblem::Full))
        }
        ErrorKind::ReadOnlyFilesystem => {
            (FileProblem::ReadOnly, "mount its file system for writing".to_owned())
        }
        ErrorKind::PermissionDenied => (FileProblem::ReadOnly, mend(path, FileProblem::ReadOnly)),
        ErrorKind::NotFound | ErrorKind::NotADirectory if !folder.is_dir() => {
            return no_folder(folder);
        }
        _ => (FileProblem::Io, mend(path, FileProblem::Io)),
    };
    Error::File { path: path.to_owned(), problem, mend, source: Some(Arc::new(error)) }
}

/// Why there is no such folder: nothing is there, or what stands on the way to it.
pub(crate) fn no_folder(folder: &Path) -> Error {
    // A slash at the end would follow a link.
    let folder: PathBuf = folder.components().collect();
    for above in folder.ancestors().filter(|above| above.symlink_metadata().is_ok()) {
        if leads_nowhere(above) {
            return problem(above, FileProblem::DanglingLink);
        }
        if !above.is_dir() {
            return problem(above, FileProblem::NotAFolder);
        }
    }
    problem(&folder, FileProblem::Missing)
}

/// The path as a shell takes it for one word, and no program for an option.
pub(crate) fn quoted(path: &Path) -> String {
    let option = if path.as_os_str().as_encoded_bytes().starts_with(b"-") { "./" } else { "" };
    let text = format!("{option}{}", path.display());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@,=".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn mend(path: &Path, problem: FileProblem) -> String {
    let file = quoted(path);
    match problem {
        FileProblem::Missing => format!("run `mkdir -m 700 -p {file}`"),
        FileProblem::Mode { .. } if path.is_dir() => format!("run `chmod 700 {file}`"),
        FileProblem::Mode { .. } => format!("run `chmod 600 {file}`"),
        FileProblem::Owner { uid } => of_another(path, uid, effective_uid()),
        FileProblem::Symlink if path.is_dir() => format!("run `rm {file}`"),
        FileProblem::Symlink => {
            format!(
                "put the file itself there: run `cp --remove-destination \"$(readlink -f {file})\" {file}`"
            )
        }
        FileProblem::DanglingLink => {
            let target = fs::read_link(path).unwrap_or_default();
            format!("restore `{}`, or run `rm {file}`", target.display())
        }
        FileProblem::NotAFile | FileProblem::NotAFolder => {
            format!("run `mv {file} {file}.old`")
        }
        FileProblem::Full => {
            "free some space on its file system, or raise the limit (`ulimit -f`)".to_owned()
        }
        FileProblem::ReadOnly => to_be_written(folder_of(path), effective_uid()),
        FileProblem::Io => "see what the system says".to_owned(),
        _ => Remedy::default().mend(path),
    }
}

/// What is another's stays another's: root would take it from the service that it belongs to. A
/// file in root's own folder belongs to nobody else who could reach it.
fn of_another(path: &Path, owner: u32, user: u32) -> String {
    let file = quoted(path);
    let in_own_folder = || !path.is_dir() && owner_of(folder_of(path)) == Some(user);
    match user {
        0 if in_own_folder() => format!("run `chown 0 {file}`"),
        0 => format!("run this as user {owner} (`sudo -u '#{owner}' …`)"),
        _ => format!("run `chown {user} {file}` as root"),
    }
}

fn to_be_written(folder: &Path, user: u32) -> String {
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let name = quoted(there);
    match owner_of(there) {
        Some(owner) if owner != user => format!("let user {user} write in {name}"),
        _ => format!("run `chmod u+rwx {name}`"),
    }
}

fn owner_of(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|found| found.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        let cases = [
            ("/home/ops/.secrets/a-b_c.json", "/home/ops/.secrets/a-b_c.json"),
            ("/home/my files/x", "'/home/my files/x'"),
            ("it's", r"'it'\''s'"),
            ("~/x", "'~/x'"),
            ("$(reboot)", "'$(reboot)'"),
            ("", "''"),
            ("-p/x", "./-p/x"),
            ("-my files", "'./-my files'"),
        ];
        for (path, word) in cases {
            assert_eq!(quoted(Path::new(path)), word);
        }
    }

    #[test]
    fn root_takes_nothing_from_the_service_that_it_belongs_to() {
        let folder = tempfile::tempdir().unwrap();
        let (file, me) = (folder.path().join("token.json"), effective_uid());
        fs::write(&file, "").unwrap();
        let of_a_service = of_another(folder.path(), 65_534, 0);
        assert_eq!(of_a_service, "run this as user 65534 (`sudo -u '#65534' …`)");
        let chown = format!("run `chown 1000 {}` as root", file.display());
        assert_eq!(of_another(&file, 65_534, 1000), chown);
        let expected = match me {
            0 => format!("run `chown 0 {}`", file.display()),
            _ => of_a_service,
        };
        assert_eq!(of_another(&file, 65_534, 0), expected, "in root's own folder it is root's");
    }

    #[test]
    fn a_folder_of_another_is_not_to_be_opened_by_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let (name, me) = (folder.path().display(), effective_uid());
        let below = folder.path().join("not/there");
        assert_eq!(to_be_written(&below, me), format!("run `chmod u+rwx {name}`"));
        let other = me + 1;
        assert_eq!(to_be_written(&below, other), format!("let user {other} write in {name}"));
    }

    #[test]
    fn what_the_system_says_is_sorted_by_what_mends_it() {
        let cases = [
            (rustix::io::Errno::NOSPC, FileProblem::Full),
            (rustix::io::Errno::DQUOT, FileProblem::Full),
            (rustix::io::Errno::FBIG, FileProblem::Full),
            (rustix::io::Errno::ACCESS, FileProblem::ReadOnly),
            (rustix::io::Errno::PERM, FileProblem::ReadOnly),
            (rustix::io::Errno::ROFS, FileProblem::ReadOnly),
            (rustix::io::Errno::NOENT, FileProblem::Missing),
            (rustix::io::Errno::IO, FileProblem::Io),
        ];
        for (errno, expected) in cases {
            let error = failed(Path::new("/my secrets/token.json"), errno.into());
            let Error::File { problem, .. } = error else { panic!("{error:?}") };
            assert_eq!(problem, expected, "{errno:?}");
        }
    }
}
