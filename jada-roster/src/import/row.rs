//! One row of input, whatever file it came from, made into a charter.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::charter::{Charter, CharterId};
use crate::error::{Error, shorten};
use crate::import::bad_row::{BadRow, Fault};
use crate::import::place::Lines;
use crate::money::{Currency, Money};
use crate::month::date_from_text;

/// The columns that a file of charters must have, in any order.
pub(super) const COLUMNS: [&str; 9] =
    ["charter_id", "date", "guest", "total", "currency", "status", "kind", "brand", "notes"];

/// The fields of one row by column name.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// The offset in bytes at which the row begins.
    pub(super) at: usize,
    /// Column, offset in bytes, and text; no text is a JSON null.
    pub(super) fields: Vec<(Cow<'a, str>, usize, Option<Cow<'a, str>>)>,
}

impl<'a> Row<'a> {
    /// The charter, or all that is wrong.
    pub(super) fn charter(&self, file: &str, lines: &Lines<'_>) -> Result<Charter, BadRow> {
        let mut faults = Faults { lines, found: Vec::new() };
        let charter = self.parse(&mut faults);
        if let Some(charter) = charter.filter(|_| faults.found.is_empty()) {
            return Ok(charter);
        }
        let charter_id = self.text("charter_id").map(|(_, text)| shorten(text.trim()));
        Err(BadRow {
            file: file.to_owned(),
            line: lines.line(self.at),
            charter_id: charter_id.filter(|id| !id.is_empty()),
            faults: faults.found,
        })
    }

    fn parse(&self, faults: &mut Faults<'_>) -> Option<Charter> {
        let id = self.parsed("charter_id", CharterId::new, faults);
        let date = self.parsed("date", |text| date_from_text(text.trim()), faults);
        let currency = self.parsed("currency", Currency::from_str, faults);
        let status = self.parsed("status", str::parse, faults);
        let kind = self.parsed("kind", str::parse, faults);
        let total = match (currency, self.text("total")) {
            (Some(currency), Some((_, text))) if !text.trim().is_empty() => {
                self.parsed("total", |text| Money::from_text(text, currency), faults)
            }
            _ => None,
        };
        let builder = Charter::builder(id?, date?, currency?)
            .guest(self.owned("guest"))
            .total(total)
            .status(status?)
            .kind(kind?)
            .brand(self.owned("brand"))
            .notes(self.owned("notes"))
            .extra(self.extra());
        let charter = builder.build();
        charter.map_err(|error| faults.push(self.at, &error)).ok()
    }

    /// The field made into what it stands for; a fault where it cannot be.
    fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Error>,
        faults: &mut Faults<'_>,
    ) -> Option<T> {
        let (at, text) = self.text(name).unwrap_or((self.at, ""));
        parse(text).map_err(|error| faults.push(at, &error)).ok()
    }

    fn text(&self, name: &str) -> Option<(usize, &str)> {
        let (_, at, text) = self.fields.iter().find(|(column, ..)| column == name)?;
        Some((*at, text.as_deref().unwrap_or_default()))
    }

    fn owned(&self, name: &str) -> String {
        self.text(name).map(|(_, text)| text.to_owned()).unwrap_or_default()
    }

    fn extra(&self) -> impl Iterator<Item = (String, String)> {
        self.fields
            .iter()
            .filter(|(name, ..)| !COLUMNS.contains(&name.as_ref()))
            .filter_map(|(name, _, text)| Some((name.to_string(), text.as_ref()?.to_string())))
            .filter(|(_, text)| !text.trim().is_empty())
    }
}

/// What is wrong with a row so far.
struct Faults<'a> {
    lines: &'a Lines<'a>,
    found: Vec<Fault>,
}

impl Faults<'_> {
    fn push(&mut self, at: usize, what: &impl fmt::Display) {
        self.found.push(Fault::at(self.lines, at, what));
    }
}
