//! Telling secrets apart without keeping them.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

/// The SHA-256 of some texts: tells one refresh token, grant or identity from another, and gives
/// none of them away. It is written as 64 hexadecimal digits.
///
/// Only texts that nobody can guess, such as refresh tokens, are kept secret by it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of the texts in their order; their lengths count, so that `ab, c` is not `a, bc`.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for text in texts {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = MalformedFingerprint;

    fn from_str(text: &str) -> Result<Self, MalformedFingerprint> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(MalformedFingerprint(()));
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| MalformedFingerprint(()))?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| MalformedFingerprint(()))?;
        }
        Ok(Self(bytes))
    }
}

/// A text is no fingerprint: it is not 64 hexadecimal digits.
#[derive(Clone, Debug, thiserror::Error)]
#[error("a fingerprint is not 64 hexadecimal digits")]
pub struct MalformedFingerprint(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_for_the_same_texts_alone() {
        assert_eq!(Fingerprint::of(["ab", "c"]), Fingerprint::of(["ab", "c"]));
        assert_ne!(Fingerprint::of(["ab", "c"]), Fingerprint::of(["a", "bc"]));
        assert_ne!(Fingerprint::of(["ab", ""]), Fingerprint::of(["ab"]));
    }

    #[test]
    fn it_survives_being_written_and_read() {
        let fingerprint = Fingerprint::of(["not-a-real-token"]);
        assert_eq!(fingerprint.to_string().parse::<Fingerprint>().unwrap(), fingerprint);
        assert!(!format!("{fingerprint:?}").contains("not-a-real"));
    }

    #[test]
    fn other_text_is_refused() {
        let text = Fingerprint::of(["x"]).to_string();
        for bad in ["", "12", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "g")] {
            assert!(bad.parse::<Fingerprint>().is_err(), "{bad}");
        }
    }
}
