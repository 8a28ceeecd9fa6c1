//! What the newtypes' grammars share: characters, atoms and the error that quotes a text safely.

use crate::Error;

/// The error for `text`, which is not `what` because `expected` is not at byte `at`.
pub(crate) fn invalid(what: &'static str, text: &str, at: usize, expected: &'static str) -> Error {
    Error::Invalid { what, expected, at, text: excerpt(text) }
}

/// Refuses CR, LF, NUL and every other control character, C1 included.
pub(crate) fn no_control(what: &'static str, text: &str) -> Result<(), Error> {
    match text.find(char::is_control) {
        Some(at) => Err(invalid(what, text, at, "no line break or control character")),
        None => Ok(()),
    }
}

/// Finds the first byte at which `text` stops being an RFC 5322 `dot-atom-text`.
pub(crate) fn dot_atom(text: &str) -> Result<(), usize> {
    let mut after_dot = true;
    for (at, byte) in text.bytes().enumerate() {
        let is_dot = byte == b'.';
        if !(is_dot || is_atext(byte)) || (is_dot && after_dot) {
            return Err(at);
        }
        after_dot = is_dot;
    }
    match text.len() {
        0 => Err(0),
        length if after_dot => Err(length - 1),
        _ => Ok(()),
    }
}

/// A server's own name for something: printable ASCII without space, which is passed on as it is.
pub(crate) fn opaque_id(what: &'static str, text: &str) -> Result<String, Error> {
    match text.bytes().position(|byte| !byte.is_ascii_graphic()) {
        Some(at) => Err(invalid(what, text, at, "printable ASCII without space")),
        None if text.is_empty() => Err(invalid(what, text, 0, "at least one character")),
        None if text.len() > LONGEST_ID => {
            Err(invalid(what, text, LONGEST_ID, "the end, since an id has at most 200 bytes"))
        }
        None => Ok(text.to_owned()),
    }
}

pub(crate) fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// `text` in quotes, escaped, and cut where it is long.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Characters of a refused text that an error shows.
const EXCERPT: usize = 100;
const LONGEST_ID: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_atom_names_the_byte_that_breaks_it() {
        for (text, expected) in [
            ("a", Ok(())),
            ("a.b+c", Ok(())),
            ("", Err(0)),
            (".a", Err(0)),
            ("a.", Err(1)),
            ("a..b", Err(2)),
            ("a b", Err(1)),
            ("aé", Err(1)),
        ] {
            assert_eq!(dot_atom(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_id_is_printable_and_not_too_long() {
        for good in ["r-1", "18c2a_b=", &"x".repeat(200)] {
            assert_eq!(opaque_id("an id", good).unwrap(), good);
        }
        for (bad, position) in
            [("", 0), ("a b", 1), ("a\r\n", 1), ("é", 0), (&"x".repeat(201), 200)]
        {
            let Err(Error::Invalid { at, .. }) = opaque_id("an id", bad) else {
                panic!("{bad:?} was accepted");
            };
            assert_eq!(at, position, "{bad:?}");
        }
    }

    #[test]
    fn an_error_shows_the_text_escaped_and_cut() {
        let long = format!("\u{1b}[31m\r\n\u{202e}{}", "x".repeat(1_000));
        let shown = invalid("an address", &long, 0, "an @").to_string();
        assert!(!shown.contains(|c: char| c.is_control() || c == '\u{202e}'), "{shown}");
        assert!(shown.len() < 250, "{shown}");
    }
}
