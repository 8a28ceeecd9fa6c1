//! A copy of a charter as a DynamoDB item, and back.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::charter::CharterId;
use crate::charter::assignment::Assignment;
use crate::dynamo::charters::crew;
use crate::dynamo::charters::item::date_key;
use crate::dynamo::item::{Corrupt, Item, parsed, text};
use crate::error::Error;
use crate::event::taking::Taking;
use crate::event::view::CrewView;
use crate::month::{Month, date_from_text};
use crate::scrub::ScrubbedText;
use crate::scrub::rules::ScrubRules;
use crate::status::Kind;
use crate::version::Version;

/// The whole row of a copy; text that is blank is not stored.
pub(super) fn row(view: &CrewView) -> Result<Item, Error> {
    let text = |text: String| (!text.is_empty()).then_some(AttributeValue::S(text));
    let number = |number: u64| AttributeValue::N(number.to_string());
    let column =
        |(name, text): &(String, ScrubbedText)| (name.clone(), AttributeValue::S(text.to_string()));
    let columns = view.columns();
    let version = match view.charter_version() {
        Version::Number(version) => Some(number(version)),
        Version::New | Version::Unnumbered => None,
    };
    let attributes = [
        (ID, text(view.id().to_string())),
        (MONTH, text(Month::of(view.date())?.to_string())),
        (DATE_KEY, text(date_key(view.date(), view.id().as_str()))),
        ("date", text(view.date().to_string())),
        ("hours", view.hours().and_then(|hours| text(hours.to_string()))),
        ("status", text(view.status().to_string())),
        ("kind", text(view.kind().to_string())),
        ("brand", text(view.brand().to_string())),
        ("boat", text(view.boat().to_string())),
        ("harbour", text(view.harbour().to_string())),
        ("guest", text(view.guest().to_string())),
        ("head_count", view.head_count().map(|guests| number(guests.into()))),
        ("notes", text(view.note().to_string())),
        (
            COLUMNS,
            (!columns.is_empty()).then(|| AttributeValue::M(columns.iter().map(column).collect())),
        ),
        (ASSIGNMENTS, crew::value(view.assignments())),
        (VERSION, version),
    ];
    let stored = attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Ok(stored.collect())
}

/// A copy from its row. Every text, word and name of a column goes through the scrubber: whoever wrote
/// it, crew read it.
pub(super) fn view(item: &Item, rules: &ScrubRules) -> Result<CrewView, Corrupt> {
    let id = parsed(item, ID, CharterId::new)?;
    let date = parsed(item, "date", date_from_text)?;
    let mut taking = Taking::by(rules);
    let mut scrubbed = |name| taking.text(name, text(item, name).unwrap_or_default());
    let builder = CrewView::builder(id, date)
        .hours(optional(item, "hours")?)
        .status(parsed(item, "status", str::parse)?)
        .brand(scrubbed("brand"))
        .boat(scrubbed("boat"))
        .harbour(scrubbed("harbour"))
        .guest(scrubbed("guest"))
        .head_count(head_count(item)?)
        .note(scrubbed("notes"))
        .charter_version(version(item)?)
        .columns(columns(item, &mut taking)?)
        .assignments(assignments(item)?.into_iter().map(|it| taking.assignment(it)))
        .kind(taking.kind(optional(item, "kind")?.unwrap_or(Kind::Charter)));
    Ok(builder.build())
}

/// The primary key of a copy.
pub(super) fn key(id: &CharterId) -> Item {
    Item::from([(ID.to_owned(), AttributeValue::S(id.to_string()))])
}

/// What the names in [`OURS`] stand for.
pub(super) fn names() -> HashMap<String, String> {
    let name = |name: &str| (format!("#{name}"), name.to_owned());
    OURS_NAMED.map(name).into()
}

/// The same for a query of a month.
pub(super) fn names_of_month() -> HashMap<String, String> {
    let mut names = names();
    names.insert("#month".to_owned(), MONTH.to_owned());
    names
}

fn optional<T: std::str::FromStr<Err = Error>>(
    item: &Item,
    name: &'static str,
) -> Result<Option<T>, Corrupt> {
    match item.get(name) {
        None | Some(AttributeValue::Null(_)) => Ok(None),
        Some(_) => parsed(item, name, str::parse).map(Some),
    }
}

fn head_count(item: &Item) -> Result<Option<u32>, Corrupt> {
    let number = match item.get("head_count") {
        None | Some(AttributeValue::Null(_)) => return Ok(None),
        Some(value) => value.as_n().ok().and_then(|number| number.parse().ok()),
    };
    let expected = "a whole number of 0 or more".to_owned();
    number.map(Some).ok_or(Corrupt { attribute: "head_count", expected })
}

fn assignments(item: &Item) -> Result<Vec<Assignment>, Corrupt> {
    let corrupt = |expected| Corrupt { attribute: ASSIGNMENTS, expected };
    crew::assignments(item.get(ASSIGNMENTS)).map_err(corrupt)
}

fn columns(item: &Item, taking: &mut Taking<'_>) -> Result<Vec<(String, ScrubbedText)>, Corrupt> {
    let corrupt = || Corrupt { attribute: COLUMNS, expected: "a map of texts".to_owned() };
    let Some(value) = item.get(COLUMNS) else {
        return Ok(Vec::new());
    };
    let map = value.as_m().map_err(|_| corrupt())?;
    let texts = map.iter().map(|(name, value)| Ok((name, value.as_s().map_err(|_| corrupt())?)));
    let columns = texts.map(|text| text.map(|(name, text)| taking.column(name, text)));
    columns.filter_map(Result::transpose).collect()
}

fn version(item: &Item) -> Result<Version, Corrupt> {
    let Some(value) = item.get(VERSION) else {
        return Ok(Version::Unnumbered);
    };
    let number = value.as_n().ok().and_then(|number| number.parse().ok());
    let expected = "a whole number of 0 or more".to_owned();
    number.map(Version::Number).ok_or(Corrupt { attribute: VERSION, expected })
}

/// All that is read of a row.
pub(super) const OURS: &str = "charter_id, #date, #hours, #status, kind, brand, boat, harbour, guest, \
                               head_count, notes, #columns, assignments, charter_version";
pub(super) const ID: &str = "charter_id";
pub(super) const MONTH: &str = "month";
pub(super) const DATE_KEY: &str = "date_key";
pub(super) const VERSION: &str = "charter_version";
const ASSIGNMENTS: &str = "assignments";
const COLUMNS: &str = "columns";
/// Those of them that may be words of DynamoDB's own.
const OURS_NAMED: [&str; 4] = ["date", "hours", "status", "columns"];
