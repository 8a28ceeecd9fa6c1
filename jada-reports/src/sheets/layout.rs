//! Where columns and rows of ours are in a tab, and what forbids to write there.

use std::collections::HashMap;

use super::a1::{address, letters};
use super::columns::Columns;
use super::grid::Grid;

/// A tab with a header that is known.
#[derive(Debug)]
pub(super) struct Layout {
    /// The place of each of our columns, in their order.
    pub(super) at: Vec<usize>,
    /// That of the key.
    pub(super) key: usize,
    /// Rows with a key, from top to bottom.
    pub(super) keyed: Vec<(String, usize)>,
    pub(super) by_key: HashMap<String, usize>,
    /// Rows below the header without a key, down to the last that holds something.
    pub(super) keyless: Vec<usize>,
}

impl Layout {
    /// The text is what is wrong with the tab, with its A1 address, and what mends it.
    pub(super) fn of(grid: &Grid, columns: &Columns) -> Result<Self, String> {
        let header = grid.header();
        let at = places(&header, columns)?;
        no_blank_header(grid, &header)?;
        let key = at[columns.key_at()];
        let mut layout =
            Self { at, key, keyed: Vec::new(), by_key: HashMap::new(), keyless: Vec::new() };
        for row in 1..grid.used_rows() {
            layout.place(grid, row)?;
        }
        layout.no_merges(grid)?;
        Ok(layout)
    }

    fn place(&mut self, grid: &Grid, row: usize) -> Result<(), String> {
        let Some(key) = grid.cell(row, self.key).name() else {
            let at = address(row, self.key);
            return Err(format!("{at} is a formula, and a key is a value; write the value there"));
        };
        if key.is_empty() {
            self.keyless.push(row);
            return Ok(());
        }
        if let Some(earlier) = self.by_key.insert(key.clone(), row) {
            let (one, two) = (address(earlier, self.key), address(row, self.key));
            return Err(format!("the key `{key}` stands in {one} and in {two}; delete one row"));
        }
        self.keyed.push((key, row));
        Ok(())
    }

    /// What is written under a merge does not stay.
    fn no_merges(&self, grid: &Grid) -> Result<(), String> {
        for merge in &grid.merges {
            let rows = merge.start_row_index..merge.end_row_index;
            let of_ours = self.keyed.iter().map(|(_, row)| *row).filter(|row| rows.contains(row));
            for row in of_ours {
                if let Some(column) = self.at.iter().find(|column| merge.covers(row, **column)) {
                    let at = address(row, *column);
                    return Err(format!("{at} is under merged cells; unmerge them"));
                }
            }
        }
        Ok(())
    }
}

fn places(header: &[String], columns: &Columns) -> Result<Vec<usize>, String> {
    let place = |name: &str| {
        let mut found = header.iter().enumerate().filter(|(_, it)| *it == name);
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(at),
            (Some((one, _)), Some((two, _))) => {
                let (one, two) = (address(0, one), address(0, two));
                Err(format!("the column `{name}` stands in {one} and in {two}; rename one"))
            }
            (None, _) => {
                let end = letters(header.len().saturating_sub(1));
                let what = format!("the column `{name}` is not in the header, A1:{end}1");
                Err(format!("{what}; add it there, or name a tab that is empty"))
            }
        }
    };
    columns.iter().map(|column| place(column.name())).collect()
}

fn no_blank_header(grid: &Grid, header: &[String]) -> Result<(), String> {
    let blank = header.iter().enumerate().filter(|(_, name)| name.is_empty());
    let is_merged = |column| grid.merges.iter().any(|merge| merge.covers(0, column));
    for (column, _) in blank.filter(|(column, _)| !is_merged(*column)) {
        let rows = 1..grid.rows.len();
        if let Some(row) = rows.into_iter().find(|row| !grid.cell(*row, column).is_blank()) {
            let (at, over) = (address(0, column), address(row, column));
            return Err(format!("{at} is blank over what is in {over}; name that column"));
        }
    }
    Ok(())
}
