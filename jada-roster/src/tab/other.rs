//! Days that stand above or below a line of days, and are not its own.

use std::collections::BTreeMap;

use crate::tab::beside::REACH;
use crate::tab::day::{DayText, Named};
use crate::tab::line::{Line, is_headed};
use crate::tab::told::Told;
use crate::tab::view::View;

/// A row in which other days stand, in the columns of a line of days.
pub(super) struct OtherDays {
    pub(super) row: u32,
    /// The first and the last of the columns.
    pub(super) first: u32,
    pub(super) last: u32,
}

impl OtherDays {
    /// The row, where most of what stands in the columns of the days is days, and not the same.
    pub(super) fn of(view: &View<'_>, line: &Line, row: u32) -> Option<Self> {
        let cells = line.days.keys().map(|column| (*column, view.cell(row, *column)));
        let cells: Vec<_> = cells.filter(|(_, cell)| !cell.is_blank()).collect();
        let day = |(column, cell)| Some((column, DayText::of(cell, view.grid.dates())?));
        let days: BTreeMap<u32, DayText> = cells.iter().copied().filter_map(day).collect();
        let are_words = cells.iter().all(|(_, cell)| view.words.state(&cell.text()).is_some());
        let most = days.len() >= 2 && days.len() * 2 >= cells.len() && !are_words;
        let are_days = most
            && match row < line.row {
                true => are_above(line, row, &days),
                false => are_below(view, line, row, &days),
            };
        if !are_days || are_the_same(view, line, row, &days) {
            return None;
        }
        let (first, last) = (*days.keys().next()?, *days.keys().next_back()?);
        Some(Self { row, first, last })
    }
}

/// Above days, a few dates may be those of weeks or months.
fn are_above(line: &Line, row: u32, days: &BTreeMap<u32, DayText>) -> bool {
    let mut named: Vec<Named> = Vec::new();
    for day in days.values().filter(|day| day.is_dated()) {
        if !named.contains(&day.named) {
            named.push(day.named);
        }
    }
    let are_most = named.len() >= 2 && named.len() * 2 >= line.days.len();
    row + REACH >= line.row && (are_most || runs(line, days) >= WEEK)
}

/// Below days, numbers may be sums, or words of a person.
fn are_below(view: &View<'_>, line: &Line, row: u32, days: &BTreeMap<u32, DayText>) -> bool {
    let dated = days.values().filter(|day| day.is_dated()).count();
    dated * 2 >= days.len() || is_headed(view, row) || runs(line, days) >= RUN
}

/// The most numbers side by side of which each is the next.
fn runs(line: &Line, days: &BTreeMap<u32, DayText>) -> usize {
    let (mut run, mut most, mut before) = (0, 0, None);
    for day in line.days.keys().map(|column| days.get(column)) {
        run = match (before, day) {
            (_, None) => 0,
            (Some(before), Some(day)) if day.follows(before) => run + 1,
            (_, Some(_)) => 1,
        };
        (most, before) = (run.max(most), day.copied());
    }
    most
}

/// Whether each is the day of its column.
fn are_the_same(view: &View<'_>, line: &Line, row: u32, days: &BTreeMap<u32, DayText>) -> bool {
    let Ok(Some(told)) = Told::of(view, row) else { return false };
    let same = |(column, day): (&u32, &DayText)| {
        told.date(view, *column, *day).is_ok_and(|date| line.days.get(column) == Some(&date))
    };
    days.iter().all(same)
}

const RUN: usize = 3;
const WEEK: usize = 7;
