//! A mail address with the name that may stand before it.

use std::{fmt, str::FromStr};

use crate::{Error, syntax::no_control};

mod parse;

/// An RFC 5322 mailbox: an address such as `ada@example.com`, and a display name if it has one.
///
/// Read from `ada@example.com`, `Ada <ada@example.com>` or `"Lovelace, Ada" <ada@example.com>`;
/// the local part may be quoted (`"ada l"@example.com`), without special characters inside, on
/// which readers disagree. Names may be in any script; the address
/// itself is ASCII, so a domain of another script is written in punycode (`xn--...`). At most 64
/// bytes before the @ and 254 in all ([RFC 5321, 4.5.3.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1)).
///
/// Two spellings of the same mailbox are equal: the domain is kept in lower case, and quotes that
/// the local part does not need are dropped. `Display` writes what [`FromStr`] reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    email: String,
    name: Option<String>,
}

impl Address {
    /// Returns the address without the name: `local@domain`.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Returns the display name as a person reads it, without quotes or escapes.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Sets the display name, which needs no quotes here; a blank one means none.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a name with a line break or another control character.
    pub fn with_name(mut self, name: &str) -> Result<Self, Error> {
        no_control("a display name", name)?;
        self.name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        Ok(self)
    }

    pub(crate) fn domain(&self) -> &str {
        self.email.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for Address {
    type Err = Error;

    /// Reads an address.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], saying what was expected at which byte; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        parse::mailbox(text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            None => f.write_str(&self.email),
            Some(name) if name.contains(parse::SPECIALS) => {
                write!(f, "{} <{}>", parse::quoted(name), self.email)
            }
            Some(name) => write!(f, "{name} <{}>", self.email),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, prop_oneof, proptest};

    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_common_form_is_read() {
        for (text, name, email) in [
            ("a@b.example", None, "a@b.example"),
            ("<a@b.example>", None, "a@b.example"),
            ("Name <a@b.example>", Some("Name"), "a@b.example"),
            ("Name<a@b.example>", Some("Name"), "a@b.example"),
            ("\"Quoted, Name\" <a@b.example>", Some("Quoted, Name"), "a@b.example"),
            ("\"Say \\\"hi\\\" \\\\\" <a@b.example>", Some("Say \"hi\" \\"), "a@b.example"),
            ("\"<x@y.example>\" <a@b.example>", Some("<x@y.example>"), "a@b.example"),
            ("Dr. Ångström O'Neil <a@b.example>", Some("Dr. Ångström O'Neil"), "a@b.example"),
            ("山田 <a@b.example>", Some("山田"), "a@b.example"),
            ("\"\" <a@b.example>", None, "a@b.example"),
            ("\"a..b\"@b.example", None, "\"a..b\"@b.example"),
            ("N <\"a..b\"@b.example>", Some("N"), "\"a..b\"@b.example"),
            ("a.b+tag@sub.xn--bcher-kva.example", None, "a.b+tag@sub.xn--bcher-kva.example"),
            ("root@localhost", None, "root@localhost"),
        ] {
            let read = address(text);
            assert_eq!((read.name(), read.email()), (name, email), "{text}");
        }
    }

    #[test]
    fn spellings_of_one_mailbox_are_equal() {
        assert_eq!(address("a@B.Example"), address("\"a\"@b.example"));
        assert_eq!(address("N <a@b.example>"), address("\"N\" <a@b.example>"));
        assert_ne!(address("A@b.example"), address("a@b.example"));
    }

    #[test]
    fn a_name_is_given_without_quotes() {
        let named = address("a@b.example").with_name("Acme, \"Inc.\"").unwrap();
        assert_eq!(named.to_string(), "\"Acme, \\\"Inc.\\\"\" <a@b.example>");
        assert_eq!(named.clone().with_name(" ").unwrap().name(), None);
        let refused = named.with_name("x\r\nBcc: eve@example.com").unwrap_err();
        assert!(matches!(refused, Error::Invalid { at: 1, .. }), "{refused}");
    }

    #[test]
    fn a_refusal_reads_well() {
        let error = "ada@\r\n".parse::<Address>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#""ada@\r\n" is not an address: expected no line break or control character at byte 4"#
        );
    }

    proptest! {
        #[test]
        fn display_is_read_back_unchanged(
            name in prop::option::of(any::<String>()),
            local in "[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,25}",
            labels in prop::collection::vec("[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", 1..4),
        ) {
            let email = format!("{}@{}", parse::quoted(&local), labels.join("."));
            let name = name.map(|name| name.replace(char::is_control, "")).unwrap_or_default();
            let address = address(&email).with_name(&name).unwrap();
            prop_assert_eq!(&address.to_string().parse::<Address>().unwrap(), &address);
        }

        #[test]
        fn no_text_makes_the_reader_panic_and_what_it_reads_is_one_line(
            text in prop_oneof![any::<String>(), "[\"<>@.,:\\\\ a\r\n]{0,20}"],
        ) {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().find(char::is_control), None);
            }
        }
    }
}
