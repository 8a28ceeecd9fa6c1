//! How cells look, and writing them.

use std::borrow::Cow;

use jada_roster::{Charter, Currency, Money};
use jiff::civil::Date;
use rust_xlsxwriter::{
    ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Worksheet, XlsxError,
};

use crate::tax::Rate;
use crate::xlsx::cell;

/// The formats of a workbook, made once.
pub(super) struct Formats {
    pub(super) title: Format,
    pub(super) subtitle: Format,
    pub(super) header: Format,
    pub(super) header_right: Format,
    pub(super) header_remark: Format,
    pub(super) date: Format,
    pub(super) text: Format,
    pub(super) remark: Format,
    pub(super) amount: Format,
    pub(super) label: Format,
    pub(super) rate: Format,
    pub(super) total_label: Format,
    pub(super) total: Format,
    pub(super) rule: Format,
    pub(super) count: Format,
    pub(super) note: Format,
    pub(super) wrapped_note: Format,
    /// The number format of amounts, for a chart's axis.
    pub(super) axis: String,
}

impl Formats {
    pub(super) fn of(currency: Currency) -> Self {
        let digits = match currency.digits() {
            0 => "#,##0".to_owned(),
            digits => format!("#,##0.{}", "0".repeat(usize::from(digits))),
        };
        // A day without revenue shows a dash, so that zeros do not pass for money.
        let amount = Format::new().set_num_format(format!("{digits};[Red]-{digits};\"–\""));
        let top = Format::new().set_align(FormatAlign::Top);
        let header = Format::new()
            .set_bold()
            .set_font_color(NAVY)
            .set_border_bottom(FormatBorder::Medium)
            .set_border_bottom_color(NAVY)
            .set_align(FormatAlign::Bottom);
        let note = Format::new().set_italic().set_font_color(GREY);
        let total = |format: &Format| {
            format.clone().set_bold().set_border_top(FormatBorder::Thin).set_border_top_color(NAVY)
        };
        Self {
            title: Format::new().set_bold().set_font_size(16).set_font_color(NAVY),
            subtitle: Format::new().set_font_color(GREY),
            header_remark: header.clone().set_align(FormatAlign::Left).set_indent(1),
            header_right: header.clone().set_align(FormatAlign::Right),
            header,
            date: top.clone().set_num_format("ddd d mmm").set_align(FormatAlign::Left),
            text: top.clone().set_text_wrap(),
            remark: top.clone().set_text_wrap().set_align(FormatAlign::Left).set_indent(1),
            label: Format::new(),
            rate: Format::new().set_num_format("0.00####%"),
            total_label: total(&Format::new()),
            total: total(&amount),
            rule: total(&Format::new()),
            amount: amount.set_align(FormatAlign::Top),
            count: Format::new().set_num_format("#,##0"),
            wrapped_note: note.clone().set_text_wrap().set_align(FormatAlign::Top),
            note,
            axis: digits,
        }
    }
}

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
    let mut lines = lines(remark, widths[7]);
    for (column, text) in (1..).zip(texts) {
        lines = lines.max(self::lines(text, widths[usize::from(column)]));
        write_text(sheet, row, column, text, &formats.text)?;
    }
    if let Some(total) = charter.total() {
        sheet.write_number_with_format(row, TOTAL, cell(total), &formats.amount)?;
    }
    write_text(sheet, row, REMARK, remark, &formats.remark)?;
    if lines > 1 {
        sheet.set_row_height(row, LINE_HEIGHT * f64::from(lines))?;
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
    format: &Format,
) -> Result<(), XlsxError> {
    write_text(sheet, row, column, text, format)?;
    if lines(text, width) > 1 {
        sheet.set_row_height(row, LINE_HEIGHT * f64::from(lines(text, width)))?;
    }
    Ok(())
}

/// How many lines a text takes in a column that is so many digits wide; at most what a row can
/// be high. Letters are narrower than digits, which makes up for breaking between words.
fn lines(text: &str, width: f64) -> u16 {
    let lines = text.lines().map(|line| {
        let characters = u16::try_from(line.chars().count()).unwrap_or(u16::MAX);
        (f64::from(characters) / width).ceil().max(1.0)
    });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a row")]
    let lines = lines.sum::<f64>().clamp(1.0, MAX_LINES) as u16;
    lines
}

/// Writes a text as a text, whatever it begins with; a blank one leaves the cell empty.
pub(super) fn write_text(
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

pub(super) fn write_date(
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

/// Breaks a long text between words, so that no line reaches beyond the page.
pub(super) fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if used > 0 && used + 1 + word.chars().count() > LINE_CHARACTERS {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// A width that shows the longest of the texts, within bounds; longer ones wrap.
pub(super) fn width<'a>(texts: impl Iterator<Item = &'a str>, least: u16, most: u16) -> f64 {
    let longest = texts.map(|text| text.chars().count()).max().unwrap_or_default();
    f64::from(u16::try_from(longest).unwrap_or(most).saturating_add(2).clamp(least, most))
}

/// The column of a charter's total.
pub(super) const TOTAL: u16 = 6;
/// The column beside it: notes, or the reason.
pub(super) const REMARK: u16 = 7;

const NAVY: &str = "#12395B";
const GREY: &str = "#52606D";
/// What a cell of a worksheet holds, in units of UTF-16.
const CELL_UNITS: usize = 32_767;
const CUT: &str = " [cut: a cell holds no more]";
/// In points, of the default font.
const LINE_HEIGHT: f64 = 15.0;
/// A row is at most 409 points high.
const MAX_LINES: f64 = 27.0;
const LINE_CHARACTERS: usize = 140;

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

    #[test]
    fn a_note_is_broken_between_words() {
        let lines = wrapped(&"word ".repeat(100));
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.len() <= LINE_CHARACTERS && line.ends_with("word")));
        assert_eq!(wrapped(&"x".repeat(200)), ["x".repeat(200)]);
    }

    #[test]
    fn a_row_is_as_high_as_its_longest_text() {
        assert_eq!((lines("Ann", 26.0), lines("", 26.0)), (1, 1));
        assert_eq!(lines(&"x".repeat(53), 26.0), 3);
        assert_eq!(lines("a\nb\nc", 26.0), 3);
        assert_eq!(lines(&"x".repeat(30_000), 26.0), 27);
    }
}
