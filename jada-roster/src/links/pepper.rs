//! Peppers: the keys under which links are hashed. They are kept out of the table, so that whoever
//! reads the table can open nothing.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::links::Purpose;
use crate::random::ALPHABET;

/// The name of a pepper: one letter or digit, the first of every text that is hashed under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PepperId(u8);

/// One pepper: 32 secret bytes, and the key that is prepared from them.
#[derive(Clone)]
pub struct Pepper {
    id: PepperId,
    secret: Zeroizing<[u8; 32]>,
    key: Hmac<Sha256>,
}

/// What a table keeps of a link: HMAC-SHA-256 of its purpose and its text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LinkDigest([u8; 32]);

impl PepperId {
    /// The first of a folder's peppers.
    pub(crate) const FIRST: Self = Self(b'A');

    /// The pepper that a text names by its first letter.
    pub(crate) fn of_text(text: &str) -> Self {
        Self(text.bytes().next().unwrap_or(b'?'))
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

impl Pepper {
    /// Draws a pepper.
    ///
    /// # Errors
    /// [`Error::Random`] when the system gives no randomness.
    pub(crate) fn generate(id: PepperId) -> Result<Self, Error> {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *secret).map_err(|error| Error::Random { source: error.into() })?;
        Ok(Self::new(id, secret))
    }

    pub(crate) fn new(id: PepperId, secret: Zeroizing<[u8; 32]>) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        block[..secret.len()].copy_from_slice(&*secret);
        let key = Hmac::new(&(*block).into());
        Self { id, secret, key }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> PepperId {
        self.id
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// What a table keeps of a link. The purpose's length comes first, so that no purpose and text
    /// run together into another pair's.
    pub(crate) fn digest(&self, purpose: &Purpose, text: &str) -> LinkDigest {
        let purpose = purpose.as_str();
        let mut mac = self.key.clone();
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(text.as_bytes());
        LinkDigest(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pepper").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A key of HMAC-SHA-256 is filled up with zeros to this many bytes
/// ([RFC 2104, 2](https://www.rfc-editor.org/rfc/rfc2104#section-2)).
const BLOCK: usize = 64;
