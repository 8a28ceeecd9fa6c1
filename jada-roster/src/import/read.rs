//! Reading charters from a file, so that every row that cannot be read is named at once.

use std::fmt;
use std::path::Path;

use crate::charter::Charter;
use crate::error::Error;
use crate::import::bad_row::{BadRow, Fault};
use crate::import::charter_row::{COLUMNS, charter};
use crate::import::place::Lines;
use crate::import::row::Row;
use crate::import::table::{Table, text_of, unreadable};
use crate::import::{OnConflict, distinct, json};

/// How a file of charters is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated text by RFC 4180 with a header line.
    Csv,
    /// A JSON array of objects, or one object a line.
    Json,
}

impl Format {
    /// The format that a file's name ends in: `.csv` or `.json`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for any other ending.
    pub fn of(path: &Path) -> Result<Self, Error> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some(ending) if ending.eq_ignore_ascii_case("csv") => Ok(Self::Csv),
            Some(ending) if ending.eq_ignore_ascii_case("json") => Ok(Self::Json),
            _ => Err(Error::invalid(
                "file of charters",
                &path.display().to_string(),
                "a name that ends in .csv or .json",
            )),
        }
    }
}

/// What a file of charters says, and what of it cannot be read.
///
/// The columns, or keys, are `charter_id`, `date`, `guest`, `total`, `currency`, `status`, `kind`,
/// `brand` and `notes`, in any order; others are kept with the charter. In JSON `total` may be a
/// number or absent, `brand` and `notes` may be absent, and these and `guest` may be null.
#[derive(Debug)]
pub struct Reading {
    charters: Vec<(Line, Charter)>,
    bad_rows: Vec<BadRow>,
}

impl Reading {
    /// Reads a whole file; `file` is its name for messages.
    ///
    /// # Errors
    /// [`Error::UnreadableFile`] when rows cannot be told apart at all: bytes that are not UTF-8, a
    /// missing column, a quote that is never closed, an array that does not parse. Such a file has
    /// no good rows. A byte-order mark is passed over.
    pub fn of(file: &str, bytes: &[u8], format: Format) -> Result<Self, Error> {
        let lines = Lines::of(text_of(file, bytes)?);
        let mut reading = Self { charters: Vec::new(), bad_rows: Vec::new() };
        let read = match format {
            Format::Csv => reading.read_csv(file, &lines),
            Format::Json => reading.read_json(file, &lines),
        };
        read.map_err(|fault| unreadable(file, fault))?;
        Ok(reading)
    }

    /// The rows that cannot be read, in the order of the file.
    #[must_use]
    pub fn bad_rows(&self) -> &[BadRow] {
        &self.bad_rows
    }

    /// The charters, each once.
    ///
    /// # Errors
    /// [`Error::BadRows`] with every row that cannot be read; [`Error::Conflicts`] when rows of one
    /// id differ and `on_conflict` refuses that.
    pub fn complete(self, on_conflict: OnConflict) -> Result<Vec<Charter>, Error> {
        if self.bad_rows.is_empty() {
            distinct(self.charters, on_conflict)
        } else {
            Err(Error::BadRows { rows: self.bad_rows })
        }
    }

    /// The charters that can be read, each once, beside the rows that cannot.
    ///
    /// # Errors
    /// [`Error::Conflicts`] when rows of one id differ and `on_conflict` refuses that.
    pub fn skipping_bad_rows(
        self,
        on_conflict: OnConflict,
    ) -> Result<(Vec<Charter>, Vec<BadRow>), Error> {
        Ok((distinct(self.charters, on_conflict)?, self.bad_rows))
    }

    fn read_csv(&mut self, file: &str, lines: &Lines<'_>) -> Result<(), Fault> {
        for row in Table::of(file, lines, &COLUMNS)? {
            self.push(file, lines, row?);
        }
        Ok(())
    }

    fn read_json(&mut self, file: &str, lines: &Lines<'_>) -> Result<(), Fault> {
        for value in json::values(lines)? {
            self.push(file, lines, json::row(lines, value).map_err(|it| BadRow::lost(file, it)));
        }
        Ok(())
    }

    fn push(&mut self, file: &str, lines: &Lines<'_>, row: Result<Row<'_>, BadRow>) {
        let told = |row: Row<'_>| Ok((Line(lines.line(row.at)), charter(&row, file, lines)?));
        match row.and_then(told) {
            Ok(charter) => self.charters.push(charter),
            Err(bad) => self.bad_rows.push(bad),
        }
    }
}

/// The line on which a charter's row begins.
#[derive(Clone, Copy, Debug)]
struct Line(usize);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.0)
    }
}
