//! What can go wrong with a mail, by what the caller can do about it.

use std::{
    error::Error as StdError,
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;

use crate::{IdempotencyKey, MailState};

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

    /// A folder that holds mails is open to other users of this machine.
    #[error("{} is open to others ({mode:04o}), and mails hold links: {}", path.display(), close(path))]
    Exposed {
        /// The folder.
        path: PathBuf,
        /// Its permission bits, 0 to 0o777.
        mode: u32,
    },

    /// A file of an [`Outbox`](crate::Outbox) is not as it was written; it is left as it is.
    #[error("{} is damaged: {problem}: restore it, or move it away to give the mail up", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// Another mail was queued under this key before, and stands; this one was not queued. To send
    /// both, give them keys of their own.
    #[error(
        "another mail was queued under the key `{key}` before, and stands ({state}); this one was not queued: choose another key for it"
    )]
    KeyTaken {
        /// The key.
        key: IdempotencyKey,
        /// What became of the other mail so far.
        state: MailState,
    },

    /// There is no mail of this key in the [`Outbox`](crate::Outbox).
    #[error("there is no mail `{key}` in {}", folder.display())]
    NoSuchMail {
        /// The key that was looked for.
        key: IdempotencyKey,
        /// The outbox's folder.
        folder: PathBuf,
    },

    /// A mail is not in a state in which this can be done with it.
    #[error("the mail `{key}` is {state}: {mend}")]
    OtherState {
        /// The mail's key.
        key: IdempotencyKey,
        /// What became of it so far.
        state: MailState,
        /// What can be done instead.
        mend: &'static str,
    },

    /// A mail of an [`Outbox`](crate::Outbox) is not sent yet. Drain it again later.
    #[error(fmt = fmt_waiting)]
    Waiting {
        /// The mail's key.
        key: IdempotencyKey,
        /// What it waits for.
        why: String,
        /// Before when it is not tried: a UTC instant; none when it is due.
        not_before: Option<Timestamp>,
    },

    /// A mail of an [`Outbox`](crate::Outbox) was not sent, and will not be unless a person says so.
    #[error("the mail `{key}` was not sent: {why}: mend that and resend it, or drop it")]
    Failed {
        /// The mail's key.
        key: IdempotencyKey,
        /// Why it was refused, or given up.
        why: String,
    },

    /// Whether a mail was sent cannot be told. A person decides: see whether it arrived, then send
    /// it again or drop it.
    #[error(
        "whether the mail `{key}` was sent cannot be told ({why}): see whether it arrived, then resend it or drop it"
    )]
    Undecided {
        /// The mail's key.
        key: IdempotencyKey,
        /// What was looked for, and not found.
        why: String,
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
    #[error("it cannot be done for now")]
    Unavailable {
        /// How long the other side asks to be left alone, if it says.
        retry_after: Option<Duration>,
        /// What the transport reported.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },

    /// The other side will not do this, now or later: take this message, or answer this search.
    #[error("it was refused for good")]
    Refused {
        /// What the transport reported.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },

    /// No mail can be sent or read until a person mends the account or the configuration: consent is
    /// missing, or a scope, or the API is switched off. It says nothing against the message, which
    /// was not sent.
    #[error("no mail can be sent or read")]
    Blocked {
        /// What the transport reported.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },

    /// The answer was lost, so the mail may have been sent. Sending it again may send it twice:
    /// look first. An [`Outbox`](crate::Outbox) does that.
    #[error("the mail may have been sent")]
    InDoubt {
        /// How long the other side asks to be left alone, if it says.
        retry_after: Option<Duration>,
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
            Self::Unavailable { .. } | Self::Waiting { .. } => true,
            Self::Invalid { .. }
            | Self::NulInBody { .. }
            | Self::Incomplete { .. }
            | Self::InlineImage { .. }
            | Self::TooLarge { .. }
            | Self::Exposed { .. }
            | Self::Damaged { .. }
            | Self::KeyTaken { .. }
            | Self::NoSuchMail { .. }
            | Self::OtherState { .. }
            | Self::Failed { .. }
            | Self::Undecided { .. }
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
            Self::Unavailable { retry_after, .. } | Self::InDoubt { retry_after, .. } => {
                *retry_after
            }
            Self::Invalid { .. }
            | Self::NulInBody { .. }
            | Self::Incomplete { .. }
            | Self::InlineImage { .. }
            | Self::Io { .. }
            | Self::TooLarge { .. }
            | Self::Exposed { .. }
            | Self::Damaged { .. }
            | Self::KeyTaken { .. }
            | Self::NoSuchMail { .. }
            | Self::OtherState { .. }
            | Self::Failed { .. }
            | Self::Undecided { .. }
            | Self::Waiting { .. }
            | Self::NotAMail { .. }
            | Self::Layouts { .. }
            | Self::Blocked { .. }
            | Self::Refused { .. } => None,
        }
    }

    pub(crate) fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), problem: problem.into() }
    }

    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), kind: source.kind(), source: Box::new(source) }
    }
}

fn fmt_waiting(
    key: &IdempotencyKey,
    why: &str,
    not_before: &Option<Timestamp>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "the mail `{key}` is not sent yet: {why}: ")?;
    match not_before {
        Some(at) => write!(f, "drain the outbox again after {at:.0}"),
        None => f.write_str("drain the outbox again"),
    }
}

/// The command that closes a folder to others.
fn close(path: &Path) -> String {
    format!("run `chmod 700 '{}'`", path.display().to_string().replace('\'', "'\\''"))
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

    fn key() -> IdempotencyKey {
        "a".parse().unwrap()
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
            (Error::InDoubt { retry_after: None, source: boxed() }, false, None),
            (Error::TooLarge { what: "the mail has", bytes: 2, limit: 1 }, false, None),
            (Error::Exposed { path: "mails".into(), mode: 0o755 }, false, None),
            (Error::damaged(Path::new("mails"), "cut"), false, None),
            (Error::KeyTaken { key: key(), state: MailState::Sent }, false, None),
            (Error::NoSuchMail { key: key(), folder: "mails".into() }, false, None),
            (Error::OtherState { key: key(), state: MailState::Sent, mend: "" }, false, None),
            (Error::Undecided { key: key(), why: "gone".to_owned() }, false, None),
            (Error::Failed { key: key(), why: "refused".to_owned() }, false, None),
            (Error::Waiting { key: key(), why: "busy".to_owned(), not_before: None }, true, None),
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
            Error::InDoubt { retry_after: None, source: boxed() },
        ] {
            let source = error.source().map(ToString::to_string);
            assert_eq!(source.as_deref(), Some("the cause"));
            assert!(!error.to_string().contains("the cause"), "{error}");
        }
    }

    #[test]
    fn a_folder_is_closed_by_a_command_that_a_shell_reads_as_meant() {
        let shown = Error::Exposed { path: "a'b c".into(), mode: 0o755 }.to_string();
        assert!(
            shown.contains("(0755)") && shown.ends_with("run `chmod 700 'a'\\''b c'`"),
            "{shown}"
        );
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
