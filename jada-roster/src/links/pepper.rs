//! Peppers: the keys under which links are hashed. They are kept out of the table, so that whoever
//! reads the table can open nothing.

#[cfg(unix)]
mod file;
#[cfg(unix)]
mod private;

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use jada_auth::{Clock, SystemClock};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::links::{BrowserNonce, Purpose};
use crate::random::ALPHABET;

/// The name of a pepper: one letter or digit, the first of every text that is hashed under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PepperId(u8);

/// One pepper: 32 secret bytes, and the key that is prepared from them.
#[derive(Clone)]
pub struct Pepper {
    id: PepperId,
    home: Option<String>,
    created_at: Timestamp,
    secret: Zeroizing<[u8; 32]>,
    key: Hmac<Sha256>,
}

/// The peppers of one secrets folder: the current one, under which links are made, and older ones,
/// under which links that are still in use were made. Clones share them.
///
/// A copy of the table opens nothing without them, and without them no link opens: they belong into
/// the backup of the secrets folder, and not into that of the table.
#[derive(Clone)]
pub struct Peppers {
    /// From the oldest to the current one; never empty.
    peppers: Arc<[Pepper]>,
    place: Arc<str>,
}

/// What a table keeps of a link: HMAC-SHA-256 of its purpose's page and its text.
#[derive(Clone)]
pub(crate) struct LinkDigest(pub(crate) [u8; 32]);

/// What a table keeps of a browser's nonce.
#[derive(Clone)]
pub(crate) struct NonceDigest(pub(crate) [u8; 32]);

impl PepperId {
    /// The first of a folder's peppers.
    pub(crate) const FIRST: Self = Self(b'A');

    /// The pepper that a text names by its first letter.
    pub(crate) fn of_text(text: &str) -> Self {
        Self(text.bytes().next().unwrap_or(b'?'))
    }

    /// Takes the letter that names a pepper.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no single letter or digit.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.as_bytes() {
            [letter] if ALPHABET.contains(letter) => Ok(Self(*letter)),
            _ => Err(Error::invalid("name of a pepper", text, "one letter or digit")),
        }
    }

    /// The letter.
    #[must_use]
    pub fn letter(self) -> char {
        char::from(self.0)
    }

    /// The name of the pepper that follows this one; after 62 they begin again.
    pub(crate) fn next(self) -> Self {
        let at = ALPHABET.iter().position(|letter| *letter == self.0).unwrap_or(0);
        Self(ALPHABET[(at + 1) % ALPHABET.len()])
    }
}

impl fmt::Display for PepperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.letter(), f)
    }
}

impl Pepper {
    fn generate(id: PepperId, home: Option<&str>) -> Result<Self, Error> {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *secret).map_err(|error| Error::Random { source: error.into() })?;
        Ok(Self::new(id, home.map(str::to_owned), SystemClock.now().wall, secret))
    }

    fn new(
        id: PepperId,
        home: Option<String>,
        created_at: Timestamp,
        secret: Zeroizing<[u8; 32]>,
    ) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        block[..secret.len()].copy_from_slice(&*secret);
        let key = Hmac::new(&(*block).into());
        Self { id, home, created_at, secret, key }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> PepperId {
        self.id
    }

    /// The region in which links under this pepper are written and used up, where it names one.
    #[must_use]
    pub fn home(&self) -> Option<&str> {
        self.home.as_deref()
    }

    /// When it was drawn.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Tells it from others and gives nothing of it away: 16 hexadecimal digits of SHA-256.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(b"jada link pepper ").chain_update(*self.secret);
        digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What a table keeps of a link, which a page finds without knowing what the link is about. The
    /// page's length comes first, so that no page and text run together into another pair's.
    pub(crate) fn digest(&self, purpose: &Purpose, text: &str) -> LinkDigest {
        let page = purpose.page();
        let mut mac = self.key.clone();
        mac.update(&(page.len() as u64).to_be_bytes());
        mac.update(page.as_bytes());
        mac.update(text.as_bytes());
        LinkDigest(mac.finalize().into_bytes().into())
    }

    /// What a table keeps of a nonce. No page's name is so long that a link had the same digest.
    pub(crate) fn nonce(&self, nonce: &BrowserNonce) -> NonceDigest {
        let mut mac = self.key.clone();
        mac.update(&u64::MAX.to_be_bytes());
        mac.update(nonce.expose().as_bytes());
        NonceDigest(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pepper").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Peppers {
    /// One pepper that is kept nowhere: the links under it end with this process. For tests.
    ///
    /// # Errors
    /// [`Error::Random`] when the system gives no randomness.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self::of([Pepper::generate(PepperId::FIRST, None)?], "in memory"))
    }

    /// The same, all at home in this region.
    #[must_use]
    pub fn at_home_in(self, region: &str) -> Self {
        let at_home = |pepper: &Pepper| Pepper { home: Some(region.to_owned()), ..pepper.clone() };
        Self { peppers: self.peppers.iter().map(at_home).collect(), place: self.place }
    }

    /// The one under which links are made.
    #[must_use]
    pub fn current(&self) -> &Pepper {
        &self.peppers[self.peppers.len() - 1]
    }

    /// All, from the oldest to the current one.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Pepper> {
        self.peppers.iter()
    }

    /// The one of this name.
    #[must_use]
    pub fn named(&self, id: PepperId) -> Option<&Pepper> {
        self.iter().find(|pepper| pepper.id == id)
    }

    fn of(peppers: impl Into<Arc<[Pepper]>>, place: &str) -> Self {
        Self { peppers: peppers.into(), place: place.into() }
    }

    pub(crate) fn unusable(&self, mend: impl Into<String>) -> Error {
        Error::Peppers { path: self.place.to_string(), mend: mend.into(), source: None }
    }
}

impl fmt::Debug for Peppers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.iter().map(Pepper::id).collect();
        f.debug_struct("Peppers").field("place", &self.place).field("ids", &ids).finish()
    }
}

/// In a time that does not tell where they differ.
impl PartialEq for LinkDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for LinkDigest {}

impl PartialEq for NonceDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// A key of HMAC-SHA-256 is filled up with zeros to this many bytes
/// ([RFC 2104, 2](https://www.rfc-editor.org/rfc/rfc2104#section-2)).
const BLOCK: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose(text: &str) -> Purpose {
        Purpose::new(text).unwrap()
    }

    #[test]
    fn a_digest_is_that_of_its_pepper_page_and_text_alone() {
        let (one, other) = (Peppers::generate().unwrap(), Peppers::generate().unwrap());
        let (one, other) = (one.current(), other.current());
        let digest = one.digest(&purpose("portal"), "Atext");
        assert!(digest == one.clone().digest(&purpose("portal"), "Atext"));
        assert!(digest != other.digest(&purpose("portal"), "Atext"));
        assert!(digest != one.digest(&purpose("portalA"), "text"));
        assert!(digest != one.digest(&purpose("portal"), "Atexu"));
        assert!(digest == one.digest(&purpose("portal:C-17"), "Atext"));
    }

    #[test]
    fn a_digest_is_the_standard_one() {
        // As Python's `hmac` computes it.
        let pepper = Pepper::new(
            PepperId::FIRST,
            None,
            Timestamp::UNIX_EPOCH,
            Zeroizing::new(std::array::from_fn(|n| n as u8)),
        );
        assert_eq!(hex(&pepper.digest(&purpose("portal"), "Atext").0), DIGEST);
    }

    #[test]
    fn debug_shows_names_alone() {
        let peppers = Peppers::generate().unwrap();
        let shown = format!("{peppers:?} {:?}", peppers.current());
        assert_eq!(
            shown,
            "Peppers { place: \"in memory\", ids: [PepperId(65)] } Pepper { id: PepperId(65), .. }"
        );
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    const DIGEST: &str = "009f249fa5043586b90226a037637e4b386665000e2763430ac0a7f0bc295089";
}
