//! What can go wrong, sorted by what the caller can do about it.

mod api;
mod file_problem;
mod texts;

use std::{path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;

use self::{
    api::{fmt_api, heals_by_itself},
    texts::{fmt_ambiguous, fmt_malformed_scope, fmt_malformed_token, fmt_transient},
};
use crate::Scopes;
pub use file_problem::FileProblem;

/// Why there is no token, no consent or no answer, and what mends it.
///
/// [`is_transient`](Self::is_transient) tells what heals by itself from what a human has to mend.
/// The text of an error says its own layer alone; what caused it is in
/// [`source`](std::error::Error::source). No error holds a secret.
/// A clone shares its source, so that all who waited for one refresh get the same error.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The issuer or the way to it failed for now: try again later.
    #[error(fmt = fmt_transient)]
    Transient {
        /// What was being done, such as `asking accounts.example for a token`.
        action: String,
        /// How long the issuer asked to be left alone, if it said so.
        retry_after: Option<Duration>,
        /// What failed underneath, if it was more than an answer.
        #[source]
        source: Option<Source>,
    },

    /// The grant is missing or dead: a human has to consent.
    #[error("{what} needs consent: run `{command}`")]
    ConsentNeeded {
        /// Whose grant it is, such as `the grant of ops@charter.example`.
        what: String,
        /// The command that asks for consent.
        command: String,
    },

    /// A process died between the issuer's answer and the disk, and the refresh token that it
    /// had replaced is worth nothing any more: a human has to consent again. Nobody revoked it.
    #[error(
        "{what} was lost when a refresh was interrupted at {at}, before its answer was stored: run \
         `{command}`"
    )]
    RotationInterrupted {
        /// Whose grant it was.
        what: String,
        /// When the refresh began that never ended: a UTC instant.
        at: Timestamp,
        /// The command that asks for consent.
        command: String,
    },

    /// The human who was asked did not consent: a human has to be asked again.
    #[error("{why}: run `{command}` again")]
    ConsentNotGiven {
        /// What became of it, such as `consent was denied in the browser`.
        why: String,
        /// The command that asks for consent.
        command: String,
    },

    /// Another process of this host is refreshing the token and does not come to an end: try
    /// again later, and look at that process if it goes on.
    #[error("{holder} holds the lock of {store} and does not release it: {mend}")]
    LeaseHeld {
        /// Who holds it, such as `process 4242, since 2026-05-01T12:00:00Z`.
        holder: String,
        /// Where the token is kept.
        store: String,
        /// What mends it, such as the `ps` to run.
        mend: String,
    },

    /// A server rejected a token that had just been minted. Another one would fare no better, so
    /// none is asked for until then: see whether the account may call the API at all.
    #[error(
        "a server rejected a token that was minted at {minted_at:.0}, less than a minute before: \
         see whether the account may call this API and the grant still stands; no other is asked \
         for before {retry_at:.0}"
    )]
    FreshTokenRejected {
        /// When it was minted: a UTC instant.
        minted_at: Timestamp,
        /// From when on another one is asked for: a UTC instant.
        retry_at: Timestamp,
    },

    /// The store holds the token of another client or account; it is left as it is.
    #[error("{store} holds a token that was not minted for {identity}: {mend}")]
    OtherIdentity {
        /// Where the token is kept.
        store: String,
        /// Whose token was looked for, such as `the client 1234.apps.example.com`.
        identity: String,
        /// What mends it.
        mend: String,
    },

    /// A file cannot be used as it is; it is left as it is.
    #[error("`{}` {problem}: {mend}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: FileProblem,
        /// What mends it, such as the `chmod` to run.
        mend: String,
        /// What the system said.
        #[source]
        source: Option<Source>,
    },

    /// The issuer or the machine refuses for good: a human has to mend the configuration.
    #[error("{action} was refused: {mend}")]
    Refused {
        /// What was being done, such as `asking accounts.example for a token`.
        action: String,
        /// What mends it, such as `check the client id`.
        mend: String,
        /// What failed underneath, if it was more than an answer.
        #[source]
        source: Option<Source>,
    },

    /// A server answered a request with an error. With
    /// [`may_have_been_executed`](Self::may_have_been_executed) it may have done what was asked
    /// all the same.
    #[error(fmt = fmt_api)]
    Api {
        /// What was asked, such as `GET https://gmail.googleapis.com/gmail/v1/users/me/profile`;
        /// without the query.
        request: String,
        /// The HTTP status; never 200 to 299.
        status: u16,
        /// The server's word for it, such as `rateLimitExceeded`, if it gave one.
        reason: Option<String>,
        /// The server's own sentence, at most 300 characters, if it gave one.
        message: Option<String>,
        /// How long the server asked to be left alone, if it said so.
        retry_after: Option<Duration>,
        /// Whether the same request may be sent again without doing anything twice.
        repeatable: bool,
        /// Whether an earlier try lost its answer: a 409 may then say that what was asked is done
        /// already, by that try.
        after_doubt: bool,
    },

    /// There was no connection and nothing was sent: try again later.
    #[error("{request} was not sent, for want of a connection: check the address and the network")]
    Connect {
        /// What was to be asked; without the query.
        request: String,
        /// What failed underneath.
        #[source]
        source: Option<Source>,
    },

    /// The request was sent, and its answer was lost in whole or in part. The server may have done
    /// what was asked: unless it is `repeatable`, find out before sending it again.
    #[error(fmt = fmt_ambiguous)]
    Ambiguous {
        /// What was asked; without the query.
        request: String,
        /// Whether the same request may be sent again without doing anything twice.
        repeatable: bool,
        /// What failed underneath.
        #[source]
        source: Option<Source>,
    },

    /// The server did what was asked, and its answer is not what it ought to be: too large, or no
    /// JSON of the shape that the caller reads.
    #[error("the answer to {request} cannot be read")]
    Decode {
        /// What was asked; without the query.
        request: String,
        /// What is wrong with the answer; holds nothing of it.
        #[source]
        source: Option<Source>,
    },

    /// The token was not granted everything that was asked for: consent to these scopes as well,
    /// or ask for fewer.
    #[error("the token lacks the scopes `{missing}`: consent to them as well, or ask for fewer")]
    ScopesMissing {
        /// The scopes that were asked for and not granted; never empty.
        missing: Scopes,
    },

    /// The one token that there was is over, and nothing can refresh it: supply a new one.
    #[error("the token expired at {expires_at} and cannot be refreshed: supply a new token")]
    TokenExpired {
        /// When it ended by the wall clock: a UTC instant.
        expires_at: Timestamp,
    },

    /// The server rejected the one token that there was, and nothing can refresh it: supply a new
    /// one.
    #[error("the server rejected the token at {rejected_at}: supply a new token")]
    TokenRejected {
        /// When the rejection became known: a UTC instant.
        rejected_at: Timestamp,
    },

    /// A text is no OAuth scope: correct it where it was written.
    #[error(fmt = fmt_malformed_scope)]
    MalformedScope {
        /// The text that was given as one scope.
        scope: String,
        /// The first byte that no scope may have; none when the text is empty.
        byte: Option<u8>,
    },

    /// A text is no service key, or no hash of one: correct it where it is kept.
    #[error("{what}: {mend}")]
    MalformedServiceKey {
        /// What is wrong with it, such as `the hash of a service key is empty`.
        what: String,
        /// What mends it.
        mend: String,
    },

    /// A text is no access token: correct how it is read.
    #[error(fmt = fmt_malformed_token)]
    MalformedToken {
        /// The first byte that no token may have; none when the text is empty.
        byte: Option<u8>,
    },
}

impl Error {
    /// Tells whether it heals without a human, so that another try is worth while.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transient { .. } | Self::LeaseHeld { .. } | Self::Connect { .. } => true,
            Self::Ambiguous { repeatable, .. } => *repeatable,
            Self::Api { status, reason, repeatable, .. } => {
                heals_by_itself(*status, reason.as_deref(), *repeatable)
            }
            Self::ConsentNeeded { .. }
            | Self::ConsentNotGiven { .. }
            | Self::Decode { .. }
            | Self::RotationInterrupted { .. }
            | Self::FreshTokenRejected { .. }
            | Self::OtherIdentity { .. }
            | Self::File { .. }
            | Self::Refused { .. }
            | Self::ScopesMissing { .. }
            | Self::TokenExpired { .. }
            | Self::TokenRejected { .. }
            | Self::MalformedScope { .. }
            | Self::MalformedServiceKey { .. }
            | Self::MalformedToken { .. } => false,
        }
    }

    /// How long to wait before another try, when the issuer said so. A transient error without it
    /// leaves the wait to the caller.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Transient { retry_after, .. } | Self::Api { retry_after, .. } => *retry_after,
            Self::ConsentNeeded { .. }
            | Self::ConsentNotGiven { .. }
            | Self::Connect { .. }
            | Self::Ambiguous { .. }
            | Self::Decode { .. }
            | Self::RotationInterrupted { .. }
            | Self::LeaseHeld { .. }
            | Self::FreshTokenRejected { .. }
            | Self::OtherIdentity { .. }
            | Self::File { .. }
            | Self::Refused { .. }
            | Self::ScopesMissing { .. }
            | Self::TokenExpired { .. }
            | Self::TokenRejected { .. }
            | Self::MalformedScope { .. }
            | Self::MalformedServiceKey { .. }
            | Self::MalformedToken { .. } => None,
        }
    }

    /// Tells whether only a human's consent mends it: [`ConsentNeeded`](Self::ConsentNeeded),
    /// [`ConsentNotGiven`](Self::ConsentNotGiven) and
    /// [`RotationInterrupted`](Self::RotationInterrupted).
    pub fn needs_consent(&self) -> bool {
        matches!(
            self,
            Self::ConsentNeeded { .. }
                | Self::ConsentNotGiven { .. }
                | Self::RotationInterrupted { .. }
        )
    }

    /// Tells whether the server did, or may have done, what was asked all the same, so that a
    /// request which must not be done twice has to be looked for before it is sent again.
    ///
    /// So it is with [`Ambiguous`](Self::Ambiguous), with [`Decode`](Self::Decode), and with an
    /// [`Api`](Self::Api) of the status 408 or 5xx but 501, since a gateway says so too when it
    /// lost the answer of the server behind it, or of any status after a try like that.
    pub fn may_have_been_executed(&self) -> bool {
        match self {
            Self::Ambiguous { .. } | Self::Decode { .. } => true,
            Self::Api { status, after_doubt, .. } => {
                *after_doubt || matches!(status, 408 | 500 | 502..=599)
            }
            _ => false,
        }
    }
}

/// What asks for consent, unless the caller says otherwise.
#[cfg(feature = "shared")]
pub(crate) const CONSENT_COMMAND: &str = "reauth";

/// What caused an error; shared by its clones.
pub(crate) type Source = Arc<dyn std::error::Error + Send + Sync>;

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, error::Error as _, io};

    use super::*;

    const WAIT: Duration = Duration::from_secs(30);

    struct Row {
        error: Error,
        transient: bool,
        retry_after: Option<Duration>,
        text: &'static str,
    }

    #[test]
    fn every_variant_says_what_heals_it() {
        for row in table() {
            let error = row.error;
            assert_eq!(error.is_transient(), row.transient, "{error}");
            assert_eq!(error.retry_after(), row.retry_after, "{error}");
            assert_eq!(error.to_string(), row.text);
        }
    }

    #[test]
    fn what_may_have_been_executed_is_told_from_what_was_refused() {
        let done = [ambiguous(true), ambiguous(false)].into_iter();
        for error in done.chain([408, 500, 502, 503, 504, 599].map(|it| api(it, None, false))) {
            assert!(error.may_have_been_executed(), "{error}");
        }
        for error in [302, 400, 401, 403, 404, 409, 429, 501].map(|it| api(it, None, false)) {
            assert!(!error.may_have_been_executed(), "{error}");
        }
        assert!(!transient(None, None).may_have_been_executed());
    }

    #[test]
    fn the_table_has_every_variant() {
        let names: BTreeSet<_> = table().iter().map(|row| name(&row.error)).collect();
        assert_eq!(names.len(), VARIANTS);
    }

    #[test]
    fn display_never_repeats_its_source() {
        let error = transient(None, Some("connection refused"));
        let source = error.source().unwrap().to_string();
        assert_eq!(source, "connection refused");
        assert!(!error.to_string().contains(&source));
    }

    #[test]
    fn an_error_crosses_threads_and_fits_a_box() {
        let boxed: Box<dyn std::error::Error + Send + Sync> = transient(None, None).into();
        assert!(boxed.downcast::<Error>().is_ok());
    }

    fn transient(retry_after: Option<Duration>, cause: Option<&str>) -> Error {
        Error::Transient {
            action: "asking accounts.example for a token".to_owned(),
            retry_after,
            source: cause.map(|cause| Arc::new(io::Error::other(cause)) as Source),
        }
    }

    fn api(status: u16, reason: Option<&str>, repeatable: bool) -> Error {
        Error::Api {
            request: "POST https://a.example/b".to_owned(),
            status,
            reason: reason.map(str::to_owned),
            message: Some("Must sign up.".to_owned()),
            retry_after: None,
            repeatable,
            after_doubt: false,
        }
    }

    fn ambiguous(repeatable: bool) -> Error {
        let request = "POST https://a.example/b".to_owned();
        Error::Ambiguous { request, repeatable, source: None }
    }

    fn row(error: Error, text: &'static str) -> Row {
        let (transient, retry_after) = (false, None);
        Row { error, transient, retry_after, text }
    }

    fn table() -> Vec<Row> {
        let tried_again = "asking accounts.example for a token failed for now: try again later";
        let in_seconds = "asking accounts.example for a token failed for now: try again in 30 s";
        let noon: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        vec![
            Row { transient: true, ..row(transient(None, Some("reset")), tried_again) },
            Row {
                transient: true,
                retry_after: Some(WAIT),
                ..row(transient(Some(WAIT), None), in_seconds)
            },
            Row {
                transient: true,
                ..row(
                    Error::LeaseHeld {
                        holder: "process 4242".to_owned(),
                        store: "`/etc/charter/token.json`".to_owned(),
                        mend: "see what it is doing".to_owned(),
                    },
                    "process 4242 holds the lock of `/etc/charter/token.json` and does not release \
                     it: see what it is doing",
                )
            },
            row(
                Error::RotationInterrupted {
                    what: "the grant of ops@charter.example".to_owned(),
                    at: noon,
                    command: "reauth".to_owned(),
                },
                "the grant of ops@charter.example was lost when a refresh was interrupted at \
                 2026-05-01T12:00:00Z, before its answer was stored: run `reauth`",
            ),
            row(
                Error::FreshTokenRejected {
                    minted_at: noon,
                    retry_at: noon + Duration::from_secs(60),
                },
                "a server rejected a token that was minted at 2026-05-01T12:00:00Z, less than a \
                 minute before: see whether the account may call this API and the grant still \
                 stands; no other is asked for before 2026-05-01T12:01:00Z",
            ),
            row(
                Error::OtherIdentity {
                    store: "`token.json`".to_owned(),
                    identity: "the client charter".to_owned(),
                    mend: "restore that client, or run `reauth`".to_owned(),
                },
                "`token.json` holds a token that was not minted for the client charter: restore \
                 that client, or run `reauth`",
            ),
            row(
                Error::File {
                    path: "token.json".into(),
                    problem: FileProblem::Mode { mode: 0o644 },
                    mend: "run `chmod 600 token.json`".to_owned(),
                    source: None,
                },
                "`token.json` has the mode 0644, so others can reach it: run `chmod 600 token.json`",
            ),
            row(
                Error::ConsentNeeded {
                    what: "the grant of ops@charter.example".to_owned(),
                    command: "charter-login --account ops".to_owned(),
                },
                "the grant of ops@charter.example needs consent: run `charter-login --account ops`",
            ),
            row(
                Error::ConsentNotGiven {
                    why: "consent was denied in the browser".to_owned(),
                    command: "reauth".to_owned(),
                },
                "consent was denied in the browser: run `reauth` again",
            ),
            row(
                api(403, Some("notACalendarUser"), false),
                "POST https://a.example/b was answered 403 (notACalendarUser): Must sign up.",
            ),
            Row {
                transient: true,
                ..row(
                    Error::Connect { request: "GET https://a.example/b".to_owned(), source: None },
                    "GET https://a.example/b was not sent, for want of a connection: check the address \
                     and the network",
                )
            },
            row(
                ambiguous(false),
                "the answer to POST https://a.example/b was lost: it may have been done all the \
                 same, so look before it is sent again",
            ),
            Row {
                transient: true,
                ..row(
                    ambiguous(true),
                    "the answer to POST https://a.example/b was lost: try again later",
                )
            },
            row(
                Error::Decode { request: "GET https://a.example/b".to_owned(), source: None },
                "the answer to GET https://a.example/b cannot be read",
            ),
            row(
                Error::MalformedServiceKey {
                    what: "the hash of a service key is empty".to_owned(),
                    mend: "set it".to_owned(),
                },
                "the hash of a service key is empty: set it",
            ),
            row(
                Error::ScopesMissing { missing: "mail drive".parse().unwrap() },
                "the token lacks the scopes `drive mail`: consent to them as well, or ask for fewer",
            ),
            row(
                Error::TokenExpired { expires_at: noon },
                "the token expired at 2026-05-01T12:00:00Z and cannot be refreshed: supply a new \
                 token",
            ),
            row(
                Error::TokenRejected { rejected_at: noon },
                "the server rejected the token at 2026-05-01T12:00:00Z: supply a new token",
            ),
            row(
                Error::MalformedScope { scope: "tab\tbed".to_owned(), byte: Some(b'\t') },
                "the scope \"tab\\tbed\" has the byte 0x09: write printable ASCII without space, \
                 quote or backslash, and one scope at a time",
            ),
            row(
                Error::Refused {
                    action: "asking accounts.example for a token".to_owned(),
                    mend: "check the client id".to_owned(),
                    source: None,
                },
                "asking accounts.example for a token was refused: check the client id",
            ),
            row(
                Error::MalformedScope { scope: String::new(), byte: None },
                "a scope is empty: leave it out",
            ),
            row(
                Error::MalformedToken { byte: Some(b'\n') },
                "the access token has the byte 0x0a: read it as visible ASCII, without spaces or \
                 line breaks around it",
            ),
            row(
                Error::MalformedToken { byte: None },
                "the access token is empty: check where it is read from",
            ),
        ]
    }

    /// A new variant does not compile until it is named here; count it and give it a row.
    fn name(error: &Error) -> &'static str {
        match error {
            Error::Transient { .. } => "Transient",
            Error::ConsentNeeded { .. } => "ConsentNeeded",
            Error::ConsentNotGiven { .. } => "ConsentNotGiven",
            Error::Api { .. } => "Api",
            Error::Connect { .. } => "Connect",
            Error::Ambiguous { .. } => "Ambiguous",
            Error::Decode { .. } => "Decode",
            Error::MalformedServiceKey { .. } => "MalformedServiceKey",
            Error::RotationInterrupted { .. } => "RotationInterrupted",
            Error::LeaseHeld { .. } => "LeaseHeld",
            Error::FreshTokenRejected { .. } => "FreshTokenRejected",
            Error::OtherIdentity { .. } => "OtherIdentity",
            Error::File { .. } => "File",
            Error::Refused { .. } => "Refused",
            Error::ScopesMissing { .. } => "ScopesMissing",
            Error::TokenExpired { .. } => "TokenExpired",
            Error::TokenRejected { .. } => "TokenRejected",
            Error::MalformedScope { .. } => "MalformedScope",
            Error::MalformedToken { .. } => "MalformedToken",
        }
    }

    const VARIANTS: usize = 19;
}
