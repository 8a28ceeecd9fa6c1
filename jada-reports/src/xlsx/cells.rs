//! Writing cells.

use std::borrow::Cow;

use jada_roster::{Charter, Money};
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Worksheet, XlsxError};

use crate::tax::Rate;
use crate::xlsx::cell;
use crate::xlsx::format::Formats;
use crate::xlsx::space::Space;

/// Writes a charter's row on either sheet: date to total, and a remark.
///
/// Programs that do not fit a row to its wrapped texts would print them over the next row, so
/// the height is given.
pub(super) fn write_charter(
    sheet: &mut Worksheet,
    row: u32,
    charter: &Charter,
    remark: &str,
    widths: &[f64; 8],
    formats: &Formats,
) -> Result<(), XlsxError> {
    write_date(sheet, row, 0, charter.date(), &formats.date)?;
    let texts = [
        charter.id().as_str(),
        charter.guest(),
        charter.brand().trim(),
        charter.kind().as_str(),
        charter.status().as_str(),
    ];
    let mut lines = formats.space.lines(remark, widths[7]);
    for (column, text) in (1..).zip(texts) {
        lines = lines.max(formats.space.lines(text, widths[usize::from(column)]));
        write_in_row(sheet, row, column, text, &formats.text, formats)?;
    }
    match charter.total() {
        Some(total) => {
            sheet.write_number_with_format(row, TOTAL, cell(total), &formats.amount)?;
        }
        None if formats.filled => {
            sheet.write_blank(row, TOTAL, &formats.amount)?;
        }
        None => {}
    }
    write_in_row(sheet, row, REMARK, remark, &formats.remark, formats)?;
    if let Some(height) = formats.space.height_of(lines) {
        sheet.set_row_height(row, height)?;
    }
    Ok(())
}

/// Writes a text that wraps within its column, in a row high enough for it.
pub(super) fn write_wrapped(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    width: f64,
    (format, space): (&Format, &Space),
) -> Result<(), XlsxError> {
    write_text(sheet, row, column, text, format)?;
    if let Some(height) = space.height(text, width) {
        sheet.set_row_height(row, height)?;
    }
    Ok(())
}

/// As [`write_text`]; but where rows are filled, a blank text leaves no hole in the fill.
fn write_in_row(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
    formats: &Formats,
) -> Result<(), XlsxError> {
    if formats.filled && text.trim().is_empty() {
        sheet.write_blank(row, column, format)?;
        return Ok(());
    }
    write_text(sheet, row, column, text, format)
}

/// Writes a text as a text, whatever it begins with; a blank one leaves the cell empty.
pub(crate) fn write_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if text.trim().is_empty() {
        return Ok(());
    }
    sheet.write_string_with_format(row, column, fitting(text), format)?;
    Ok(())
}

/// The text, or as much of it as a cell holds and a word that it was cut.
fn fitting(text: &str) -> Cow<'_, str> {
    let units = |text: &str| text.chars().map(char::len_utf16).sum::<usize>();
    if text.len() <= CELL_UNITS || units(text) <= CELL_UNITS {
        return Cow::Borrowed(text);
    }
    let mut left = CELL_UNITS - CUT.len();
    let fits = |c: &char| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    };
    Cow::Owned(text.chars().take_while(fits).chain(CUT.chars()).collect())
}

pub(crate) fn write_date(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    date: Date,
    format: &Format,
) -> Result<(), XlsxError> {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let date =
        ExcelDateTime::from_ymd(year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs())?;
    sheet.write_datetime_with_format(row, column, &date, format)?;
    Ok(())
}

/// Writes a live formula with the result it has now.
pub(super) fn write_formula(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    formula: &str,
    result: Money,
    format: &Format,
) -> Result<(), XlsxError> {
    let formula = Formula::new(formula).set_result(cell(result).to_string());
    sheet.write_formula_with_format(row, column, formula, format)?;
    Ok(())
}

pub(super) fn write_rate(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    rate: Rate,
    format: &Format,
) -> Result<(), XlsxError> {
    let fraction: f64 = rate.to_string().parse().unwrap_or_default();
    sheet.write_number_with_format(row, column, fraction, format)?;
    Ok(())
}

/// The column of a charter's total.
pub(super) const TOTAL: u16 = 6;
/// The column beside it: notes, or the reason.
pub(super) const REMARK: u16 = 7;

/// What a cell of a worksheet holds, in units of UTF-16.
const CELL_UNITS: usize = 32_767;
const CUT: &str = " [cut: a cell holds no more]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        for long in ["x", "é", "🎉", "né "] {
            let text = long.repeat(40_000);
            let cut = fitting(&text);
            let units: usize = cut.chars().map(char::len_utf16).sum();
            assert!(units <= CELL_UNITS && units > CELL_UNITS - 2, "{long}: {units}");
            assert!(cut.ends_with(CUT) && text.starts_with(cut.trim_end_matches(CUT)));
        }
        assert_eq!(fitting(&"é".repeat(CELL_UNITS)).chars().count(), CELL_UNITS);
    }
}
