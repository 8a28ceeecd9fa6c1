//! JSON rows: an array of objects, or one object a line.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::{RawValue, Value};

use crate::error::shorten;
use crate::import::bad_row::Fault;
use crate::import::charter_row::COLUMNS;
use crate::import::place::Lines;
use crate::import::row::Row;

/// The values that are to be rows, each a slice of the text, or why there are none.
pub(super) fn values<'a>(lines: &Lines<'a>) -> Result<Vec<&'a str>, Fault> {
    let text = lines.text();
    if text.trim().is_empty() {
        return Err(Fault::at(lines, 0, &"a JSON array of objects, or one object a line"));
    }
    if !text.trim_start().starts_with('[') {
        return Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).collect());
    }
    let array: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
        let at = lines.offset(error.line(), error.column());
        Fault::at(lines, at, &format!("a JSON array of objects ({})", reason(&error)))
    })?;
    Ok(array.into_iter().map(RawValue::get).collect())
}

/// One value as a row.
pub(super) fn row<'a>(lines: &Lines<'a>, value: &'a str) -> Result<Row<'a>, Fault> {
    let at = lines.offset_of(value);
    let object: Object<'_> = serde_json::from_str(value).map_err(|error| {
        let within = Lines::of(value).offset(error.line(), error.column());
        Fault::at(lines, at + within, &format!("expected a JSON object ({})", reason(&error)))
    })?;
    let mut fields: Vec<(Cow<'a, str>, usize, _)> = Vec::with_capacity(object.0.len());
    for (name, raw) in object.0 {
        let at = lines.offset_of(raw.get());
        if name.trim().is_empty() {
            return Err(Fault::at(lines, at, &"expected a name for this key"));
        }
        if fields.iter().any(|(known, ..)| *known == name) {
            let twice = format!("key `{}` stands twice", shorten(&name));
            return Err(Fault::at(lines, at, &twice));
        }
        let text = content(&name, raw).map_err(|expected| {
            let found = shorten(raw.get());
            Fault::at(lines, at, &format!("{name} `{found}` is not valid: expected {expected}"))
        })?;
        fields.push((name, at, text));
    }
    let missing = |name: &&&str| fields.iter().all(|(known, ..)| known != **name);
    match NEEDED.iter().find(missing) {
        Some(name) => Err(Fault::at(lines, at, &format!("key `{name}` is missing"))),
        None => Ok(Row { at, fields }),
    }
}

/// serde_json's message without its own place, which counts from the value.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// The text of a value: strings for our own keys, whatever stands there for others.
fn content<'a>(name: &str, raw: &'a RawValue) -> Result<Option<Cow<'a, str>>, &'static str> {
    let json = raw.get();
    let ours = COLUMNS.contains(&name);
    match json.as_bytes().first() {
        Some(b'n') if !ours || NULLABLE.contains(&name) => Ok(None),
        Some(b'"') => {
            let text = serde_json::from_str(json).map_err(|_| "a JSON string")?;
            Ok(Some(Cow::Owned(text)))
        }
        Some(b'-' | b'0'..=b'9') if !ours || NUMBERS.contains(&name) => {
            Ok(Some(Cow::Borrowed(json)))
        }
        // Written anew, so that white space and the order of keys do not make a difference.
        Some(_) if !ours => {
            let value: Value = serde_json::from_str(json).map_err(|_| "a JSON value")?;
            Ok(Some(Cow::Owned(value.to_string())))
        }
        _ if name == "total" => Err("a string, a number or null"),
        _ => Err("a JSON string"),
    }
}

/// An object's keys and values in their order, so that a key that stands twice is seen.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with the keys of a charter")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::with_capacity(COLUMNS.len());
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            entries.push((Cow::Owned(name), value));
        }
        Ok(Object(entries))
    }
}

/// Keys without which nothing can be decided: a renamed one must not pass for a blank.
const NEEDED: [&str; 6] = ["charter_id", "date", "guest", "currency", "status", "kind"];
const NULLABLE: [&str; 4] = ["guest", "total", "brand", "notes"];
const NUMBERS: [&str; 2] = ["charter_id", "total"];
