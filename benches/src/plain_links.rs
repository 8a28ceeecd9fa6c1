//! A link by hand: the least that issuing and verifying one can cost.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A prepared key.
#[derive(Debug)]
pub struct PlainLinks(Hmac<Sha256>);

impl PlainLinks {
    /// Under a key of zeros: it guards nothing.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "as the others are made")]
    pub fn new() -> Self {
        Self(Hmac::new(&[0; 64].into()))
    }

    /// Draws 22 letters, and their digest.
    #[must_use]
    pub fn issue(&self) -> (String, [u8; 32]) {
        let mut text = String::with_capacity(22);
        let mut bytes = [0; 32];
        while text.len() < 22 {
            getrandom::fill(&mut bytes).unwrap();
            let letters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 63)));
            text.extend(letters.map(|letter| char::from(*letter)).take(22 - text.len()));
        }
        let digest = self.digest(&text);
        (text, digest)
    }

    /// The digest of a text.
    #[must_use]
    pub fn digest(&self, text: &str) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
