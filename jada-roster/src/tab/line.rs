//! A line of a tab in which days stand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::month::Month;
use crate::tab::UnreadCell;
use crate::tab::told::Told;
use crate::tab::view::View;

/// A row of days.
pub(super) struct Line {
    pub(super) row: u32,
    /// The day of each column that has one of the month.
    pub(super) days: BTreeMap<u32, Date>,
    /// Cells of it that were not understood.
    pub(super) unread: Vec<UnreadCell>,
    /// The line of weekdays beside it.
    pub(super) weekdays: Option<u32>,
    pub(super) strength: Strength,
}

/// How much says that a line is one of days; the greater goes before the less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Strength {
    /// The heading of a name column stands in it, or of a key column beside dates.
    headed: bool,
    /// It has dates, or a month or weekdays beside its numbers.
    dated: bool,
    /// Every day of the month is in it.
    whole: bool,
}

/// A row that looks like days and is no line of the month's.
pub(super) struct NoLine {
    pub(super) strength: Strength,
    /// How many cells look like it.
    pub(super) cells: usize,
    pub(super) why: String,
}

impl Strength {
    /// Whether something says of which month the days are.
    pub(super) fn is_dated(self) -> bool {
        self.dated
    }

    /// What of it tells whether days run across or down: people who are numbered may be as many as
    /// the month has days.
    pub(super) fn of_way(self) -> (bool, bool) {
        (self.headed, self.dated)
    }
}

impl Line {
    /// The row as a line of days; none where it has no two that look like it.
    pub(super) fn of(view: &View<'_>, row: u32) -> Option<Result<Self, NoLine>> {
        let told = Told::of(view, row).transpose()?;
        let headed = match &told {
            Ok(told) if told.dated() < 2 => is_named(view, row),
            _ => is_headed(view, row),
        };
        let told = match told {
            Ok(told) => told,
            Err(why) => {
                let strength = Strength { headed, dated: true, whole: false };
                return Some(Err(NoLine { strength, cells: usize::MAX, why }));
            }
        };
        let mut line = Self {
            row,
            days: BTreeMap::new(),
            unread: told.strangers(view),
            weekdays: told.weekdays.as_ref().map(|weekdays| weekdays.row),
            strength: Strength { headed, ..Strength::default() },
        };
        for (column, day) in &told.days {
            match told.date(view, *column, *day) {
                Ok(date) => drop(line.days.insert(*column, date)),
                Err(expected) => line.unread.push(view.unread(row, *column, expected)),
            }
        }
        let cells = told.days.len();
        let dated = told.dated() >= 2 || (told.is_explained() && cells >= WEEK);
        let strength = Strength { dated, ..line.strength };
        Some(line.judged(view, &told).map_err(|why| NoLine { strength, cells, why }))
    }

    /// Whether the same column is another day in each.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        let mut days = self.days.iter();
        days.any(|(column, day)| other.days.get(column).is_some_and(|other| other != day))
    }

    /// Whether both say the same of every column that they share, and share one.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let shared = self.days.iter().filter_map(|(at, day)| Some((day, other.days.get(at)?)));
        let shared: Vec<_> = shared.collect();
        !shared.is_empty() && shared.iter().all(|(one, two)| one == two)
    }

    /// `B1:AF1`.
    pub(super) fn range(&self, view: &View<'_>) -> String {
        let ends = self.days.keys().next().zip(self.days.keys().last());
        ends.map(|(first, last)| view.range(self.row, *first, *last)).unwrap_or_default()
    }

    fn judged(mut self, view: &View<'_>, told: &Told) -> Result<Self, String> {
        let (range, month) = (told.range(view), view.month);
        let distinct: BTreeSet<Date> = self.days.values().copied().collect();
        let is_dated = |column: &u32| told.days.get(column).is_some_and(|day| day.is_dated());
        let (own, numbers): (Vec<_>, Vec<_>) = self.days.iter().partition(|(at, _)| is_dated(at));
        let own: BTreeSet<&Date> = own.into_iter().map(|(_, date)| date).collect();
        let rises = numbers.is_sorted_by_key(|(_, date)| **date);
        let dated = own.len() >= 2 && rises;
        let explained = told.is_explained() && distinct.len() >= WEEK && rises;
        let bare = distinct.len() >= HALF && rises;
        if distinct.is_empty() {
            let why = self.unread.last().map(ToString::to_string).unwrap_or_default();
            return Err(format!("{range} holds no day of {month}: {why}"));
        }
        if !dated && !explained && !bare {
            return Err(format!(
                "{range} may hold days of {month}, and too little says so: write dates, or the \
                 month above numbers that rise, or weekdays beside them"
            ));
        }
        self.strength.dated = dated || explained;
        self.strength.whole = distinct == whole(month);
        self.drop_doubles(view);
        match self.days.is_empty() {
            true => Err(format!("{range} holds each day twice; let a day be one column, or row")),
            false => Ok(self),
        }
    }

    /// A day that stands twice is taken from neither place.
    fn drop_doubles(&mut self, view: &View<'_>) {
        let mut columns: BTreeMap<Date, Vec<u32>> = BTreeMap::new();
        for (column, day) in &self.days {
            columns.entry(*day).or_default().push(*column);
        }
        for (day, columns) in columns.into_iter().filter(|(_, columns)| columns.len() > 1) {
            let [one, two] = [columns[0], columns[1]].map(|it| view.address(self.row, it));
            let more = if columns.len() > 2 { " and others" } else { "" };
            for column in columns {
                self.days.remove(&column);
                let expected = format!("{day} once; it stands in {one}, {two}{more}");
                self.unread.push(view.unread(self.row, column, expected));
            }
        }
    }
}

/// Whether the heading of a key or name column stands in a row.
pub(super) fn is_headed(view: &View<'_>, row: u32) -> bool {
    let headings = [view.words.keys(), view.words.names()].concat();
    view.headings(&[row], &headings).next().is_some()
}

/// Whether the heading of a name column stands in a row; that of a key column may be the head of
/// keys that are numbers.
fn is_named(view: &View<'_>, row: u32) -> bool {
    view.headings(&[row], view.words.names()).next().is_some()
}

/// Every day of a month.
pub(super) fn whole(month: Month) -> BTreeSet<Date> {
    month
        .first_day()
        .series(jiff::Span::new().days(1))
        .take_while(|day| month.contains(*day))
        .collect()
}

/// Numbers with a month or weekdays beside them are days from so many on.
const WEEK: usize = 7;
/// Numbers with nothing beside them are, from so many on.
const HALF: usize = 14;
