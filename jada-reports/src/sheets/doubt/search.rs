//! The rows that a stray write hit, and what they held.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::entered::Entered;
use super::super::grid::{Grid, at};
use super::super::wanted::Wanted;
use super::ColumnId;

/// Looks through a tab.
pub(super) struct Search<'a> {
    pub(super) hit: Hit<'a>,
    /// Whether a column is ours, by its place.
    pub(super) ours: Vec<bool>,
    /// The place of the key.
    pub(super) key: usize,
    pub(super) grid: &'a Grid,
    /// What has to be written.
    pub(super) found: BTreeMap<(usize, usize), Entered>,
}

impl Search<'_> {
    /// In rows that are known by their key; the others are given back. What the input says of a
    /// row, comparing mends.
    pub(super) fn in_known_rows(&mut self, truth: &Truth<'_>, wanted: &Wanted) -> Vec<usize> {
        let known = keyed(truth.rows, self.key);
        let mut strangers = Vec::new();
        for row in 1..self.grid.used_rows() {
            let key = self.grid.cell(row, self.key).name().unwrap_or_default();
            let is_wanted = wanted.find(&key).is_some();
            let spoken_of = |column: &usize| is_wanted && self.ours[*column];
            let columns = (0..self.ours.len()).filter(|column| !spoken_of(column));
            let columns: Vec<_> = columns.collect();
            // A key that we wrote may stand in a row that is not its own.
            let is_hit = self.hit.may_be(self.key, self.grid.cell(row, self.key));
            match known.get(&key).map(|row| truth.row(*row)) {
                Some(ought) if !is_hit => self.restore(row, &ought, &columns),
                None if is_wanted => {}
                Some(_) | None => strangers.push(row),
            }
        }
        strangers
    }

    fn restore(&mut self, row: usize, ought: &Missing<'_>, columns: &[usize]) {
        for column in columns {
            let is = self.grid.cell(row, *column);
            if !ought.is_at(*column, is) && self.hit.may_be(*column, is) {
                self.found.insert((row, *column), at(ought.cells, *column).clone());
            }
        }
    }

    /// Rows without a key that is known: each that is a row of the truth but for what was written.
    /// The pairs that are alike in most of what was not written are taken first, and of those the
    /// ones that differ least.
    pub(super) fn in_other_rows(&mut self, strangers: &[usize], missing: &[Missing<'_>]) {
        let (strangers, missing) = self.without_pairs(strangers, missing);
        // Of thousands nobody can tell; what was inserted is taken back, and then inserted anew.
        let is_told = strangers.len() * missing.len() <= MOST_PAIRS;
        let told = if is_told { &missing[..] } else { &[] };
        let mut pairs = Vec::new();
        for row in &strangers {
            let of_truth = told.iter().enumerate().map(|(at, ought)| (Some(at), *ought));
            // Of a row that was inserted while columns were moved, nothing is where it belongs.
            for (at, ought) in of_truth.chain([(None, &NOTHING)]) {
                if let Some(Likeness { typed, kept, differing }) = self.likeness(*row, ought) {
                    let rank = (typed, Reverse(kept), differing, at.is_none(), *row, at);
                    pairs.push((rank, ought));
                }
            }
        }
        pairs.sort_by_key(|(rank, _)| *rank);
        let (mut done, mut taken) = (HashSet::new(), HashSet::new());
        for ((.., row, at), ought) in pairs {
            let is_free = at.is_none_or(|at| !taken.contains(&at));
            if is_free && done.insert(row) {
                taken.extend(at);
                self.give_back(row, ought);
            }
        }
    }

    /// Those that are not one as the other.
    fn without_pairs<'m, 't>(
        &self,
        strangers: &[usize],
        missing: &'m [Missing<'t>],
    ) -> (Vec<usize>, Vec<&'m Missing<'t>>) {
        let width = self.ours.len();
        let mark = |cells: &[Entered]| -> Vec<String> {
            (0..width).map(|column| at(cells, column).mark()).collect()
        };
        let mut by_mark: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for (number, ought) in missing.iter().enumerate() {
            let marks = HashSet::from([mark(ought.cells), mark(ought.before)]);
            marks.into_iter().for_each(|mark| by_mark.entry(mark).or_default().push(number));
        }
        let mut taken = HashSet::new();
        let mut is_one = |row: &usize| {
            let cells = self.grid.rows.get(*row).map_or(&[][..], Vec::as_slice);
            let same = by_mark.get(&mark(cells)).into_iter().flatten();
            same.copied().find(|number| !taken.contains(number)).is_some_and(|it| taken.insert(it))
        };
        let left = strangers.iter().copied().filter(|row| !is_one(row)).collect();
        let missing = missing.iter().enumerate();
        (left, missing.filter(|(it, _)| !taken.contains(it)).map(|(_, it)| it).collect())
    }

    fn give_back(&mut self, row: usize, ought: &Missing<'_>) {
        for column in 0..self.ours.len() {
            let is = self.grid.cell(row, column);
            let (cell, is_right) = match ought.becomes {
                Becomes::Itself => (at(ought.cells, column), ought.is_at(column, is)),
                Becomes::Blank => (&Entered::Blank, is.is_blank()),
            };
            if !is_right && self.is_explained_at(row, column, ought) {
                self.found.insert((row, column), cell.clone());
            }
        }
    }

    /// Rows of the truth that are none of those whose key is known; and those that were removed.
    pub(super) fn missing<'t>(
        &self,
        truth: &Truth<'t>,
        removed: &'t [Vec<Entered>],
        strangers: &[usize],
    ) -> Vec<Missing<'t>> {
        let strangers: HashSet<_> = strangers.iter().collect();
        let known = (1..self.grid.used_rows()).filter(|row| !strangers.contains(row));
        let known = known.filter_map(|row| self.grid.cell(row, self.key).name());
        let known: HashSet<String> = known.collect();
        let is_missing = |row: &usize| {
            let key = at(&truth.rows[*row], self.key).name();
            key.is_none_or(|key| key.is_empty() || !known.contains(&key))
        };
        let truth = (1..truth.rows.len()).filter(is_missing).map(|row| truth.row(row));
        let blank = |cells| Missing { cells, before: cells, becomes: Becomes::Blank };
        truth.chain(removed.iter().map(|row| blank(row.as_slice()))).collect()
    }

    /// None where the one is not the other. Who types into a row leaves more of it than that.
    fn likeness(&self, row: usize, ought: &Missing<'_>) -> Option<Likeness> {
        let (mut typed, mut differing, mut kept) = (0, 0, 0);
        for column in 0..self.ours.len() {
            let is = self.grid.cell(row, column);
            if !ought.is_at(column, is) {
                differing += 1;
                typed += usize::from(!self.hit.may_be(column, is));
            } else if !is.is_blank() && !self.hit.may_be(column, is) {
                kept += 1;
            }
        }
        (typed == 0 || typed < kept).then_some(Likeness { typed, kept, differing })
    }

    fn is_explained_at(&self, row: usize, column: usize, ought: &Missing<'_>) -> bool {
        let is = self.grid.cell(row, column);
        ought.is_at(column, is) || self.hit.may_be(column, is)
    }
}

/// How much a row is like one of the truth, in cells.
struct Likeness {
    /// What differs, and was not written: a person must have typed it.
    typed: usize,
    /// What is the same, and was not written.
    kept: usize,
    /// What differs.
    differing: usize,
}

/// Rows below the header by their key.
fn keyed(rows: &[Vec<Entered>], key: usize) -> HashMap<String, usize> {
    let rows = rows.iter().enumerate().skip(1);
    let rows = rows.filter_map(|(number, row)| Some((at(row, key).name()?, number)));
    rows.filter(|(key, _)| !key.is_empty()).collect()
}

/// Whether a cell may hold what was written.
pub(super) struct Hit<'a> {
    pub(super) ids: Vec<ColumnId>,
    pub(super) written: &'a HashMap<ColumnId, HashSet<String>>,
}

impl Hit<'_> {
    fn may_be(&self, column: usize, cell: &Entered) -> bool {
        let id = self.ids.get(column).unwrap_or(&None);
        self.written.get(id).is_some_and(|marks| marks.contains(&cell.mark()))
    }
}

/// A row of the truth that no row is known to be.
pub(super) struct Missing<'a> {
    cells: &'a [Entered],
    /// As they were before the write, which need not have been done.
    before: &'a [Entered],
    becomes: Becomes,
}

/// The rows as they ought to be, and as they were, in the columns of now.
pub(super) struct Truth<'a> {
    pub(super) rows: &'a [Vec<Entered>],
    pub(super) before: &'a [Vec<Entered>],
}

impl<'a> Truth<'a> {
    fn row(&self, row: usize) -> Missing<'a> {
        let cells = &self.rows[row][..];
        let before = self.before.get(row).map_or(cells, Vec::as_slice);
        Missing { cells, before, becomes: Becomes::Itself }
    }
}

impl Missing<'_> {
    fn is_at(&self, column: usize, cell: &Entered) -> bool {
        cell.is_same(at(self.cells, column)) || cell.is_same(at(self.before, column))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Becomes {
    Itself,
    Blank,
}

const NOTHING: Missing<'_> = Missing { cells: &[], before: &[], becomes: Becomes::Itself };
/// How many pairs of rows are compared.
const MOST_PAIRS: usize = 1_000_000;
