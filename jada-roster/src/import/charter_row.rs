//! One row of input made into a charter.

use std::str::FromStr;

use crate::charter::{Charter, CharterId};
use crate::import::bad_row::BadRow;
use crate::import::place::Lines;
use crate::import::row::{Faults, Row};
use crate::money::{Currency, Money};
use crate::month::date_from_text;

/// The columns that a file of charters must have, in any order.
pub(super) const COLUMNS: [&str; 9] =
    ["charter_id", "date", "guest", "total", "currency", "status", "kind", "brand", "notes"];

/// The charter, or all that is wrong.
pub(super) fn charter(row: &Row<'_>, file: &str, lines: &Lines<'_>) -> Result<Charter, BadRow> {
    let mut faults = Faults::none(lines);
    match parse(row, &mut faults) {
        Some(charter) if faults.is_empty() => Ok(charter),
        _ => Err(row.bad(file, "charter_id", faults)),
    }
}

fn parse(row: &Row<'_>, faults: &mut Faults<'_>) -> Option<Charter> {
    let id = row.parsed("charter_id", CharterId::new, faults);
    let date = row.parsed("date", |text| date_from_text(text.trim()), faults);
    let currency = row.parsed("currency", Currency::from_str, faults);
    let status = row.parsed("status", str::parse, faults);
    let kind = row.parsed("kind", str::parse, faults);
    let total = match currency {
        Some(currency) if !row.field("total").1.trim().is_empty() => {
            row.parsed("total", |text| Money::from_text(text, currency), faults)
        }
        _ => None,
    };
    let builder = Charter::builder(id?, date?, currency?)
        .guest(row.owned("guest"))
        .total(total)
        .status(status?)
        .kind(kind?)
        .brand(row.owned("brand"))
        .notes(row.owned("notes"))
        .extra(extra(row));
    builder.build().map_err(|error| faults.push(row.at, &error)).ok()
}

fn extra(row: &Row<'_>) -> impl Iterator<Item = (String, String)> {
    row.fields
        .iter()
        .filter(|(name, ..)| !COLUMNS.contains(&name.as_ref()))
        .filter_map(|(name, _, text)| Some((name.to_string(), text.as_ref()?.to_string())))
        .filter(|(_, text)| !text.trim().is_empty())
}
