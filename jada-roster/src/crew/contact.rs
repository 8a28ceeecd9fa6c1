//! How a member is called and reached: name, phone number, e-mail address.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A person's name: 1 to 200 characters without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

/// A phone number as [E.164](https://www.itu.int/rec/T-REC-E.164) has it: `+`, a country code and
/// the number, 7 to 15 digits in all.
///
/// Read with or without blanks, dashes, dots and brackets between the digits. A number without its
/// country code is refused, never completed by a guess.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// An e-mail address, kept in lower case so that no two members share a mailbox: `local@domain`,
/// at most 254 bytes ([RFC 5321, 4.5.3.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1)).
///
/// The local part is of letters, digits and ``.!#$%&'*+/=?^_`{|}~-``, without quotes; the domain has
/// a dot, and one in another script is written in punycode.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl PersonName {
    /// Takes a name, trimmed.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is blank, too long, or holds control characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let name = text.trim();
        let length = name.chars().count();
        if length == 0 || length > 200 || name.chars().any(char::is_control) {
            return Err(Error::invalid("name", text, "1 to 200 printable characters"));
        }
        Ok(Self(name.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PhoneNumber {
    /// The number: `+` and digits alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EmailAddress {
    /// The address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = Error;

    /// # Errors
    /// [`Error::Invalid`] for text that is no number with its country code.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid("phone", text, PHONE);
        let digits = text.trim().strip_prefix('+').ok_or_else(wrong)?;
        let number: String = digits.chars().filter(|c| !" -.()\u{a0}".contains(*c)).collect();
        let plausible = (7..=15).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && !number.starts_with('0');
        if plausible { Ok(Self(format!("+{number}"))) } else { Err(wrong()) }
    }
}

impl FromStr for EmailAddress {
    type Err = Error;

    /// # Errors
    /// [`Error::Invalid`] for text that is no address.
    fn from_str(text: &str) -> Result<Self, Error> {
        let address = text.trim().to_ascii_lowercase();
        let wrong = || Error::invalid("email", text, EMAIL);
        let (local, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
        let local_is_right = (1..=64).contains(&local.len())
            && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom));
        let domain_is_right = domain.contains('.') && domain.split('.').all(is_label);
        if local_is_right && domain_is_right && address.len() <= 254 {
            return Ok(Self(address));
        }
        Err(wrong())
    }
}

macro_rules! displays_its_text {
    ($($type:ty),+) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )+};
}
displays_its_text!(PersonName, PhoneNumber, EmailAddress);

/// [RFC 5322, 3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3)
fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

const PHONE: &str = "a number with its country code, for instance +1 555 010 0123";
const EMAIL: &str = "an e-mail address, for instance ann@example.com";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_read_however_it_is_grouped() {
        for text in ["+15550100123", " +1 (555) 010-0123 ", "+1.555.010.0123", "+1\u{a0}5550100123"]
        {
            assert_eq!(text.parse::<PhoneNumber>().unwrap().as_str(), "+15550100123");
        }
        for text in [
            "",
            "5550100123",
            "0015550100123",
            "+0555010012",
            "+12345",
            "+1234567890123456",
            "+1555010012x",
        ] {
            assert!(text.parse::<PhoneNumber>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_is_kept_in_lower_case() {
        let address: EmailAddress = " Ann.Rivers+Crew@Example.COM".parse().unwrap();
        assert_eq!(address.as_str(), "ann.rivers+crew@example.com");
        for text in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "a b@example.com",
            ".ann@example.com",
            "ann.@example.com",
            "a..b@example.com",
            "ann@-a.com",
            "ann@a-.com",
            "ann@a..com",
            "\"ann\"@example.com",
            "ann@example.com\r\nBcc: x@example.com",
            "änn@example.com",
            "Ann <ann@example.com>",
            "a@b@example.com,",
            "ann@exa_mple.com",
        ] {
            assert!(text.parse::<EmailAddress>().is_err(), "{text}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        assert!(long.parse::<EmailAddress>().is_err());
    }
}
