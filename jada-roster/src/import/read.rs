//! Reading charters from a file, so that every row that cannot be read is named at once.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use crate::charter::Charter;
use crate::error::Error;
use crate::import::bad_row::{BadRow, Fault};
use crate::import::csv::{Broken, Field, Records};
use crate::import::place::Lines;
use crate::import::row::{COLUMNS, Row};
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
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let lines = Lines::of(&good);
            unreadable(
                file,
                Fault::at(&lines, good.len(), &"text in UTF-8; save the file as UTF-8"),
            )
        })?;
        let lines = Lines::of(text.strip_prefix('\u{feff}').unwrap_or(text));
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
        let mut records = Records::of(lines.text());
        let header = match records.next() {
            Some(Ok(header)) => columns(lines, &header)?,
            Some(Err(broken)) => return Err(broken_record(lines, broken)),
            None => return Err(Fault::at(lines, 0, &missing_columns(&COLUMNS))),
        };
        for record in records {
            match record {
                Ok(fields) if is_blank(&fields) => {}
                Ok(fields) => self.push(file, lines, row(lines, &header, fields)),
                Err(broken @ Broken::AfterQuote { record, .. }) => {
                    let fault = broken_record(lines, broken);
                    self.push_bad(file, lines.line(record), fault);
                }
                Err(broken @ Broken::Unterminated(_)) => return Err(broken_record(lines, broken)),
            }
        }
        Ok(())
    }

    fn read_json(&mut self, file: &str, lines: &Lines<'_>) -> Result<(), Fault> {
        for value in json::values(lines)? {
            self.push(file, lines, json::row(lines, value));
        }
        Ok(())
    }

    fn push(&mut self, file: &str, lines: &Lines<'_>, row: Result<Row<'_>, Fault>) {
        let line = |row: &Row<'_>| Line(lines.line(row.at));
        match row {
            Ok(row) => match row.charter(file, lines) {
                Ok(charter) => self.charters.push((line(&row), charter)),
                Err(bad) => self.bad_rows.push(bad),
            },
            Err(fault) => self.push_bad(file, fault.line, fault),
        }
    }

    fn push_bad(&mut self, file: &str, line: usize, fault: Fault) {
        let (file, faults) = (file.to_owned(), vec![fault]);
        self.bad_rows.push(BadRow { file, line, charter_id: None, faults });
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

/// The header's names, trimmed: each of ours once, no name twice. Columns without a name are kept
/// by their number.
fn columns<'a>(lines: &Lines<'_>, header: &[Field<'a>]) -> Result<Vec<Cow<'a, str>>, Fault> {
    let name = |(number, field): (usize, &Field<'a>)| match trimmed(&field.text) {
        blank if blank.is_empty() => Cow::Owned(format!("column {number}")),
        name => name,
    };
    let names: Vec<Cow<'a, str>> = (1..).zip(header).map(name).collect();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            let twice = format!("each column once, but `{name}` stands twice");
            return Err(Fault::at(lines, header[at].at, &twice));
        }
    }
    let missing: Vec<&str> =
        COLUMNS.into_iter().filter(|column| names.iter().all(|name| name != column)).collect();
    if missing.is_empty() {
        return Ok(names);
    }
    let separated = names.len() == 1 && names[0].contains([';', '\t']);
    let hint = if separated { "; the header is not separated by commas" } else { "" };
    Err(Fault::at(lines, 0, &format!("{}{hint}", missing_columns(&missing))))
}

/// A spreadsheet's export ends in rows of nothing but commas.
fn is_blank(fields: &[Field<'_>]) -> bool {
    fields.iter().all(|field| field.text.trim().is_empty())
}

/// A record's fields under the header's names.
fn row<'a>(
    lines: &Lines<'_>,
    header: &[Cow<'a, str>],
    fields: Vec<Field<'a>>,
) -> Result<Row<'a>, Fault> {
    let at = fields.first().map_or(0, |field| field.at);
    if fields.len() != header.len() {
        let counts = format!("expected {} fields, found {}", header.len(), fields.len());
        return Err(Fault::at(lines, at, &counts));
    }
    let named =
        header.iter().zip(fields).map(|(name, field)| (name.clone(), field.at, Some(field.text)));
    Ok(Row { at, fields: named.collect() })
}

fn trimmed<'a>(text: &Cow<'a, str>) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn broken_record(lines: &Lines<'_>, broken: Broken) -> Fault {
    match broken {
        Broken::AfterQuote { at, .. } => {
            Fault::at(lines, at, &"expected a comma or the line's end after the closing quote")
        }
        Broken::Unterminated(at) => Fault::at(
            lines,
            at,
            &"a closing quote for the one that opens here; every row after it is inside it",
        ),
    }
}

fn missing_columns(names: &[&str]) -> String {
    format!("a header line with the columns {}", names.join(", "))
}

fn unreadable(file: &str, fault: Fault) -> Error {
    Error::UnreadableFile {
        file: file.to_owned(),
        line: fault.line,
        column: fault.column,
        expected: fault.what,
    }
}
