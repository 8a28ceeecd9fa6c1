//! The month's sheet: the charters that count, the sums, and the notes.

use jada_roster::{Charter, Money};
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::statement::{Statement, plural};
use crate::tax::{Rounding, TaxLine};
use crate::xlsx::cells::{
    REMARK, TOTAL, write_charter, write_formula, write_rate, write_text, write_wrapped,
};
use crate::xlsx::format::Formats;
use crate::xlsx::set_up_page;
use crate::xlsx::space::{width, wrapped};

/// Where the month's sheet has what other sheets add up.
pub(super) struct Sums {
    /// The sheet's name.
    pub(super) sheet: String,
    /// The first and the last of its rows of charters, counted from 1 as in formulas.
    rows: (u32, u32),
    /// The cells of its sums, `$G$23`.
    pub(super) gross: String,
    pub(super) taxes: Vec<String>,
    pub(super) net: String,
}

impl Sums {
    fn range(&self, column: char) -> String {
        let (first, last) = self.rows;
        format!("${column}${first}:${column}${last}")
    }

    pub(super) fn dates(&self) -> String {
        self.range('A')
    }

    pub(super) fn ids(&self) -> String {
        self.range('B')
    }

    pub(super) fn brands(&self) -> String {
        self.range('D')
    }

    pub(super) fn kinds(&self) -> String {
        self.range('E')
    }

    pub(super) fn totals(&self) -> String {
        self.range('G')
    }
}

pub(super) fn write(
    sheet: &mut Worksheet,
    statement: &Statement,
    formats: &Formats,
) -> Result<Sums, XlsxError> {
    let title = statement.month().title();
    sheet.set_name(&title)?;
    let widths = widths(statement, formats);
    set_up_page(sheet, HEADER, &widths, formats)?;
    if let Some(logo) = &formats.logo {
        sheet.set_row_height(0, formats.title_height)?;
        logo.insert(sheet, REMARK, widths[usize::from(REMARK)])?;
    }
    write_text(sheet, 0, 0, &format!("Revenue statement, {title}"), &formats.title)?;
    let counts = format!(
        "{} of {} count. Amounts are in {}.",
        statement.counted().len(),
        plural(statement.source(), "charter", "charters"),
        statement.currency()
    );
    write_text(sheet, 1, 0, &counts, &formats.subtitle)?;
    write_header(sheet, HEADER, &HEADERS, formats)?;

    let mut row = HEADER + 1;
    for charter in statement.counted() {
        write_charter(sheet, row, charter, charter.notes(), &widths, formats)?;
        row += 1;
    }
    if statement.counted().is_empty() {
        write_text(sheet, row, 0, "No charter counts.", &formats.note)?;
        row += 1;
    }
    let cell = |row: u32| format!("$G${}", row + 1);
    // The row of gross, the header of taxes where there are some, the taxes, and the net.
    let first_tax = row + 2;
    let taxes = (first_tax..).zip(statement.taxes()).map(|(row, _)| cell(row)).collect();
    let sums = Sums {
        sheet: title,
        rows: (HEADER + 2, row),
        gross: cell(row),
        net: match u32::try_from(statement.taxes().len()).unwrap_or_default() {
            0 => cell(row + 1),
            some => cell(first_tax + some),
        },
        taxes,
    };
    row = write_sums(sheet, row, statement, &sums, &widths, formats)?;
    row += 1;
    for note in statement.footnotes() {
        for line in wrapped(&note) {
            write_text(sheet, row, 0, &line, &formats.note)?;
            row += 1;
        }
    }
    Ok(sums)
}

/// Gross, taxes with rate and base, net, and what the other rounding would change.
fn write_sums(
    sheet: &mut Worksheet,
    mut row: u32,
    statement: &Statement,
    sums: &Sums,
    widths: &[f64; 8],
    formats: &Formats,
) -> Result<u32, XlsxError> {
    let width = widths[usize::from(GUEST)];
    let gross = format!("=SUM({})", sums.totals());
    let gross_row = row;
    write_total(sheet, row, "Gross", &gross, statement.gross(), formats)?;
    row += 1;
    if !statement.taxes().is_empty() {
        for (column, text) in [(2, "Taxes and fees"), (4, "Rate"), (5, "Base"), (6, "Amount")] {
            let format = if column == 2 { &formats.header } else { &formats.header_right };
            write_text(sheet, row, column, text, format)?;
        }
        sheet.write_blank(row, 3, &formats.header)?;
        row += 1;
    }
    let first_tax = row;
    for tax in statement.taxes() {
        write_wrapped(sheet, row, GUEST, &tax.name, width, (&formats.text, &formats.space))?;
        write_rate(sheet, row, 4, tax.rate, &formats.rate)?;
        let base = format!("=G{}", gross_row + 1);
        write_formula(sheet, row, 5, &base, tax.base, &formats.amount)?;
        let (per_line, per_rate) = roundings(row, sums, statement);
        let formula = match statement.rounding() {
            Rounding::PerLine => format!("={per_line}"),
            Rounding::PerRate => format!("={per_rate}"),
        };
        write_formula(sheet, row, TOTAL, &formula, tax.amount, &formats.amount)?;
        row += 1;
    }
    let net = match row - first_tax {
        0 => format!("=G{}", gross_row + 1),
        _ => format!("=G{}-SUM(G{}:G{row})", gross_row + 1, first_tax + 1),
    };
    write_total(sheet, row, "Net", &net, statement.net(), formats)?;
    row += 1;
    for (tax_row, tax) in (first_tax..).zip(statement.taxes()) {
        if !tax.difference.is_zero() {
            write_difference(sheet, (row, tax_row), tax, sums, statement, widths, formats)?;
            row += 1;
        }
    }
    Ok(row)
}

fn write_total(
    sheet: &mut Worksheet,
    row: u32,
    label: &str,
    formula: &str,
    result: Money,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for column in [0, 1, 3, 4, 5] {
        sheet.write_blank(row, column, &formats.rule)?;
    }
    write_text(sheet, row, 2, label, &formats.total_label)?;
    write_formula(sheet, row, TOTAL, formula, result, &formats.total)
}

fn write_difference(
    sheet: &mut Worksheet,
    (row, tax_row): (u32, u32),
    tax: &TaxLine,
    sums: &Sums,
    statement: &Statement,
    widths: &[f64; 8],
    formats: &Formats,
) -> Result<(), XlsxError> {
    let label = format!("{}: per line, less per rate", tax.name);
    // Nothing stands beside it up to the amount.
    let room = widths[usize::from(GUEST)..usize::from(TOTAL)].iter().sum();
    if formats.space.lines(&label, room) == 1 {
        write_text(sheet, row, GUEST, &label, &formats.note)?;
    } else {
        let look = (&formats.wrapped_note, &formats.space);
        write_wrapped(sheet, row, GUEST, &label, widths[usize::from(GUEST)], look)?;
    }
    let (per_line, per_rate) = roundings(tax_row, sums, statement);
    let formula = format!("={per_line}-{per_rate}");
    write_formula(sheet, row, TOTAL, &formula, tax.difference, &formats.amount)
}

/// A tax by either rounding, from the rate in its row.
fn roundings(row: u32, sums: &Sums, statement: &Statement) -> (String, String) {
    let (digits, row) = (statement.currency().digits(), row + 1);
    (
        format!("SUMPRODUCT(ROUND({}*$E${row},{digits}))", sums.totals()),
        format!("ROUND($F${row}*$E${row},{digits})"),
    )
}

pub(super) fn write_header(
    sheet: &mut Worksheet,
    row: u32,
    names: &[&str],
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, name) in (0..).zip(names) {
        let format = match column {
            TOTAL => &formats.header_right,
            REMARK => &formats.header_remark,
            _ => &formats.header,
        };
        write_text(sheet, row, column, name, format)?;
    }
    Ok(())
}

fn widths(statement: &Statement, formats: &Formats) -> [f64; 8] {
    let charters = || statement.counted().iter();
    let texts = [
        12.0,
        width(charters().map(|charter| charter.id().as_str()), 12, 24),
        width(charters().map(Charter::guest), 26, 40),
        width(charters().map(Charter::brand), 12, 24),
        width(charters().map(|charter| charter.kind().as_str()), 12, 16),
        14.0,
        14.0,
        width(charters().map(Charter::notes), 12, 40),
    ];
    formats.space.widths(texts, &[statement.gross(), statement.net()])
}

/// The column of guests, and of what a sum is called.
const GUEST: u16 = 2;
/// The header's row, counted from 0.
pub(crate) const HEADER: u32 = 3;
pub(crate) const HEADERS: [&str; 8] =
    ["Date", "Charter", "Guest", "Brand", "Kind", "Status", "Total", "Notes"];
