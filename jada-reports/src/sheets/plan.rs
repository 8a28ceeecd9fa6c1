//! What has to be written so that a tab has the rows of the input, and no more.

use std::collections::BTreeMap;

use super::a1::address;
use super::columns::Columns;
use super::entered::Entered;
use super::grid::{Grid, at};
use super::layout::Layout;
use super::wanted::{Fate, Wanted};

/// The cells that are to be written, and what was found on the way.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Cells of rows that are there, by row and column.
    pub(super) cells: BTreeMap<(usize, usize), Entered>,
    /// Rows that are removed: their keys, and where they were read.
    pub(super) removed: Vec<(String, usize)>,
    pub(super) insertion: Option<Insertion>,
    /// The place of the key.
    pub(super) key: usize,
    /// Places in the input, and of the changed ones the columns, by their places.
    pub(super) added: Vec<usize>,
    pub(super) changed: Vec<(usize, Vec<usize>)>,
    pub(super) vanished: Vec<String>,
    pub(super) keyless: Vec<String>,
}

/// Rows that are inserted: whatever was moved meanwhile, nothing is overwritten by them.
#[derive(Debug)]
pub(super) struct Insertion {
    pub(super) row: usize,
    /// Each from the first column on.
    pub(super) rows: Vec<Vec<Entered>>,
    pub(super) format: Format,
}

/// Where the number formats of inserted rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The row above.
    Above,
    /// The kinds of the columns, as there are no rows yet.
    Kinds,
}

impl Plan {
    /// For a tab with a header.
    pub(super) fn of(grid: &Grid, layout: &Layout, wanted: &Wanted, columns: &Columns) -> Self {
        let mut plan = Self { key: layout.key, ..Self::default() };
        plan.compare(grid, layout, wanted, columns);
        plan.part_with(grid, layout, wanted);
        let width = layout.at.iter().max().map_or(0, |last| last + 1);
        let missing =
            (0..wanted.keys.len()).filter(|at| !layout.by_key.contains_key(&wanted.keys[*at]));
        plan.added = missing.collect();
        let spread = |number: &usize| {
            let mut row = vec![Entered::Blank; width];
            let cells = layout.at.iter().zip(&wanted.rows[*number]);
            cells.for_each(|(at, cell)| row[*at] = cell.clone());
            row
        };
        let format = if layout.keyed.is_empty() { Format::Kinds } else { Format::Above };
        let rows: Vec<_> = plan.added.iter().map(spread).collect();
        if !rows.is_empty() {
            plan.insertion = Some(Insertion { row: grid.used_rows().max(1), rows, format });
        }
        let is_left = |row: &&usize| layout.at.iter().any(|it| !grid.cell(**row, *it).is_blank());
        let keyless = layout.keyless.iter().filter(is_left);
        plan.keyless = keyless.map(|row| address(*row, layout.key)).collect();
        plan
    }

    /// For a tab with nothing in it: the header is inserted too.
    pub(super) fn of_empty(wanted: &Wanted, columns: &Columns) -> Self {
        let header = columns.iter().map(|column| Entered::Text(column.name().to_owned())).collect();
        let rows = std::iter::once(header).chain(wanted.rows.iter().cloned()).collect();
        Self {
            key: columns.key_at(),
            insertion: Some(Insertion { row: 0, rows, format: Format::Kinds }),
            added: (0..wanted.keys.len()).collect(),
            ..Self::default()
        }
    }

    /// Cells of rows that are in both.
    fn compare(&mut self, grid: &Grid, layout: &Layout, wanted: &Wanted, columns: &Columns) {
        for (number, key) in wanted.keys.iter().enumerate() {
            let Some(&row) = layout.by_key.get(key) else { continue };
            let mut differing = Vec::new();
            for (column, place) in layout.at.iter().enumerate() {
                let cell = &wanted.rows[number][column];
                if column != columns.key_at() && !cell.is_same(grid.cell(row, *place)) {
                    self.cells.insert((row, *place), cell.clone());
                    differing.push(column);
                }
            }
            if !differing.is_empty() {
                self.changed.push((number, differing));
            }
        }
    }

    /// Rows of which the key is not in the input. Only what is ours is removed, so a row in which
    /// others have something, or a formula, stays.
    fn part_with(&mut self, grid: &Grid, layout: &Layout, wanted: &Wanted) {
        for (key, row) in &layout.keyed {
            let fate = wanted.fate(key);
            if matches!(fate, Fate::Wanted | Fate::Ignored) {
                continue;
            }
            if fate == Fate::Left || !is_ours_alone(grid, layout, *row) {
                self.vanished.push(key.clone());
                continue;
            }
            let ours = layout.at.iter().filter(|column| **column != layout.key);
            for column in ours.filter(|column| !grid.cell(*row, **column).is_blank()) {
                self.cells.insert((*row, *column), Entered::Blank);
            }
            self.removed.push((key.clone(), *row));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.removed.is_empty() && self.insertion.is_none()
    }

    /// How many cells it writes.
    pub(super) fn count(&self) -> usize {
        let rows = self.insertion.iter().flat_map(|insertion| &insertion.rows);
        let inserted = rows.flatten().filter(|cell| !cell.is_blank()).count();
        self.cells.len() + self.removed.len() + inserted
    }

    /// The tab as it is once this is written to it.
    pub(super) fn applied(&self, grid: &Grid) -> Grid {
        let mut grid = grid.clone();
        for ((row, column), cell) in &self.cells {
            grid.set(*row, *column, cell.clone());
        }
        for (_, row) in &self.removed {
            grid.set(*row, self.key, Entered::Blank);
        }
        if let Some(Insertion { row, rows, .. }) = &self.insertion {
            grid.rows.resize_with(grid.rows.len().max(*row), Vec::new);
            grid.rows.splice(row..row, rows.iter().cloned());
        }
        grid
    }
}

fn is_ours_alone(grid: &Grid, layout: &Layout, row: usize) -> bool {
    let cells = grid.rows.get(row).map_or(&[][..], Vec::as_slice);
    (0..cells.len()).all(|column| match at(cells, column) {
        Entered::Blank => true,
        Entered::Formula(_) => false,
        _ => layout.at.contains(&column),
    })
}
