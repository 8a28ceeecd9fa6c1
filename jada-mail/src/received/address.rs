//! An address as it was received.

use std::fmt;

use crate::{Address, Error};

/// An address in a mail that was received, which need not be a valid [`Address`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReceivedAddress {
    name: Option<String>,
    email: String,
}

impl ReceivedAddress {
    pub(super) fn new(name: Option<String>, email: String) -> Self {
        Self { name: name.filter(|name| !name.is_empty()), email }
    }

    /// Returns the name that stands before the address, if there is one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the address as it was written, most often `local@domain`; it may be empty.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Returns it as an address to write to.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it is none; not worth a retry.
    pub fn to_address(&self) -> Result<Address, Error> {
        let address: Address = self.email.parse()?;
        address.with_name(self.name().unwrap_or_default())
    }
}

/// Writes what a person reads: the name, and the address in angle brackets.
impl fmt::Display for ReceivedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.email),
            None => f.write_str(&self.email),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_shown_but_not_written_to() {
        let received = ReceivedAddress::new(Some("Ada".into()), "ada@@example.com".into());
        assert_eq!(received.to_string(), "Ada <ada@@example.com>");
        assert!(matches!(received.to_address(), Err(Error::Invalid { .. })));
    }

    #[test]
    fn an_address_keeps_its_name() {
        let received = ReceivedAddress::new(Some("Lovelace, Ada".into()), "ada@Example.com".into());
        let address = received.to_address().unwrap();
        assert_eq!(address.to_string(), "\"Lovelace, Ada\" <ada@example.com>");
    }
}
