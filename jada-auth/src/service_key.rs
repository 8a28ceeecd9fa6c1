//! What one service presents to another, and the hash by which the other knows it.

mod argon2id;
mod hash;
mod keys;
mod refusal;

use std::{io, str::FromStr, sync::Arc};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderValue, header::InvalidHeaderValue};
use zeroize::Zeroizing;

use crate::{Error, Secret};

pub use hash::ServiceKeyHash;
pub use keys::{ServiceKeys, Verified};
pub use refusal::KeyRefusal;

/// A key that one service presents to another: 256 bits of the system's randomness, written as
/// `jsk_` and 43 characters of base64url. The prefix is there for scanners that look for secrets
/// where none should be.
///
/// Only the service that presents it keeps it; the other keeps its [`hash`](Self::hash). Its
/// memory is overwritten with zeros when it is dropped.
///
/// ```
/// use http::Request;
/// use jada_auth::{ServiceKey, ServiceKeys};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = ServiceKey::generate()?;
/// let keys = ServiceKeys::new("X-Service-Key", [key.hash()])?;
///
/// let request = Request::get("/bookings").header("X-Service-Key", &key).body(())?;
/// assert!(keys.verify(request.headers()).is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ServiceKey(Secret);

impl ServiceKey {
    /// Makes a new key.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the system has no randomness to give, which no retry heals.
    pub fn generate() -> Result<Self, Error> {
        let bits = random::<32>()?;
        let text = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bits.as_slice()));
        Ok(Self(Secret::new([PREFIX, &text].concat())))
    }

    /// What the other service keeps. It may be printed: 256 bits are not found by trying.
    pub fn hash(&self) -> ServiceKeyHash {
        ServiceKeyHash::of_generated(self)
    }

    /// Shows the key to code that has to send or store it. Never log it; a header takes
    /// `&ServiceKey` itself and hides it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Takes the text of a key, letter for letter.
///
/// # Errors
///
/// [`Error::MalformedServiceKey`] for any other text, a key with a line break after it included.
impl FromStr for ServiceKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if is_generated(text) {
            return Ok(Self(Secret::new(text)));
        }
        let what = match text.trim() {
            "" => "the service key is empty",
            trimmed if trimmed != text => "the service key has white space around it",
            _ => "the text is no service key",
        };
        Err(Error::MalformedServiceKey {
            what: what.to_owned(),
            mend: "give `jsk_` and the 43 characters after it, and nothing else".to_owned(),
        })
    }
}

/// A header's value, marked sensitive, so that `http` hides it in `Debug`.
impl TryFrom<&ServiceKey> for HeaderValue {
    type Error = InvalidHeaderValue;

    fn try_from(key: &ServiceKey) -> Result<Self, InvalidHeaderValue> {
        let mut value = Self::from_str(key.expose())?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Tells whether a text has the form of a [`ServiceKey`].
fn is_generated(text: &str) -> bool {
    let mut bits = Zeroizing::new([0; 32]);
    let decoded = text
        .strip_prefix(PREFIX)
        .filter(|digits| digits.len() == 43)
        .map(|digits| BASE64_URL_SAFE_NO_PAD.decode_slice(digits, &mut *bits));
    matches!(decoded, Some(Ok(32)))
}

fn random<const LENGTH: usize>() -> Result<Zeroizing<[u8; LENGTH]>, Error> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    getrandom::fill(&mut *bytes).map_err(|error| Error::Refused {
        action: "asking the system for randomness".to_owned(),
        mend: "let this process use `getrandom` or `/dev/urandom`".to_owned(),
        source: Some(Arc::new(io::Error::other(error.to_string()))),
    })?;
    Ok(bytes)
}

const PREFIX: &str = "jsk_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_is_of_the_form_that_is_parsed() {
        let key = ServiceKey::generate().unwrap();
        assert_eq!(key.expose().len(), 47);
        assert_eq!(key.expose().parse::<ServiceKey>().unwrap().expose(), key.expose());
        assert_ne!(ServiceKey::generate().unwrap().expose(), key.expose());
    }

    #[test]
    fn any_other_text_is_refused_and_not_repeated() {
        let key = ServiceKey::generate().unwrap().expose().to_owned();
        let (digits, last) = (&key[4..], &key[..46]);
        let others = [
            digits.to_owned(),
            format!("{key}\n"),
            format!(" {key}"),
            format!("{key}A"),
            last.to_owned(),
            format!("jsk-{digits}"),
            format!("JSK_{digits}"),
            // 43 characters carry two bits more than 256, which have to be zero.
            format!("{last}B"),
            format!("{last}+"),
            format!("{last}="),
            "correct-horse-battery".to_owned(),
            "\u{e4}".repeat(40),
            String::new(),
        ];
        for text in others {
            let error = text.parse::<ServiceKey>().unwrap_err();
            assert!(matches!(error, Error::MalformedServiceKey { .. }), "{error}");
            assert!(text.is_empty() || !format!("{error} {error:?}").contains(text.trim()));
        }
    }
}
