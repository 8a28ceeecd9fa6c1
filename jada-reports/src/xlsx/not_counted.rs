//! The sheet of what did not count, each with its reason, and of rows that could not be read.

use jada_roster::Charter;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use crate::statement::{NotCounted, Statement, plural};
use crate::xlsx::cells::{write_charter, write_text};
use crate::xlsx::format::Formats;
use crate::xlsx::month::{HEADER, write_header};
use crate::xlsx::set_up_page;
use crate::xlsx::space::{width, wrapped};
use crate::year::{reasons, skipped};

/// Writes what did not count of one month, or of a year's months in their order, which `period`
/// names.
pub(super) fn write(
    sheet: &mut Worksheet,
    period: &str,
    statements: &[Statement],
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name(NAME)?;
    let widths = widths(statements, formats);
    set_up_page(sheet, HEADER, &widths, formats)?;
    write_text(sheet, 0, 0, &format!("Not counted in {period}"), &formats.title)?;
    let count = statements.iter().map(|statement| statement.not_counted().len()).sum();
    let not_counted = plural(count, "charter", "charters");
    let counts = format!("{not_counted} by the {}.", rules(statements));
    write_text(sheet, 1, 0, &counts, &formats.subtitle)?;
    write_header(sheet, HEADER, &HEADERS, formats)?;
    let mut row = HEADER + 1;
    for statement in statements {
        for not_counted in statement.not_counted() {
            let reason = statement.reason(not_counted);
            write_charter(sheet, row, not_counted.charter(), reason, &widths, formats)?;
            row += 1;
        }
    }
    if count == 0 {
        write_text(sheet, row, 0, "Every charter counts.", &formats.note)?;
        row += 1;
    }
    let range = format!("$H${}:$H${row}", HEADER + 2);
    row = write_reasons(sheet, row + 1, &reasons(statements), &range, formats)?;
    write_skipped(sheet, row + 1, &skipped(statements), formats)
}

/// The rule of the statements, or the rules where they differ.
fn rules(statements: &[Statement]) -> String {
    let mut names: Vec<String> =
        statements.iter().map(|statement| format!("\"{}\"", statement.rule().name())).collect();
    names.dedup();
    let word = if names.len() == 1 { "rule" } else { "rules" };
    format!("{word} {}", names.join(", "))
}

/// How many charters each reason left out.
fn write_reasons(
    sheet: &mut Worksheet,
    mut row: u32,
    counts: &[(&str, usize)],
    range: &str,
    formats: &Formats,
) -> Result<u32, XlsxError> {
    if counts.is_empty() {
        return Ok(row);
    }
    write_text(sheet, row, 2, "Reason", &formats.header)?;
    write_text(sheet, row, 3, "Charters", &formats.header_right)?;
    row += 1;
    for (reason, count) in counts {
        write_text(sheet, row, 2, reason, &formats.text)?;
        let formula = Formula::new(format!("=SUMPRODUCT(--({range}=$C${}))", row + 1));
        let formula = formula.set_result(count.to_string());
        sheet.write_formula_with_format(row, 3, formula, &formats.count)?;
        row += 1;
    }
    Ok(row)
}

fn write_skipped(
    sheet: &mut Worksheet,
    mut row: u32,
    skipped: &[&str],
    formats: &Formats,
) -> Result<(), XlsxError> {
    if skipped.is_empty() {
        return Ok(());
    }
    write_text(sheet, row, 0, "Rows that could not be read, counted nowhere", &formats.label)?;
    row += 1;
    for line in skipped.iter().flat_map(|skipped| wrapped(skipped)) {
        write_text(sheet, row, 0, &line, &formats.note)?;
        row += 1;
    }
    Ok(())
}

fn widths(statements: &[Statement], formats: &Formats) -> [f64; 8] {
    let not_counted = || statements.iter().flat_map(Statement::not_counted);
    let charters = || not_counted().map(NotCounted::charter);
    let reasons = statements.iter().flat_map(|statement| statement.rule().reasons());
    let texts = [
        12.0,
        width(charters().map(|charter| charter.id().as_str()), 12, 24),
        width(charters().map(Charter::guest), 26, 40),
        width(charters().map(Charter::brand), 12, 24),
        width(charters().map(|charter| charter.kind().as_str()), 12, 16),
        12.0,
        16.0,
        width(reasons, 20, 40),
    ];
    let totals = charters().filter_map(Charter::total);
    let largest = totals.max_by_key(|total| total.minor().unsigned_abs());
    formats.space.widths(texts, largest.as_slice())
}

/// The sheet's name, which footnotes speak of.
pub(super) const NAME: &str = "Not counted";
const HEADERS: [&str; 8] =
    ["Date", "Charter", "Guest", "Brand", "Kind", "Status", "Total", "Reason"];
