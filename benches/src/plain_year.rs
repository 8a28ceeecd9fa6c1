//! The workbook of a year by hand: the same tabs, cells, formats, names and chart, with every
//! text, width and sum at hand beforehand.

use jada_reports::{Part, YearStatement, YearTax};
use rust_xlsxwriter::{
    Chart, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartSolidFill, ChartType,
    Color, DocProperties, ExcelDateTime, Formula, Workbook, Worksheet, XlsxError,
};

use crate::plain_cells::{Formats, cell, set_up, write_count, write_formula};
use crate::plain_not_counted::PlainNotCounted;
use crate::plain_workbook::PlainWorkbook;

/// A year's workbook to be written, with what is no charter prepared.
#[derive(Debug)]
pub struct PlainYear<'a> {
    year: &'a YearStatement,
    months: Vec<PlainWorkbook<'a>>,
    titles: Vec<String>,
    not_counted: PlainNotCounted<'a>,
    formats: Formats,
}

impl<'a> PlainYear<'a> {
    /// Prepares what the year has to say besides its charters.
    #[must_use]
    pub fn of(year: &'a YearStatement) -> Self {
        Self {
            year,
            months: year.months().iter().map(PlainWorkbook::of).collect(),
            titles: year.months().iter().map(|month| month.month().title()).collect(),
            not_counted: PlainNotCounted::of(year.months()),
            formats: Formats::new(),
        }
    }

    /// Writes the workbook.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(
            &DocProperties::new()
                .set_title("Revenue statement, 2026")
                .set_author("jada-reports")
                .set_creation_datetime(&ExcelDateTime::from_ymd(2026, 12, 31)?),
        );
        workbook.add_worksheet().set_name("Summary")?;
        for (month, title) in self.months.iter().zip(&self.titles) {
            let sheet = workbook.add_worksheet_with_low_memory()?;
            sheet.set_tab_color(Color::RGB(0x899CAD));
            month.write_month_as(sheet, title)?;
        }
        let sheet = workbook.add_worksheet_with_low_memory()?;
        sheet.set_tab_color(Color::RGB(0xE09F3E));
        self.not_counted.write(sheet, "2026", &self.formats)?;
        let sheet = workbook.worksheet_from_index(0)?;
        sheet.set_tab_color(Color::RGB(0x12395B));
        self.write_summary(sheet)?;
        for (at, title) in self.titles.iter().enumerate() {
            let last = self.months[at].last_row();
            for (name, column) in
                [("Revenue", 'G'), ("Charters", 'B'), ("Brands", 'D'), ("Kinds", 'E')]
            {
                let name = format!("{name}_2026_{:02}", at + 1);
                workbook.define_name(name, &format!("='{title}'!${column}$5:${column}${last}"))?;
            }
            let (gross, net) = (last + 1, last + 3 + self.year.taxes().len());
            workbook.define_name(
                format!("Gross_2026_{:02}", at + 1),
                &format!("='{title}'!$G${gross}"),
            )?;
            workbook
                .define_name(format!("Net_2026_{:02}", at + 1), &format!("='{title}'!$G${net}"))?;
        }
        workbook.define_name("Gross_2026", "=Summary!$D$17")?;
        workbook.define_name("Net_2026", "=Summary!$G$17")?;
        workbook.save_to_buffer()
    }

    fn write_summary(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let formats = &self.formats;
        let year = self.year;
        let columns = 2 + year.by_brand().len();
        let widths: Vec<f64> =
            (0..columns).map(|column| if column == 0 { 26.0 } else { 15.0 }).collect();
        set_up(sheet, &widths)?;
        sheet.set_freeze_panes(2, 0)?;
        sheet.set_repeat_rows(0, 2)?;
        sheet.write_string_with_format(0, 0, "Revenue statement, 2026", &formats.title)?;
        let counts =
            format!("{} of {} charters count. Amounts are in USD.", year.included(), year.source());
        sheet.write_string_with_format(1, 0, counts, &formats.subtitle)?;
        self.write_months(sheet)?;
        for (row, line) in (18..).zip(NOTE) {
            sheet.write_string_with_format(row, 0, line, &formats.note)?;
        }
        sheet.set_page_breaks(&[39])?;
        let brands = year.by_brand();
        self.write_matrix(sheet, 39, brands)?;
        let mut row = 54;
        for (header, names, parts) in
            [("Brand", "Brands", brands), ("Kind", "Kinds", year.by_kind())]
        {
            row = self.write_parts(sheet, row, (header, names), parts)? + 1;
        }
        sheet.insert_chart(21, 0, &chart(brands.len(), &widths))?;
        Ok(())
    }

    fn write_months(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let formats = &self.formats;
        let taxes = self.year.taxes();
        sheet.write_string_with_format(3, 0, "Month", &formats.header)?;
        let names = ["Charters", "Not counted", "Gross"].into_iter();
        let names = names.chain(taxes.iter().map(YearTax::name)).chain(["Net"]);
        for (column, name) in (1..).zip(names) {
            sheet.write_string_with_format(3, column, name, &formats.header_right)?;
        }
        let excluded = 4 + self.not_counted.len();
        for (at, month) in self.year.months().iter().enumerate() {
            let (row, title) = (4 + u32::try_from(at).unwrap(), &self.titles[at]);
            let last = self.months[at].last_row();
            sheet.write_string_with_format(row, 0, MONTHS[at], &formats.text)?;
            let counted = format!("=COUNTA('{title}'!$B$5:$B${last})");
            write_count(sheet, row, 1, &counted, month.counted().len(), formats)?;
            let (dates, month_number) = (format!("'Not counted'!$A$5:$A${excluded}"), at + 1);
            let days = month.month().last_day().day();
            let left = format!(
                "=COUNTIFS({dates},\">=\"&DATE(2026,{month_number},1),{dates},\"<=\"&DATE(2026,{month_number},{days}))"
            );
            write_count(sheet, row, 2, &left, month.not_counted().len(), formats)?;
            let sum = |line: usize| format!("='{title}'!$G${line}");
            write_formula(sheet, row, 3, &sum(last + 1), month.gross(), &formats.amount)?;
            for ((column, line), tax) in (4..).zip(last + 3..).zip(month.taxes()) {
                write_formula(sheet, row, column, &sum(line), tax.amount, &formats.amount)?;
            }
            let net = u16::try_from(4 + taxes.len()).unwrap();
            let line = last + 3 + taxes.len();
            write_formula(sheet, row, net, &sum(line), month.net(), &formats.amount)?;
        }
        sheet.write_string_with_format(16, 0, "Year", &formats.total_label)?;
        let counts = [self.year.included(), self.year.source() - self.year.included()];
        for (column, count) in (1..).zip(counts) {
            let formula = format!("=SUM({0}5:{0}16)", letter(column));
            write_count(sheet, 16, column, &formula, count, formats)?;
        }
        let sums = std::iter::once(self.year.gross()).chain(taxes.iter().map(YearTax::amount));
        for (column, sum) in (3..).zip(sums.chain([self.year.net()])) {
            let formula = format!("=SUM({0}5:{0}16)", letter(column));
            write_formula(sheet, 16, column, &formula, sum, &formats.total)?;
        }
        Ok(())
    }

    fn write_matrix(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        brands: &[Part],
    ) -> Result<(), XlsxError> {
        let formats = &self.formats;
        sheet.write_string_with_format(row, 0, "Month and brand", &formats.header)?;
        let names = brands.iter().map(|brand| name(brand, "(no brand)")).chain(["All brands"]);
        for (column, name) in (1..).zip(names) {
            sheet.write_string_with_format(row, column, name, &formats.header_right)?;
        }
        sheet.set_row_height(row, 30)?;
        let all = u16::try_from(brands.len() + 1).unwrap();
        for (at, month) in self.year.months().iter().enumerate() {
            let line = row + 1 + u32::try_from(at).unwrap();
            sheet.write_string_with_format(line, 0, MONTHS[at], &formats.text)?;
            for (column, brand) in (1..).zip(brands) {
                let names = format!("Brands_2026_{:02}", at + 1);
                let test = match brand.name() {
                    "" => format!("({names}=\"\")"),
                    _ => format!("EXACT({names},{}${})", letter(column), row + 1),
                };
                let formula = format!("=SUMPRODUCT({test}*Revenue_2026_{:02})", at + 1);
                let sum = brand.by_month()[at];
                write_formula(sheet, line, column, &formula, sum, &formats.amount)?;
            }
            let formula = format!("=SUM(B{0}:{1}{0})", line + 1, letter(all - 1));
            write_formula(sheet, line, all, &formula, month.gross(), &formats.amount)?;
        }
        let total = row + 13;
        sheet.write_string_with_format(total, 0, "Year", &formats.total_label)?;
        let sums = brands.iter().map(Part::gross).chain([self.year.gross()]);
        for (column, sum) in (1..).zip(sums) {
            let formula = format!("=SUM({0}{1}:{0}{total})", letter(column), row + 2);
            write_formula(sheet, total, column, &formula, sum, &formats.total)?;
        }
        Ok(())
    }

    fn write_parts(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        (header, names): (&str, &str),
        parts: &[Part],
    ) -> Result<u32, XlsxError> {
        let formats = &self.formats;
        sheet.write_string_with_format(row, 0, header, &formats.header)?;
        for (column, name) in [(1, "Charters"), (2, "Gross"), (3, "Share")] {
            sheet.write_string_with_format(row, column, name, &formats.header_right)?;
        }
        let mut at = row + 1;
        for part in parts {
            sheet.write_string_with_format(at, 0, name(part, "(no brand)"), &formats.text)?;
            let sum = |by: &dyn Fn(usize) -> String| {
                let terms: Vec<String> = (1..=12)
                    .map(|month| {
                        let test = match part.name() {
                            "" => format!("({names}_2026_{month:02}=\"\")"),
                            _ => format!("EXACT({names}_2026_{month:02},$A{})", at + 1),
                        };
                        format!("SUMPRODUCT({test}*{})", by(month))
                    })
                    .collect();
                format!("={}", terms.join("+"))
            };
            let counted = sum(&|month| format!("(Charters_2026_{month:02}<>\"\")"));
            write_count(sheet, at, 1, &counted, part.charters(), formats)?;
            let gross = sum(&|month| format!("Revenue_2026_{month:02}"));
            write_formula(sheet, at, 2, &gross, part.gross(), &formats.amount)?;
            let share = Formula::new(format!("=IF($D$17=0,0,C{}/$D$17)", at + 1));
            let result = cell(part.gross()) / cell(self.year.gross());
            let share = share.set_result(result.to_string());
            sheet.write_formula_with_format(at, 3, share, &formats.rate)?;
            at += 1;
        }
        sheet.write_string_with_format(at, 0, "Year", &formats.total_label)?;
        sheet.write_blank(at, 3, &formats.total_label)?;
        let sum = |column: char| format!("=SUM({column}{}:{column}{at})", row + 2);
        write_count(sheet, at, 1, &sum('B'), self.year.included(), formats)?;
        write_formula(sheet, at, 2, &sum('C'), self.year.gross(), &formats.total)?;
        Ok(at + 1)
    }
}

fn name<'a>(part: &'a Part, blank: &'a str) -> &'a str {
    if part.name().is_empty() { blank } else { part.name() }
}

fn letter(column: u16) -> char {
    char::from(b'A' + u8::try_from(column).unwrap())
}

fn chart(brands: usize, widths: &[f64]) -> Chart {
    let mut chart = Chart::new(ChartType::ColumnStacked);
    let colors = [0x12395B, 0x2E8BC0, 0xF2B134, 0x7FB29B, 0xC8553D, 0xB8A9C9];
    for (column, color) in (1..).zip(colors).take(brands) {
        chart
            .add_series()
            .set_name(("Summary", 39, column))
            .set_categories(("Summary", 40, 0, 51, 0))
            .set_values(("Summary", 40, column, 51, column))
            .set_gap(60)
            .set_format(
                ChartFormat::new()
                    .set_solid_fill(ChartSolidFill::new().set_color(Color::RGB(color))),
            );
    }
    let title = ChartFont::new().set_bold().set_size(13).to_owned();
    chart.title().set_name("Revenue by month, 2026, USD").set_font(&title);
    chart.y_axis().set_num_format("#,##0");
    chart.y_axis().set_major_gridlines_line(ChartLine::new().set_color(Color::RGB(0xE3E7EB)));
    chart.legend().set_position(ChartLegendPosition::Bottom);
    let width: f64 = widths.iter().map(|width| width * 7.0 + 5.0).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few columns")]
    chart.set_width(width as u32).set_height(340);
    chart
}

const NOTE: [&str; 2] = [
    "Each month's tab has its charters, its taxes with rate and base, and how they are rounded. What did not count is on \"Not counted\", each with",
    "its reason.",
];
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
