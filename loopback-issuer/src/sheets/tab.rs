//! A tab: its grid, and what people do to it.

use super::value::SheetValue;

/// A cell, and what a person last put there.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct SheetCell {
    /// What it holds.
    pub value: SheetValue,
    /// What a person last put there, if no request had touched it since: what it would hold.
    pub by_person: SheetValue,
    /// The pattern of its number format, such as `yyyy-mm-dd`.
    pub pattern: Option<String>,
}

/// A tab as it is at a moment. What is done to it by its methods, a person does: whatever is moved
/// takes along what it is beside.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetTab {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) columns: usize,
    /// Each as long as there are columns.
    pub(super) rows: Vec<Vec<SheetCell>>,
    pub(super) merges: Vec<Area>,
}

/// Rows and columns, counted from 0, of which the ends are not part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) rows: (usize, usize),
    pub(super) columns: (usize, usize),
}

impl SheetTab {
    pub(super) fn new(id: i64, title: &str, rows: usize, columns: usize) -> Self {
        let rows = vec![vec![SheetCell::default(); columns]; rows];
        Self { id, title: title.to_owned(), columns, rows, merges: Vec::new() }
    }

    /// How many rows its grid has.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// How many columns its grid has.
    pub fn column_count(&self) -> usize {
        self.columns
    }

    /// Each row of the grid, as long as there are columns.
    pub fn rows(&self) -> &[Vec<SheetCell>] {
        &self.rows
    }

    /// What it holds, without the blank rows below it and the blank cells behind each row.
    pub fn values(&self) -> Vec<Vec<SheetValue>> {
        let rows = self.rows.iter().take(self.used_rows());
        let cells = |row: &Vec<SheetCell>| {
            row.iter().take(used(row)).map(|cell| cell.value.clone()).collect()
        };
        rows.map(cells).collect()
    }

    /// The cell at this row and column, counted from 0; a blank one beyond the grid.
    pub fn cell(&self, row: usize, column: usize) -> SheetCell {
        self.rows.get(row).and_then(|row| row.get(column)).cloned().unwrap_or_default()
    }

    /// The column whose header, in the first row, is this text.
    pub fn column(&self, header: &str) -> Option<usize> {
        self.rows.first()?.iter().position(|cell| cell.value.text() == header)
    }

    /// The row whose cell in this column shows this text.
    pub fn find(&self, column: usize, text: &str) -> Option<usize> {
        self.rows.iter().position(|row| row[column].value.text() == text)
    }

    /// Puts a value into a cell; the grid grows where it is too small. A text that begins with `=`
    /// is a formula, as if it were typed.
    pub fn set(&mut self, row: usize, column: usize, value: impl Into<SheetValue>) {
        while self.columns <= column {
            self.insert_column(self.columns);
        }
        while self.rows.len() <= row {
            self.insert_row(self.rows.len());
        }
        let value = value.into();
        let cell = &mut self.rows[row][column];
        (cell.value, cell.by_person) = (value.clone(), value);
    }

    /// Gives a cell of the grid a number format, such as `#,##0`.
    pub fn format(&mut self, row: usize, column: usize, pattern: &str) {
        self.rows[row][column].pattern = Some(pattern.to_owned());
    }

    /// Sorts the rows below the first by a column, rising; rows without a value there come last.
    pub fn sort(&mut self, column: usize) {
        if let [_, rows @ ..] = &mut self.rows[..] {
            rows.sort_by(|one, two| one[column].value.order(&two[column].value));
        }
    }

    /// Moves a row before what was at `to`.
    pub fn move_row(&mut self, from: usize, to: usize) {
        let row = self.rows.remove(from);
        self.rows.insert(if to > from { to - 1 } else { to }, row);
    }

    /// Moves a column before what was at `to`.
    pub fn move_column(&mut self, from: usize, to: usize) {
        for row in &mut self.rows {
            let cell = row.remove(from);
            row.insert(if to > from { to - 1 } else { to }, cell);
        }
    }

    /// Inserts a blank row.
    pub fn insert_row(&mut self, at: usize) {
        self.insert_rows(at, 1);
    }

    /// Inserts a blank column.
    pub fn insert_column(&mut self, at: usize) {
        self.insert_columns(at, 1);
    }

    /// Deletes a row.
    pub fn delete_row(&mut self, at: usize) {
        self.rows.remove(at);
    }

    /// Deletes a column.
    pub fn delete_column(&mut self, at: usize) {
        self.rows.iter_mut().for_each(|row| drop(row.remove(at)));
        self.columns -= 1;
    }

    /// Merges cells, counted from 0 and without the ends; what was in all but the first is gone.
    pub fn merge(&mut self, rows: (usize, usize), columns: (usize, usize)) {
        let area = Area { rows, columns };
        for (row, column) in area.cells().skip(1) {
            self.set(row, column, "");
        }
        self.merges.push(area);
    }

    pub(super) fn insert_rows(&mut self, at: usize, count: usize) {
        let blank = vec![SheetCell::default(); self.columns];
        self.rows.splice(at..at, vec![blank; count]);
        let shift = |index: &mut usize| *index += if *index >= at { count } else { 0 };
        for area in &mut self.merges {
            if area.rows.1 > at {
                area.rows.1 += count;
                shift(&mut area.rows.0);
            }
        }
    }

    pub(super) fn insert_columns(&mut self, at: usize, count: usize) {
        for row in &mut self.rows {
            row.splice(at..at, vec![SheetCell::default(); count]);
        }
        self.columns += count;
        for area in &mut self.merges {
            if area.columns.1 > at {
                area.columns.1 += count;
                area.columns.0 += if area.columns.0 >= at { count } else { 0 };
            }
        }
    }

    /// How many rows there are down to the last that holds something.
    pub(super) fn used_rows(&self) -> usize {
        self.rows.iter().rposition(|row| used(row) > 0).map_or(0, |last| last + 1)
    }

    /// Whether a cell lies under a merge, so that nothing that is put there stays.
    pub(super) fn is_covered(&self, row: usize, column: usize) -> bool {
        self.merges
            .iter()
            .any(|area| area.has(row, column) && (row, column) != (area.rows.0, area.columns.0))
    }
}

impl Area {
    pub(super) fn has(&self, row: usize, column: usize) -> bool {
        (self.rows.0..self.rows.1).contains(&row)
            && (self.columns.0..self.columns.1).contains(&column)
    }

    pub(super) fn cells(self) -> impl Iterator<Item = (usize, usize)> {
        let columns = self.columns.0..self.columns.1;
        (self.rows.0..self.rows.1).flat_map(move |row| columns.clone().map(move |it| (row, it)))
    }
}

/// How many cells there are up to the last that holds something.
pub(super) fn used(row: &[SheetCell]) -> usize {
    row.iter().rposition(|cell| !cell.value.is_blank()).map_or(0, |last| last + 1)
}
