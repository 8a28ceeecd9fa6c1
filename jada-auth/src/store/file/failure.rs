//! What the system refused, and the command that mends it.

use std::{
    io::{self, ErrorKind},
    path::Path,
    sync::Arc,
};

use super::private::folder_of;
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
        ErrorKind::NotFound if !folder.exists() => {
            return self::problem(folder, FileProblem::Missing);
        }
        _ => (FileProblem::Io, mend(path, FileProblem::Io)),
    };
    Error::File { path: path.to_owned(), problem, mend, source: Some(Arc::new(error)) }
}

/// The path as a shell takes it for one word.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@,=".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn mend(path: &Path, problem: FileProblem) -> String {
    let (file, folder) = (quoted(path), quoted(folder_of(path)));
    match problem {
        FileProblem::Missing => format!("run `mkdir -m 700 -p {file}`"),
        FileProblem::Mode { .. } if path.is_dir() => format!("run `chmod 700 {file}`"),
        FileProblem::Mode { .. } => format!("run `chmod 600 {file}`"),
        FileProblem::Owner { .. } => {
            format!("run `chown {} {file}` as root", super::effective_uid())
        }
        FileProblem::Symlink => {
            format!(
                "put the file itself there: run `cp --remove-destination \"$(readlink -f {file})\" {file}`"
            )
        }
        FileProblem::NotAFile | FileProblem::NotAFolder => {
            format!("run `mv {file} {file}.old`")
        }
        FileProblem::Full => {
            "free some space on its file system, or raise the limit (`ulimit -f`)".to_owned()
        }
        FileProblem::ReadOnly => format!("run `chmod u+rwx {folder}`"),
        FileProblem::Io => "see what the system says".to_owned(),
        _ => format!(
            "nothing was changed; restore it, or run `mv {file} {file}.bad` and then `reauth`"
        ),
    }
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
        ];
        for (path, word) in cases {
            assert_eq!(quoted(Path::new(path)), word);
        }
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
