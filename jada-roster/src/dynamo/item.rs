//! Items of any table: their attributes as text and numbers, and what to say of one that is corrupt.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::error::Error;
use crate::version::Version;

pub(super) type Item = HashMap<String, AttributeValue>;

/// An attribute that cannot be read.
pub(super) struct Corrupt {
    pub(super) attribute: &'static str,
    pub(super) expected: String,
}

impl Corrupt {
    /// With the place where it stands.
    pub(super) fn of(self, table: &str, key: String) -> Error {
        let (table, attribute) = (table.to_owned(), self.attribute.to_owned());
        Error::CorruptItem { table, key, attribute, expected: self.expected, called: None }
    }
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(super) fn parsed<T>(
    item: &Item,
    name: &'static str,
    parse: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<T, Corrupt> {
    let text = text(item, name).ok_or_else(|| Corrupt {
        attribute: name,
        expected: "text, but there is none".to_owned(),
    })?;
    parse(text).map_err(|error| Corrupt { attribute: name, expected: why(error) })
}

pub(super) fn version(item: &Item) -> Result<Version, Corrupt> {
    let Some(value) = item.get("version") else {
        return Ok(Version::Unnumbered);
    };
    let number = value.as_n().ok().and_then(|number| number.parse().ok());
    number.map(Version::Number).ok_or_else(|| Corrupt {
        attribute: "version",
        expected: "a whole number of 0 or more".to_owned(),
    })
}

/// What was expected and found, without the words that frame an error of its own.
pub(super) fn why(error: Error) -> String {
    match error {
        Error::Invalid { found, expected, .. } => format!("{expected}, found `{found}`"),
        other => other.to_string(),
    }
}
