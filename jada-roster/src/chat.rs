//! A message of a charter's thread: when it was said, by whom, and what.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::charter::CharterId;
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::random;

/// One message of a charter's thread.
///
/// Its instant and its id together name it within the thread: whoever posts it again with both the
/// same has posted it once.
///
/// It is for operations. A text may speak of money, and crew are shown none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    charter: CharterId,
    at: Timestamp,
    id: ChatMessageId,
    author: ChatAuthor,
    text: ChatText,
}

impl ChatMessage {
    /// What someone says about a charter at this instant, with an id that is drawn for it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an instant before 1970; [`Error::Random`] when the system gives no
    /// randomness.
    pub fn new(
        charter: CharterId,
        at: Timestamp,
        author: ChatAuthor,
        text: ChatText,
    ) -> Result<Self, Error> {
        Self::of(charter, (at, ChatMessageId::generate()?), author, text)
    }

    /// As [`new`](Self::new), at a place in its thread.
    pub(crate) fn of(
        charter: CharterId,
        (at, id): (Timestamp, ChatMessageId),
        author: ChatAuthor,
        text: ChatText,
    ) -> Result<Self, Error> {
        if at < Timestamp::UNIX_EPOCH {
            return Err(Error::invalid("time of a message", &at.to_string(), "1970 or later"));
        }
        Ok(Self { charter, at, id, author, text })
    }

    /// The same message with an id of yours, such as that of the mail it came by.
    #[must_use]
    pub fn with_id(mut self, id: ChatMessageId) -> Self {
        self.id = id;
        self
    }

    /// Which charter it is about.
    #[must_use]
    pub fn charter(&self) -> &CharterId {
        &self.charter
    }

    /// When it was said, to the nanosecond.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// What tells it from others of its instant.
    #[must_use]
    pub fn id(&self) -> &ChatMessageId {
        &self.id
    }

    /// Who said it.
    #[must_use]
    pub fn author(&self) -> &ChatAuthor {
        &self.author
    }

    /// What was said.
    #[must_use]
    pub fn text(&self) -> &ChatText {
        &self.text
    }

    /// Where it stands in its thread.
    pub(crate) fn place(&self) -> (Timestamp, ChatMessageId) {
        (self.at, self.id.clone())
    }

    /// Refuses a stored message of this place that says something else.
    pub(crate) fn check_same(&self, stored: &Self) -> Result<(), Error> {
        if self == stored {
            return Ok(());
        }
        let expected = "an id that no other message of this charter and instant has";
        Err(Error::invalid("message id", self.id.as_str(), expected))
    }
}

/// The id of a message: 1 to 200 bytes of text without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatMessageId(String);

impl ChatMessageId {
    /// Takes an id, trimmed.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is blank, too long, or holds control characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let id = text.trim();
        let printable = !id.chars().any(char::is_control);
        if id.is_empty() || id.len() > MAX_ID || !printable {
            return Err(Error::invalid("message id", text, "1 to 200 bytes of printable text"));
        }
        Ok(Self(id.to_owned()))
    }

    /// Draws an id that no message has: 12 letters and digits.
    ///
    /// # Errors
    /// [`Error::Random`] when the system gives no randomness.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self(random::letters(12)?))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who says something about a charter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChatAuthor {
    /// The office: `operations`.
    Operations,
    /// The guest, by whichever way they reach the office: `guest`.
    Guest,
    /// A program that tells what it has done: `system`.
    System,
    /// A member of the crew: `crew:` and their id.
    Crew(CrewId),
}

/// What is said: 1 to 4,000 characters, trimmed, without control characters but line ends, each of
/// which is a line feed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChatText(String);

impl ChatText {
    /// Takes a text, trimmed; line ends of other systems become line feeds.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is blank, too long, or holds other control characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let said = text.trim().replace("\r\n", "\n").replace('\r', "\n");
        let is_wrong = |c: char| c.is_control() && c != '\n';
        if said.is_empty() || said.chars().count() > MAX_TEXT || said.contains(is_wrong) {
            return Err(Error::invalid("text of a message", text, TEXT));
        }
        Ok(Self(said))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChatAuthor {
    type Err = Error;

    /// Reads the words that they are told by.
    ///
    /// # Errors
    /// [`Error::Invalid`] for any other.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "operations" => Ok(Self::Operations),
            "guest" => Ok(Self::Guest),
            "system" => Ok(Self::System),
            word => match word.strip_prefix(CREW) {
                Some(id) => CrewId::new(id).map(Self::Crew),
                None => Err(Error::invalid("author of a message", text, AUTHOR)),
            },
        }
    }
}

impl fmt::Display for ChatAuthor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operations => f.pad("operations"),
            Self::Guest => f.pad("guest"),
            Self::System => f.pad("system"),
            Self::Crew(id) => f.pad(&format!("{CREW}{id}")),
        }
    }
}

impl fmt::Display for ChatMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for ChatText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

const MAX_ID: usize = 200;
const MAX_TEXT: usize = 4_000;
const CREW: &str = "crew:";
const AUTHOR: &str = "operations, guest, system, or crew: and a member's id";
const TEXT: &str = "1 to 4,000 characters without control characters but line ends";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_trimmed_and_its_lines_end_alike() {
        let text = ChatText::new(" Dock 4\r\nat nine\rsharp \n").unwrap();
        assert_eq!(text.as_str(), "Dock 4\nat nine\nsharp");
        assert!(ChatText::new(&"⛵".repeat(4_000)).is_ok());
        for wrong in ["", " \r\n ", "a\tb", "a\0", "a\u{1b}[31m", &"⛵".repeat(4_001)] {
            assert!(ChatText::new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_author_is_read_as_they_are_told() {
        for word in ["operations", "guest", "system", "crew:ada", "crew:crew:ada"] {
            assert_eq!(word.parse::<ChatAuthor>().unwrap().to_string(), word);
        }
        for wrong in ["", "crew", "crew:", "crew: ", "ada", "Guest"] {
            assert!(wrong.parse::<ChatAuthor>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_message_is_told_from_others_by_an_id() {
        let charter = CharterId::new("C-1").unwrap();
        let text = ChatText::new("Ahoy").unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let new = |at| ChatMessage::new(charter.clone(), at, ChatAuthor::Guest, text.clone());
        let (one, other) = (new(at(0)).unwrap(), new(at(0)).unwrap());
        assert_ne!(one.id(), other.id());
        assert_eq!(one.clone().with_id(other.id().clone()), other);
        assert!(one.check_same(&other).is_err() && one.check_same(&one).is_ok());
        assert!(new(at(-1)).is_err());
        for wrong in ["", " ", "a\nb", &"x".repeat(201)] {
            assert!(ChatMessageId::new(wrong).is_err(), "{wrong}");
        }
    }
}
