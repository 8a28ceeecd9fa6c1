//! Statements as workbooks: a month, or a year with a tab for each of its months.

mod cells;
mod format;
pub(crate) mod month;
mod not_counted;
mod revenue;
mod space;
mod year;

use jada_roster::Money;
use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use crate::error::Error;
use crate::statement::Statement;
use crate::style::StatementStyle;
pub(crate) use crate::xlsx::cells::{write_date, write_text};
use crate::xlsx::format::Formats;
pub(crate) use crate::xlsx::format::amounts;
pub use crate::xlsx::year::year_workbook;

/// Renders a statement as an `.xlsx` workbook; the same statement gives the same bytes.
///
/// Sums are live formulas that carry their results, for the programs that do not calculate. Texts
/// are written as texts, so that a guest named `=SUM(A1)` is a guest. Rows pass through a temporary
/// file: 100,000 take a few megabytes of memory.
///
/// # Errors
/// [`Error::TooManyRows`] above about a million charters; [`Error::Amount`] for a sum of more than
/// 15 digits, which a cell does not keep; [`Error::Render`] when the temporary file cannot be
/// written.
pub fn workbook(statement: &Statement) -> Result<Vec<u8>, Error> {
    styled_workbook(statement, &StatementStyle::default())
}

/// As [`workbook`], in a style: the same statement and style give the same bytes.
///
/// # Errors
/// As [`workbook`].
pub fn styled_workbook(statement: &Statement, style: &StatementStyle) -> Result<Vec<u8>, Error> {
    let not_counted = statement.not_counted().len() + statement.skipped().len();
    check_rows(statement.counted().len().max(not_counted))?;
    check_amounts(&[statement.gross(), statement.net()])?;
    let brands = revenue::brands(statement)?;
    let formats = Formats::of(statement.currency(), style);
    render(statement, &brands, &formats).map_err(failed)
}

fn render(
    statement: &Statement,
    brands: &revenue::Brands<'_>,
    formats: &Formats,
) -> Result<Vec<u8>, XlsxError> {
    let title = statement.month().title();
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&title, statement.month().last_day())?);
    let sheet = workbook.add_worksheet_with_low_memory()?;
    let sums = month::write(sheet, statement, formats)?;
    let sheet = workbook.add_worksheet_with_low_memory()?;
    not_counted::write(sheet, &title, std::slice::from_ref(statement), formats)?;
    // Kept in memory, so that the charts can carry the values they show.
    let sheet = workbook.add_worksheet();
    revenue::write(sheet, statement, brands, &sums, formats)?;
    workbook.save_to_buffer()
}

/// The creation date is the period's end: a clock's would make every build differ.
fn properties(period: &str, end: Date) -> Result<DocProperties, XlsxError> {
    let (year, month, day) = (end.year(), end.month(), end.day());
    let created =
        ExcelDateTime::from_ymd(year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs())?;
    Ok(DocProperties::new()
        .set_title(format!("Revenue statement, {period}"))
        .set_author("jada-reports")
        .set_creation_datetime(&created))
}

/// What every sheet has: one page wide, landscape, its header on each page, numbered pages.
fn set_up_page(
    sheet: &mut Worksheet,
    header_row: u32,
    widths: &[f64],
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(header_row + 1, 0)?;
    sheet.set_repeat_rows(header_row, header_row)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    if let Some(text) = &formats.header_text {
        sheet.set_header(text);
    }
    sheet.set_footer("&L&A&RPage &P of &N");
    Ok(())
}

fn failed(error: XlsxError) -> Error {
    Error::Render { artefact: "workbook", source: Box::new(error) }
}

fn check_rows(rows: usize) -> Result<(), Error> {
    if rows > MAX_ROWS { Err(Error::TooManyRows { rows }) } else { Ok(()) }
}

fn check_amounts(amounts: &[Money]) -> Result<(), Error> {
    if amounts.iter().all(|amount| is_kept(*amount)) {
        return Ok(());
    }
    Err(crate::tax::out_of_range())
}

/// Whether a cell keeps every digit of an amount.
pub(crate) fn is_kept(amount: Money) -> bool {
    amount.minor().unsigned_abs() < MAX_MINOR
}

/// The amount as the double that a cell holds, which keeps 15 digits and so every cent.
pub(crate) fn cell(amount: Money) -> f64 {
    let scale = 10_i32.pow(u32::from(amount.currency().digits()));
    #[expect(clippy::cast_precision_loss, reason = "sums of more than 15 digits are refused")]
    let minor = amount.minor() as f64;
    minor / f64::from(scale)
}

/// A sheet holds 1,048,576 rows; some are for the header, sums and notes.
const MAX_ROWS: usize = 1_048_000;
const MAX_MINOR: u64 = 1_000_000_000_000_000;
