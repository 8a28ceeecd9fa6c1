//! The workbook of a statement by hand: the same cells, formats and charts, straight from the
//! charters, with every text, width and sum at hand beforehand.

use std::io::{Cursor, Read};
use std::ops::Range;

use jada_reports::{NotCounted, Statement, TaxLine};
use jada_roster::{Charter, Money};
use jiff::civil::Date;
use rust_xlsxwriter::{
    Chart, ChartFormat, ChartSolidFill, ChartType, DocProperties, ExcelDateTime, Format,
    FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};
use zip::ZipArchive;

/// A workbook to be written, with what is no charter prepared.
#[derive(Debug)]
pub struct PlainWorkbook<'a> {
    counted: &'a [Charter],
    not_counted: Vec<(&'a Charter, &'a str)>,
    reasons: Vec<(&'a str, usize)>,
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
        let reason = |row: &'a NotCounted| (row.charter(), statement.reason(row));
        let mut brands = statement.by_brand().unwrap();
        brands.sort_by_key(|(_, sum)| -sum.minor());
        Self {
            counted: statement.counted(),
            not_counted: statement.not_counted().iter().map(reason).collect(),
            reasons: statement.not_counted_by_reason(),
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
        self.write_not_counted(workbook.add_worksheet_with_low_memory()?)?;
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
                sheet.write_string_with_format(row, 2, label, &formats.wrapped_note)?;
                sheet.set_row_height(row, 30)?;
                let per_rate = format!("ROUND($F${0}*$E${0},2)", tax_row + 1);
                let formula = format!("={}-{per_rate}", per_line(&totals, tax_row));
                write_formula(sheet, row, 6, &formula, tax.difference, &formats.amount)?;
                row += 1;
            }
        }
        Ok(row)
    }

    fn write_not_counted(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let formats = &self.formats;
        sheet.set_name("Not counted")?;
        set_up(sheet, &[12.0, 13.0, 26.0, 20.0, 12.0, 12.0, 16.0, 20.0])?;
        sheet.write_string_with_format(0, 0, "Not counted in May 2026", &formats.title)?;
        let counts = format!("{} charters by the rule \"house\".", self.not_counted.len());
        sheet.write_string_with_format(1, 0, counts, &formats.subtitle)?;
        write_header(sheet, "Reason", formats)?;
        let mut row = 4;
        for (charter, reason) in &self.not_counted {
            write_charter(sheet, row, charter, reason, formats)?;
            row += 1;
        }
        let last = row;
        row += 1;
        sheet.write_string_with_format(row, 2, "Reason", &formats.header)?;
        sheet.write_string_with_format(row, 3, "Charters", &formats.header_right)?;
        for (reason, count) in &self.reasons {
            row += 1;
            sheet.write_string_with_format(row, 2, *reason, &formats.text)?;
            let formula = Formula::new(format!("=SUMPRODUCT(--($H$5:$H${last}=$C${}))", row + 1))
                .set_result(count.to_string());
            sheet.write_formula_with_format(row, 3, formula, &formats.count)?;
        }
        Ok(())
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

/// Says what is not the same about two workbooks: their parts, the cells that they have, or their
/// size by more than 1 %. How single cells look may differ.
#[must_use]
pub fn difference(a: &[u8], b: &[u8]) -> Option<String> {
    let (a, b) = (parts(a), parts(b));
    let names = |parts: &[(String, String)]| -> Vec<String> {
        parts.iter().map(|(name, _)| name.clone()).collect()
    };
    if names(&a) != names(&b) {
        return Some(format!("{:?}, {:?}", names(&a), names(&b)));
    }
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        if let Some((a, b)) = cells(a).zip(cells(b)).find(|(a, b)| a != b) {
            return Some(format!("{name}: {a:?}, {b:?}"));
        }
    }
    let size = |parts: &[(String, String)]| parts.iter().map(|(_, text)| text.len()).sum::<usize>();
    let (a, b) = (size(&a), size(&b));
    (a.abs_diff(b) * 100 > a).then(|| format!("{a} bytes, {b} bytes"))
}

/// Where each cell is, and nothing after the last.
fn cells(part: &str) -> impl Iterator<Item = Option<&str>> {
    let cells = part.split("<c r=\"").skip(1).map(|cell| cell.split('"').next());
    cells.chain(std::iter::once(None))
}

fn parts(workbook: &[u8]) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let count = archive.len();
    let part = |at| {
        let mut part = archive.by_index(at).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (part.name().unwrap().to_string(), text)
    };
    (0..count).map(part).collect()
}

pub(crate) fn set_up(sheet: &mut Worksheet, widths: &[f64]) -> Result<(), XlsxError> {
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(4, 0)?;
    sheet.set_repeat_rows(3, 3)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&A&RPage &P of &N");
    Ok(())
}

pub(crate) fn write_header(
    sheet: &mut Worksheet,
    remark: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let names = ["Date", "Charter", "Guest", "Brand", "Kind", "Status"];
    for (column, name) in (0..).zip(names) {
        sheet.write_string_with_format(3, column, name, &formats.header)?;
    }
    sheet.write_string_with_format(3, 6, "Total", &formats.header_right)?;
    sheet.write_string_with_format(3, 7, remark, &formats.header_remark)?;
    Ok(())
}

pub(crate) fn write_charter(
    sheet: &mut Worksheet,
    row: u32,
    charter: &Charter,
    remark: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    write_date(sheet, row, charter.date(), formats)?;
    sheet.write_string_with_format(row, 1, charter.id().as_str(), &formats.text)?;
    if !charter.guest().is_empty() {
        sheet.write_string_with_format(row, 2, charter.guest(), &formats.text)?;
    }
    if !charter.brand().is_empty() {
        sheet.write_string_with_format(row, 3, charter.brand(), &formats.text)?;
    }
    sheet.write_string_with_format(row, 4, charter.kind().as_str(), &formats.text)?;
    sheet.write_string_with_format(row, 5, charter.status().as_str(), &formats.text)?;
    if let Some(total) = charter.total() {
        sheet.write_number_with_format(row, 6, cell(total), &formats.amount)?;
    }
    if !remark.is_empty() {
        sheet.write_string_with_format(row, 7, remark, &formats.remark)?;
    }
    if remark.len() > 40 {
        sheet.set_row_height(row, 30)?;
    }
    Ok(())
}

fn write_date(
    sheet: &mut Worksheet,
    row: u32,
    date: Date,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let date =
        ExcelDateTime::from_ymd(year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs())?;
    sheet.write_datetime_with_format(row, 0, &date, &formats.date)?;
    Ok(())
}

pub(crate) fn write_total(
    sheet: &mut Worksheet,
    row: u32,
    label: &str,
    formula: &str,
    result: Money,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for column in [0, 1, 3, 4, 5] {
        sheet.write_blank(row, column, &formats.total_label)?;
    }
    sheet.write_string_with_format(row, 2, label, &formats.total_label)?;
    write_formula(sheet, row, 6, formula, result, &formats.total)
}

pub(crate) fn write_formula(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    formula: &str,
    result: Money,
    format: &Format,
) -> Result<(), XlsxError> {
    let formula = Formula::new(formula).set_result(cell(result).to_string());
    sheet.write_formula_with_format(row, column, formula, format)?;
    Ok(())
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

pub(crate) fn cell(amount: Money) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the input has small amounts")]
    let minor = amount.minor() as f64;
    minor / 100.0
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

#[derive(Debug)]
pub(crate) struct Formats {
    pub(crate) title: Format,
    pub(crate) subtitle: Format,
    pub(crate) header: Format,
    pub(crate) header_right: Format,
    pub(crate) header_remark: Format,
    pub(crate) date: Format,
    pub(crate) text: Format,
    pub(crate) remark: Format,
    pub(crate) amount: Format,
    pub(crate) rate: Format,
    pub(crate) total_label: Format,
    pub(crate) total: Format,
    pub(crate) count: Format,
    pub(crate) note: Format,
    pub(crate) wrapped_note: Format,
}

impl Formats {
    pub(crate) fn new() -> Self {
        let amount = Format::new().set_num_format("#,##0.00;[Red]-#,##0.00;\"–\"");
        let header = Format::new()
            .set_bold()
            .set_font_color(NAVY)
            .set_border_bottom(FormatBorder::Medium)
            .set_border_bottom_color(NAVY)
            .set_align(FormatAlign::Bottom);
        let text = Format::new().set_align(FormatAlign::Top).set_text_wrap();
        let note = Format::new().set_italic().set_font_color(GREY);
        let total_label =
            Format::new().set_bold().set_border_top(FormatBorder::Thin).set_border_top_color(NAVY);
        Self {
            title: Format::new().set_bold().set_font_size(16).set_font_color(NAVY),
            subtitle: Format::new().set_font_color(GREY),
            header_right: header.clone().set_align(FormatAlign::Right),
            header_remark: header.clone().set_align(FormatAlign::Left).set_indent(1),
            header,
            date: Format::new()
                .set_align(FormatAlign::Top)
                .set_num_format("ddd d mmm")
                .set_align(FormatAlign::Left),
            remark: text.clone().set_align(FormatAlign::Left).set_indent(1),
            text,
            rate: Format::new().set_num_format("0.00####%"),
            total: total_label.clone().set_num_format("#,##0.00;[Red]-#,##0.00;\"–\""),
            total_label,
            amount: amount.set_align(FormatAlign::Top),
            count: Format::new().set_num_format("#,##0"),
            wrapped_note: note.clone().set_text_wrap().set_align(FormatAlign::Top),
            note,
        }
    }
}

const NAVY: &str = "#12395B";
const GREY: &str = "#52606D";
