//! What can go wrong, sorted by what the caller can do about it.

use std::{fmt, time::Duration};

use jiff::Timestamp;

use crate::Scopes;

/// Why there is no token, and what mends it.
///
/// [`is_transient`](Self::is_transient) tells what heals by itself from what a human has to mend.
/// The text of an error says its own layer alone; what caused it is in
/// [`source`](std::error::Error::source). No error holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The issuer or the way to it failed for now: try again later.
    #[error("{action} failed for now: try again later")]
    Transient {
        /// What was being done, such as `asking accounts.example for a token`.
        action: String,
        /// How long the issuer asked to be left alone, if it said so.
        retry_after: Option<Duration>,
        /// What failed underneath, if it was more than an answer.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },

    /// The grant is missing or dead: a human has to consent.
    #[error("{what} needs consent: run `{command}`")]
    ConsentNeeded {
        /// Whose grant it is, such as `the grant of ops@charter.example`.
        what: String,
        /// The command that asks for consent.
        command: String,
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
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
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
            Self::Transient { .. } => true,
            Self::ConsentNeeded { .. }
            | Self::Refused { .. }
            | Self::ScopesMissing { .. }
            | Self::TokenExpired { .. }
            | Self::TokenRejected { .. }
            | Self::MalformedScope { .. }
            | Self::MalformedToken { .. } => false,
        }
    }

    /// How long to wait before another try, when the issuer said so. A transient error without it
    /// leaves the wait to the caller.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Transient { retry_after, .. } => *retry_after,
            Self::ConsentNeeded { .. }
            | Self::Refused { .. }
            | Self::ScopesMissing { .. }
            | Self::TokenExpired { .. }
            | Self::TokenRejected { .. }
            | Self::MalformedScope { .. }
            | Self::MalformedToken { .. } => None,
        }
    }
}

fn fmt_malformed_scope(scope: &str, byte: &Option<u8>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match byte {
        Some(byte) => write!(
            f,
            "the scope {:?} has the byte {byte:#04x}: write printable ASCII without space, \
             quote or backslash, and one scope at a time",
            excerpt(scope)
        ),
        None => f.write_str("a scope is empty: leave it out"),
    }
}

/// At most 100 characters: a text in the wrong place may be anything.
fn excerpt(text: &str) -> &str {
    text.char_indices().nth(100).map_or(text, |(end, _)| &text[..end])
}

fn fmt_malformed_token(byte: &Option<u8>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match byte {
        Some(byte) => write!(
            f,
            "the access token has the byte {byte:#04x}: read it as visible ASCII, without spaces \
             or line breaks around it"
        ),
        None => f.write_str("the access token is empty: check where it is read from"),
    }
}

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
            source: cause.map(|cause| io::Error::other(cause).into()),
        }
    }

    fn row(error: Error, text: &'static str) -> Row {
        let (transient, retry_after) = (false, None);
        Row { error, transient, retry_after, text }
    }

    fn table() -> Vec<Row> {
        let tried_again = "asking accounts.example for a token failed for now: try again later";
        let noon: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        vec![
            Row { transient: true, ..row(transient(None, Some("reset")), tried_again) },
            Row {
                transient: true,
                retry_after: Some(WAIT),
                ..row(transient(Some(WAIT), None), tried_again)
            },
            row(
                Error::ConsentNeeded {
                    what: "the grant of ops@charter.example".to_owned(),
                    command: "charter-login --account ops".to_owned(),
                },
                "the grant of ops@charter.example needs consent: run `charter-login --account ops`",
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
            Error::Refused { .. } => "Refused",
            Error::ScopesMissing { .. } => "ScopesMissing",
            Error::TokenExpired { .. } => "TokenExpired",
            Error::TokenRejected { .. } => "TokenRejected",
            Error::MalformedScope { .. } => "MalformedScope",
            Error::MalformedToken { .. } => "MalformedToken",
        }
    }

    const VARIANTS: usize = 8;
}
