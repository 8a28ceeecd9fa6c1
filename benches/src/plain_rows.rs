//! Charters as rows of a workbook by hand, in constant memory.

use std::io::Write;

use jada_roster::Charter;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::plain_cells::cell;

/// Writes a workbook of these charters, a row each.
///
/// # Errors
/// What the writer says.
pub fn plain_rows(charters: &[Charter], to: impl Write + Send) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let properties = DocProperties::new().set_author("jada-reports");
    workbook.set_properties(&properties.set_creation_datetime(&created));
    let (header, plain) = (Format::new().set_bold(), Format::new());
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let amount = Format::new().set_num_format("#,##0.00;[Red]-#,##0.00;\"–\"");
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("Rows")?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&A&RPage &P of &N");
    for (column, (_, width)) in (0..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
    }
    for (column, (name, _)) in (0..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, name, &header)?;
    }
    for (row, charter) in (1..).zip(charters) {
        let (year, month, date) =
            (charter.date().year(), charter.date().month(), charter.date().day());
        let date = ExcelDateTime::from_ymd(
            year.unsigned_abs(),
            month.unsigned_abs(),
            date.unsigned_abs(),
        )?;
        sheet.write_datetime_with_format(row, 0, &date, &day)?;
        let currency = charter.currency();
        let texts = [
            (1, charter.id().as_str()),
            (2, charter.guest()),
            (3, charter.brand()),
            (4, charter.kind().as_str()),
            (5, charter.status().as_str()),
        ];
        for (column, text) in texts {
            if !text.is_empty() {
                sheet.write_string_with_format(row, column, text, &plain)?;
            }
        }
        if let Some(total) = charter.total() {
            sheet.write_number_with_format(row, 6, cell(total), &amount)?;
        }
        sheet.write_string_with_format(row, 7, currency.code(), &plain)?;
        if !charter.notes().is_empty() {
            sheet.write_string_with_format(row, 8, charter.notes(), &plain)?;
        }
    }
    workbook.save_to_writer(to)
}

const COLUMNS: [(&str, f64); 9] = [
    ("Date", 12.0),
    ("Charter", 14.0),
    ("Guest", 30.0),
    ("Brand", 20.0),
    ("Kind", 12.0),
    ("Status", 12.0),
    ("Total", 14.0),
    ("Currency", 10.0),
    ("Notes", 40.0),
];
