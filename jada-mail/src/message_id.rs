//! The Message-ID of a mail.

use std::{fmt, str::FromStr};

use crate::{
    Error,
    syntax::{dot_atom, invalid},
};

/// A Message-ID without its angle brackets: `left@right`, ASCII, at most 900 bytes.
///
/// Both sides are what [RFC 5322, 3.6.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4)
/// calls a `dot-atom-text`; the right one may be a literal such as `[192.0.2.1]`. The id of a mail
/// that was [received](crate::Received) may be of another form, as some servers write them: any
/// printable ASCII without space, `<` and `>`. It is repeated as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// Returns the id without angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As another server wrote it.
    pub(crate) fn received(text: &str) -> Option<Self> {
        let is_of_an_id = |byte: u8| byte.is_ascii_graphic() && !b"<>".contains(&byte);
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_of_an_id);
        fits.then(|| Self(text.to_owned()))
    }

    /// The part before the @.
    pub(crate) fn left(&self) -> &str {
        self.0.split_once('@').map_or(&self.0, |(left, _)| left)
    }

    /// `left` and `right` are dot-atoms by construction.
    pub(crate) fn from_parts(left: &str, right: &str) -> Self {
        Self(format!("{left}@{right}"))
    }
}

impl FromStr for MessageId {
    type Err = Error;

    /// Checks an id.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for anything that is not `left@right`; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |at, expected| Err(invalid(WHAT, text, at, expected));
        if text.starts_with('<') || text.ends_with('>') {
            return wrong(0, "an id without its angle brackets");
        }
        let Some((left, right)) = text.split_once('@') else {
            return wrong(text.len(), "an @");
        };
        let begin = left.len() + 1;
        if let Err(at) = dot_atom(left) {
            return wrong(at, DOT_ATOM);
        }
        if let (false, Err(at)) = (is_literal(right), dot_atom(right)) {
            return wrong(begin + at, DOT_ATOM);
        }
        if text.len() > LONGEST {
            return wrong(LONGEST, "the end, since an id has at most 900 bytes");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_literal(right: &str) -> bool {
    right
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inner| inner.bytes().all(|b| b.is_ascii_graphic() && !b"[]\\".contains(&b)))
}

const WHAT: &str = "a Message-ID";
const DOT_ATOM: &str = "letters, digits or !#$%&'*+-/=?^_`{|}~ with single dots between";
/// An id cannot be folded, and a line of a mail has at most 998 bytes (RFC 5322, 2.1.1).
const LONGEST: usize = 900;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_as_other_mailers_write_them_are_accepted() {
        for id in ["a@b", "CAF=x+1-2_3@mail.example.com", "1.2.3@[192.0.2.1]", "$a$@[IPv6:::1]"] {
            assert_eq!(id.parse::<MessageId>().unwrap().to_string(), id);
        }
    }

    #[test]
    fn the_ids_of_others_are_kept_as_they_are_where_they_cannot_do_harm() {
        for id in ["a..b@x", "a.@host", "no-at", "1:2@x.example", "\"q\"@x"] {
            assert_eq!(MessageId::received(id).unwrap().as_str(), id);
        }
        for id in ["", "a b@x", "a@b>", "<a@b", "a@b\r\nBcc: x", "é@b", &"x".repeat(901)] {
            assert_eq!(MessageId::received(id), None, "{id:?}");
        }
    }

    #[test]
    fn what_is_not_an_id_is_refused_where_it_goes_wrong() {
        for (text, position) in [
            ("", 0),
            ("a", 1),
            ("<a@b>", 0),
            ("@b", 0),
            ("a@", 2),
            ("a@b@c", 3),
            ("a b@c", 1),
            ("a@b\r\nBcc: eve@example.com", 3),
            ("a@b>\r\n", 3),
            ("a..b@c", 2),
            ("a@[b\r]", 2),
            ("é@b", 0),
            (&format!("a@{}", "b".repeat(900)), 900),
        ] {
            let Err(Error::Invalid { at, .. }) = text.parse::<MessageId>() else {
                panic!("{text:?} was accepted");
            };
            assert_eq!(at, position, "{text:?}");
        }
    }
}
