//! Columns without a heading beside days, in which words may be of those days.

use std::collections::BTreeSet;

use crate::tab::UnreadCell;
use crate::tab::beside::REACH;
use crate::tab::calendar::MonthText;
use crate::tab::line::Line;
use crate::tab::view::View;

/// The columns without a heading, from the first day to one beyond the last.
pub(super) struct Beside(BTreeSet<u32>);

impl Beside {
    /// An error where days have such a column with words beside them throughout: each may be one
    /// half of its day.
    pub(super) fn of(view: &View<'_>, line: &Line, rows: &[u32]) -> Result<Self, String> {
        let (Some(first), Some(last)) = (line.days.keys().next(), line.days.keys().next_back())
        else {
            return Ok(Self(BTreeSet::new()));
        };
        let within = (*first..*last).filter(|column| view.cell(line.row, *column).is_blank());
        let beyond = Some(last + 1).filter(|column| !is_headed(view, line.row, *column));
        let beside = Self(within.chain(beyond).collect());
        let has_word = |column: u32| rows.iter().any(|row| view.word(*row, column).is_some());
        let halves = line.days.keys().map(|column| column + 1);
        let halves = halves.filter(|it| beside.0.contains(it) && has_word(*it));
        let halves: Vec<u32> = halves.collect();
        match halves[..] {
            [one, two, ..] if halves.len() * 2 >= line.days.len() => Err(format!(
                "{} and {} have no heading and hold words, beside days that do as well; let a day \
                 be one column, or row, with morning or afternoon in it",
                view.address(line.row, one),
                view.address(line.row, two)
            )),
            _ => Ok(beside),
        }
    }

    /// Words of a row in these columns.
    pub(super) fn unread(&self, view: &View<'_>, row: u32) -> Vec<UnreadCell> {
        let words = self.0.iter().filter(|column| view.word(row, **column).is_some());
        words
            .map(|column| view.unread(row, *column, "a day above it, or another heading"))
            .collect()
    }
}

/// Whether something stands above a column, other than a month.
fn is_headed(view: &View<'_>, row: u32, column: u32) -> bool {
    (row.saturating_sub(REACH)..=row).any(|row| {
        let cell = view.cell(row, column);
        !cell.is_blank() && MonthText::of(cell, view.grid.dates()).is_none()
    })
}
