//! A grid as it is read: its days across, whichever way they run in the tab.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::crew::availability::DayState;
use crate::error::shorten;
use crate::month::Month;
use crate::tab::beside::Months;
use crate::tab::grid::{TabCell, TabGrid};
use crate::tab::words::{TabLayout, TabWords, heading_of};
use crate::tab::{CellAddress, UnreadCell};

/// A grid whose days run across, with what it is read by.
pub(super) struct View<'a> {
    pub(super) grid: TabGrid,
    pub(super) layout: TabLayout,
    pub(super) month: Month,
    pub(super) words: &'a TabWords,
    pub(super) months: Months,
}

impl<'a> View<'a> {
    /// The view of a grid that is turned so that days run across.
    pub(super) fn of(grid: TabGrid, layout: TabLayout, month: Month, words: &'a TabWords) -> Self {
        let months = Months::of(&grid);
        Self { grid, layout, month, words, months }
    }
}

impl View<'_> {
    pub(super) fn cell(&self, row: u32, column: u32) -> &TabCell {
        self.grid.cell(row, column)
    }

    /// What the word in a cell says; none where it is blank, or not understood.
    pub(super) fn word(&self, row: u32, column: u32) -> Option<DayState> {
        self.words.state(&self.cell(row, column).text()).flatten()
    }

    /// The place in the tab.
    pub(super) fn address(&self, row: u32, column: u32) -> CellAddress {
        let at = CellAddress { row, column };
        match self.layout {
            TabLayout::Across => at,
            TabLayout::Down => at.turned(),
        }
    }

    /// `B1:AF1`.
    pub(super) fn range(&self, row: u32, first: u32, last: u32) -> String {
        format!("{}:{}", self.address(row, first), self.address(row, last))
    }

    pub(super) fn unread(&self, row: u32, column: u32, expected: impl Into<String>) -> UnreadCell {
        let text = self.cell(row, column).text();
        // What the sheet shows in place of the number.
        let day = text.parse().ok().and_then(|number| self.grid.dates().date(number));
        let found = day.map_or_else(|| shorten(&text), |day| format!("{text} ({day})"));
        UnreadCell { at: self.address(row, column), found, expected: expected.into() }
    }

    /// Where these headings stand in these rows: column and row.
    pub(super) fn headings<'a>(
        &'a self,
        rows: &'a [u32],
        headings: &'a [String],
    ) -> impl Iterator<Item = (u32, u32)> + 'a {
        let cells = rows.iter().flat_map(|row| self.grid.row(*row).map(move |it| (*row, it)));
        let found = cells.filter(|(_, (_, cell))| headings.contains(&heading_of(&cell.text())));
        found.map(|(row, (column, _))| (column, row))
    }

    /// The column with the first of these headings that stands in one of these rows, the nearest
    /// first, and beside the days; an error where that heads two columns of a row. What is merged
    /// over several columns is a title.
    pub(super) fn headed(
        &self,
        rows: &[u32],
        days: &BTreeMap<u32, Date>,
        headings: &[String],
    ) -> Result<Option<u32>, String> {
        let is_title = |row, column: u32| {
            let beside = [column.wrapping_sub(1), column + 1];
            beside.into_iter().any(|beside| self.grid.is_one(row, (column, beside)))
        };
        for (heading, row) in headings.iter().flat_map(|it| rows.iter().map(move |row| (it, row))) {
            let found = self.headings(std::slice::from_ref(row), std::slice::from_ref(heading));
            let found = found.map(|(column, _)| column);
            let found = found.filter(|it| !days.contains_key(it) && !is_title(*row, *it));
            match found.collect::<Vec<u32>>()[..] {
                [] => {}
                [column] => return Ok(Some(column)),
                [one, two, ..] => {
                    let text = shorten(&self.cell(*row, one).text());
                    let (one, two) = (self.address(*row, one), self.address(*row, two));
                    return Err(format!("`{text}` stands in {one} and {two}; let it stand once"));
                }
            }
        }
        Ok(None)
    }
}
