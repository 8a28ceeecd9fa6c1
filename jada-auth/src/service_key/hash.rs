//! What may be written into a configuration: the hash of a key.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::{
    PREFIX, ServiceKey,
    argon2id::{Argon2id, OutOfMemory},
    is_generated,
    keys::unpresentable,
};
use crate::{Error, Secret};

/// What a service keeps of a key in order to recognise it; the key cannot be had from it.
///
/// There are two forms:
///
/// - `sha256:` and 64 lower-case hexadecimal digits, the SHA-256 of the key's text. It is enough
///   for a [`ServiceKey`], since nobody tries 2²⁵⁶ keys, and checking it takes 0.3 µs.
/// - `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<output>`, an argon2id hash as a
///   [PHC string](https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md), for a key
///   that a person chose. Checking it takes 16 ms and 19 MiB, by intent.
///
/// Both recognise any text: which form a key gets is decided where its hash is made, and a hash
/// that another program made is as good. `Display` writes the hash itself, and `Debug` only its
/// form: who has the hash of a chosen key can try keys until one fits.
///
/// ```
/// use jada_auth::{ServiceKey, ServiceKeyHash};
///
/// let hash = ServiceKey::generate()?.hash();
/// assert_eq!(hash.to_string().parse::<ServiceKeyHash>()?.to_string(), hash.to_string());
/// # Ok::<(), jada_auth::Error>(())
/// ```
#[derive(Clone)]
pub struct ServiceKeyHash(Form);

#[derive(Clone)]
enum Form {
    Sha256([u8; 32]),
    Argon2id(Argon2id),
}

impl ServiceKeyHash {
    /// The fewest characters of a key that a person chose: 12. With fewer, argon2id no longer
    /// makes up for what people choose.
    pub const CHOSEN_LENGTH: usize = 12;

    pub(super) fn of_generated(key: &ServiceKey) -> Self {
        Self(Form::Sha256(Sha256::digest(key.expose()).into()))
    }

    /// Hashes a key that a person chose, with a random salt and the
    /// [parameters that OWASP recommends](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id):
    /// 19 MiB, two passes, one lane. It takes 16 ms.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedServiceKey`] for a key that is shorter than
    /// [`CHOSEN_LENGTH`](Self::CHOSEN_LENGTH), that no header can carry, that was generated, or
    /// that is a hash already. [`Error::Refused`] when the system has no randomness or no memory.
    pub fn of_chosen(key: &Secret) -> Result<Self, Error> {
        let key = key.expose();
        match unfit(key) {
            Some(fault) => Err(fault.of("the chosen key")),
            None => Ok(Self(Form::Argon2id(Argon2id::of(key)?))),
        }
    }

    /// Reads a hash, with no word on where it came from.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if let Some(digits) = text.strip_prefix(SHA256) {
            return read_sha256(digits).map(|digest| Self(Form::Sha256(digest)));
        }
        match text.strip_prefix(ARGON2ID) {
            Some(fields) => Argon2id::read(fields).map(|hash| Self(Form::Argon2id(hash))),
            None => Err(no_hash(text)),
        }
    }

    /// In a time that does not depend on where key and hash differ.
    pub(super) fn matches(&self, key: &str) -> Result<Choice, OutOfMemory> {
        match &self.0 {
            Form::Sha256(digest) => Ok(Sha256::digest(key).as_slice().ct_eq(digest)),
            Form::Argon2id(hash) => hash.matches(key),
        }
    }

    pub(super) fn is_slow(&self) -> bool {
        matches!(self.0, Form::Argon2id(_))
    }
}

/// Reads a hash in either form; white space around it is skipped.
///
/// # Errors
///
/// [`Error::MalformedServiceKey`] for any other text, which it does not repeat: it may be the key.
impl FromStr for ServiceKeyHash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|fault| fault.of("the hash of a service key"))
    }
}

impl fmt::Display for ServiceKeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Sha256(digest) => {
                f.write_str(SHA256)?;
                digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Form::Argon2id(hash) => write!(f, "{ARGON2ID}{hash}"),
        }
    }
}

impl fmt::Debug for ServiceKeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Form::Sha256(_) => "ServiceKeyHash(sha256:..)",
            Form::Argon2id(_) => "ServiceKeyHash($argon2id$..)",
        })
    }
}

/// What is wrong with a text, to be said of wherever it came from, and what mends it.
pub(super) struct Fault {
    what: String,
    mend: &'static str,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>, mend: &'static str) -> Self {
        Self { what: what.into(), mend }
    }

    /// The error that says this of `subject`.
    pub(super) fn of(self, subject: &str) -> Error {
        let what = format!("{subject} {}", self.what);
        Error::MalformedServiceKey { what, mend: self.mend.to_owned() }
    }
}

/// Why a key that a person chose is not taken.
fn unfit(key: &str) -> Option<Fault> {
    if key.is_empty() {
        return Some(Fault::new("is empty", "see where it is read from"));
    }
    if is_generated(key) {
        return Some(Fault::new("was generated", "hash it as a `ServiceKey`, which costs less"));
    }
    if key.starts_with(PREFIX) {
        let what = "begins as a generated key does, and is none";
        return Some(Fault::new(what, "give the generated key whole, or choose another"));
    }
    if ServiceKeyHash::read(key).is_ok() {
        return Some(Fault::new("is a hash already", "give the key that it was made of"));
    }
    if key.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case("Bearer")) {
        return Some(Fault::new("begins with `Bearer`", "give the key alone, or choose another"));
    }
    if let Some(what) = unpresentable(key) {
        return Some(Fault::new(
            what,
            "choose at most 256 letters, digits, signs and spaces of ASCII",
        ));
    }
    (key.len() < ServiceKeyHash::CHOSEN_LENGTH).then(|| {
        let what = "has fewer than 12 characters, which are found by trying";
        Fault::new(what, "choose a longer one, or better generate it")
    })
}

fn read_sha256(digits: &str) -> Result<[u8; 32], Fault> {
    let Some(digest) = unhex(digits) else {
        if digits.contains(',') {
            let mend = "write white space between two hashes, since some hold commas";
            return Err(Fault::new("has a comma in it", mend));
        }
        let what = "is not `sha256:` and 64 lower-case hexadecimal digits";
        return Err(Fault::new(what, MEND));
    };
    // What `sha256sum` says when the variable with the key was not set.
    if [&b""[..], b"\n"].iter().any(|nothing| Sha256::digest(nothing).as_slice() == digest) {
        return Err(Fault::new("is that of an empty text, not of a key", MEND));
    }
    Ok(digest)
}

fn unhex(digits: &str) -> Option<[u8; 32]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let pairs = digits.as_bytes().chunks(2).map(|pair| match *pair {
        [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<_>>>()?.try_into().ok()
}

fn no_hash(text: &str) -> Fault {
    match text {
        "" => Fault::new("is empty", MEND),
        // A leak that a new key alone mends, since configurations are kept and copied.
        _ if text.starts_with(PREFIX) => Fault::new(
            "is a plain key",
            "make a new key, since others may have seen this one, and write its hash here",
        ),
        _ if text.starts_with("$argon2") => Fault::new("is of an argon2 other than argon2id", MEND),
        // `$argon2id$v=19$m=19456,t=2` as a shell or a compose file leaves it.
        _ if text.contains(",t=") => {
            Fault::new("has lost its `$` signs", "put it in single quotes, or write `$$` for `$`")
        }
        _ => Fault::new("begins neither with `sha256:` nor with `$argon2id$`", MEND),
    }
}

pub(super) const MEND: &str = "write what `service_key hash` prints for the key";
const SHA256: &str = "sha256:";
const ARGON2ID: &str = "$argon2id$";
