//! The sheet of revenue by day and by brand, with a chart of each.

use jada_roster::Money;
use rust_xlsxwriter::{Chart, ChartType, Worksheet, XlsxError};

use crate::error::Error;
use crate::statement::Statement;
use crate::xlsx::cells::{write_date, write_formula, write_text};
use crate::xlsx::format::Formats;
use crate::xlsx::month::{HEADER, Sums};
use crate::xlsx::set_up_page;

/// The brands of a statement, the largest first, and what the smallest come to together.
pub(super) struct Brands<'a> {
    shown: Vec<(&'a str, Money)>,
    others: Option<Money>,
}

pub(super) fn brands(statement: &Statement) -> Result<Brands<'_>, Error> {
    let mut shown = statement.by_brand()?;
    shown.sort_by_key(|(name, sum)| (std::cmp::Reverse(sum.minor()), *name));
    let mut others = None;
    for (_, sum) in shown.drain(shown.len().min(MAX_BRANDS)..) {
        let so_far: Money = others.unwrap_or(Money::zero(statement.currency()));
        others = Some(so_far.checked_add(sum).map_err(Error::amount)?);
    }
    Ok(Brands { shown, others })
}

pub(super) fn write(
    sheet: &mut Worksheet,
    statement: &Statement,
    brands: &Brands<'_>,
    sums: &Sums,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name(NAME)?;
    let amount = formats.space.amount(statement.gross(), 16.0);
    set_up_page(sheet, HEADER, &[26.0, amount, 3.0], formats)?;
    let title = format!("Revenue by day and brand, {}", statement.month().title());
    write_text(sheet, 0, 0, &title, &formats.title)?;
    let amounts = format!("Counted totals in {}.", statement.currency());
    write_text(sheet, 1, 0, &amounts, &formats.subtitle)?;
    write_text(sheet, HEADER, 0, "Day", &formats.header)?;
    write_text(sheet, HEADER, 1, "Revenue", &formats.header_right)?;
    let sheet_name = sums.sheet.as_str();
    let mut row = HEADER + 1;
    let first_day = row;
    for (date, sum) in statement.by_day() {
        write_date(sheet, row, 0, date, &formats.date)?;
        let (dates, totals) = (sums.dates(), sums.totals());
        let formula =
            format!("=SUMIFS('{sheet_name}'!{totals},'{sheet_name}'!{dates},A{})", row + 1);
        write_formula(sheet, row, 1, &formula, sum, &formats.amount)?;
        row += 1;
    }
    let days = first_day..row;

    row += 1;
    write_text(sheet, row, 0, "Brand", &formats.header)?;
    write_text(sheet, row, 1, "Revenue", &formats.header_right)?;
    row += 1;
    let first_brand = row;
    for (name, sum) in &brands.shown {
        row = write_brand(sheet, row, name, *sum, sums, formats)?;
    }
    if let Some(others) = brands.others {
        write_text(sheet, row, 0, "Other brands", &formats.text)?;
        let formula =
            format!("=SUM('{sheet_name}'!{})-SUM(B{}:B{row})", sums.totals(), first_brand + 1);
        write_formula(sheet, row, 1, &formula, others, &formats.amount)?;
        row += 1;
    }
    insert_charts(sheet, days, first_brand..row, statement, formats)
}

/// Names are compared letter by letter, not as the patterns that `SUMIFS` makes of them; the
/// month's sheet has them trimmed.
fn write_brand(
    sheet: &mut Worksheet,
    row: u32,
    name: &str,
    sum: Money,
    sums: &Sums,
    formats: &Formats,
) -> Result<u32, XlsxError> {
    let (month, brands, totals) = (&sums.sheet, sums.brands(), sums.totals());
    let formula = if name.is_empty() {
        write_text(sheet, row, 0, "(no brand)", &formats.text)?;
        format!("=SUMPRODUCT(('{month}'!{brands}=\"\")*'{month}'!{totals})")
    } else {
        write_text(sheet, row, 0, name, &formats.text)?;
        format!("=SUMPRODUCT(EXACT('{month}'!{brands},A{})*'{month}'!{totals})", row + 1)
    };
    write_formula(sheet, row, 1, &formula, sum, &formats.amount)?;
    Ok(row + 1)
}

fn insert_charts(
    sheet: &mut Worksheet,
    days: std::ops::Range<u32>,
    brands: std::ops::Range<u32>,
    statement: &Statement,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let currency = statement.currency();
    let mut by_day =
        chart(ChartType::Column, &days, &format!("Revenue by day, {currency}"), formats);
    by_day.x_axis().set_num_format("d mmm").set_date_axis(true);
    by_day.y_axis().set_num_format(formats.axis.as_str());
    sheet.insert_chart(HEADER, CHARTS, &by_day)?;
    if !brands.is_empty() {
        let title = format!("Revenue by brand, {currency}");
        let mut by_brand = chart(ChartType::Bar, &brands, &title, formats);
        // Of a bar chart the axes are named by where they lie: the amounts are on x.
        by_brand.x_axis().set_num_format(formats.axis.as_str());
        by_brand.y_axis().set_reverse();
        sheet.insert_chart(HEADER + 20, CHARTS, &by_brand)?;
    }
    Ok(())
}

fn chart(kind: ChartType, rows: &std::ops::Range<u32>, title: &str, formats: &Formats) -> Chart {
    let (first, last) = (rows.start, rows.end - 1);
    let mut chart = Chart::new(kind);
    chart
        .add_series()
        .set_categories((NAME, first, 0, last, 0))
        .set_values((NAME, first, 1, last, 1))
        .set_format(
            rust_xlsxwriter::ChartFormat::new().set_solid_fill(
                rust_xlsxwriter::ChartSolidFill::new().set_color(formats.rule_color),
            ),
        );
    chart.title().set_name(title);
    chart.legend().set_hidden();
    chart.set_width(720).set_height(360);
    chart
}

const NAME: &str = "By day and brand";
const CHARTS: u16 = 3;
const MAX_BRANDS: usize = 20;
