//! What has become of the mails of calls: sent, left as files, or kept back.

use std::fmt;
use std::path::PathBuf;

use jada_reports::Failure;

/// What has become of the mails in the outbox.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Mailed {
    /// How many were sent.
    pub sent: usize,
    /// The folder in which those are left as files, mailed to nobody; none where they were mailed.
    pub left_in: Option<PathBuf>,
    /// Whether somebody has said, for this outbox, that they are to be files.
    pub(crate) is_meant: bool,
    /// What keeps others from it, each under a name.
    pub kept_back: Vec<(String, Failure)>,
}

impl Mailed {
    /// What an operator is to know who has not said how mails leave, and so has mailed nobody.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let folder = self.left_in.as_ref().filter(|_| self.sent > 0 && !self.is_meant)?;
        Some(format!(
            "note: the mails are left as files in `{}`, and mailed to nobody; mail those files by \
             hand, --via gmail mails the next ones, --via eml is silent",
            folder.display()
        ))
    }
}

/// How many were sent, or left as files in this folder.
pub(crate) fn write_sent(
    f: &mut fmt::Formatter<'_>,
    sent: usize,
    left_in: Option<&PathBuf>,
) -> fmt::Result {
    match left_in {
        Some(folder) if sent > 0 => {
            write!(f, "{sent} left as files in `{}`, mailed to nobody", folder.display())
        }
        _ => write!(f, "{sent} sent"),
    }
}
