//! The text of a link: what it says openly, and how hard it is to guess.

use std::fmt;

use jada_auth::Secret;
use sha2::{Digest, Sha256};

use crate::crew::id::CrewId;
use crate::error::Error;
use crate::links::LinkRefusal;
use crate::links::pepper::PepperId;
use crate::random::{self, ALPHABET};

/// The text of a magic link. Neither printed nor logged; its memory is zeroised on drop.
///
/// All texts are of the 62 letters and digits, each drawn without bias from the system's
/// randomness, so that each adds 5.95 bit. The first names the pepper under which it is hashed.
///
/// | form | letters | of which secret | entropy |
/// |---|---|---|---|
/// | single use, session | 23 | 22 | 131 bit |
/// | standing | 34: 11 name the member's row | 22 | 131 bit |
/// | compact | 8 to 12 | 7 to 11 | 42 to 65 bit |
/// | plain, of an older tool | 1 to 200, with `-` and `_` | all | as that tool drew it |
///
/// Under 112 bit a text is accepted only where attempts are limited
/// ([OWASP ASVS 5.0, 6.5](https://github.com/OWASP/ASVS)).
#[derive(Clone)]
pub struct LinkText {
    text: Secret,
    form: TextForm,
}

/// What a text is by its looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextForm {
    /// Names a row by its digest: single-use links and sessions.
    Single,
    /// Names the row of its member's links.
    Standing,
    /// Names a row by its digest, and is short.
    Compact,
    /// Nothing of ours: perhaps of an older tool.
    Plain,
}

/// How many letters a compact text has: 8 to 12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CompactLength(u8);

/// By what the row of a member's links is named: 11 letters made of the id, and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handle(String);

impl LinkText {
    /// Takes text as a person or a browser hands it in, trimmed.
    ///
    /// # Errors
    /// [`Error::LinkRefused`] for what no link is: blank, longer than 200, other characters.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(plain) {
            return Err(Error::LinkRefused { reason: LinkRefusal::Malformed });
        }
        let ours = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let form = match text.len() {
            SINGLE if ours => TextForm::Single,
            STANDING if ours => TextForm::Standing,
            8..=12 if ours => TextForm::Compact,
            _ => TextForm::Plain,
        };
        Ok(Self { text: Secret::new(text), form })
    }

    /// Draws the text of a single-use link or a session.
    pub(crate) fn single(pepper: PepperId) -> Result<Self, Error> {
        Self::drawn(TextForm::Single, pepper, "", SECRET)
    }

    /// Draws the text of a standing link.
    pub(crate) fn standing(pepper: PepperId, handle: &Handle) -> Result<Self, Error> {
        Self::drawn(TextForm::Standing, pepper, &handle.0, SECRET)
    }

    /// Draws a text to be typed.
    pub(crate) fn compact(pepper: PepperId, length: CompactLength) -> Result<Self, Error> {
        Self::drawn(TextForm::Compact, pepper, "", usize::from(length.0) - 1)
    }

    fn drawn(form: TextForm, pepper: PepperId, handle: &str, secret: usize) -> Result<Self, Error> {
        let mut text = String::with_capacity(1 + handle.len() + secret);
        text.push(pepper.letter());
        text.push_str(handle);
        random::push_letters(&mut text, secret)?;
        Ok(Self { text: Secret::new(text), form })
    }

    /// Shows the text to code that has to send it. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    pub(crate) fn form(&self) -> TextForm {
        self.form
    }

    /// The pepper that the text names; of plain text it means nothing.
    pub(crate) fn pepper(&self) -> PepperId {
        PepperId::of_text(self.expose())
    }

    /// The row that a standing text names.
    pub(crate) fn handle(&self) -> Option<&str> {
        (self.form == TextForm::Standing).then(|| &self.expose()[1..=HANDLE])
    }
}

impl fmt::Debug for LinkText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkText(..)")
    }
}

impl CompactLength {
    /// The shortest and the longest.
    pub const SHORTEST: Self = Self(8);
    /// The longest: 65 bit.
    pub const LONGEST: Self = Self(12);

    /// Takes a number of letters.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a number that is not 8 to 12.
    pub fn new(letters: u8) -> Result<Self, Error> {
        if (8..=12).contains(&letters) {
            return Ok(Self(letters));
        }
        Err(Error::invalid("length of a compact link", &letters.to_string(), "8 to 12 letters"))
    }
}

impl Handle {
    /// The handle of a member: of their id alone, so that whoever knows the id finds the row.
    pub(crate) fn of(crew: &CrewId) -> Self {
        let digest = Sha256::new().chain_update(b"jada links ").chain_update(crew.as_str());
        let digest = digest.finalize();
        let letter = |pair: &[u8]| {
            let number = u16::from_be_bytes([pair[0], pair[1]]);
            char::from(ALPHABET[usize::from(number) % ALPHABET.len()])
        };
        Self(digest.chunks_exact(2).take(HANDLE).map(letter).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

const SECRET: usize = 22;
const HANDLE: usize = 11;
const SINGLE: usize = 1 + SECRET;
const STANDING: usize = 1 + HANDLE + SECRET;
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_text_is_read_as_what_it_is() {
        let pepper = PepperId::of_text("b");
        let handle = Handle::of(&CrewId::new("C-1").unwrap());
        let drawn = [
            (LinkText::single(pepper).unwrap(), TextForm::Single, 23),
            (LinkText::standing(pepper, &handle).unwrap(), TextForm::Standing, 34),
            (LinkText::compact(pepper, CompactLength::SHORTEST).unwrap(), TextForm::Compact, 8),
            (LinkText::compact(pepper, CompactLength::LONGEST).unwrap(), TextForm::Compact, 12),
        ];
        for (text, form, length) in drawn {
            let read = LinkText::parse(&format!(" {}\n", text.expose())).unwrap();
            assert_eq!((read.form(), read.expose().len()), (form, length));
            assert_eq!(read.expose(), text.expose());
            assert_eq!(read.pepper(), pepper);
            let named = (form == TextForm::Standing).then(|| handle.as_str().to_owned());
            assert_eq!(read.handle().map(str::to_owned), named);
        }
    }

    #[test]
    fn each_letter_of_a_text_is_as_likely_as_every_other() {
        const DRAWN: usize = 6_200;
        let (pepper, crew) = (PepperId::of_text("b"), CrewId::new("C-1").unwrap());
        let handle = Handle::of(&crew);
        let mut counts = [[0_u32; 62]; 2 * SECRET];
        for _ in 0..DRAWN {
            let single = LinkText::single(pepper).unwrap();
            let standing = LinkText::standing(pepper, &handle).unwrap();
            let (single, standing) = (&single.expose()[1..], &standing.expose()[1 + HANDLE..]);
            for (position, letter) in single.bytes().chain(standing.bytes()).enumerate() {
                let letter = ALPHABET.iter().position(|of| *of == letter).unwrap();
                counts[position][letter] += 1;
            }
        }
        let expected = DRAWN as f64 / 62.0;
        for (position, counts) in counts.iter().enumerate() {
            let squares = counts.iter().map(|count| (f64::from(*count) - expected).powi(2));
            let chi_squared = squares.sum::<f64>() / expected;
            // 61 degrees of freedom: of 44 fair positions one is above 145 once in 2.6 million runs.
            assert!(chi_squared < 145.0, "position {position}: {chi_squared}");
        }
    }

    #[test]
    fn what_no_link_is_is_refused_before_anything_is_asked() {
        let long = "a".repeat(201);
        for text in ["", " ", "a b", "tok#abc", "ünlaut", "a\u{0}b", long.as_str(), "a=b"] {
            let refused = LinkText::parse(text).unwrap_err();
            assert!(
                matches!(refused, Error::LinkRefused { reason: LinkRefusal::Malformed }),
                "{refused}"
            );
        }
    }

    #[test]
    fn debug_shows_nothing_of_the_text() {
        let text = LinkText::parse("abcdefghijklmnopqrstuvw").unwrap();
        assert_eq!(format!("{text:?}"), "LinkText(..)");
    }

    #[test]
    fn members_have_handles_of_their_own_that_stay() {
        let handle = |id: &str| Handle::of(&CrewId::new(id).unwrap()).0;
        assert_eq!(handle("C-1"), handle("C-1"));
        let all: std::collections::BTreeSet<_> =
            (0..10_000).map(|n| handle(&format!("C-{n}"))).collect();
        assert_eq!(all.len(), 10_000);
        assert!(all.iter().all(|handle| handle.len() == HANDLE));
    }
}
