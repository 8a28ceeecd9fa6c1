//! A statement as a workbook: the month, what did not count, and revenue by day and brand.

mod format;
mod month;
mod not_counted;
mod revenue;

use jada_roster::Money;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use crate::error::Error;
use crate::statement::Statement;
use crate::xlsx::format::Formats;

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
    let rows =
        statement.counted().len().max(statement.not_counted().len() + statement.skipped().len());
    if rows > MAX_ROWS {
        return Err(Error::TooManyRows { rows });
    }
    let whole = [statement.gross(), statement.net()];
    if whole.iter().any(|amount| amount.minor().unsigned_abs() >= MAX_MINOR) {
        return Err(crate::tax::out_of_range());
    }
    let brands = revenue::brands(statement)?;
    let failed = |error: XlsxError| Error::Render { artefact: "workbook", source: Box::new(error) };
    render(statement, &brands).map_err(failed)
}

fn render(statement: &Statement, brands: &revenue::Brands<'_>) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats::of(statement.currency());
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(statement)?);
    let sheet = workbook.add_worksheet_with_low_memory()?;
    let sums = month::write(sheet, statement, &formats)?;
    let sheet = workbook.add_worksheet_with_low_memory()?;
    not_counted::write(sheet, statement, &formats)?;
    // Kept in memory, so that the charts can carry the values they show.
    let sheet = workbook.add_worksheet();
    revenue::write(sheet, statement, brands, &sums, &formats)?;
    workbook.save_to_buffer()
}

/// The creation date is the month's end: a clock's would make every build differ.
fn properties(statement: &Statement) -> Result<DocProperties, XlsxError> {
    let end = statement.month().last_day();
    let (year, month, day) = (end.year(), end.month(), end.day());
    let created =
        ExcelDateTime::from_ymd(year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs())?;
    let title = format!("Revenue statement, {}", statement.month().title());
    Ok(DocProperties::new()
        .set_title(title)
        .set_author("jada-reports")
        .set_creation_datetime(&created))
}

/// What every sheet has: one page wide, landscape, its header on each page, numbered pages.
fn set_up_page(sheet: &mut Worksheet, header_row: u32, widths: &[f64]) -> Result<(), XlsxError> {
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(header_row + 1, 0)?;
    sheet.set_repeat_rows(header_row, header_row)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&A&RPage &P of &N");
    Ok(())
}

/// The amount as the double that a cell holds, which keeps 15 digits and so every cent.
fn cell(amount: Money) -> f64 {
    let scale = 10_i32.pow(u32::from(amount.currency().digits()));
    #[expect(clippy::cast_precision_loss, reason = "sums of more than 15 digits are refused")]
    let minor = amount.minor() as f64;
    minor / f64::from(scale)
}

/// A sheet holds 1,048,576 rows; some are for the header, sums and notes.
const MAX_ROWS: usize = 1_048_000;
const MAX_MINOR: u64 = 1_000_000_000_000_000;
