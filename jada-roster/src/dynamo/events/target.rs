//! Which table is scrubbed, which row of it, and what became of that.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamo::events::identifier::is_identifier;
use crate::dynamo::events::item;
use crate::dynamo::item::Item;
use crate::error::Error;
use crate::scrub::Removed;

/// A table of events, ours or another tool's, by its name and its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTable {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) sort_key: Option<String>,
    left: BTreeSet<String>,
}

/// A row of a table of events, by its keys, which are text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventKey {
    partition: String,
    sort: Option<String>,
}

/// A row that was looked at, and what was taken out of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScrubbedRow {
    /// The row's partition key, and its sort key behind a slash where it has one.
    pub key: String,
    /// What was taken out, with the attribute in which it stood; empty for a row without money.
    pub removed: Vec<Removed>,
}

impl EventTable {
    /// A table of this name with the partition key `charter_id`, as `crew-events` has it.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            key: "charter_id".to_owned(),
            sort_key: None,
            left: BTreeSet::new(),
        }
    }

    /// The same with another attribute for its partition key.
    #[must_use]
    pub fn with_key(mut self, attribute: impl Into<String>) -> Self {
        self.key = attribute.into();
        self
    }

    /// The same with an attribute for its sort key.
    #[must_use]
    pub fn with_sort_key(mut self, attribute: impl Into<String>) -> Self {
        self.sort_key = Some(attribute.into());
        self
    }

    /// The same, with an attribute that is never touched, by its path as in [`Removed::place`].
    ///
    /// Those that say which row it is stay anyway: the table's keys, our index keys `month` and
    /// `date_key`, and what ends in id, key, uuid, url, email, phone or etag, as `booking_id` does.
    /// Keys of other indexes are named here, unless they hold money.
    #[must_use]
    pub fn leaving(mut self, attribute: impl Into<String>) -> Self {
        self.left.insert(attribute.into());
        self
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        [self.key.as_str()].into_iter().chain(self.sort_key.as_deref())
    }

    /// Whether an attribute is none of the scrubber's business.
    pub(super) fn leaves(&self, place: &str, name: &str) -> bool {
        self.left.contains(place)
            || OUR_INDEX.contains(&place)
            || self.keys().any(|key| key == place)
            || is_identifier(name)
    }

    /// The primary key of a row that is named.
    pub(super) fn key_of(&self, row: &EventKey) -> Result<Item, Error> {
        let text = |text: &String| AttributeValue::S(text.clone());
        let mut key = Item::from([(self.key.clone(), text(&row.partition))]);
        match (&self.sort_key, &row.sort) {
            (None, None) => {}
            (Some(name), Some(value)) => {
                key.insert(name.clone(), text(value));
            }
            (Some(_), None) => {
                return Err(Error::invalid(ROW, &row.partition, "a sort key as well"));
            }
            (None, Some(_)) => return Err(Error::invalid(ROW, &row.partition, "no sort key")),
        }
        Ok(key)
    }

    /// The primary key of a row that was read.
    pub(super) fn key_in(&self, row: &Item) -> Result<Item, Error> {
        let pair = |name: &str| {
            let value = row.get(name).cloned();
            value.map(|value| (name.to_owned(), value)).ok_or_else(|| {
                Error::invalid(
                    "key of a table",
                    name,
                    format!("an attribute that is the key of `{}`", self.name),
                )
            })
        };
        self.keys().map(pair).collect()
    }

    /// The primary key for messages.
    pub(super) fn shown(&self, key: &Item) -> String {
        let shown = |name| match key.get(name) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
            _ => "?".to_owned(),
        };
        self.keys().map(shown).collect::<Vec<_>>().join("/")
    }
}

impl EventKey {
    /// The row with this partition key.
    #[must_use]
    pub fn new(partition: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: None }
    }

    /// The row with this sort key as well.
    #[must_use]
    pub fn with_sort(mut self, sort: impl Into<String>) -> Self {
        self.sort = Some(sort.into());
        self
    }
}

/// The name of a table that is given by its name or its ARN.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
pub(super) fn table_name(table: &str) -> &str {
    let table = table.trim();
    match table.split_once(":table/") {
        Some((_, rest)) => rest.split_once('/').map_or(rest, |(name, _)| name),
        None => table,
    }
}

const OUR_INDEX: [&str; 2] = [item::MONTH, item::DATE_KEY];
const ROW: &str = "row to scrub";
