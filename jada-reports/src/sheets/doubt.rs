//! A write whose cells may not be where they were meant to be.
//!
//! Sheets has no write on condition: between reading and writing people may have moved rows and
//! columns, and then a write lands where it was not meant to. In rows and columns of ours the next
//! comparison mends that. Whatever else was hit is found here: it holds what was written to that
//! column, and before it held something else.

mod search;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::search::{Hit, Search, Truth};
use super::columns::Columns;
use super::entered::Entered;
use super::grid::{Grid, at};
use super::plan::Plan;
use super::wanted::Wanted;

/// A write that may not have landed where it was meant to.
#[derive(Debug)]
pub(super) struct Doubt {
    /// The tab as it was read, and as it ought to have been.
    pub(super) before: Grid,
    pub(super) plan: Plan,
    earlier: Earlier,
    /// The header in the answer to the write, where it came: so the columns stood by then.
    answer: Option<Vec<String>>,
}

/// What is known of this write and those before it that were in doubt too.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// What was written, by column.
    written: HashMap<ColumnId, HashSet<String>>,
    /// Rows that were removed, as they were, in the columns of now.
    removed: Vec<Vec<Entered>>,
}

/// A column wherever it is: what its header says, and which of that name it is. None for those
/// that have no name.
type ColumnId = Option<(String, usize)>;

impl Doubt {
    /// Before `plan` is written to a tab that ought to be as `before`.
    pub(super) fn new(earlier: Earlier, before: Grid, plan: Plan) -> Self {
        Self { before, plan, earlier, answer: None }
    }

    /// The answer shows this header.
    pub(super) fn answered(&mut self, header: Vec<String>) {
        self.answer = Some(header);
    }

    /// Whether the answer to the write shows that it hit what it was meant to: the header, and the
    /// column of the key.
    pub(super) fn is_settled(&self, header: &[Entered], keys: &[Vec<Entered>]) -> bool {
        let (before, plan) = (&self.before, &self.plan);
        let names = match &plan.insertion {
            Some(insertion) if insertion.row == 0 => &insertion.rows[0][..],
            _ => before.rows.first().map_or(&[][..], Vec::as_slice),
        };
        let is_same = |column| at(names, column).name() == at(header, column).name();
        let is_there = |row: usize| {
            let expected = before.cell(row, plan.key);
            let found = keys.get(row).map_or(&Entered::Blank, |row| at(row, 0));
            // A row that has no key, or was given one, cannot be told from another.
            let is_told = !expected.is_blank() && !plan.cells.contains_key(&(row, plan.key));
            let is_removed = plan.removed.iter().any(|(_, removed)| *removed == row);
            is_told && !is_removed && expected.is_same(found)
        };
        let mut rows = plan.cells.keys().map(|(row, _)| *row);
        (0..names.len().max(header.len())).all(is_same) && rows.all(is_there)
    }

    /// What has to be written so that whatever the input does not speak of is as it ought to be;
    /// and what is known for the next time.
    pub(super) fn restorations(
        &self,
        grid: &Grid,
        columns: &Columns,
        wanted: &Wanted,
    ) -> (BTreeMap<(usize, usize), Entered>, Earlier) {
        let header = grid.header();
        let truth = self.plan.applied(&self.before);
        let places = places(&truth.header(), &header);
        let now = |rows: &[Vec<Entered>]| -> Vec<Vec<Entered>> {
            rows.iter().map(|row| moved(row, &places)).collect()
        };
        let written = self.written(&truth.header(), &header);
        let mut removed = now(&self.earlier.removed);
        let gone = self.plan.removed.iter().filter_map(|(_, row)| self.before.rows.get(*row));
        removed.extend(gone.map(|row| moved(row, &places)));
        let mut found = BTreeMap::new();
        if let Some(key) = header.iter().position(|name| name == columns.key().name()) {
            let mut search = Search {
                hit: Hit { ids: ids(&header), written: &written },
                ours: header
                    .iter()
                    .map(|it| columns.iter().any(|ours| ours.name() == it))
                    .collect(),
                key,
                grid,
                found,
            };
            let (rows, mut before) = (now(&truth.rows), now(&self.before.rows));
            for (_, row) in &self.plan.removed {
                before[*row].clone_from(&rows[*row]);
            }
            let truth = Truth { rows: &rows, before: &before };
            let strangers = search.in_known_rows(&truth, wanted);
            let missing = search.missing(&truth, &removed, &strangers);
            search.in_other_rows(&strangers, &missing);
            found = search.found;
        }
        (found, Earlier { written, removed })
    }

    /// What was written, by the columns that it may have been written to: as they stood in the
    /// answer, or, where that is lost, any.
    fn written(&self, truth: &[String], now: &[String]) -> HashMap<ColumnId, HashSet<String>> {
        let mut written = self.earlier.written.clone();
        let headers = [truth, self.answer.as_deref().unwrap_or_default()].map(ids);
        let anyhow = match self.answer {
            Some(_) => Vec::new(),
            None => ids(now).into_iter().chain([None]).collect(),
        };
        for (place, mark) in written_places(&self.plan) {
            let places = headers.iter().map(|ids| ids.get(place).cloned().flatten());
            for id in places.chain(anyhow.iter().cloned()) {
                written.entry(id).or_default().insert(mark.clone());
            }
        }
        written
    }
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
