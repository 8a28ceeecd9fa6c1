//! A year as a workbook: a summary, a tab for each month, and what did not count.

mod chart;
mod matrix;
mod parts;
mod summary;

use rust_xlsxwriter::{Color, Workbook, XlsxError};

use crate::error::Error;
use crate::statement::Statement;
use crate::style::StatementStyle;
use crate::xlsx::format::Formats;
use crate::xlsx::month::{self, Sums};
use crate::xlsx::{check_amounts, check_rows, failed, not_counted, properties};
use crate::year::YearStatement;

/// Renders a year as an `.xlsx` workbook of fourteen tabs; the same year and style give the same
/// bytes.
///
/// First stands `Summary`: the year by month with every tax, by brand and by kind, and a chart of
/// its revenue by month, stacked by brand. Its cells are live formulas on the months' tabs, and
/// carry their results. Then come the months, each as [`workbook`](crate::workbook) has it, empty
/// ones too, and last `Not counted`, with every charter that did not count and why, and every row
/// that could not be read.
///
/// Names for formulas of one's own: `Revenue_2026_05`, `Charters_2026_05`, `Brands_2026_05` and
/// `Kinds_2026_05` are the columns of a month; `Gross_2026_05`, `Net_2026_05`, `Gross_2026` and
/// `Net_2026` are sums.
///
/// # Errors
/// Those of [`workbook`](crate::workbook).
pub fn year_workbook(year: &YearStatement, style: &StatementStyle) -> Result<Vec<u8>, Error> {
    let months = || year.months().iter();
    let counted = months().map(|month| month.counted().len()).max().unwrap_or_default();
    check_rows(counted.max(year.source() - year.included() + year.skipped().len()))?;
    let sums = months().flat_map(|month| [month.gross(), month.net()]);
    check_amounts(&sums.chain([year.gross(), year.net()]).collect::<Vec<_>>())?;
    render(year, &Formats::of(year.currency(), style)).map_err(failed)
}

fn render(year: &YearStatement, formats: &Formats) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let period = year.year().to_string();
    if let Some(last) = year.months().last() {
        workbook.set_properties(&properties(&period, last.month().last_day())?);
    }
    // Written last, as it speaks of cells of the others, and kept in memory, so that its chart
    // can carry the values it shows.
    workbook.add_worksheet().set_name(summary::NAME)?;
    let mut sums = Vec::with_capacity(12);
    for statement in year.months() {
        let sheet = workbook.add_worksheet_with_low_memory()?;
        sheet.set_tab_color(tab_color(statement, formats));
        sums.push(month::write(sheet, statement, formats)?);
    }
    let sheet = workbook.add_worksheet_with_low_memory()?;
    sheet.set_tab_color(AMBER);
    not_counted::write(sheet, &period, year.months(), formats)?;
    let sheet = workbook.worksheet_from_index(0)?;
    sheet.set_tab_color(formats.rule_color);
    let totals = summary::write(sheet, year, &sums, formats)?;
    for (name, cells) in names(year, &sums, &totals) {
        workbook.define_name(name, &cells)?;
    }
    workbook.save_to_buffer()
}

fn tab_color(statement: &Statement, formats: &Formats) -> Color {
    if statement.counted().is_empty() { GREY } else { formats.month_color }
}

fn names(year: &YearStatement, sums: &[Sums], totals: &summary::Totals) -> Vec<(String, String)> {
    let mut names = Vec::with_capacity(sums.len() * 6 + 2);
    for (sums, statement) in sums.iter().zip(year.months()) {
        let cells = [
            ("Revenue", sums.totals()),
            ("Charters", sums.ids()),
            ("Brands", sums.brands()),
            ("Kinds", sums.kinds()),
            ("Gross", sums.gross.clone()),
            ("Net", sums.net.clone()),
        ];
        let name = |what| month_name(what, statement);
        let sheet = &sums.sheet;
        names.extend(cells.map(|(what, cells)| (name(what), format!("='{sheet}'!{cells}"))));
    }
    let year = year.year();
    names.push((format!("Gross_{year}"), format!("={}!{}", summary::NAME, totals.gross)));
    names.push((format!("Net_{year}"), format!("={}!{}", summary::NAME, totals.net)));
    names
}

/// `Revenue_2026_05`.
fn month_name(what: &str, statement: &Statement) -> String {
    format!("{what}_{}", statement.month().to_string().replace('-', "_"))
}

const GREY: Color = Color::RGB(0xBF_C5_CC);
const AMBER: Color = Color::RGB(0xE0_9F_3E);
