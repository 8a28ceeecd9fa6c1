//! The id of a crew member.

use std::fmt;

use crate::error::Error;
use crate::random;

/// The id of a crew member: 1 to 200 bytes of text without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrewId(String);

impl CrewId {
    /// Takes an id, trimmed.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is blank, too long, or holds control characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let id = text.trim();
        let printable = !id.chars().any(char::is_control);
        if id.is_empty() || id.len() > MAX_ID || !printable {
            return Err(Error::invalid("crew_id", text, "1 to 200 bytes of printable text"));
        }
        Ok(Self(id.to_owned()))
    }

    /// Draws an id that nobody has: `crew-` and 12 letters and digits.
    ///
    /// # Errors
    /// [`Error::Random`] when the system gives no randomness.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self(format!("crew-{}", random::letters(12)?)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CrewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const MAX_ID: usize = 200;
