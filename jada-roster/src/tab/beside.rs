//! What stands beside a line of days and says more of them: months and weekdays.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Weekday;

use crate::tab::calendar::{MonthText, weekdays_named};
use crate::tab::grid::TabGrid;
use crate::tab::view::View;

/// The months that stand above days, or before the first of them, by the first column that each
/// speaks of.
#[derive(Default)]
pub(super) struct Labels(BTreeMap<u32, Label>);

/// The rows of a grid in which months stand.
pub(super) struct Months {
    all: BTreeMap<u32, Vec<(u32, MonthText)>>,
    /// Those in which one stands with its year.
    with_year: BTreeSet<u32>,
}

struct Label {
    /// The last column it speaks of.
    last: u32,
    month: MonthText,
}

impl Months {
    pub(super) fn of(grid: &TabGrid) -> Self {
        let (mut all, mut with_year) = (BTreeMap::new(), BTreeSet::new());
        for row in grid.rows() {
            let named = |(column, cell)| Some((column, MonthText::of(cell, grid.dates())?));
            let named: Vec<(u32, MonthText)> = grid.row(row).filter_map(named).collect();
            if named.iter().any(|(_, month)| month.year.is_some()) {
                with_year.insert(row);
            }
            if !named.is_empty() {
                all.insert(row, named);
            }
        }
        Self { all, with_year }
    }

    /// The column and the month of a row in which nothing else stands than a month, with its year.
    pub(super) fn alone(&self, view: &View<'_>, row: u32) -> Option<(u32, (i16, i8))> {
        let named = self.all.get(&row)?;
        let blank = |text: &str| view.words.state(text) == Some(None);
        let others = view.grid.row(row).filter(|(_, cell)| !blank(&cell.text())).count();
        let (column, MonthText { year, month }) = named[0];
        let same = named.iter().all(|(_, other)| *other == named[0].1);
        (same && others == named.len()).then_some((column, (year?, month)))
    }

    /// The nearest row above this one: one with a year, or one of the three rows above.
    fn above(&self, row: u32) -> Option<u32> {
        let near = self.all.range(row.saturating_sub(REACH)..row).next_back();
        let near = near.map(|(row, _)| *row);
        near.or_else(|| self.with_year.range(..row).next_back().copied())
    }
}

/// A line of weekdays.
pub(super) struct Weekdays {
    pub(super) row: u32,
    days: BTreeMap<u32, Vec<Weekday>>,
}

impl Labels {
    /// Those before the first day in the row, or else in the nearest row above: one of the three
    /// above it, or, with a year, any.
    pub(super) fn of(view: &View<'_>, row: u32, first_day: u32) -> Self {
        let before = Self::in_row(view, row, first_day);
        match view.months.above(row).filter(|_| before.is_empty()) {
            Some(above) => Self::in_row(view, above, u32::MAX),
            None => before,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The month of a column.
    pub(super) fn at(&self, column: u32) -> Option<MonthText> {
        let (_, label) = self.0.range(..=column).next_back()?;
        (column <= label.last).then_some(label.month)
    }

    /// A label that is merged speaks of the cells that it covers, and any other of all columns up
    /// to the next.
    fn in_row(view: &View<'_>, row: u32, before: u32) -> Self {
        let Some(named) = view.months.all.get(&row) else { return Self::default() };
        let named: Vec<_> = named.iter().take_while(|(column, _)| *column < before).collect();
        let next = named.iter().skip(1).map(|(column, _)| column - 1).chain([u32::MAX]);
        let label = |(&&(first, month), next)| {
            let last = if view.grid.is_merged(row, first) { first } else { next };
            (first, Label { last, month })
        };
        Self(named.iter().zip(next).map(label).collect())
    }
}

impl Weekdays {
    /// The line of weekdays above or below a row, for these of its columns.
    pub(super) fn beside(view: &View<'_>, row: u32, columns: &[u32]) -> Option<Self> {
        let above = |above| Self::of(view, row.checked_sub(above)?, columns);
        above(1).or_else(|| Self::below(view, row, row + 1, columns)).or_else(|| above(2))
    }

    /// The row as a line of weekdays below one of days, where it is no person's: one with a name or
    /// a key is.
    pub(super) fn below(view: &View<'_>, line: u32, row: u32, columns: &[u32]) -> Option<Self> {
        Self::of(view, row, columns).filter(|_| !is_persons(view, line, row, columns))
    }

    /// The row as a line of weekdays: two or more, and at least half of what stands there.
    fn of(view: &View<'_>, row: u32, columns: &[u32]) -> Option<Self> {
        let cells = columns.iter().map(|column| (*column, view.cell(row, *column)));
        let cells: Vec<_> = cells.filter(|(_, cell)| !cell.is_blank()).collect();
        let named = cells.iter().filter_map(|(at, cell)| Some((*at, weekdays_named(cell)?)));
        let days: BTreeMap<u32, Vec<Weekday>> = named.collect();
        // A single letter may be a word of a person's row.
        let texts: BTreeSet<String> =
            days.keys().map(|column| view.cell(row, *column).text().to_lowercase()).collect();
        let letters = texts.iter().all(|text| text.chars().count() == 1);
        let words = texts.iter().all(|text| view.words.state(text).is_some());
        let enough = days.len() >= 2 && days.len() * 2 >= cells.len();
        (enough && !words && !(letters && texts.len() < LETTERS)).then_some(Self { row, days })
    }

    /// What the day of a column may be; none where nothing stands there.
    pub(super) fn at(&self, column: u32) -> Option<&[Weekday]> {
        self.days.get(&column).map(Vec::as_slice)
    }
}

/// Whether something stands in the column of a heading for keys or names, or, without one for names,
/// before the days. A heading that is merged downwards is none.
fn is_persons(view: &View<'_>, line: u32, row: u32, columns: &[u32]) -> bool {
    let header: Vec<u32> = (line.saturating_sub(REACH)..=line).collect();
    let headed = |headings| {
        let found = view.headings(&header, headings).map(|(column, _)| column);
        found.filter(|column| !columns.contains(column)).collect::<BTreeSet<u32>>()
    };
    let (keys, names) = (headed(view.words.keys()), headed(view.words.names()));
    let first = columns.first().copied().unwrap_or_default();
    let says = |column: u32| {
        let text = view.cell(row, column).text();
        !text.is_empty() && view.cell(line, column).text() != text
    };
    view.grid.row(row).map(|(column, _)| column).any(|column| {
        let unheaded = names.is_empty() && column < first;
        (unheaded || keys.contains(&column) || names.contains(&column)) && says(column)
    })
}

/// How many rows above the days the month may stand.
pub(super) const REACH: u32 = 3;
/// M, T, W, F and S.
const LETTERS: usize = 4;
