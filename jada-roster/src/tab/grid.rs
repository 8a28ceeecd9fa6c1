//! The cells of a tab, as they were found.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::{Date, date};

use crate::tab::CellAddress;
use crate::tab::words::trimmed;

/// The cells of a tab, whatever it came from; what is not there is blank.
///
/// A note on a cell changes nothing of what the cell says, and is not kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TabGrid {
    cells: BTreeMap<CellAddress, TabCell>,
    merges: Vec<Merge>,
    /// Of each cell that lies under a merge, once they are spread: which one.
    covered: BTreeMap<CellAddress, usize>,
    dates: DateSystem,
}

/// What a cell holds.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum TabCell {
    /// Nothing.
    #[default]
    Blank,
    /// Text, blank where it is white space alone.
    Text(String),
    /// A number; a day may be one, counted by the grid's [`DateSystem`].
    Number(f64),
    /// A box, ticked or not.
    Bool(bool),
    /// A day.
    Date(Date),
}

/// How days are counted where they are numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateSystem {
    /// 1900-03-01 is 61, as Sheets and most workbooks count.
    #[default]
    From1900,
    /// 1904-01-01 is 0, as workbooks may that began on an old Macintosh.
    From1904,
}

/// Cells that are shown as one, first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Merge {
    first: CellAddress,
    last: CellAddress,
}

impl TabGrid {
    /// The grid of these rows, from the first cell on.
    pub fn of<R, C>(rows: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator<Item = C>,
        C: Into<TabCell>,
    {
        let mut grid = Self::default();
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                grid.put(CellAddress { row, column }, cell.into());
            }
        }
        grid
    }

    /// Merges the cells from `first` to `last`: what the first holds counts for each of them.
    #[must_use]
    pub fn with_merge(mut self, first: CellAddress, last: CellAddress) -> Self {
        self.merge(first, last);
        self
    }

    /// Counts days that way.
    #[must_use]
    pub fn with_date_system(mut self, dates: DateSystem) -> Self {
        self.dates = dates;
        self
    }

    pub(super) fn put(&mut self, at: CellAddress, cell: TabCell) {
        if cell.is_blank() {
            self.cells.remove(&at);
        } else {
            self.cells.insert(at, cell);
        }
    }

    pub(super) fn merge(&mut self, first: CellAddress, last: CellAddress) {
        self.merges.push(Merge { first, last });
    }

    pub(super) fn dates(&self) -> DateSystem {
        self.dates
    }

    pub(super) fn cell(&self, row: u32, column: u32) -> &TabCell {
        self.cells.get(&CellAddress { row, column }).unwrap_or(&TabCell::Blank)
    }

    /// Every cell of a row that holds something, by its column.
    pub(super) fn row(&self, row: u32) -> impl Iterator<Item = (u32, &TabCell)> {
        let ends = CellAddress { row, column: 0 }..=CellAddress { row, column: u32::MAX };
        self.cells.range(ends).map(|(at, cell)| (at.column, cell))
    }

    /// The rows that hold something.
    pub(super) fn rows(&self) -> Vec<u32> {
        let mut rows: Vec<u32> = self.cells.keys().map(|at| at.row).collect();
        rows.dedup();
        rows
    }

    /// Whether one merge covers the cells of a row at both columns.
    pub(super) fn is_one(&self, row: u32, columns: (u32, u32)) -> bool {
        let merge = |column| self.covered.get(&CellAddress { row, column });
        merge(columns.0).is_some_and(|one| merge(columns.1) == Some(one))
    }

    /// Whether a cell is one of several that are shown as one.
    pub(super) fn is_merged(&self, row: u32, column: u32) -> bool {
        self.covered.contains_key(&CellAddress { row, column })
    }

    /// The same with what the first of merged cells holds in each of them, as far as the grid
    /// reaches; an error where that is more than a tab has.
    pub(super) fn spread(&self) -> Result<Self, String> {
        let mut grid = self.clone();
        let rows = self.cells.keys().map(|at| at.row).max().unwrap_or_default();
        let columns = self.cells.keys().map(|at| at.column).max().unwrap_or_default();
        let (mut left, mut letters) = (MOST_CELLS, MOST_LETTERS);
        for (number, Merge { first, last }) in self.merges.iter().enumerate() {
            let cell = self.cell(first.row, first.column);
            let length = if let TabCell::Text(text) = cell { text.len() } else { 0 };
            for row in first.row..=last.row.min(rows) {
                for column in first.column..=last.column.min(columns) {
                    let much = "its merged cells cover too many others";
                    left = left.checked_sub(1).ok_or(much)?;
                    letters = letters.checked_sub(length).ok_or(much)?;
                    grid.put(CellAddress { row, column }, cell.clone());
                    if !cell.is_blank() {
                        grid.covered.insert(CellAddress { row, column }, number);
                    }
                }
            }
        }
        Ok(grid)
    }

    /// Rows for columns, once merged cells are spread.
    pub(super) fn turned(&self) -> Self {
        Self {
            cells: self.cells.iter().map(|(at, cell)| (at.turned(), cell.clone())).collect(),
            merges: Vec::new(),
            covered: self.covered.iter().map(|(at, merge)| (at.turned(), *merge)).collect(),
            dates: self.dates,
        }
    }
}

impl TabCell {
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Blank => true,
            Self::Text(text) => trimmed(text).is_empty(),
            _ => false,
        }
    }

    /// As the cell shows it, trimmed.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) => trimmed(text).to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Bool(bool) => bool.to_string().to_uppercase(),
            Self::Date(date) => date.to_string(),
        }
    }
}

impl From<&str> for TabCell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<f64> for TabCell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for TabCell {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

impl From<Date> for TabCell {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl DateSystem {
    /// The day of a number, from 1954 to 2123: no smaller number is taken for a day.
    pub(super) fn date(self, serial: f64) -> Option<Date> {
        if serial.fract() != 0.0 || !SERIALS.contains(&serial) {
            return None;
        }
        let epoch = match self {
            Self::From1900 => date(1899, 12, 30),
            Self::From1904 => date(1904, 1, 1),
        };
        // Whole and below 80,000.
        #[expect(clippy::cast_possible_truncation, reason = "it is within the range above")]
        let days = serial as i32;
        epoch.checked_add(Span::new().days(days)).ok()
    }
}

const SERIALS: std::ops::RangeInclusive<f64> = 20_000.0..=80_000.0;
/// A crew of thousands has less.
pub(super) const MOST_CELLS: usize = 400_000;
/// Bytes of text.
pub(super) const MOST_LETTERS: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(row: u32, column: u32) -> CellAddress {
        CellAddress { row, column }
    }

    #[test]
    fn a_day_is_counted_as_sheets_and_workbooks_do() {
        assert_eq!(DateSystem::From1900.date(46_145.0), Some(date(2026, 5, 3)));
        assert_eq!(DateSystem::From1904.date(44_683.0), Some(date(2026, 5, 3)));
        for number in [1.0, 31.0, 2026.0, 46_145.5, -46_145.0, 1e300, f64::NAN] {
            assert_eq!(DateSystem::From1900.date(number), None, "{number}");
        }
    }

    #[test]
    fn merged_cells_hold_what_the_first_does() {
        let grid = TabGrid::of([["a", "b", "c"], ["d", "", "f"]]);
        let grid = grid.with_merge(at(0, 1), at(0, 5)).with_merge(at(1, 0), at(9, 1));
        let grid = grid.spread().unwrap();
        let row = |row| grid.row(row).map(|(_, cell)| cell.text()).collect::<Vec<_>>();
        assert_eq!(
            (row(0), row(1)),
            (
                vec!["a".into(), "b".into(), "b".into()],
                vec!["d".to_owned(), "d".into(), "f".into()]
            )
        );
        assert_eq!(grid.rows(), [0, 1]);
    }

    #[test]
    fn merges_without_end_are_refused() {
        let wide = TabGrid::of([["x"]]).with_merge(at(0, 0), at(u32::MAX, u32::MAX));
        assert_eq!(wide.spread().unwrap().rows(), [0], "beyond what is used there is nothing");
        let mut far = wide.clone();
        far.put(at(1_000_000, 16_000), "y".into());
        assert!(far.spread().is_err());
        let long = |letters: usize| {
            let mut grid = TabGrid::of([["🚤".repeat(letters).as_str()]]);
            grid.put(at(19_999, 19), "x".into());
            grid.with_merge(at(0, 0), at(19_999, 18)).spread()
        };
        assert!(long(1).is_ok());
        assert!(long(200).is_err(), "a text of many letters is kept as often as it is shown");
    }

    #[test]
    fn what_a_merge_hides_is_not_there() {
        let grid = TabGrid::of([["", "yes"], ["no", "yes"]]).with_merge(at(0, 0), at(1, 0));
        assert_eq!(
            grid.spread().unwrap(),
            TabGrid {
                merges: vec![Merge { first: at(0, 0), last: at(1, 0) }],
                ..TabGrid::of([["", "yes"], ["", "yes"]])
            }
        );
    }
}
