//! The sheet of what did not count by hand, of a month or of a year.

use jada_reports::Statement;
use jada_roster::Charter;
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::plain_cells::{Formats, set_up, write_charter, write_count, write_header};

/// Charters with the reason why they do not count, and how many there are of each.
#[derive(Debug)]
pub(crate) struct PlainNotCounted<'a> {
    rows: Vec<(&'a Charter, &'a str)>,
    reasons: Vec<(&'a str, usize)>,
}

impl<'a> PlainNotCounted<'a> {
    pub(crate) fn of(months: &'a [Statement]) -> Self {
        let of_month = |month: &'a Statement| {
            month.not_counted().iter().map(|row| (row.charter(), month.reason(row)))
        };
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for (reason, count) in months.iter().flat_map(Statement::not_counted_by_reason) {
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, sum)) => *sum += count,
                None => reasons.push((reason, count)),
            }
        }
        Self { rows: months.iter().flat_map(of_month).collect(), reasons }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn write(
        &self,
        sheet: &mut Worksheet,
        period: &str,
        formats: &Formats,
    ) -> Result<(), XlsxError> {
        sheet.set_name("Not counted")?;
        set_up(sheet, &[12.0, 13.0, 26.0, 20.0, 12.0, 12.0, 16.0, 20.0])?;
        let title = format!("Not counted in {period}");
        sheet.write_string_with_format(0, 0, title, &formats.title)?;
        let counts = format!("{} charters by the rule \"house\".", self.rows.len());
        sheet.write_string_with_format(1, 0, counts, &formats.subtitle)?;
        write_header(sheet, "Reason", formats)?;
        let mut row = 4;
        for (charter, reason) in &self.rows {
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
            let formula = format!("=SUMPRODUCT(--($H$5:$H${last}=$C${}))", row + 1);
            write_count(sheet, row, 3, &formula, *count, formats)?;
        }
        Ok(())
    }
}
