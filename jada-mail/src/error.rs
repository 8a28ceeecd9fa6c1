//! What can go wrong with a mail, by what the caller can do about it.

use std::{
    error::Error as StdError,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Why a mail could not be composed or sent.
///
/// `Display` speaks of this layer only; the cause is in [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text does not have the form its type asks for. Correct the text.
    #[error("{text} is not {what}: expected {expected} at byte {at}")]
    Invalid {
        /// What the text should be, with its article: "an address".
        what: &'static str,
        /// What was expected at `at`.
        expected: &'static str,
        /// Where the text goes wrong: bytes from its start, 0 ≤ `at` ≤ its length.
        at: usize,
        /// The text in quotes, escaped so that it is safe to print, at most 100 characters of it.
        text: String,
    },

    /// A body holds a NUL, which no mail can carry. Remove it. The body itself is not repeated.
    #[error("the {part} body holds a NUL at byte {at}: remove it")]
    NulInBody {
        /// Which body: "text" or "HTML".
        part: &'static str,
        /// Bytes from the start of the body.
        at: usize,
    },

    /// A message lacks something that every mail has. Set it on the builder.
    #[error("a message needs {missing}")]
    Incomplete {
        /// What is missing, with the builder method that sets it.
        missing: &'static str,
    },

    /// The HTML body and the inline images do not match. Display says how to mend it.
    #[error("the inline image {cid}: {mend}")]
    InlineImage {
        /// The content id, in quotes, escaped so that it is safe to print.
        cid: String,
        /// What is wrong, and what to do about it.
        mend: &'static str,
    },

    /// A mail is larger than the limit. Attach less, and send a link instead.
    #[error("{what} {bytes} bytes, and the limit is {limit}: attach less, or send a link instead")]
    TooLarge {
        /// What is too large, with its verb: "the mail has".
        what: &'static str,
        /// How many bytes it has.
        bytes: u64,
        /// How many it may have.
        limit: u64,
    },

    /// Bytes are not a mail that can be read. They are not repeated.
    #[error("{bytes} bytes are not a mail: expected {expected}")]
    NotAMail {
        /// How many bytes there are.
        bytes: usize,
        /// What a mail has, and these bytes have not.
        expected: &'static str,
    },

    /// Rules for reading a booking site's mails are not as they should be. Correct them.
    #[error("{place}: {wrong}")]
    Layouts {
        /// Where: the line and column, or the names of the layout and the field.
        place: String,
        /// What is wrong there, and what was expected.
        wrong: String,
    },

    /// The file system refused. Display says how to mend it.
    #[error("cannot {action} {}: {}", path.display(), mend(*kind))]
    Io {
        /// What was tried: "create the folder".
        action: &'static str,
        /// The file or folder it was tried on.
        path: PathBuf,
        /// What kind of failure it was; decides whether it is transient.
        kind: io::ErrorKind,
        /// The operating system's error.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },

    /// A [`Mailer`](crate::Mailer)'s other side cannot take mail just now. Send again later.
    #[error("the mailer is unavailable")]
    Unavailable {
        /// How long the other side asks to be left alone, if it says.
        retry_after: Option<Duration>,
        /// What the transport reported.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },

    /// A [`Mailer`](crate::Mailer)'s other side will not take this message, now or later.
    #[error("the mailer refused the message")]
    Refused {
        /// What the transport reported.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },

    /// No mail can be sent until a person mends the account or the configuration: consent is
    /// missing, or a scope, or the API is switched off. It says nothing against the message, which
    /// was not sent.
    #[error("no mail can be sent")]
    Blocked {
        /// What the transport reported.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },

    /// The answer was lost, so the mail may have been sent. Sending it again may send it twice:
    /// look first. An [`Outbox`](crate::Outbox) does that.
    #[error("the answer was lost, so the mail may have been sent")]
    InDoubt {
        /// What the transport reported.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl Error {
    /// Tells whether the same call may succeed later without anybody mending anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Io { kind, .. } => matches!(
                kind,
                io::ErrorKind::Interrupted
                    | io::ErrorKind::ResourceBusy
                    | io::ErrorKind::StaleNetworkFileHandle
                    | io::ErrorKind::TimedOut
                    | io::ErrorKind::WouldBlock
            ),
            Self::Unavailable { .. } => true,
            Self::Invalid { .. }
            | Self::NulInBody { .. }
            | Self::Incomplete { .. }
            | Self::InlineImage { .. }
            | Self::TooLarge { .. }
            | Self::NotAMail { .. }
            | Self::Layouts { .. }
            | Self::Blocked { .. }
            | Self::InDoubt { .. }
            | Self::Refused { .. } => false,
        }
    }

    /// Returns how long to wait before the next try, if the other side said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            Self::Invalid { .. }
            | Self::NulInBody { .. }
            | Self::Incomplete { .. }
            | Self::InlineImage { .. }
            | Self::Io { .. }
            | Self::TooLarge { .. }
            | Self::NotAMail { .. }
            | Self::Layouts { .. }
            | Self::Blocked { .. }
            | Self::InDoubt { .. }
            | Self::Refused { .. } => None,
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), kind: source.kind(), source: Box::new(source) }
    }
}

fn mend(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => "give this process read and write access to it",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free space on its volume",
        io::ErrorKind::ReadOnlyFilesystem => "choose a folder on a writable volume",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            "a file stands where a folder is needed, move it away"
        }
        io::ErrorKind::IsADirectory => "a folder stands where the mail goes, move it away",
        _ => "check the folder and its volume, then send again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed() -> Box<dyn StdError + Send + Sync> {
        "the cause".into()
    }

    #[test]
    fn every_variant_knows_whether_it_heals_and_when() {
        let minute = Duration::from_secs(60);
        let io = |kind| Error::io("write", Path::new("mails"), io::Error::from(kind));
        for (error, transient, retry_after) in [
            (crate::syntax::invalid("an address", "x", 1, "an @"), false, None),
            (Error::NulInBody { part: "text", at: 0 }, false, None),
            (Error::Incomplete { missing: "a date" }, false, None),
            (Error::InlineImage { cid: "x".into(), mend: "show it" }, false, None),
            (io(io::ErrorKind::PermissionDenied), false, None),
            (io(io::ErrorKind::StorageFull), false, None),
            (io(io::ErrorKind::NotFound), false, None),
            (io(io::ErrorKind::Interrupted), true, None),
            (io(io::ErrorKind::ResourceBusy), true, None),
            (io(io::ErrorKind::StaleNetworkFileHandle), true, None),
            (io(io::ErrorKind::TimedOut), true, None),
            (io(io::ErrorKind::WouldBlock), true, None),
            (Error::Unavailable { retry_after: Some(minute), source: boxed() }, true, Some(minute)),
            (Error::Unavailable { retry_after: None, source: boxed() }, true, None),
            (Error::Refused { source: boxed() }, false, None),
            (Error::Blocked { source: boxed() }, false, None),
            (Error::InDoubt { source: boxed() }, false, None),
            (Error::TooLarge { what: "the mail has", bytes: 2, limit: 1 }, false, None),
            (Error::NotAMail { bytes: 2, expected: "a header" }, false, None),
            (Error::Layouts { place: "line 1".into(), wrong: "no layout".into() }, false, None),
        ] {
            assert_eq!(error.is_transient(), transient, "{error:?}");
            assert_eq!(error.retry_after(), retry_after, "{error:?}");
        }
    }

    #[test]
    fn display_never_repeats_its_source() {
        let denied = io::Error::new(io::ErrorKind::PermissionDenied, "the cause");
        for error in [
            Error::io("write", Path::new("mails/a.eml"), denied),
            Error::Unavailable { retry_after: None, source: boxed() },
            Error::Refused { source: boxed() },
            Error::Blocked { source: boxed() },
            Error::InDoubt { source: boxed() },
        ] {
            let source = error.source().map(ToString::to_string);
            assert_eq!(source.as_deref(), Some("the cause"));
            assert!(!error.to_string().contains("the cause"), "{error}");
        }
    }

    #[test]
    fn a_file_error_names_the_path_and_the_mend() {
        for (kind, mend) in [
            (io::ErrorKind::PermissionDenied, "write access"),
            (io::ErrorKind::StorageFull, "free space"),
            (io::ErrorKind::ReadOnlyFilesystem, "writable volume"),
            (io::ErrorKind::NotADirectory, "move it away"),
            (io::ErrorKind::IsADirectory, "move it away"),
            (io::ErrorKind::Other, "send again"),
        ] {
            let shown = Error::io("write", Path::new("mails/a.eml"), kind.into()).to_string();
            assert!(shown.starts_with("cannot write mails/a.eml: "), "{shown}");
            assert!(shown.contains(mend), "{shown}");
        }
    }
}
