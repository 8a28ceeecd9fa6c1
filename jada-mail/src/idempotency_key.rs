//! The caller's name for one mail.

use std::{fmt, str::FromStr};

use crate::{Error, syntax::invalid};

/// A caller's own name for one mail, such as `statement-2026-05`: one key is one mail, for all who
/// send from one account.
///
/// 1 to 200 bytes of `A-Z a-z 0-9 . _ -`, not beginning with a dot and not a device name of
/// Windows (`con`, `nul.2`, ...), so that it can be a file name on every system. Do not tell two
/// mails apart by case alone: some file systems do not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = Error;

    /// Checks a key.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a key of another form; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |at, expected| Err(invalid("an idempotency key", text, at, expected));
        if let Some(at) = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))) {
            return wrong(at, "a character of A-Z a-z 0-9 . _ -");
        }
        if text.is_empty() || text.starts_with('.') {
            return wrong(0, "a letter, a digit, _ or -");
        }
        if text.len() > LONGEST {
            return wrong(LONGEST, "the end, since a key has at most 200 bytes");
        }
        if is_device(text) {
            return wrong(0, "a name that Windows does not reserve for a device");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or(text).to_ascii_lowercase();
    match stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt")) {
        Some(number) => number.len() == 1 && number.as_bytes()[0].is_ascii_digit(),
        None => ["aux", "con", "nul", "prn"].contains(&stem.as_str()),
    }
}

/// With an ending and a temporary file's prefix it stays below the 255 bytes of a file name.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_can_be_a_file_name_is_accepted() {
        let longest = "k".repeat(200);
        for key in ["statement-2026-05", "A_b.c-1", "-", "_x", "console", "com10", &longest] {
            assert_eq!(key.parse::<IdempotencyKey>().unwrap().as_str(), key);
        }
    }

    #[test]
    fn any_other_key_is_refused_where_it_goes_wrong() {
        for (text, position) in [
            ("", 0),
            (".hidden", 0),
            ("..", 0),
            ("a/b", 1),
            ("a\\b", 1),
            ("a b", 1),
            ("a:b", 1),
            ("aé", 1),
            ("a\0", 1),
            ("a\n", 1),
            ("CON", 0),
            ("nul.2026", 0),
            ("lpt1", 0),
            (&"k".repeat(201), 200),
        ] {
            let Err(Error::Invalid { at, .. }) = text.parse::<IdempotencyKey>() else {
                panic!("{text:?} was accepted");
            };
            assert_eq!(at, position, "{text:?}");
        }
    }
}
