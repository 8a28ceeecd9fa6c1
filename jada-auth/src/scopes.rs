//! The set of OAuth scopes that a token carries or a caller asks for.

use std::{fmt, str::FromStr, sync::Arc};

use crate::Error;

/// A set of OAuth scopes, sorted and without duplicates.
///
/// Each scope is one or more of the characters that
/// [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) allows: printable ASCII
/// without space, `"` and `\`. Case matters. The default is the empty set, which every token
/// satisfies. A clone shares the set and costs one atomic increment.
///
/// ```
/// use jada_auth::Scopes;
///
/// let granted: Scopes = "calendar gmail.send calendar".parse()?;
/// let asked = Scopes::new(["gmail.send", "drive.file"])?;
/// assert_eq!(granted.to_string(), "calendar gmail.send");
/// assert_eq!(asked.missing_from(&granted).to_string(), "drive.file");
/// # Ok::<(), jada_auth::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Scopes(Arc<[Box<str>]>);

impl Scopes {
    /// Collects scopes given one by one.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedScope`] for one that is empty or has a character that no scope may have,
    /// a space included. It is not worth a retry.
    pub fn new<I>(scopes: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let parsed = scopes.into_iter().map(|scope| parse_one(scope.as_ref()));
        let mut scopes = parsed.collect::<Result<Vec<_>, _>>()?;
        scopes.sort_unstable();
        scopes.dedup();
        Ok(Self(scopes.into()))
    }

    /// Tells whether every scope of this set is in `granted` too.
    pub fn is_subset(&self, granted: &Self) -> bool {
        // A provider is mostly asked for the very set that it was built with.
        Arc::ptr_eq(&self.0, &granted.0) || self.iter().all(|scope| granted.contains(scope))
    }

    /// Tells, at once, that `other` is a clone; sets that are equal otherwise are not found out.
    #[cfg(feature = "shared")]
    pub(crate) fn is_clone_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The scopes of this set that `granted` lacks; empty when this is a subset.
    #[must_use]
    pub fn missing_from(&self, granted: &Self) -> Self {
        let missing = self.0.iter().filter(|scope| !granted.contains(scope));
        Self(missing.cloned().collect())
    }

    /// Tells whether `scope` is in the set, letter for letter.
    pub fn contains(&self, scope: &str) -> bool {
        let found = self.0.binary_search_by(|known| known.as_ref().cmp(scope));
        found.is_ok()
    }

    /// Each scope once, in ascending byte order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// How many scopes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Parses what issuers send as `scope`: scopes with spaces between them. Surplus spaces are
/// skipped, and text without any scope is the empty set, which some issuers do send.
///
/// # Errors
///
/// [`Error::MalformedScope`] for one that has a character that no scope may have. It is not worth
/// a retry.
impl FromStr for Scopes {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text.split(' ').filter(|scope| !scope.is_empty()))
    }
}

/// The same as parsing by [`FromStr`], with the same errors.
impl TryFrom<&str> for Scopes {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

/// Writes the scopes with one space between them, as a token request has them.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { " " })?;
            f.write_str(scope)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

fn parse_one(scope: &str) -> Result<Box<str>, Error> {
    let stray = scope.bytes().find(|byte| !is_scope_byte(*byte));
    if scope.is_empty() || stray.is_some() {
        return Err(Error::MalformedScope { scope: scope.to_owned(), byte: stray });
    }
    Ok(scope.into())
}

fn is_scope_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Scopes {
        text.parse().unwrap()
    }

    #[test]
    fn parsing_sorts_and_drops_duplicates_and_surplus_spaces() {
        let parsed = scopes("  gmail.send drive  gmail.send calendar ");
        assert_eq!(parsed.iter().collect::<Vec<_>>(), ["calendar", "drive", "gmail.send"]);
        assert_eq!(parsed.to_string(), "calendar drive gmail.send");
        assert_eq!(parsed, Scopes::new(["drive", "calendar", "gmail.send"]).unwrap());
        assert_eq!(parsed, Scopes::try_from("gmail.send calendar drive").unwrap());
        assert_eq!(parsed.len(), 3);
    }

    #[test]
    fn text_without_a_scope_is_the_empty_set_and_prints_as_nothing() {
        assert!(scopes(" ").is_empty());
        assert_eq!(scopes(""), Scopes::default());
        assert_eq!(Scopes::default().to_string(), "");
    }

    #[test]
    fn exactly_the_bytes_of_rfc_6749_are_accepted() {
        let accepted: Vec<u8> = (0..=0x7f).filter(|byte| is_scope_byte(*byte)).collect();
        let rfc: Vec<u8> = [0x21].into_iter().chain(0x23..=0x5b).chain(0x5d..=0x7e).collect();
        assert_eq!(accepted, rfc);
        assert!((0x80..=0xff).all(|byte| !is_scope_byte(byte)));
    }

    #[test]
    fn a_malformed_scope_is_named_together_with_its_first_stray_byte() {
        let cases = [
            ("tab\tbed", Some(0x09)),
            ("quo\"ted", Some(0x22)),
            ("back\\slash", Some(0x5c)),
            ("schön", Some(0xc3)),
            ("two words", Some(0x20)),
            ("", None),
        ];
        for (bad, stray) in cases {
            let error = Scopes::new(["fine", bad]).unwrap_err();
            let Error::MalformedScope { scope, byte } = error else {
                panic!("{bad:?} gave {error:?}");
            };
            assert_eq!((scope.as_str(), byte), (bad, stray));
        }
    }

    #[test]
    fn a_subset_is_told_from_an_overlap() {
        let granted = scopes("a b c");
        assert!(scopes("c a").is_subset(&granted));
        assert!(granted.clone().is_subset(&granted));
        assert!(Scopes::default().is_subset(&granted));
        assert!(!scopes("a d").is_subset(&granted));
        assert!(!granted.is_subset(&scopes("a b")));
        assert!(!scopes("A").is_subset(&granted));
    }

    #[test]
    fn missing_scopes_are_those_that_were_not_granted() {
        assert_eq!(scopes("d a e").missing_from(&scopes("a b c")), scopes("d e"));
        assert!(scopes("a").missing_from(&scopes("a b c")).is_empty());
    }
}
