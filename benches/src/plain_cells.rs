//! The cells of a statement's sheets by hand, and how they look.

use jada_roster::{Charter, Money};
use jiff::civil::Date;
use rust_xlsxwriter::{
    ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Worksheet, XlsxError,
};

pub(crate) fn set_up(sheet: &mut Worksheet, widths: &[f64]) -> Result<(), XlsxError> {
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(4, 0)?;
    sheet.set_repeat_rows(3, 3)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&A&RPage &P of &N");
    Ok(())
}

pub(crate) fn write_header(
    sheet: &mut Worksheet,
    remark: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let names = ["Date", "Charter", "Guest", "Brand", "Kind", "Status"];
    for (column, name) in (0..).zip(names) {
        sheet.write_string_with_format(3, column, name, &formats.header)?;
    }
    sheet.write_string_with_format(3, 6, "Total", &formats.header_right)?;
    sheet.write_string_with_format(3, 7, remark, &formats.header_remark)?;
    Ok(())
}

pub(crate) fn write_charter(
    sheet: &mut Worksheet,
    row: u32,
    charter: &Charter,
    remark: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    write_date(sheet, row, charter.date(), formats)?;
    sheet.write_string_with_format(row, 1, charter.id().as_str(), &formats.text)?;
    if !charter.guest().is_empty() {
        sheet.write_string_with_format(row, 2, charter.guest(), &formats.text)?;
    }
    if !charter.brand().is_empty() {
        sheet.write_string_with_format(row, 3, charter.brand(), &formats.text)?;
    }
    sheet.write_string_with_format(row, 4, charter.kind().as_str(), &formats.text)?;
    sheet.write_string_with_format(row, 5, charter.status().as_str(), &formats.text)?;
    if let Some(total) = charter.total() {
        sheet.write_number_with_format(row, 6, cell(total), &formats.amount)?;
    }
    if !remark.is_empty() {
        sheet.write_string_with_format(row, 7, remark, &formats.remark)?;
    }
    if remark.len() > 40 {
        sheet.set_row_height(row, 30)?;
    }
    Ok(())
}

pub(crate) fn write_date(
    sheet: &mut Worksheet,
    row: u32,
    date: Date,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let date =
        ExcelDateTime::from_ymd(year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs())?;
    sheet.write_datetime_with_format(row, 0, &date, &formats.date)?;
    Ok(())
}

pub(crate) fn write_total(
    sheet: &mut Worksheet,
    row: u32,
    label: &str,
    formula: &str,
    result: Money,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for column in [0, 1, 3, 4, 5] {
        sheet.write_blank(row, column, &formats.total_label)?;
    }
    sheet.write_string_with_format(row, 2, label, &formats.total_label)?;
    write_formula(sheet, row, 6, formula, result, &formats.total)
}

pub(crate) fn write_formula(
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

pub(crate) fn write_count(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    formula: &str,
    count: usize,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let formula = Formula::new(formula).set_result(count.to_string());
    sheet.write_formula_with_format(row, column, formula, &formats.count)?;
    Ok(())
}

pub(crate) fn cell(amount: Money) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the input has small amounts")]
    let minor = amount.minor() as f64;
    minor / 100.0
}

#[derive(Debug)]
pub(crate) struct Formats {
    pub(crate) title: Format,
    pub(crate) subtitle: Format,
    pub(crate) header: Format,
    pub(crate) header_right: Format,
    pub(crate) header_remark: Format,
    pub(crate) date: Format,
    pub(crate) text: Format,
    pub(crate) remark: Format,
    pub(crate) amount: Format,
    pub(crate) rate: Format,
    pub(crate) total_label: Format,
    pub(crate) total: Format,
    pub(crate) count: Format,
    pub(crate) note: Format,
}

impl Formats {
    pub(crate) fn new() -> Self {
        let amount = Format::new().set_num_format("#,##0.00;[Red]-#,##0.00;\"–\"");
        let header = Format::new()
            .set_bold()
            .set_font_color(NAVY)
            .set_border_bottom(FormatBorder::Medium)
            .set_border_bottom_color(NAVY)
            .set_align(FormatAlign::Bottom);
        let text = Format::new().set_align(FormatAlign::Top).set_text_wrap();
        let note = Format::new().set_italic().set_font_color(GREY);
        let total_label =
            Format::new().set_bold().set_border_top(FormatBorder::Thin).set_border_top_color(NAVY);
        Self {
            title: Format::new().set_bold().set_font_size(16).set_font_color(NAVY),
            subtitle: Format::new().set_font_color(GREY),
            header_right: header.clone().set_align(FormatAlign::Right),
            header_remark: header.clone().set_align(FormatAlign::Left).set_indent(1),
            header,
            date: Format::new()
                .set_align(FormatAlign::Top)
                .set_num_format("ddd d mmm")
                .set_align(FormatAlign::Left),
            remark: text.clone().set_align(FormatAlign::Left).set_indent(1),
            text,
            rate: Format::new().set_num_format("0.00####%"),
            total: total_label.clone().set_num_format("#,##0.00;[Red]-#,##0.00;\"–\""),
            total_label,
            amount: amount.set_align(FormatAlign::Top),
            count: Format::new().set_num_format("#,##0"),
            note,
        }
    }
}

const NAVY: &str = "#12395B";
const GREY: &str = "#52606D";
