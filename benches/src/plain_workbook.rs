//! The workbook of a statement by hand: the same cells, formats and charts, straight from the
//! charters, with every text, width and sum at hand beforehand.

use std::ops::Range;

use jada_reports::{Statement, TaxLine};
use jada_roster::{Charter, Money};
use jiff::civil::Date;
use rust_xlsxwriter::{
    Chart, ChartFormat, ChartSolidFill, ChartType, DocProperties, ExcelDateTime, Workbook,
    Worksheet, XlsxError,
};

use crate::plain_cells::{
    Formats, set_up, write_charter, write_date, write_formula, write_header, write_total,
};
use crate::plain_not_counted::PlainNotCounted;

/// A workbook to be written, with what is no charter prepared.
#[derive(Debug)]
pub struct PlainWorkbook<'a> {
    counted: &'a [Charter],
    not_counted: PlainNotCounted<'a>,
    source: usize,
    days: Vec<(Date, Money)>,
    brands: Vec<(&'a str, Money)>,
    sums: [Money; 2],
    taxes: &'a [TaxLine],
    notes: Vec<String>,
    formats: Formats,
}

impl<'a> PlainWorkbook<'a> {
    /// Prepares what the statement has to say besides its charters.
    #[must_use]
    pub fn of(statement: &'a Statement) -> Self {
        let mut brands = statement.by_brand().unwrap();
        brands.sort_by_key(|(_, sum)| -sum.minor());
        Self {
            counted: statement.counted(),
            not_counted: PlainNotCounted::of(std::slice::from_ref(statement)),
            source: statement.source(),
            days: statement.by_day().collect(),
            brands,
            sums: [statement.gross(), statement.net()],
            taxes: statement.taxes(),
            notes: statement.footnotes().iter().flat_map(|note| wrapped(note)).collect(),
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
                .set_title("Revenue statement, May 2026")
                .set_author("jada-reports")
                .set_creation_datetime(&ExcelDateTime::from_ymd(2026, 5, 31)?),
        );
        self.write_month_as(workbook.add_worksheet_with_low_memory()?, "May 2026")?;
        let sheet = workbook.add_worksheet_with_low_memory()?;
        self.not_counted.write(sheet, "May 2026", &self.formats)?;
        // In memory, so that the charts carry the values they show.
        self.write_revenue(workbook.add_worksheet())?;
        workbook.save_to_buffer()
    }

    /// The last row of charters, counted from 1.
    pub(crate) fn last_row(&self) -> usize {
        self.counted.len() + 4
    }

    pub(crate) fn write_month_as(
        &self,
        sheet: &mut Worksheet,
        title: &str,
    ) -> Result<(), XlsxError> {
        let formats = &self.formats;
        sheet.set_name(title)?;
        set_up(sheet, &[12.0, 13.0, 26.0, 20.0, 12.0, 14.0, 14.0, 40.0])?;
        let title = format!("Revenue statement, {title}");
        sheet.write_string_with_format(0, 0, title, &formats.title)?;
        let (counted, source) = (self.counted.len(), self.source);
        let counts = format!("{counted} of {source} charters count. Amounts are in USD.");
        sheet.write_string_with_format(1, 0, counts, &formats.subtitle)?;
        write_header(sheet, "Notes", formats)?;
        let mut row = 4;
        for charter in self.counted {
            write_charter(sheet, row, charter, charter.notes(), formats)?;
            row += 1;
        }
        row = self.write_sums(sheet, row)? + 1;
        for note in &self.notes {
            sheet.write_string_with_format(row, 0, note, &formats.note)?;
            row += 1;
        }
        Ok(())
    }

    fn write_sums(&self, sheet: &mut Worksheet, first: u32) -> Result<u32, XlsxError> {
        let formats = &self.formats;
        let (gross_row, totals) = (first + 1, format!("$G$5:$G${first}"));
        let mut row = first;
        write_total(sheet, row, "Gross", &format!("=SUM({totals})"), self.sums[0], formats)?;
        row += 1;
        sheet.write_string_with_format(row, 2, "Taxes and fees", &formats.header)?;
        sheet.write_string_with_format(row, 4, "Rate", &formats.header_right)?;
        sheet.write_string_with_format(row, 5, "Base", &formats.header_right)?;
        sheet.write_string_with_format(row, 6, "Amount", &formats.header_right)?;
        sheet.write_blank(row, 3, &formats.header)?;
        row += 1;
        let first_tax = row + 1;
        for tax in self.taxes {
            let rate: f64 = tax.rate.to_string().parse().unwrap();
            sheet.write_string_with_format(row, 2, &tax.name, &formats.text)?;
            sheet.write_number_with_format(row, 4, rate, &formats.rate)?;
            let base = format!("=G{gross_row}");
            write_formula(sheet, row, 5, &base, tax.base, &formats.amount)?;
            let amount = format!("={}", per_line(&totals, row));
            write_formula(sheet, row, 6, &amount, tax.amount, &formats.amount)?;
            row += 1;
        }
        let net = format!("=G{gross_row}-SUM(G{first_tax}:G{row})");
        write_total(sheet, row, "Net", &net, self.sums[1], formats)?;
        row += 1;
        for (tax_row, tax) in (first_tax - 1..).zip(self.taxes) {
            if !tax.difference.is_zero() {
                let label = format!("{}: per line, less per rate", tax.name);
                sheet.write_string_with_format(row, 2, label, &formats.note)?;
                let per_rate = format!("ROUND($F${0}*$E${0},2)", tax_row + 1);
                let formula = format!("={}-{per_rate}", per_line(&totals, tax_row));
                write_formula(sheet, row, 6, &formula, tax.difference, &formats.amount)?;
                row += 1;
            }
        }
        Ok(row)
    }

    fn write_revenue(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let formats = &self.formats;
        let last = self.counted.len() + 4;
        let (totals, dates, brands) = (
            format!("'May 2026'!$G$5:$G${last}"),
            format!("'May 2026'!$A$5:$A${last}"),
            format!("'May 2026'!$D$5:$D${last}"),
        );
        sheet.set_name("By day and brand")?;
        set_up(sheet, &[26.0, 16.0, 3.0])?;
        let title = "Revenue by day and brand, May 2026";
        sheet.write_string_with_format(0, 0, title, &formats.title)?;
        sheet.write_string_with_format(1, 0, "Counted totals in USD.", &formats.subtitle)?;
        sheet.write_string_with_format(3, 0, "Day", &formats.header)?;
        sheet.write_string_with_format(3, 1, "Revenue", &formats.header_right)?;
        let mut row = 4;
        for (date, sum) in &self.days {
            write_date(sheet, row, *date, formats)?;
            let formula = format!("=SUMIFS({totals},{dates},A{})", row + 1);
            write_formula(sheet, row, 1, &formula, *sum, &formats.amount)?;
            row += 1;
        }
        let days = 4..row;
        row += 1;
        sheet.write_string_with_format(row, 0, "Brand", &formats.header)?;
        sheet.write_string_with_format(row, 1, "Revenue", &formats.header_right)?;
        row += 1;
        let first = row;
        for (brand, sum) in &self.brands {
            let (name, formula) = match *brand {
                "" => ("(no brand)", format!("=SUMPRODUCT(({brands}=\"\")*{totals})")),
                name => {
                    let formula = format!("=SUMPRODUCT(EXACT({brands},A{})*{totals})", row + 1);
                    (name, formula)
                }
            };
            sheet.write_string_with_format(row, 0, name, &formats.text)?;
            write_formula(sheet, row, 1, &formula, *sum, &formats.amount)?;
            row += 1;
        }
        let mut by_day = chart(ChartType::Column, &days, "Revenue by day, USD");
        by_day.x_axis().set_num_format("d mmm").set_date_axis(true);
        by_day.y_axis().set_num_format("#,##0.00");
        sheet.insert_chart(3, 3, &by_day)?;
        let mut by_brand = chart(ChartType::Bar, &(first..row), "Revenue by brand, USD");
        by_brand.x_axis().set_num_format("#,##0.00");
        by_brand.y_axis().set_reverse();
        sheet.insert_chart(23, 3, &by_brand)?;
        Ok(())
    }
}

fn per_line(totals: &str, row: u32) -> String {
    format!("SUMPRODUCT(ROUND({totals}*$E${},2))", row + 1)
}

fn chart(kind: ChartType, rows: &Range<u32>, title: &str) -> Chart {
    let (first, last) = (rows.start, rows.end - 1);
    let mut chart = Chart::new(kind);
    chart
        .add_series()
        .set_categories(("By day and brand", first, 0, last, 0))
        .set_values(("By day and brand", first, 1, last, 1))
        .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color("#12395B")));
    chart.title().set_name(title);
    chart.legend().set_hidden();
    chart.set_width(720).set_height(360);
    chart
}

/// Lines of at most 140 letters.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > 140 {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
