//! The text of an unstructured header, such as a subject.

use std::{fmt, str::FromStr};

use crate::{
    Error,
    syntax::{invalid, no_control},
};

/// The text of a header such as the subject: one line of Unicode, arriving as it was typed.
///
/// At least one visible character, and no CR, LF, NUL or other control character, so that it
/// cannot begin a header of its own. What the wire needs beyond that (RFC 2047 encoded words,
/// folding) is done when the message is rendered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderText(String);

impl HeaderText {
    /// Returns the text as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HeaderText {
    type Err = Error;

    /// Checks a text.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a blank text or one with a control character; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        no_control(WHAT, text)?;
        if text.trim().is_empty() {
            return Err(invalid(WHAT, text, 0, "a visible character"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const WHAT: &str = "a header text";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_or_control_character_is_refused_where_it_stands() {
        for (text, position) in [
            ("a\r\nBcc: eve@example.com", 1),
            ("a\nb", 1),
            ("é\rb", 2),
            ("\0", 0),
            ("a\tb", 1),
            ("a\u{7f}", 1),
            ("a\u{85}b", 1),
            ("", 0),
            ("  ", 0),
        ] {
            let Err(Error::Invalid { at, .. }) = text.parse::<HeaderText>() else {
                panic!("{text:?} was accepted");
            };
            assert_eq!(at, position, "{text:?}");
        }
    }

    #[test]
    fn what_is_typed_is_kept() {
        for text in [" Détails 🛫 ", "=?utf-8?Q?x?=", "a: b"] {
            assert_eq!(text.parse::<HeaderText>().unwrap().as_str(), text);
        }
    }
}
