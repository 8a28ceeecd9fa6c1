//! The year's revenue by month and brand, which the chart stacks.

use jada_roster::Money;
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::statement::Statement;
use crate::xlsx::cells::{write_formula, write_text};
use crate::xlsx::format::Formats;
use crate::xlsx::year::chart::Rows;
use crate::xlsx::year::month_name;
use crate::xlsx::year::parts::{NO_BRAND, OTHER_BRANDS};
use crate::xlsx::year::summary::{self, column, index, write_header};
use crate::year::{Part, YearStatement};

/// The brands that have a column each, the largest first, and whether there are others.
pub(super) struct Matrix<'a> {
    shown: &'a [Part],
    others: bool,
}

impl<'a> Matrix<'a> {
    pub(super) fn of(year: &'a YearStatement) -> Self {
        let brands = year.by_brand();
        let others = brands.len() > MOST;
        Self { shown: &brands[..if others { MOST - 1 } else { brands.len() }], others }
    }

    /// How many brands have a column, with one for the others.
    pub(super) fn columns(&self) -> usize {
        self.shown.len() + usize::from(self.others)
    }
}

/// Writes the months by brand from this row on, and says what the chart shows.
pub(super) fn write(
    sheet: &mut Worksheet,
    row: u32,
    year: &YearStatement,
    matrix: &Matrix<'_>,
    formats: &Formats,
) -> Result<Rows, XlsxError> {
    let names = matrix.shown.iter().map(|brand| brand.name_or(NO_BRAND));
    let names = names.chain(matrix.others.then_some(OTHER_BRANDS)).chain(["All brands"]);
    write_header(sheet, row, "Month and brand", names, year, formats)?;
    let first = row + 1;
    for ((at, month), statement) in (first..).zip(0..).zip(year.months()) {
        write_month(sheet, (at, row), (month, statement), matrix, formats)?;
    }
    write_sums(sheet, first, year, matrix, formats)?;
    Ok(Rows { header: row, first, brands: matrix.columns() })
}

/// A month's brands, below the header that has their names, and their sum.
fn write_month(
    sheet: &mut Worksheet,
    (row, header): (u32, u32),
    (month, statement): (usize, &Statement),
    matrix: &Matrix<'_>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let (count, line) = (matrix.columns(), row + 1);
    let (brands, revenue) = (month_name("Brands", statement), month_name("Revenue", statement));
    write_text(sheet, row, 0, summary::month_name(statement), &formats.text)?;
    let mut rest = statement.gross().minor();
    for (place, brand) in (1..).zip(matrix.shown) {
        let test = match brand.name() {
            "" => format!("({brands}=\"\")"),
            _ => format!("EXACT({brands},{}${})", column(place), header + 1),
        };
        let sum = brand.by_month()[month];
        rest -= sum.minor();
        let formula = format!("=SUMPRODUCT({test}*{revenue})");
        write_formula(sheet, row, index(place), &formula, sum, &formats.amount)?;
    }
    if matrix.others {
        let shown = format!("B{line}:{}{line}", column(matrix.shown.len()));
        let formula = format!("={}-SUM({shown})", month_name("Gross", statement));
        let rest = Money::from_minor(rest, statement.currency());
        write_formula(sheet, row, index(count), &formula, rest, &formats.amount)?;
    }
    let all = format!("=SUM(B{line}:{}{line})", column(count));
    write_formula(sheet, row, index(count + 1), &all, statement.gross(), &formats.amount)
}

fn write_sums(
    sheet: &mut Worksheet,
    first: u32,
    year: &YearStatement,
    matrix: &Matrix<'_>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let total = first + 12;
    write_text(sheet, total, 0, "Year", &formats.total_label)?;
    let shown = matrix.shown.iter().map(Part::gross);
    let rest = shown.clone().fold(year.gross().minor(), |rest, sum| rest - sum.minor());
    let others = matrix.others.then_some(Money::from_minor(rest, year.currency()));
    for (at, sum) in (1..).zip(shown.chain(others).chain([year.gross()])) {
        let column = column(at);
        let formula = format!("=SUM({column}{}:{column}{total})", first + 1);
        write_formula(sheet, total, index(at), &formula, sum, &formats.total)?;
    }
    Ok(())
}

/// More columns would be too many for a page, and for the eye.
const MOST: usize = 6;
