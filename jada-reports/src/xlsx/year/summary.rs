//! The year's first tab: its months with every tax, then brands and kinds.

use jada_roster::Money;
use rust_xlsxwriter::{Format, Formula, Worksheet, XlsxError};

use crate::statement::{Statement, plural};
use crate::xlsx::cells::{write_formula, write_text};
use crate::xlsx::format::Formats;
use crate::xlsx::month::Sums;
use crate::xlsx::space::wrapped;
use crate::xlsx::year::chart::{self, insert_chart};
use crate::xlsx::year::matrix::{self, Matrix};
use crate::xlsx::year::parts;
use crate::xlsx::{not_counted, set_up_page};
use crate::year::{YearStatement, YearTax};

/// Where the summary has the year's sums.
pub(super) struct Totals {
    pub(super) gross: String,
    pub(super) net: String,
}

pub(super) fn write(
    sheet: &mut Worksheet,
    year: &YearStatement,
    sums: &[Sums],
    formats: &Formats,
) -> Result<Totals, XlsxError> {
    let matrix = Matrix::of(year);
    let columns = (5 + year.taxes().len()).max(2 + matrix.columns());
    let columns = u16::try_from(columns).unwrap_or(u16::MAX);
    let amount = formats.space.amount(year.gross(), AMOUNT);
    let widths: Vec<f64> = (0..columns).map(|at| if at == 0 { LABEL } else { amount }).collect();
    set_up(sheet, year, &widths, formats)?;

    write_months(sheet, year, sums, formats)?;
    let mut row = TOTAL + 2;
    for note in notes(year) {
        for line in wrapped(&note) {
            write_text(sheet, row, 0, &line, &formats.note)?;
            row += 1;
        }
    }
    row += 1;
    let chart_at = row;
    row += chart::ROWS + 1;
    sheet.set_page_breaks(&[row])?;
    let chart_of = match matrix.columns() {
        0 => chart::Rows::gross(),
        _ => matrix::write(sheet, row, year, &matrix, formats)?,
    };
    insert_chart(sheet, chart_at, &widths, year, &chart_of, formats)?;
    row = if matrix.columns() == 0 { row } else { chart_of.below() };
    for group in [parts::Group::brands(year), parts::Group::kinds(year)] {
        row = parts::write(sheet, row + 1, &group, year, formats)?;
    }
    let net = column(4 + year.taxes().len());
    Ok(Totals { gross: format!("$D${}", TOTAL + 1), net: format!("${net}${}", TOTAL + 1) })
}

/// As other sheets, but that the title alone is repeated and stays in view: there are several
/// tables below it.
fn set_up(
    sheet: &mut Worksheet,
    year: &YearStatement,
    widths: &[f64],
    formats: &Formats,
) -> Result<(), XlsxError> {
    set_up_page(sheet, 1, widths, formats)?;
    sheet.set_repeat_rows(0, 2)?;
    if let (Some(logo), Some(width)) = (&formats.logo, widths.last()) {
        let last = u16::try_from(widths.len() - 1).unwrap_or_default();
        sheet.set_row_height(0, formats.title_height)?;
        logo.insert(sheet, last, *width)?;
    }
    let title = format!("Revenue statement, {}", year.year());
    write_text(sheet, 0, 0, &title, &formats.title)?;
    let charters = plural(year.source(), "charter", "charters");
    let counts =
        format!("{} of {charters} count. Amounts are in {}.", year.included(), year.currency());
    write_text(sheet, 1, 0, &counts, &formats.subtitle)
}

fn write_months(
    sheet: &mut Worksheet,
    year: &YearStatement,
    sums: &[Sums],
    formats: &Formats,
) -> Result<(), XlsxError> {
    let taxes = year.taxes().iter().map(YearTax::name);
    let names = ["Charters", "Not counted", "Gross"].into_iter().chain(taxes).chain(["Net"]);
    write_header(sheet, HEADER, "Month", names, year, formats)?;
    let excluded = year.source() - year.included();
    for ((row, statement), sums) in (HEADER + 1..).zip(year.months()).zip(sums) {
        write_text(sheet, row, 0, month_name(statement), &formats.text)?;
        let sheet_name = &sums.sheet;
        let counted = format!("=COUNTA('{sheet_name}'!{})", sums.ids());
        write_count(sheet, row, 1, &counted, statement.counted().len(), &formats.tally)?;
        let not_counted = statement.not_counted().len();
        write_count(sheet, row, 2, &left_out(statement, excluded), not_counted, &formats.tally)?;
        let gross = format!("='{sheet_name}'!{}", sums.gross);
        write_formula(sheet, row, 3, &gross, statement.gross(), &formats.amount)?;
        write_taxes(sheet, row, year, statement, sums, formats)?;
        let (net, last) = (format!("='{sheet_name}'!{}", sums.net), 4 + year.taxes().len());
        write_formula(sheet, row, index(last), &net, statement.net(), &formats.amount)?;
    }
    write_year(sheet, year, formats)
}

/// Writes a table's header, in a row high enough for the longest of its names.
pub(super) fn write_header<'a>(
    sheet: &mut Worksheet,
    row: u32,
    first: &str,
    names: impl Iterator<Item = &'a str>,
    year: &YearStatement,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let width = formats.space.amount(year.gross(), AMOUNT);
    let mut lines = 1;
    write_text(sheet, row, 0, first, &formats.header)?;
    for (column, name) in (1..).zip(names) {
        write_text(sheet, row, column, name, &formats.header_wrapped)?;
        // Of bold letters and words that do not break, fewer fit.
        lines = lines.max(formats.space.lines(name, width * 0.8));
    }
    if let Some(height) = formats.space.height_of(lines) {
        sheet.set_row_height(row, height)?;
    }
    Ok(())
}

/// What each of the year's taxes came to in a month: the cells of the month's tab that have its
/// name, or nothing.
fn write_taxes(
    sheet: &mut Worksheet,
    row: u32,
    year: &YearStatement,
    statement: &Statement,
    sums: &Sums,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, tax) in (4..).zip(year.taxes()) {
        let of_month = statement.taxes().iter().zip(&sums.taxes);
        let of_name = of_month.filter(|(line, _)| line.name == tax.name());
        let (lines, cells): (Vec<_>, Vec<_>) =
            of_name.map(|(line, cell)| (line, format!("'{}'!{cell}", sums.sheet))).unzip();
        if lines.is_empty() {
            continue;
        }
        let amount = lines.iter().map(|line| line.amount.minor()).sum();
        let amount = Money::from_minor(amount, year.currency());
        let formula = format!("={}", cells.join("+"));
        write_formula(sheet, row, column, &formula, amount, &formats.amount)?;
    }
    Ok(())
}

/// The row of the year's sums.
fn write_year(
    sheet: &mut Worksheet,
    year: &YearStatement,
    formats: &Formats,
) -> Result<(), XlsxError> {
    write_text(sheet, TOTAL, 0, "Year", &formats.total_label)?;
    let sum = |at: usize| {
        let column = column(at);
        format!("=SUM({column}{}:{column}{TOTAL})", HEADER + 2)
    };
    let counts = [year.included(), year.source() - year.included()];
    for (at, count) in (1..).zip(counts) {
        write_count(sheet, TOTAL, index(at), &sum(at), count, &formats.total_count)?;
    }
    let taxes = year.taxes().iter().map(|tax| tax.amount());
    let amounts = [year.gross()].into_iter().chain(taxes).chain([year.net()]);
    for (at, amount) in (3..).zip(amounts) {
        write_formula(sheet, TOTAL, index(at), &sum(at), amount, &formats.total)?;
    }
    Ok(())
}

/// How many charters of a month are on the last tab, which has their dates in its first column.
fn left_out(statement: &Statement, excluded: usize) -> String {
    let first = statement.month().first_day();
    let (year, month) = (first.year(), first.month());
    let (days, last) = (statement.month().last_day().day(), 4 + excluded.max(1));
    let dates = format!("'{}'!$A$5:$A${last}", not_counted::NAME);
    let (from, to) = (format!("DATE({year},{month},1)"), format!("DATE({year},{month},{days})"));
    format!("=COUNTIFS({dates},\">=\"&{from},{dates},\"<=\"&{to})")
}

pub(super) fn write_count(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    formula: &str,
    count: usize,
    format: &Format,
) -> Result<(), XlsxError> {
    let formula = Formula::new(formula).set_result(count.to_string());
    sheet.write_formula_with_format(row, column, formula, format)?;
    Ok(())
}

fn notes(year: &YearStatement) -> Vec<String> {
    let mut notes = vec![
        "Each month's tab has its charters, its taxes with rate and base, and how they are rounded. \
         What did not count is on \"Not counted\", each with its reason."
            .to_owned(),
    ];
    match year.skipped().len() {
        0 => {}
        skipped => {
            let rows = plural(skipped, "row", "rows");
            notes.push(format!(
                "Counted nowhere: {rows} that could not be read, listed under \"Not counted\"."
            ));
        }
    }
    notes
}

/// `January`: the year stands in the title.
pub(super) fn month_name(statement: &Statement) -> &'static str {
    let month = usize::from(statement.month().first_day().month().unsigned_abs());
    MONTHS[month - 1]
}

pub(super) fn index(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// The letters of a column: `A`, `Z`, `AA`.
pub(super) fn column(at: usize) -> String {
    rust_xlsxwriter::utility::column_number_to_name(index(at))
}

pub(super) const NAME: &str = "Summary";
/// The header's row, counted from 0; the months follow it.
pub(super) const HEADER: u32 = 3;
/// The row of the year's sums.
pub(super) const TOTAL: u32 = HEADER + 13;
const LABEL: f64 = 26.0;
const AMOUNT: f64 = 15.0;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
