//! A file of comma-separated text as a table: a header line, and rows under its names.

use std::borrow::Cow;

use crate::error::Error;
use crate::import::bad_row::{BadRow, Fault};
use crate::import::csv::{Broken, Field, Records};
use crate::import::place::Lines;
use crate::import::row::Row;

/// The rows of a file, one after the other; rows of nothing but commas are none.
///
/// An error ends the table: what follows cannot be told apart. A row that is lost alone is within.
#[derive(Debug)]
pub(super) struct Table<'l, 'a> {
    file: &'l str,
    lines: &'l Lines<'a>,
    header: Vec<Cow<'a, str>>,
    records: Records<'a>,
}

/// The text of a file, without a byte-order mark.
pub(crate) fn text_of<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let lines = Lines::of(&good);
        unreadable(file, Fault::at(&lines, good.len(), &"text in UTF-8; save the file as UTF-8"))
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A file in which no row is to be trusted.
pub(crate) fn unreadable(file: &str, fault: Fault) -> Error {
    Error::UnreadableFile {
        file: file.to_owned(),
        line: fault.line,
        column: fault.column,
        expected: fault.what,
    }
}

impl<'l, 'a> Table<'l, 'a> {
    /// Reads the header line, in which each of the columns that are `needed` must stand.
    pub(super) fn of(file: &'l str, lines: &'l Lines<'a>, needed: &[&str]) -> Result<Self, Fault> {
        let mut records = Records::of(lines.text());
        let header = match records.next() {
            Some(Ok(header)) => columns(lines, &header, needed)?,
            Some(Err(broken)) => return Err(broken_record(lines, broken)),
            None => return Err(Fault::at(lines, 0, &missing_columns(needed))),
        };
        Ok(Self { file, lines, header, records })
    }

    /// The names of the columns, in the order of the file.
    pub(super) fn header(&self) -> &[Cow<'a, str>] {
        &self.header
    }

    /// A record's fields under the header's names.
    fn row(&self, fields: Vec<Field<'a>>) -> Result<Row<'a>, BadRow> {
        let at = fields.first().map_or(0, |field| field.at);
        if fields.len() != self.header.len() {
            let counts = format!("expected {} fields, found {}", self.header.len(), fields.len());
            return Err(BadRow::lost(self.file, Fault::at(self.lines, at, &counts)));
        }
        let named = self.header.iter().zip(fields);
        let named = named.map(|(name, field)| (name.clone(), field.at, Some(field.text)));
        Ok(Row { at, fields: named.collect() })
    }
}

impl<'a> Iterator for Table<'_, 'a> {
    type Item = Result<Result<Row<'a>, BadRow>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            return Some(match self.records.next()? {
                Ok(fields) if is_blank(&fields) => continue,
                Ok(fields) => Ok(self.row(fields)),
                Err(broken @ Broken::AfterQuote { record, .. }) => {
                    let bad = BadRow::lost(self.file, broken_record(self.lines, broken));
                    Ok(Err(BadRow { line: self.lines.line(record), ..bad }))
                }
                Err(broken @ Broken::Unterminated(_)) => Err(broken_record(self.lines, broken)),
            });
        }
    }
}

/// The header's names, trimmed: each that is needed once, no name twice. Columns without a name
/// are kept by their number.
fn columns<'a>(
    lines: &Lines<'_>,
    header: &[Field<'a>],
    needed: &[&str],
) -> Result<Vec<Cow<'a, str>>, Fault> {
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
    let is_missing = |column: &&str| names.iter().all(|name| name != column);
    let missing: Vec<&str> = needed.iter().copied().filter(is_missing).collect();
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

fn trimmed<'a>(text: &Cow<'a, str>) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

pub(crate) fn broken_record(lines: &Lines<'_>, broken: Broken) -> Fault {
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
