//! A charter as a DynamoDB item, and back.

use std::collections::HashMap;
use std::fmt::Write as _;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;

use crate::charter::{Charter, CharterId};
use crate::dynamo::item::{Corrupt, Item, parsed, text, version, why};
use crate::error::Error;
use crate::money::{Currency, Money};
use crate::month::{Month, date_from_text};
use crate::status::Kind;
use crate::version::Version;

pub(super) fn charter(item: &Item, assumed: Option<Currency>) -> Result<Charter, Corrupt> {
    let id = parsed(item, ID, CharterId::new)?;
    let date = parsed(item, "date", date_from_text)?;
    let currency = match (text(item, "currency"), assumed) {
        (None, Some(assumed)) => assumed,
        _ => parsed(item, "currency", str::parse)?,
    };
    let kind = match text(item, "kind") {
        None => Kind::Charter,
        Some(_) => parsed(item, "kind", str::parse)?,
    };
    let owned = |name| text(item, name).unwrap_or_default().to_owned();
    Charter::builder(id, date, currency)
        .guest(owned("guest"))
        .total(total(item, currency)?)
        .status(parsed(item, "status", str::parse)?)
        .kind(kind)
        .brand(owned("brand"))
        .notes(owned("notes"))
        .extra(extra(item)?)
        .version(version(item)?)
        .build()
        .map_err(|error| Corrupt { attribute: "guest, kind, brand or notes", expected: why(error) })
}

/// The primary key of a charter.
pub(super) fn key(id: &CharterId) -> Item {
    Item::from([(ID.to_owned(), AttributeValue::S(id.to_string()))])
}

/// The primary key as text, for messages.
pub(super) fn key_text(item: &Item) -> String {
    text(item, ID).unwrap_or_default().to_owned()
}

/// The index's sort key: days in order, and within a day one order for ever.
pub(in crate::dynamo) fn date_key(date: Date, id: &str) -> String {
    format!("{date}#{id}")
}

/// What sorts after every key of a day, and before those of the next: `$` comes after `#`.
pub(super) fn end_of(date: Date) -> String {
    format!("{date}$")
}

/// That a row is in the state of this version; `:read` stands for its number.
pub(super) fn state(version: Version) -> &'static str {
    match version {
        Version::New => "attribute_not_exists(charter_id)",
        Version::Unnumbered => "attribute_exists(charter_id) AND attribute_not_exists(#version)",
        Version::Number(_) => "#version = :read",
    }
}

/// A write of our own attributes on the condition of the version; all others are left alone.
pub(super) struct Write {
    pub(super) update: String,
    pub(super) condition: &'static str,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

impl Write {
    pub(super) fn of(
        charter: &Charter,
        month_key: &str,
        date_key_name: &str,
    ) -> Result<Self, Error> {
        let mut write = Self {
            update: "SET".to_owned(),
            condition: state(charter.version()),
            names: HashMap::new(),
            values: Item::new(),
        };
        let (id, date) = (charter.id().as_str(), charter.date());
        let texts = [
            ("month", month_key, Month::of(date)?.to_string()),
            ("date_key", date_key_name, date_key(date, id)),
            ("date", "date", date.to_string()),
            ("currency", "currency", charter.currency().to_string()),
            ("status", "status", charter.status().to_string()),
            ("kind", "kind", charter.kind().to_string()),
        ];
        for (placeholder, attribute, text) in texts {
            write.set(placeholder, attribute, AttributeValue::S(text));
        }
        let next = charter.version().next().to_string();
        write.set("version", "version", AttributeValue::N(next));
        if let Version::Number(read) = charter.version() {
            write.values.insert(":read".to_owned(), AttributeValue::N(read.to_string()));
        }
        let mut removed = Vec::new();
        let blanks =
            [("guest", charter.guest()), ("brand", charter.brand()), ("notes", charter.notes())];
        for (attribute, text) in blanks {
            if text.is_empty() {
                removed.push((attribute, attribute));
            } else {
                write.set(attribute, attribute, AttributeValue::S(text.to_owned()));
            }
        }
        match charter.total() {
            Some(total) => {
                let number = total.decimal().to_string();
                write.set("total", "total", AttributeValue::N(number));
            }
            None => removed.push(("total", "total")),
        }
        if charter.extra().is_empty() {
            removed.push(("extra", EXTRA));
        } else {
            let text =
                |(name, text): &(String, String)| (name.clone(), AttributeValue::S(text.clone()));
            write.set(
                "extra",
                EXTRA,
                AttributeValue::M(charter.extra().iter().map(text).collect()),
            );
        }
        for (index, (placeholder, attribute)) in removed.into_iter().enumerate() {
            let word = if index == 0 { " REMOVE" } else { "," };
            let _ = write!(write.update, "{word} #{placeholder}");
            write.names.insert(format!("#{placeholder}"), attribute.to_owned());
        }
        Ok(write)
    }

    fn set(&mut self, placeholder: &str, attribute: &str, value: AttributeValue) {
        let comma = if self.values.is_empty() { "" } else { "," };
        let _ = write!(self.update, "{comma} #{placeholder} = :{placeholder}");
        self.names.insert(format!("#{placeholder}"), attribute.to_owned());
        self.values.insert(format!(":{placeholder}"), value);
    }
}

fn total(item: &Item, currency: Currency) -> Result<Option<Money>, Corrupt> {
    let text = match item.get("total") {
        None | Some(AttributeValue::Null(_)) => return Ok(None),
        Some(AttributeValue::N(text) | AttributeValue::S(text)) => text,
        Some(_) => {
            return Err(Corrupt { attribute: "total", expected: "a number or text".to_owned() });
        }
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let total = Money::from_text(text, currency);
    total.map(Some).map_err(|error| Corrupt { attribute: "total", expected: why(error) })
}

fn extra(item: &Item) -> Result<Vec<(String, String)>, Corrupt> {
    let corrupt = || Corrupt { attribute: EXTRA, expected: "a map of texts".to_owned() };
    let Some(value) = item.get(EXTRA) else {
        return Ok(Vec::new());
    };
    let map = value.as_m().map_err(|_| corrupt())?;
    map.iter()
        .map(|(name, value)| Ok((name.clone(), value.as_s().map_err(|_| corrupt())?.clone())))
        .collect()
}

pub(in crate::dynamo) const ID: &str = "charter_id";
const EXTRA: &str = "extra_columns";
