//! What an invitation is made of.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::{
    Address, Error, IdempotencyKey,
    syntax::{hex, invalid, opaque_id},
};

/// The name of an event, such as `sail-42@example.com`, unique in the world: 1 to 200 printable
/// ASCII characters without space ([RFC 5545, 3.8.4.7](https://www.rfc-editor.org/rfc/rfc5545#section-3.8.4.7)).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventUid(String);

impl EventUid {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Derives the name of an event from that of the mail which first invites to it: 64 hexadecimal
    /// digits, the same ones for the same key and organizer. A mail that is composed again is then
    /// about the same event. Whoever sees it learns neither
    /// ([RFC 7986, 5.3](https://www.rfc-editor.org/rfc/rfc7986#section-5.3)).
    pub fn derived(first: &IdempotencyKey, organizer: &Address) -> Self {
        let digest = Sha256::new().chain_update(organizer.email()).chain_update(b"\0");
        Self(hex(&digest.chain_update(first.as_str()).finalize()))
    }
}

impl FromStr for EventUid {
    type Err = Error;

    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a text of another form; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        opaque_id("the UID of an event", text).map(Self)
    }
}

impl fmt::Display for EventUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which word on an event an [`Invite`](crate::Invite) is: 0 for the first invitation, and one more
/// each time ([RFC 5545, 3.8.7.4](https://www.rfc-editor.org/rfc/rfc5545#section-3.8.7.4)). A
/// calendar takes no notice of an older word than it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(u32);

impl Sequence {
    /// That of a first invitation.
    pub const FIRST: Self = Self(0);

    /// Reads back what was kept.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] beyond 1,000,000,000; not worth a retry.
    pub fn new(number: u32) -> Result<Self, Error> {
        if number > LARGEST {
            let text = number.to_string();
            return Err(invalid("the sequence of an event", &text, 0, "0 to 1000000000"));
        }
        Ok(Self(number))
    }

    /// Returns the number to keep.
    pub fn number(self) -> u32 {
        self.0
    }

    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What an event is about, in any number of lines, which end in LF; no control character else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventDescription(String);

impl EventDescription {
    /// Returns the text, its lines ending in LF.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EventDescription {
    type Err = Error;

    /// Checks a text; its line ends may be LF, CR or CRLF.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a control character but a line end or a tab; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_wrong = |c: char| c.is_control() && !['\t', '\n', '\r'].contains(&c);
        match text.find(is_wrong) {
            Some(at) => {
                Err(invalid("the description of an event", text, at, "no control character"))
            }
            None => Ok(Self(text.replace("\r\n", "\n").replace('\r', "\n"))),
        }
    }
}

impl fmt::Display for EventDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of a page: `https://` or `http://` and 1 to 2,000 characters that
/// [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2) allows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebAddress(String);

impl WebAddress {
    /// Returns the address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebAddress {
    type Err = Error;

    /// Checks an address.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a text of another form; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |at, expected| Err(invalid("the address of a page", text, at, expected));
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let Some(rest) = rest else {
            return wrong(0, "https:// or http://");
        };
        let is_allowed =
            |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
        if let Some(at) = text.find(|c| !is_allowed(c)) {
            return wrong(at, "an address in which other characters are written as %XX");
        }
        if rest.is_empty() {
            return wrong(text.len(), "a host");
        }
        if text.len() > LONGEST_ADDRESS {
            return wrong(LONGEST_ADDRESS, "the end, since an address has at most 2000 bytes");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Half of what an integer of a calendar may be, so that there is always a next one.
const LARGEST: u32 = 1_000_000_000;
const LONGEST_ADDRESS: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn position<T: FromStr<Err = Error>>(text: &str) -> usize {
        match text.parse::<T>() {
            Err(Error::Invalid { at, .. }) => at,
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("{text:?} was accepted"),
        }
    }

    #[test]
    fn a_line_break_or_nul_is_refused_where_it_stands() {
        for (break_, name) in [("\r\n", "CRLF"), ("\r", "CR"), ("\n", "LF"), ("\0", "NUL")] {
            assert_eq!(position::<EventUid>(&format!("a{break_}ATTENDEE:x")), 1, "{name}");
            assert_eq!(position::<WebAddress>(&format!("https://x{break_}y")), 9, "{name}");
        }
        assert_eq!(position::<EventDescription>("a\0"), 1);
        assert_eq!(position::<EventDescription>("é\u{7f}"), 2);
        assert_eq!(position::<EventDescription>("a\u{85}"), 1);
    }

    #[test]
    fn a_derived_name_is_that_of_its_key_and_organizer_alone() {
        let uid = |key: &str, organizer: &str| {
            EventUid::derived(&key.parse().unwrap(), &organizer.parse().unwrap())
        };
        let derived = uid("sail-42", "Crew <crew@example.com>");
        assert_eq!(derived, uid("sail-42", "crew@EXAMPLE.com"));
        assert_eq!(derived, derived.as_str().parse().unwrap());
        assert_ne!(derived, uid("sail-43", "crew@example.com"));
        assert_ne!(derived, uid("sail-42", "desk@example.com"));
        assert!(!derived.as_str().contains("sail") && !derived.as_str().contains("example"));
    }

    #[test]
    fn line_ends_of_a_description_become_lf() {
        let description: EventDescription = "a\r\nb\rc\n\td".parse().unwrap();
        assert_eq!(description.as_str(), "a\nb\nc\n\td");
    }

    #[test]
    fn the_address_of_a_page_is_of_the_web() {
        for good in ["https://example.com/a?b=c%20d&e=[1]#f", "http://x"] {
            assert_eq!(good.parse::<WebAddress>().unwrap().as_str(), good);
        }
        for (bad, at) in [
            ("", 0),
            ("javascript:x", 0),
            ("https://", 8),
            ("https://a b", 9),
            ("https://é", 8),
            ("https://a\"b", 9),
            (&format!("https://{}", "a".repeat(2_000)), 2_000),
        ] {
            assert_eq!(position::<WebAddress>(bad), at, "{bad}");
        }
    }

    #[test]
    fn a_sequence_leaves_room_to_go_up() {
        assert_eq!(Sequence::new(1_000_000_000).unwrap().next().number(), 1_000_000_001);
        assert!(Sequence::new(1_000_000_001).is_err());
        assert_eq!(Sequence::new(0).unwrap(), Sequence::FIRST);
    }
}
