//! The chart of a year: revenue by month, stacked by brand.

use rust_xlsxwriter::{
    Chart, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartSolidFill, ChartType,
    Color, Worksheet, XlsxError,
};

use crate::xlsx::format::Formats;
use crate::xlsx::year::summary::{HEADER, NAME, index};
use crate::year::YearStatement;

/// What the chart shows: twelve months by so many brands, whose names stand above them.
pub(super) struct Rows {
    pub(super) header: u32,
    pub(super) first: u32,
    pub(super) brands: usize,
}

impl Rows {
    /// The gross of each month, where there is no brand to stack.
    pub(super) fn gross() -> Self {
        Self { header: HEADER, first: HEADER + 1, brands: 0 }
    }

    /// The row below the months and their sums.
    pub(super) fn below(&self) -> u32 {
        self.first + 13
    }
}

pub(super) fn insert_chart(
    sheet: &mut Worksheet,
    row: u32,
    widths: &[f64],
    year: &YearStatement,
    rows: &Rows,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut chart = Chart::new(ChartType::ColumnStacked);
    let columns = if rows.brands == 0 { 3..=3 } else { 1..=index(rows.brands) };
    let colors = std::iter::once(formats.rule_color).chain(COLORS);
    let last = rows.first + 11;
    for (column, color) in columns.zip(colors) {
        chart
            .add_series()
            .set_name((NAME, rows.header, column))
            .set_categories((NAME, rows.first, 0, last, 0))
            .set_values((NAME, rows.first, column, last, column))
            .set_gap(60)
            .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(color)));
    }
    let title = format!("Revenue by month, {}, {}", year.year(), year.currency());
    chart.title().set_name(title.as_str()).set_font(ChartFont::new().set_bold().set_size(13));
    chart.y_axis().set_num_format("#,##0");
    chart.y_axis().set_major_gridlines_line(ChartLine::new().set_color(GRID));
    if rows.brands > 1 {
        chart.legend().set_position(ChartLegendPosition::Bottom);
    } else {
        chart.legend().set_hidden();
    }
    let width: f64 = widths.iter().map(|width| width * 7.0 + 5.0).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 4,000")]
    let width = width.clamp(480.0, 4_000.0) as u32;
    chart.set_width(width).set_height(ROWS * 20);
    sheet.insert_chart(row, 0, &chart)?;
    Ok(())
}

/// How many rows the chart is high, of 20 pixels each.
pub(super) const ROWS: u32 = 17;
const GRID: Color = Color::RGB(0xE3_E7_EB);
/// Told apart by their lightness too, on paper without colours.
const COLORS: [Color; 5] = [
    Color::RGB(0x2E_8B_C0),
    Color::RGB(0xF2_B1_34),
    Color::RGB(0x7F_B2_9B),
    Color::RGB(0xC8_55_3D),
    Color::RGB(0xB8_A9_C9),
];
