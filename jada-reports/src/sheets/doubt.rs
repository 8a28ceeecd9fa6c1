//! A write whose cells may not be where they were meant to be.
//!
//! Sheets has no write on condition: between reading and writing people may have moved rows and
//! columns, and then a write lands where it was not meant to. In rows and columns of ours the next
//! comparison mends that. Whatever else was hit is found here: it holds what was written to that
//! column, and before it held something else.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::columns::Columns;
use super::entered::Entered;
use super::grid::{Grid, at};
use super::plan::Plan;
use super::wanted::Wanted;

/// What the tab ought to hold, and what was written to it.
#[derive(Debug)]
pub(super) struct Doubt {
    /// The tab as it was read, and as it was to be written.
    truth: Grid,
    /// Rows that were removed, as they were.
    removed: Vec<Vec<Entered>>,
    /// What was written, by column.
    written: HashMap<ColumnId, HashSet<String>>,
    /// The same by the column's place, which at that time may have been another's.
    places: HashSet<(usize, String)>,
    answer: Answer,
}

/// Whether it is known how the columns stood when it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Lost,
    Come,
}

/// A column wherever it is: what its header says, and which of that name it is. None for those
/// that have no name.
type ColumnId = Option<(String, usize)>;

/// A row of the truth that no row is known to be.
struct Missing<'a> {
    cells: &'a [Entered],
    becomes: Becomes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Becomes {
    Itself,
    Blank,
}

impl Doubt {
    /// Before `plan` is written to a tab that ought to be as `grid`.
    pub(super) fn new(earlier: Option<Self>, grid: &Grid, plan: &Plan) -> Self {
        let (mut removed, mut written) = (Vec::new(), HashMap::new());
        if let Some(earlier) = earlier {
            let places = places(&earlier.truth.header(), &grid.header());
            removed.extend(earlier.removed.iter().map(|row| moved(row, &places)));
            written = earlier.written;
        }
        let row = |(_, row): &(String, usize)| grid.rows.get(*row).cloned().unwrap_or_default();
        removed.extend(plan.removed.iter().map(row));
        let (truth, places) = (plan.applied(grid), written_places(plan));
        let mut doubt = Self { truth, removed, written, places, answer: Answer::Lost };
        let header = doubt.truth.header();
        doubt.arrange(&header);
        doubt
    }

    /// The columns stood like this when it was written.
    pub(super) fn answered(&mut self, header: &[String]) {
        self.answer = Answer::Come;
        self.arrange(header);
    }

    /// The columns may have stood in any way.
    fn arrange_anyhow(&mut self, header: &[String]) {
        for id in ids(header).into_iter().chain([None]) {
            let marks = self.places.iter().map(|(_, mark)| mark.clone());
            self.written.entry(id).or_default().extend(marks);
        }
    }

    /// The columns may have stood like this when it was written.
    fn arrange(&mut self, header: &[String]) {
        let ids = ids(header);
        for (place, mark) in &self.places {
            let id = ids.get(*place).cloned().flatten();
            self.written.entry(id).or_default().insert(mark.clone());
        }
    }

    /// Whether the answer to the write shows that it hit what it was meant to: the header, and the
    /// column of the key.
    pub(super) fn is_settled(
        &self,
        plan: &Plan,
        header: &[Entered],
        keys: &[Vec<Entered>],
    ) -> bool {
        let width = self.truth.used_columns().max(header.len());
        let is_same = |column| {
            let expected = self.truth.cell(0, column).name();
            expected.is_none() || expected == at(header, column).name()
        };
        let is_there = |row: usize| {
            let expected = self.truth.cell(row, plan.key);
            let found = keys.get(row).map_or(&Entered::Blank, |row| at(row, 0));
            // A row without a key cannot be told from another.
            !expected.is_blank() && expected.is_same(found)
        };
        let mut rows = plan.cells.keys().map(|(row, _)| *row);
        (0..width).all(is_same) && rows.all(is_there)
    }

    /// What has to be written so that whatever the input does not speak of is as it ought to be.
    pub(super) fn restorations(
        &mut self,
        grid: &Grid,
        columns: &Columns,
        wanted: &Wanted,
    ) -> BTreeMap<(usize, usize), Entered> {
        let header = grid.header();
        if self.answer == Answer::Lost {
            self.arrange_anyhow(&header);
        }
        let Some(key) = header.iter().position(|name| name == columns.key().name()) else {
            return BTreeMap::new();
        };
        let places = places(&self.truth.header(), &header);
        let truth: Vec<_> = self.truth.rows.iter().map(|row| moved(row, &places)).collect();
        let removed: Vec<_> = self.removed.iter().map(|row| moved(row, &places)).collect();
        let mut search = Search {
            hit: Hit { ids: ids(&header), written: &self.written },
            ours: header.iter().map(|name| columns.iter().any(|it| it.name() == name)).collect(),
            key,
            grid,
            found: BTreeMap::new(),
        };
        let strangers = search.in_known_rows(&truth, wanted);
        search.in_other_rows(&strangers, &truth, &removed);
        search.found
    }
}

/// Whether a cell may hold what was written.
struct Hit<'a> {
    ids: Vec<ColumnId>,
    written: &'a HashMap<ColumnId, HashSet<String>>,
}

impl Hit<'_> {
    fn may_be(&self, column: usize, cell: &Entered) -> bool {
        let id = self.ids.get(column).cloned().flatten();
        self.written.get(&id).is_some_and(|marks| marks.contains(&cell.mark()))
    }
}

struct Search<'a> {
    hit: Hit<'a>,
    ours: Vec<bool>,
    key: usize,
    grid: &'a Grid,
    found: BTreeMap<(usize, usize), Entered>,
}

impl Search<'_> {
    /// In rows that are known by their key; the others are given back. What the input says of a
    /// row, comparing mends.
    fn in_known_rows(&mut self, truth: &[Vec<Entered>], wanted: &Wanted) -> Vec<usize> {
        let known = keyed(truth, self.key);
        let mut strangers = Vec::new();
        for row in 1..self.grid.used_rows() {
            let key = self.grid.cell(row, self.key).name().unwrap_or_default();
            let is_wanted = wanted.find(&key).is_some();
            match known.get(&key) {
                Some(true_row) => {
                    let spoken_of = |column: usize| is_wanted && self.ours[column];
                    let columns = (0..self.ours.len()).filter(|column| !spoken_of(*column));
                    let columns: Vec<_> = columns.collect();
                    self.restore(row, &truth[*true_row], columns);
                }
                None if is_wanted => {}
                None => strangers.push(row),
            }
        }
        strangers
    }

    fn restore(&mut self, row: usize, truth: &[Entered], columns: Vec<usize>) {
        for column in columns {
            let (is, ought) = (self.grid.cell(row, column), at(truth, column));
            if !is.is_same(ought) && self.hit.may_be(column, is) {
                self.found.insert((row, column), ought.clone());
            }
        }
    }

    /// Rows without a key that is known: each that is a row of the truth but for what was written.
    /// Of several the likest is taken, and the upper one.
    fn in_other_rows(
        &mut self,
        strangers: &[usize],
        truth: &[Vec<Entered>],
        removed: &[Vec<Entered>],
    ) {
        let mut missing = self.missing(truth, removed);
        let mut left = Vec::new();
        for row in strangers {
            let cells = self.grid.rows.get(*row).map_or(&[][..], Vec::as_slice);
            match missing.iter().position(|it| self.differing(cells, it.cells) == 0) {
                Some(same) => drop(missing.remove(same)),
                None => left.push(*row),
            }
        }
        for row in left {
            let cells = self.grid.rows.get(row).map_or(&[][..], Vec::as_slice);
            let explained = missing.iter().enumerate();
            let explained = explained.filter(|(_, it)| self.is_explained(cells, it.cells));
            let likest = explained.min_by_key(|(_, it)| self.differing(cells, it.cells));
            let ought = match likest.map(|(likest, _)| likest) {
                Some(likest) => missing.remove(likest),
                // Of a row that was inserted while columns were moved, nothing is where it belongs.
                None if self.is_explained(cells, &[]) => {
                    Missing { cells: &[], becomes: Becomes::Blank }
                }
                None => continue,
            };
            let ought = if ought.becomes == Becomes::Blank { &[][..] } else { ought.cells };
            for column in 0..self.ours.len() {
                if !at(cells, column).is_same(at(ought, column)) {
                    self.found.insert((row, column), at(ought, column).clone());
                }
            }
        }
    }

    /// Rows of the truth without a key, or whose key is gone; and those that were removed.
    fn missing<'t>(
        &self,
        truth: &'t [Vec<Entered>],
        removed: &'t [Vec<Entered>],
    ) -> Vec<Missing<'t>> {
        let there = keyed(&self.grid.rows, self.key);
        let is_missing = |row: &&Vec<Entered>| {
            at(row, self.key).name().is_none_or(|key| key.is_empty() || !there.contains_key(&key))
        };
        let truth = truth.iter().skip(1).filter(is_missing);
        let truth = truth.map(|cells| Missing { cells, becomes: Becomes::Itself });
        let removed = removed.iter().map(|cells| Missing { cells, becomes: Becomes::Blank });
        truth.chain(removed).collect()
    }

    fn differing(&self, is: &[Entered], ought: &[Entered]) -> usize {
        let columns = 0..self.ours.len();
        columns.filter(|column| !at(is, *column).is_same(at(ought, *column))).count()
    }

    fn is_explained(&self, is: &[Entered], ought: &[Entered]) -> bool {
        (0..self.ours.len()).all(|column| {
            let is = at(is, column);
            is.is_same(at(ought, column)) || self.hit.may_be(column, is)
        })
    }
}

/// Rows below the header by their key.
fn keyed(rows: &[Vec<Entered>], key: usize) -> HashMap<String, usize> {
    let rows = rows.iter().enumerate().skip(1);
    let rows = rows.filter_map(|(number, row)| Some((at(row, key).name()?, number)));
    rows.filter(|(key, _)| !key.is_empty()).collect()
}

fn written_places(plan: &Plan) -> HashSet<(usize, String)> {
    let cells = plan.cells.iter().map(|((_, column), cell)| (*column, cell.mark()));
    let keys = plan.removed.iter().map(|_| (plan.key, Entered::Blank.mark()));
    let rows = plan.insertion.iter().flat_map(|insertion| &insertion.rows);
    let inserted = rows.flat_map(|row| row.iter().enumerate());
    let inserted = inserted.filter(|(_, cell)| !cell.is_blank());
    cells.chain(keys).chain(inserted.map(|(column, cell)| (column, cell.mark()))).collect()
}

fn ids(header: &[String]) -> Vec<ColumnId> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut ids = Vec::with_capacity(header.len());
    for name in header {
        let number = seen.entry(name).or_default();
        ids.push((!name.is_empty()).then(|| (name.clone(), *number)));
        *number += 1;
    }
    ids
}

/// For each column of the one header its place in the other; none for one that is new.
fn places(from: &[String], to: &[String]) -> Vec<Option<usize>> {
    let from = ids(from);
    let place = |id: ColumnId| id.is_some().then(|| from.iter().position(|it| *it == id)).flatten();
    ids(to).into_iter().map(place).collect()
}

fn moved(row: &[Entered], places: &[Option<usize>]) -> Vec<Entered> {
    places.iter().map(|place| place.map_or(Entered::Blank, |it| at(row, it).clone())).collect()
}
