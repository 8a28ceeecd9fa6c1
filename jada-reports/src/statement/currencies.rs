//! Which currencies a month's charters are in.

use std::collections::BTreeSet;

use jada_roster::{Currency, Month};

use crate::error::Error;

/// The currencies seen, of which there may be one.
pub(super) struct Currencies {
    expected: Option<Currency>,
    last: Option<Currency>,
    seen: BTreeSet<Currency>,
}

impl Currencies {
    pub(super) fn expecting(expected: Option<Currency>) -> Self {
        Self { expected, last: None, seen: BTreeSet::new() }
    }

    pub(super) fn see(&mut self, currency: Currency) {
        if self.last != Some(currency) {
            self.last = Some(currency);
            self.seen.insert(currency);
        }
    }

    pub(super) fn only(&self, month: Month) -> Result<Currency, Error> {
        let expected = self.expected;
        match (self.seen.first(), self.seen.len()) {
            (None, _) => Ok(expected.unwrap_or(Currency::USD)),
            (Some(only), 1) if expected.is_none_or(|expected| expected == *only) => Ok(*only),
            _ => Err(Error::Currencies {
                month,
                found: self.seen.iter().map(ToString::to_string).collect(),
                expected: expected.map(|currency| currency.to_string()),
            }),
        }
    }
}
