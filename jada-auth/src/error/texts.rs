//! The texts of errors that are put together from what is known.

use std::{fmt, time::Duration};

use super::Source;

/// With the seconds that the issuer asked for, where it did.
pub(super) fn fmt_transient(
    action: &str,
    retry_after: &Option<Duration>,
    _: &Option<Source>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "{action} failed for now: try again ")?;
    match retry_after {
        Some(wait) => write!(f, "in {} s", wait.as_millis().div_ceil(1000).max(1)),
        None => f.write_str("later"),
    }
}

pub(super) fn fmt_malformed_scope(
    scope: &str,
    byte: &Option<u8>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
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

pub(super) fn fmt_ambiguous(
    request: &str,
    repeatable: &bool,
    _: &Option<Source>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "the answer to {request} was lost: ")?;
    f.write_str(match repeatable {
        true => "try again later",
        false => "it may have been done all the same, so look before it is sent again",
    })
}

/// At most 100 characters: a text in the wrong place may be anything.
fn excerpt(text: &str) -> &str {
    text.char_indices().nth(100).map_or(text, |(end, _)| &text[..end])
}

pub(super) fn fmt_malformed_token(byte: &Option<u8>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match byte {
        Some(byte) => write!(
            f,
            "the access token has the byte {byte:#04x}: read it as visible ASCII, without spaces \
             or line breaks around it"
        ),
        None => f.write_str("the access token is empty: check where it is read from"),
    }
}
