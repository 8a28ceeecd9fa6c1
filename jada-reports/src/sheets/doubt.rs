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
    /// The tab as it was to be once it was written.
    truth: Grid,
    /// As it was before: a row is at the same place in both.
    before: Grid,
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
    /// As they were before the write, which need not have been done.
    before: &'a [Entered],
    becomes: Becomes,
}

/// The rows as they ought to be, and as they were, in the columns of now.
struct Truth<'a> {
    rows: &'a [Vec<Entered>],
    before: &'a [Vec<Entered>],
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
        let (before, answer) = (grid.clone(), Answer::Lost);
        let mut doubt = Self { truth, before, removed, written, places, answer };
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
            // A row that has no key, or was given one, cannot be told from another.
            let is_told = !expected.is_blank() && !plan.cells.contains_key(&(row, plan.key));
            is_told && expected.is_same(found)
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
        let before: Vec<_> = self.before.rows.iter().map(|row| moved(row, &places)).collect();
        let removed: Vec<_> = self.removed.iter().map(|row| moved(row, &places)).collect();
        let mut search = Search {
            hit: Hit { ids: ids(&header), written: &self.written },
            ours: header.iter().map(|name| columns.iter().any(|it| it.name() == name)).collect(),
            key,
            grid,
            found: BTreeMap::new(),
        };
        let truth = Truth { rows: &truth, before: &before };
        let strangers = search.in_known_rows(&truth, wanted);
        let missing = search.missing(&truth, &removed, &strangers);
        search.in_other_rows(&strangers, &missing);
        search.found
    }
}

const NOTHING: Missing<'_> = Missing { cells: &[], before: &[], becomes: Becomes::Itself };

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
    fn in_known_rows(&mut self, truth: &Truth<'_>, wanted: &Wanted) -> Vec<usize> {
        let known = keyed(truth.rows, self.key);
        let mut strangers = Vec::new();
        for row in 1..self.grid.used_rows() {
            let key = self.grid.cell(row, self.key).name().unwrap_or_default();
            let is_wanted = wanted.find(&key).is_some();
            let spoken_of = |column: &usize| is_wanted && self.ours[*column];
            let columns = (0..self.ours.len()).filter(|column| !spoken_of(column));
            let columns: Vec<_> = columns.collect();
            match known.get(&key).map(|row| truth.row(*row)) {
                Some(ought) if self.may_be_of(row, &ought, &columns) => {
                    self.restore(row, &ought, &columns);
                }
                None if is_wanted => {}
                Some(_) | None => strangers.push(row),
            }
        }
        strangers
    }

    /// A key that we wrote may stand in a row that is not its own.
    fn may_be_of(&self, row: usize, ought: &Missing<'_>, columns: &[usize]) -> bool {
        let is_ours = self.hit.may_be(self.key, self.grid.cell(row, self.key));
        !is_ours || columns.iter().all(|column| self.is_explained_at(row, *column, ought))
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
    /// The pairs that differ least are taken first.
    fn in_other_rows(&mut self, strangers: &[usize], missing: &[Missing<'_>]) {
        let (strangers, missing) = self.without_pairs(strangers, missing);
        let mut pairs = Vec::new();
        for row in &strangers {
            let of_truth = missing.iter().enumerate().map(|(at, ought)| (Some(at), *ought));
            // Of a row that was inserted while columns were moved, nothing is where it belongs.
            for (at, ought) in of_truth.chain([(None, &NOTHING)]) {
                if let Some(likeness) = self.likeness(*row, ought) {
                    pairs.push(((likeness, at.is_none(), *row, at), ought));
                }
            }
        }
        pairs.sort_by_key(|(rank, _)| *rank);
        let (mut done, mut taken) = (HashSet::new(), HashSet::new());
        for ((_, _, row, at), ought) in pairs {
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
    fn missing<'t>(
        &self,
        truth: &Truth<'t>,
        removed: &'t [Vec<Entered>],
        strangers: &[usize],
    ) -> Vec<Missing<'t>> {
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

    /// How many cells a person must have typed into, and how many differ in all; none where the
    /// one is not the other. Who types into a row leaves more of it than that.
    fn likeness(&self, row: usize, ought: &Missing<'_>) -> Option<(usize, usize)> {
        let (mut typed, mut differing, mut same) = (0, 0, 0);
        for column in 0..self.ours.len() {
            let is = self.grid.cell(row, column);
            if !ought.is_at(column, is) {
                differing += 1;
                typed += usize::from(!self.hit.may_be(column, is));
            } else if !is.is_blank() && !self.hit.may_be(column, is) {
                same += 1;
            }
        }
        (typed == 0 || typed < same).then_some((typed, differing))
    }

    fn is_explained_at(&self, row: usize, column: usize, ought: &Missing<'_>) -> bool {
        let is = self.grid.cell(row, column);
        ought.is_at(column, is) || self.hit.may_be(column, is)
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
