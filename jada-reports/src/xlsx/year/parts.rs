//! The year's revenue by brand, and by kind.

use jada_roster::Money;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use crate::xlsx::cell;
use crate::xlsx::cells::{write_formula, write_text};
use crate::xlsx::format::Formats;
use crate::xlsx::year::month_name;
use crate::xlsx::year::summary::{TOTAL, write_count};
use crate::year::{Part, YearStatement};

/// What the year is divided into.
pub(super) struct Group<'a> {
    /// What stands above the names.
    header: &'static str,
    /// The months' columns by name, such as `Brands`.
    column: &'static str,
    blank: &'static str,
    others: &'static str,
    parts: &'a [Part],
}

impl<'a> Group<'a> {
    pub(super) fn brands(year: &'a YearStatement) -> Self {
        let parts = year.by_brand();
        Self { header: "Brand", column: "Brands", blank: NO_BRAND, others: OTHER_BRANDS, parts }
    }

    pub(super) fn kinds(year: &'a YearStatement) -> Self {
        let parts = year.by_kind();
        Self { header: "Kind", column: "Kinds", blank: "(no kind)", others: "Other kinds", parts }
    }
}

/// Writes the largest parts from this row on, what the others come to, and the sum of all; says
/// which row is the next.
pub(super) fn write(
    sheet: &mut Worksheet,
    row: u32,
    group: &Group<'_>,
    year: &YearStatement,
    formats: &Formats,
) -> Result<u32, XlsxError> {
    write_text(sheet, row, 0, group.header, &formats.header)?;
    for (column, name) in [(1, "Charters"), (2, "Gross"), (3, "Share")] {
        write_text(sheet, row, column, name, &formats.header_right)?;
    }
    let first = row + 1;
    let shown = &group.parts[..group.parts.len().min(MOST)];
    let mut at = first;
    let mut rest = (year.included(), year.gross().minor());
    for part in shown {
        write_part(sheet, at, group, part, year, formats)?;
        rest = (rest.0 - part.charters(), rest.1 - part.gross().minor());
        at += 1;
    }
    if shown.len() < group.parts.len() {
        write_text(sheet, at, 0, group.others, &formats.text)?;
        let less = |whole, column| {
            format!("=${whole}${}-SUM({column}{}:{column}{at})", TOTAL + 1, first + 1)
        };
        write_count(sheet, at, 1, &less('B', 'B'), rest.0, &formats.tally)?;
        let gross = Money::from_minor(rest.1, year.currency());
        write_formula(sheet, at, 2, &less('D', 'C'), gross, &formats.amount)?;
        write_share(sheet, at, gross, year, formats)?;
        at += 1;
    }
    write_sum(sheet, at, first, year, formats)?;
    Ok(at + 1)
}

/// Names are compared letter by letter, not as the patterns that `SUMIFS` makes of them.
fn write_part(
    sheet: &mut Worksheet,
    row: u32,
    group: &Group<'_>,
    part: &Part,
    year: &YearStatement,
    formats: &Formats,
) -> Result<(), XlsxError> {
    write_text(sheet, row, 0, part.name_or(group.blank), &formats.text)?;
    let of_months = |term: &dyn Fn(String, String, String) -> String| {
        let months = year.months().iter().filter(|month| !month.counted().is_empty());
        let terms: Vec<String> = months
            .map(|month| {
                let [names, ids, totals] =
                    [group.column, "Charters", "Revenue"].map(|what| month_name(what, month));
                let test = match part.name() {
                    "" => format!("({names}=\"\")"),
                    _ => format!("EXACT({names},$A{})", row + 1),
                };
                term(test, ids, totals)
            })
            .collect();
        format!("={}", terms.join("+"))
    };
    let charters = of_months(&|test, ids, _| format!("SUMPRODUCT({test}*({ids}<>\"\"))"));
    write_count(sheet, row, 1, &charters, part.charters(), &formats.tally)?;
    let gross = of_months(&|test, _, totals| format!("SUMPRODUCT({test}*{totals})"));
    write_formula(sheet, row, 2, &gross, part.gross(), &formats.amount)?;
    write_share(sheet, row, part.gross(), year, formats)
}

fn write_share(
    sheet: &mut Worksheet,
    row: u32,
    gross: Money,
    year: &YearStatement,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let whole = cell(year.gross());
    let share = if year.gross().is_zero() { 0.0 } else { cell(gross) / whole };
    let whole = format!("$D${}", TOTAL + 1);
    let formula = Formula::new(format!("=IF({whole}=0,0,C{}/{whole})", row + 1));
    sheet.write_formula_with_format(
        row,
        3,
        formula.set_result(share.to_string()),
        &formats.share,
    )?;
    Ok(())
}

fn write_sum(
    sheet: &mut Worksheet,
    row: u32,
    first: u32,
    year: &YearStatement,
    formats: &Formats,
) -> Result<(), XlsxError> {
    write_text(sheet, row, 0, "Year", &formats.total_label)?;
    sheet.write_blank(row, 3, &formats.rule)?;
    if row == first {
        write_count(sheet, row, 1, &format!("=$B${}", TOTAL + 1), 0, &formats.total_count)?;
        let gross = format!("=$D${}", TOTAL + 1);
        return write_formula(sheet, row, 2, &gross, year.gross(), &formats.total);
    }
    let sum = |column| format!("=SUM({column}{}:{column}{row})", first + 1);
    write_count(sheet, row, 1, &sum('B'), year.included(), &formats.total_count)?;
    write_formula(sheet, row, 2, &sum('C'), year.gross(), &formats.total)
}

pub(super) const NO_BRAND: &str = "(no brand)";
pub(super) const OTHER_BRANDS: &str = "Other brands";
/// As on a month's sheet.
const MOST: usize = 20;
