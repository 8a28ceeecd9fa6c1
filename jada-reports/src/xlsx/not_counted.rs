//! The sheet of what did not count, each with its reason, and of rows that could not be read.

use jada_roster::Charter;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use crate::statement::{NotCounted, Statement, plural};
use crate::xlsx::format::{Formats, width, wrapped, write_charter, write_text};
use crate::xlsx::month::{HEADER, write_header};
use crate::xlsx::set_up_page;

pub(super) fn write(
    sheet: &mut Worksheet,
    statement: &Statement,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name("Not counted")?;
    let widths = widths(statement);
    set_up_page(sheet, HEADER, &widths)?;
    let title = format!("Not counted in {}", statement.month().title());
    write_text(sheet, 0, 0, &title, &formats.title)?;
    let not_counted = plural(statement.not_counted().len(), "charter", "charters");
    let counts = format!("{not_counted} by the rule \"{}\".", statement.rule().name());
    write_text(sheet, 1, 0, &counts, &formats.subtitle)?;
    write_header(sheet, HEADER, &HEADERS, formats)?;
    let mut row = HEADER + 1;
    for not_counted in statement.not_counted() {
        let reason = statement.reason(not_counted);
        write_charter(sheet, row, not_counted.charter(), reason, &widths, formats)?;
        row += 1;
    }
    if statement.not_counted().is_empty() {
        write_text(sheet, row, 0, "Every charter counts.", &formats.note)?;
        row += 1;
    }
    let reasons = format!("$H${}:$H${row}", HEADER + 2);
    row = write_reasons(sheet, row + 1, statement, &reasons, formats)?;
    write_skipped(sheet, row + 1, statement, formats)
}

/// How many charters each reason left out.
fn write_reasons(
    sheet: &mut Worksheet,
    mut row: u32,
    statement: &Statement,
    reasons: &str,
    formats: &Formats,
) -> Result<u32, XlsxError> {
    let counts = statement.not_counted_by_reason();
    if counts.is_empty() {
        return Ok(row);
    }
    write_text(sheet, row, 2, "Reason", &formats.header)?;
    write_text(sheet, row, 3, "Charters", &formats.header_right)?;
    row += 1;
    for (reason, count) in counts {
        write_text(sheet, row, 2, reason, &formats.text)?;
        let formula = Formula::new(format!("=SUMPRODUCT(--({reasons}=$C${}))", row + 1));
        let formula = formula.set_result(count.to_string());
        sheet.write_formula_with_format(row, 3, formula, &formats.count)?;
        row += 1;
    }
    Ok(row)
}

fn write_skipped(
    sheet: &mut Worksheet,
    mut row: u32,
    statement: &Statement,
    formats: &Formats,
) -> Result<(), XlsxError> {
    if statement.skipped().is_empty() {
        return Ok(());
    }
    write_text(sheet, row, 0, "Rows that could not be read, counted nowhere", &formats.label)?;
    row += 1;
    for line in statement.skipped().iter().flat_map(|skipped| wrapped(skipped)) {
        write_text(sheet, row, 0, &line, &formats.note)?;
        row += 1;
    }
    Ok(())
}

fn widths(statement: &Statement) -> [f64; 8] {
    let charters = || statement.not_counted().iter().map(NotCounted::charter);
    let reasons = statement.rule().reasons();
    [
        12.0,
        width(charters().map(|charter| charter.id().as_str()), 12, 24),
        width(charters().map(Charter::guest), 26, 40),
        width(charters().map(Charter::brand), 12, 24),
        width(charters().map(|charter| charter.kind().as_str()), 12, 16),
        12.0,
        16.0,
        width(reasons, 20, 40),
    ]
}

const HEADERS: [&str; 8] =
    ["Date", "Charter", "Guest", "Brand", "Kind", "Status", "Total", "Reason"];
