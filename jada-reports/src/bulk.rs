//! Rows by the million as a workbook, in memory that does not grow with them.

mod charter;

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use jada_roster::{Currency, Money};
use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::artefact::Artefact;
use crate::error::Error;
use crate::xlsx::{amounts, cell, write_date, write_text};

/// Something that is exported as one row of a sheet.
///
/// ```
/// use jada_reports::{BulkCell, BulkColumn, BulkRow, bulk_export};
///
/// struct Mooring {
///     pier: &'static str,
///     metres: f64,
/// }
///
/// impl BulkRow for Mooring {
///     fn columns() -> Vec<BulkColumn> {
///         vec![BulkColumn::new("Pier", 20.0), BulkColumn::new("Metres", 10.0)]
///     }
///
///     fn cells(&self) -> impl Iterator<Item = BulkCell<'_>> {
///         [BulkCell::Text(self.pier), BulkCell::Number(self.metres)].into_iter()
///     }
/// }
///
/// # fn main() -> Result<(), jada_reports::Error> {
/// let moorings = (1..=3).map(|metres| Mooring { pier: "North", metres: metres.into() });
/// let mut workbook = Vec::new();
/// assert_eq!(bulk_export(moorings, &mut workbook)?, 3);
/// # Ok(())
/// # }
/// ```
pub trait BulkRow {
    /// The columns, in the order of a row's cells.
    fn columns() -> Vec<BulkColumn>;

    /// The row's cells, one for each column; cells beyond the columns are written too.
    fn cells(&self) -> impl Iterator<Item = BulkCell<'_>>;
}

impl<R: BulkRow> BulkRow for &R {
    fn columns() -> Vec<BulkColumn> {
        R::columns()
    }

    fn cells(&self) -> impl Iterator<Item = BulkCell<'_>> {
        R::cells(self)
    }
}

/// A column of an export: its name, and its width in digits of the default font, 1 to 255.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkColumn {
    name: Cow<'static, str>,
    width: f64,
}

impl BulkColumn {
    /// A column of this name, so many digits wide.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, width: f64) -> Self {
        Self {
            name: name.into(),
            width: if width.is_nan() { 1.0 } else { width.clamp(1.0, 255.0) },
        }
    }
}

/// What a cell of an export holds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum BulkCell<'a> {
    /// Nothing.
    Blank,
    /// A text, whatever it begins with; what is longer than a cell holds is cut and says so.
    Text(&'a str),
    /// A number of which a cell keeps 15 digits. One that is no number leaves the cell blank.
    Number(f64),
    /// An amount, shown with the digits of its currency.
    Amount(Money),
    /// A currency, by its three letters.
    Currency(Currency),
    /// A day, shown as `2026-05-03`.
    Date(Date),
}

/// Writes rows from any iterator as an `.xlsx` workbook, and returns how many they were.
///
/// Each row is written when it comes and forgotten: a million take some megabytes of memory, and
/// pass through a temporary file. A sheet holds 1,048,575 of them below its header; the others
/// follow on `Rows 2` and so on. The same rows give the same bytes.
///
/// # Errors
/// [`Error::Amount`] for an amount of more than 15 digits; [`Error::Render`] when the temporary
/// file or `to` cannot be written. What was written by then is no workbook.
pub fn bulk_export<R: BulkRow>(
    rows: impl IntoIterator<Item = R>,
    to: impl Write + Send,
) -> Result<u64, Error> {
    export(rows, to, SHEET_ROWS)
}

/// As [`bulk_export`], into a file that appears whole or not at all.
///
/// # Errors
/// As [`bulk_export`], and [`Error::File`] naming the path.
pub fn bulk_export_file<R: BulkRow>(
    rows: impl IntoIterator<Item = R>,
    path: &Path,
) -> Result<Artefact, Error> {
    Artefact::write(path, |to| bulk_export(rows, to).map(drop))
}

fn export<R: BulkRow>(
    rows: impl IntoIterator<Item = R>,
    to: impl Write + Send,
    sheet_rows: u32,
) -> Result<u64, Error> {
    let failed = |error: XlsxError| Error::Render { artefact: "export", source: Box::new(error) };
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties().map_err(failed)?);
    let columns = R::columns();
    let mut formats = Formats::new();
    let mut written = 0;
    let mut row = 1;
    let mut sheets = 1;
    let mut sheet = begin(&mut workbook, sheets, &columns, &formats).map_err(failed)?;
    for cells in rows {
        if row == sheet_rows {
            (row, sheets) = (1, sheets + 1);
            sheet = begin(&mut workbook, sheets, &columns, &formats).map_err(failed)?;
        }
        for (column, cell) in (0..).zip(cells.cells()) {
            if matches!(cell, BulkCell::Amount(amount) if !crate::xlsx::is_kept(amount)) {
                return Err(crate::tax::out_of_range());
            }
            write(sheet, row, column, cell, &mut formats).map_err(failed)?;
        }
        (row, written) = (row + 1, written + 1);
    }
    workbook.save_to_writer(to).map_err(failed)?;
    Ok(written)
}

/// A sheet with its header, which stays in view and is repeated on each page.
fn begin<'a>(
    workbook: &'a mut Workbook,
    number: usize,
    columns: &[BulkColumn],
    formats: &Formats,
) -> Result<&'a mut Worksheet, XlsxError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(if number == 1 { "Rows".to_owned() } else { format!("Rows {number}") })?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&A&RPage &P of &N");
    for (at, column) in (0..).zip(columns) {
        sheet.set_column_width(at, column.width)?;
    }
    for (at, column) in (0..).zip(columns) {
        write_text(sheet, 0, at, &column.name, &formats.header)?;
    }
    Ok(sheet)
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    content: BulkCell<'_>,
    formats: &mut Formats,
) -> Result<(), XlsxError> {
    match content {
        BulkCell::Text(text) => write_text(sheet, row, column, text, &formats.plain),
        BulkCell::Currency(currency) => {
            write_text(sheet, row, column, currency.code(), &formats.plain)
        }
        BulkCell::Number(number) if number.is_finite() => {
            sheet.write_number_with_format(row, column, number, &formats.plain).map(drop)
        }
        BulkCell::Blank | BulkCell::Number(_) => Ok(()),
        BulkCell::Amount(amount) => {
            let format = formats.amount(amount.currency());
            sheet.write_number_with_format(row, column, cell(amount), format).map(drop)
        }
        BulkCell::Date(date) => write_date(sheet, row, column, date, &formats.date),
    }
}

/// Pinned: a clock's would make every export differ.
fn properties() -> Result<DocProperties, XlsxError> {
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    Ok(DocProperties::new().set_author("jada-reports").set_creation_datetime(&created))
}

struct Formats {
    header: Format,
    plain: Format,
    date: Format,
    /// Of the currencies so far, of which there are few.
    amounts: Vec<(Currency, Format)>,
}

impl Formats {
    fn new() -> Self {
        Self {
            header: Format::new().set_bold(),
            plain: Format::new(),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            amounts: Vec::new(),
        }
    }

    fn amount(&mut self, currency: Currency) -> &Format {
        let known = self.amounts.iter().position(|(known, _)| *known == currency);
        let at = known.unwrap_or_else(|| {
            let format = Format::new().set_num_format(amounts(currency.digits()));
            self.amounts.push((currency, format));
            self.amounts.len() - 1
        });
        &self.amounts[at].1
    }
}

/// What a sheet holds, its header included.
const SHEET_ROWS: u32 = 1_048_576;

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    impl BulkRow for u32 {
        fn columns() -> Vec<BulkColumn> {
            vec![BulkColumn::new("Number", 10.0)]
        }

        fn cells(&self) -> impl Iterator<Item = BulkCell<'_>> {
            std::iter::once(BulkCell::Number((*self).into()))
        }
    }

    #[test]
    fn rows_beyond_a_sheet_go_on_in_the_next() {
        let mut workbook = Vec::new();
        assert_eq!(export(0..7_u32, &mut workbook, 4).unwrap(), 7);
        let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
        let mut numbers = |sheet: usize| {
            let mut xml = String::new();
            let name = format!("xl/worksheets/sheet{sheet}.xml");
            archive.by_name(&name).unwrap().read_to_string(&mut xml).unwrap();
            let values = xml.split("<v>").skip(1).filter_map(|value| value.split('<').next());
            values.map(|value| value.parse().unwrap()).collect::<Vec<u32>>()
        };
        assert_eq!((numbers(1), numbers(2), numbers(3)), (vec![0, 1, 2], vec![3, 4, 5], vec![6]));
    }
}
