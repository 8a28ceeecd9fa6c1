//! A tab as it is exported to comma-separated text.

use crate::error::Error;
use crate::import::bad_row::Fault;
use crate::import::csv::{Field, Records};
use crate::import::place::Lines;
use crate::import::table::{broken_record, text_of, unreadable};
use crate::month::Month;
use crate::tab::filling::Filling;
use crate::tab::grid::TabGrid;
use crate::tab::words::TabWords;
use crate::tab::{CellAddress, MonthTab};

impl MonthTab {
    /// Reads a tab that was exported as CSV; `file` is its name for messages. It holds no merged
    /// cells: only the first of them has what they held.
    ///
    /// # Errors
    /// [`Error::UnreadableFile`] when cells cannot be told apart: bytes that are not UTF-8, a quote
    /// that is not closed where it should be. Those of [`read`](Self::read).
    pub fn from_csv(
        file: &str,
        bytes: &[u8],
        month: Month,
        words: &TabWords,
    ) -> Result<Self, Error> {
        let lines = Lines::of(text_of(file, bytes)?);
        let grid = grid(&lines).map_err(|fault| unreadable(file, fault))?;
        Self::read(file, &grid, month, words).map_err(|error| match error {
            Error::Tab { tab, what } if is_separated_otherwise(&grid) => {
                Error::Tab { tab, what: format!("{what}; its cells are not separated by commas") }
            }
            other => other,
        })
    }
}

fn grid(lines: &Lines<'_>) -> Result<TabGrid, Fault> {
    let mut grid = Filling::default();
    let mut records = Records::of(lines.text());
    let mut read = 0;
    while let Some(record) = records.next() {
        let row = records.blank_lines() + read;
        for (column, Field { at, text }) in
            (0..).zip(record.map_err(|broken| broken_record(lines, broken))?)
        {
            let cell = text.as_ref().into();
            let put = grid.put(CellAddress { row, column }, cell);
            put.map_err(|what| Fault::at(lines, at, &format!("a smaller tab: {what}")))?;
        }
        read += 1;
    }
    Ok(grid.done())
}

/// Whether each row is one cell, and semicolons or tabs are in them.
fn is_separated_otherwise(grid: &TabGrid) -> bool {
    let rows = grid.rows();
    let is_one = |row: &u32| grid.row(*row).all(|(column, _)| column == 0);
    let marked = |row: &u32| grid.cell(*row, 0).text().contains([';', '\t']);
    rows.iter().all(is_one) && rows.iter().any(marked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_where_it_stands_in_the_sheet() {
        let text = "\n\na,\"b\nc\"\n\n\r\n,d\n";
        let grid = grid(&Lines::of(text)).unwrap();
        assert_eq!(grid.rows(), [2, 5]);
        assert_eq!((grid.cell(2, 1).text(), grid.cell(5, 1).text()), ("b\nc".into(), "d".into()));
    }
}
