//! A tab as it was read.

use serde::Deserialize;

use super::entered::Entered;

/// The cells of a tab, and what else of it matters.
#[derive(Clone, Debug, Default)]
pub(super) struct Grid {
    pub(super) sheet_id: i64,
    pub(super) row_count: usize,
    pub(super) column_count: usize,
    /// Ragged: what is missing is blank.
    pub(super) rows: Vec<Vec<Entered>>,
    pub(super) merges: Vec<Merge>,
}

impl Grid {
    pub(super) fn cell(&self, row: usize, column: usize) -> &Entered {
        self.rows.get(row).map_or(&BLANK, |row| at(row, column))
    }

    pub(super) fn set(&mut self, row: usize, column: usize, value: Entered) {
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let row = &mut self.rows[row];
        if row.len() <= column {
            row.resize_with(column + 1, Entered::default);
        }
        row[column] = value;
    }

    /// How many rows there are down to the last that holds something.
    pub(super) fn used_rows(&self) -> usize {
        let is_used = |row: &Vec<Entered>| row.iter().any(|cell| !cell.is_blank());
        self.rows.iter().rposition(is_used).map_or(0, |last| last + 1)
    }

    /// How many columns there are up to the last that holds something.
    pub(super) fn used_columns(&self) -> usize {
        let used = |row: &Vec<Entered>| row.iter().rposition(|cell| !cell.is_blank());
        self.rows.iter().filter_map(used).max().map_or(0, |last| last + 1)
    }

    /// What the first row says, blank where it says nothing.
    pub(super) fn header(&self) -> Vec<String> {
        let names = self.rows.first().map_or(&[][..], Vec::as_slice).iter();
        let name = |cell: &Entered| cell.name().unwrap_or_else(|| "=".to_owned());
        let mut names: Vec<String> = names.map(name).collect();
        names.resize(names.len().max(self.used_columns()), String::new());
        names
    }
}

/// A cell of a ragged row.
pub(super) fn at(row: &[Entered], column: usize) -> &Entered {
    row.get(column).unwrap_or(&BLANK)
}

/// Rows and columns that are one cell, counted from 0, without the ends.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Merge {
    #[serde(default)]
    pub(super) start_row_index: usize,
    pub(super) end_row_index: usize,
    #[serde(default)]
    pub(super) start_column_index: usize,
    pub(super) end_column_index: usize,
}

impl Merge {
    /// Whether a cell lies under it, so that nothing that is put there stays.
    pub(super) fn covers(&self, row: usize, column: usize) -> bool {
        (self.start_row_index..self.end_row_index).contains(&row)
            && (self.start_column_index..self.end_column_index).contains(&column)
            && (row, column) != (self.start_row_index, self.start_column_index)
    }
}

const BLANK: Entered = Entered::Blank;
