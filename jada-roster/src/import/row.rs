//! One row of input, whatever file it came from and whatever it is to be made into.

use std::borrow::Cow;
use std::fmt;

use crate::error::{Error, shorten};
use crate::import::bad_row::{BadRow, Fault};
use crate::import::place::Lines;

/// The fields of one row by column name.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// The offset in bytes at which the row begins.
    pub(super) at: usize,
    /// Column, offset in bytes, and text; no text is a JSON null.
    pub(super) fields: Vec<(Cow<'a, str>, usize, Option<Cow<'a, str>>)>,
}

impl<'a> Row<'a> {
    /// The field made into what it stands for; a fault where it cannot be.
    pub(super) fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Error>,
        faults: &mut Faults<'_>,
    ) -> Option<T> {
        let (at, text) = self.field(name);
        parse(text).map_err(|error| faults.push(at, &error)).ok()
    }

    /// Where the field stands and what it says; one that is not there is blank.
    pub(super) fn field(&self, name: &str) -> (usize, &str) {
        let found = self.fields.iter().find(|(column, ..)| column == name);
        found.map_or((self.at, ""), |(_, at, text)| (*at, text.as_deref().unwrap_or_default()))
    }

    /// What the field says, as it stands.
    pub(super) fn owned(&self, name: &str) -> String {
        self.field(name).1.to_owned()
    }

    /// What there is to say about a row that cannot be read; `id` is the column that names it.
    pub(super) fn bad(&self, file: &str, id: &str, faults: Faults<'_>) -> BadRow {
        BadRow {
            file: file.to_owned(),
            line: faults.lines.line(self.at),
            id: Some(shorten(self.field(id).1.trim())).filter(|id| !id.is_empty()),
            faults: faults.found,
        }
    }
}

/// What is wrong with a row so far.
#[derive(Debug)]
pub(super) struct Faults<'a> {
    lines: &'a Lines<'a>,
    found: Vec<Fault>,
}

impl<'a> Faults<'a> {
    pub(super) fn none(lines: &'a Lines<'a>) -> Self {
        Self { lines, found: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn push(&mut self, at: usize, what: &impl fmt::Display) {
        self.found.push(Fault::at(self.lines, at, what));
    }
}
