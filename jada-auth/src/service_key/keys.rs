//! What a service verifies with: a header's name, and the hashes of the keys it lets in.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, ToStrError},
};
use subtle::{Choice, ConditionallySelectable};

use super::{
    KeyRefusal, PREFIX, ServiceKeyHash,
    argon2id::OutOfMemory,
    hash::{Fault, MEND},
};
use crate::Error;

/// The keys that a service lets in, by their hashes: one, or two while a key is being replaced.
///
/// To replace a key, let the service know both hashes, give the new key to each client, and take
/// the old hash away when [`Verified::index`] no longer names it.
///
/// One that exists can verify: a missing or malformed hash is an error when the service starts,
/// never a "no" to each request. How long verifying takes does not tell where a wrong key differs
/// from the right one, nor which hash matched.
///
/// With `sha256:` hashes it takes 0.3 µs for one and 0.4 µs for two. With an argon2id hash it takes
/// 16 ms and 19 MiB at the recommended parameters, and up to a second and 256 MiB at the largest
/// that are taken, for each presented key, right or wrong. Then it belongs on a thread that may
/// block, and not too many at once: [`is_slow`](Self::is_slow) tells.
///
/// ```
/// use http::HeaderMap;
/// use jada_auth::{KeyRefusal, ServiceKeys};
///
/// # let text = Some(format!("sha256:{}", "5a".repeat(32)));
/// # let text = text.as_deref();
/// // `text` is what `std::env::var("JADA_SERVICE_KEY_HASH").ok()` gave.
/// let keys = ServiceKeys::parse("X-Service-Key", "JADA_SERVICE_KEY_HASH", text)?;
///
/// let refusal = keys.verify(&HeaderMap::new()).unwrap_err();
/// assert!(matches!(refusal, KeyRefusal::Missing { .. }));
/// # Ok::<(), jada_auth::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ServiceKeys {
    header: HeaderName,
    hashes: Vec<ServiceKeyHash>,
}

impl ServiceKeys {
    /// Lets in the keys of one or two hashes, presented in `header`.
    ///
    /// In `Authorization` a key is presented as `Bearer` and the key, in any other header alone.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedServiceKey`] for no hash, for more than two, and for text that is no
    /// header's name.
    pub fn new<I>(header: &str, hashes: I) -> Result<Self, Error>
    where
        I: IntoIterator<Item = ServiceKeyHash>,
    {
        let header = header_name(header).map_err(|it| it.of("the header of a service key"))?;
        let hashes: Vec<_> = hashes.into_iter().collect();
        match hashes.len() {
            1 | 2 => Ok(Self { header, hashes }),
            0 => Err(Fault::new("are missing", "give one, or two during a rotation")
                .of("the hashes of a service key")),
            count => Err(Fault::new(
                format!("are {count}"),
                "give one, or two during a rotation: each one more is a key that someone may have",
            )
            .of("the hashes of a service key")),
        }
    }

    /// Lets in the keys whose hashes stand in a configuration, with white space between them.
    ///
    /// `origin` is where `text` came from, such as the environment variable's name, and is what
    /// an error names. Nothing is read here but `text`.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedServiceKey`] where [`new`](Self::new) gives it, for a text that is
    /// missing or empty, and for one with anything else than hashes in it. It repeats nothing of
    /// the text, which may be the key itself.
    pub fn parse(header: &str, origin: &str, text: Option<&str>) -> Result<Self, Error> {
        let missing = |what| Fault::new(what, MEND).of(&format!("`{origin}`"));
        let text = text.ok_or_else(|| missing("is not set"))?;
        let words: Vec<_> = text.split_whitespace().collect();
        if words.is_empty() {
            return Err(missing("is empty"));
        }
        let hashes = words.iter().zip(1..).map(|(word, place)| {
            let subject = match words.len() {
                1 => format!("the hash in `{origin}`"),
                _ => format!("hash {place} in `{origin}`"),
            };
            ServiceKeyHash::read(word).map_err(|fault| fault.of(&subject))
        });
        Self::new(header, hashes.collect::<Result<Vec<_>, _>>()?)
    }

    /// Verifies the key of a request.
    ///
    /// # Errors
    ///
    /// A [`KeyRefusal`], which no retry of the same request heals unless it
    /// [is transient](KeyRefusal::is_transient).
    pub fn verify(&self, headers: &HeaderMap) -> Result<Verified, KeyRefusal> {
        let mut values = headers.get_all(&self.header).iter();
        let Some(value) = values.next() else {
            return Err(KeyRefusal::absent(&self.header, headers));
        };
        if values.next().is_some() {
            return Err(KeyRefusal::Repeated { header: self.header.clone() });
        }
        self.verify_text(self.key_in(value)?)
    }

    /// Verifies a key that came otherwise than by a header.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify), without those that speak of headers.
    pub fn verify_text(&self, key: &str) -> Result<Verified, KeyRefusal> {
        if key.is_empty() {
            return Err(KeyRefusal::Empty);
        }
        if let Some(what) = unpresentable(key) {
            return Err(KeyRefusal::Malformed { what });
        }
        let (mut found, mut index) = (Choice::from(0), 0_u8);
        // Each hash is looked at, so that time does not tell which one matched.
        for (hash, place) in self.hashes.iter().zip(0_u8..) {
            let matches = hash.matches(key)?;
            index.conditional_assign(&place, matches & !found);
            found |= matches;
        }
        match found.into() {
            true => Ok(Verified { index: index.into() }),
            false => Err(KeyRefusal::Wrong),
        }
    }

    /// Tells whether verifying takes milliseconds instead of less than one µs, because a hash is
    /// argon2id's.
    pub fn is_slow(&self) -> bool {
        self.hashes.iter().any(ServiceKeyHash::is_slow)
    }

    /// The header that carries the key, in lower case.
    pub fn header(&self) -> &HeaderName {
        &self.header
    }

    fn key_in<'a>(&self, value: &'a HeaderValue) -> Result<&'a str, KeyRefusal> {
        let text = value.to_str()?.trim_matches([' ', '\t']);
        let (scheme, key) = text.split_once(' ').unwrap_or((text, ""));
        let bearer = scheme.eq_ignore_ascii_case("Bearer");
        match (self.header == AUTHORIZATION, bearer) {
            (true, true) => Ok(key.trim_start_matches(' ')),
            (true, false) if !text.is_empty() => {
                Err(KeyRefusal::Malformed { what: "does not stand after `Bearer`" })
            }
            (false, true) => Err(KeyRefusal::Malformed {
                what: "stands after `Bearer`, which is for `Authorization` alone",
            }),
            _ => Ok(text),
        }
    }
}

/// A key was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    index: usize,
}

impl Verified {
    /// Which of the hashes it matched, from 0, in the order in which they were given. Count it by
    /// this during a rotation: the old hash may go when nobody presents its key any more.
    pub fn index(self) -> usize {
        self.index
    }
}

impl From<OutOfMemory> for KeyRefusal {
    fn from(_: OutOfMemory) -> Self {
        Self::OutOfMemory
    }
}

impl From<ToStrError> for KeyRefusal {
    fn from(_: ToStrError) -> Self {
        Self::Malformed { what: NOT_VISIBLE }
    }
}

fn header_name(text: &str) -> Result<HeaderName, Fault> {
    // A key is a well-formed name too.
    match HeaderName::try_from(text) {
        Ok(name) if !text.starts_with(PREFIX) => Ok(name),
        _ => Err(Fault::new("is no name of a header", "write a name such as `X-Service-Key`")),
    }
}

/// Why no client can present a text as its key. The limit keeps what is hashed short.
pub(super) fn unpresentable(key: &str) -> Option<&'static str> {
    if key.len() > KEY_LENGTH {
        return Some("is longer than 256 bytes");
    }
    if key.trim() != key {
        return Some("has white space around it");
    }
    // A passphrase has spaces, and a header may.
    key.bytes().any(|byte| !byte.is_ascii_graphic() && byte != b' ').then_some(NOT_VISIBLE)
}

const NOT_VISIBLE: &str = "has a character that is neither visible ASCII nor a space";
/// In bytes.
const KEY_LENGTH: usize = 256;
