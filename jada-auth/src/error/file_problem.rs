//! What can be wrong with a file of secrets.

/// What is wrong with a file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// Others may read or write it.
    #[error("has the mode {mode:04o}, so others can reach it")]
    Mode {
        /// Its permission bits, such as `0o644`.
        mode: u32,
    },
    /// It belongs to another user.
    #[error("belongs to user {uid}, not to this one")]
    Owner {
        /// Its owner's numeric id.
        uid: u32,
    },
    /// It is a symbolic link, which others may point elsewhere.
    #[error("is a symbolic link")]
    Symlink,
    /// It is a symbolic link, and what it leads to is not there.
    #[error("is a symbolic link to what is not there")]
    DanglingLink,
    /// It is a folder, a pipe or a device.
    #[error("is not a regular file")]
    NotAFile,
    /// It is no folder.
    #[error("is not a folder")]
    NotAFolder,
    /// It is empty.
    #[error("is empty")]
    Empty,
    /// It is larger than any file of its kind.
    #[error("is larger than 1 MiB")]
    TooLarge,
    /// It holds something else than a JSON object.
    #[error("is no JSON object")]
    NotAnObject,
    /// It cannot be parsed; a place counts lines and columns from 1.
    #[error("is malformed at line {line}, column {column}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A field that it must have is missing or of the wrong type.
    #[error("has no usable field `{field}`")]
    Field {
        /// The field's name.
        field: &'static str,
    },
    /// There are several files of which only one can be meant.
    #[error("stands beside another that says the same thing otherwise")]
    Ambiguous,
    /// The disk or the quota is full.
    #[error("cannot be written because the disk is full")]
    Full,
    /// Its folder or its file system does not permit writing.
    #[error("cannot be written here")]
    ReadOnly,
    /// The system failed otherwise.
    #[error("cannot be used")]
    Io,
}
