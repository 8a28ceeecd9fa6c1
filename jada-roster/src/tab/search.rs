//! Where in a tab its days stand.

use std::collections::BTreeSet;

use crate::month::Month;
use crate::tab::grid::TabGrid;
use crate::tab::line::{Line, NoLine};
use crate::tab::other::OtherDays;
use crate::tab::view::View;
use crate::tab::words::{TabLayout, TabWords};

/// The line of days, in the grid turned so that it runs across.
pub(super) struct Found<'a> {
    pub(super) view: View<'a>,
    pub(super) line: Line,
    /// The other rows that are lines of days.
    others: Vec<Line>,
}

impl<'a> Found<'a> {
    /// The one line of days of a grid; an error where there is none, or where two lines disagree
    /// and neither goes before the other.
    pub(super) fn of(grid: &TabGrid, month: Month, words: &'a TabWords) -> Result<Self, String> {
        let ways = [TabLayout::Across, TabLayout::Down].into_iter();
        let ways = ways.filter(|way| words.layout().is_none_or(|declared| declared == *way));
        let (mut found, mut faults) = (Vec::new(), Vec::new());
        for layout in ways {
            let grid = match layout {
                TabLayout::Across => grid.clone(),
                TabLayout::Down => grid.turned(),
            };
            found.extend(Self::in_view(View::of(grid, layout, month, words), &mut faults));
        }
        found.sort_by_key(|found| std::cmp::Reverse(found.way()));
        let mut found = found.into_iter();
        let Some(one) = found.next() else { return Err(nothing(month, faults)) };
        if let Some(two) = found.next().filter(|two| two.way() == one.way()) {
            let (one, two) = (one.told(), two.told());
            return Err(format!("days may run {one} and {two}; declare which is meant"));
        }
        match faults.into_iter().find(|fault| fault.strength.of_way() > one.way()) {
            Some(fault) => Err(fault.why),
            None => one.is_only_one().map(|()| one),
        }
    }

    /// The rows that say the same as the line.
    pub(super) fn headers(&self) -> BTreeSet<u32> {
        let same = self.others.iter().filter(|other| other.agrees(&self.line));
        same.map(|other| other.row).collect()
    }

    /// The first of the strongest lines.
    fn in_view(view: View<'a>, faults: &mut Vec<NoLine>) -> Option<Self> {
        let mut lines = Vec::new();
        for line in view.grid.rows().into_iter().filter_map(|row| Line::of(&view, row)) {
            match line {
                Ok(line) => lines.push(line),
                Err(fault) => faults.push(fault),
            }
        }
        let best = (0..lines.len()).rev().max_by_key(|at| lines[*at].strength)?;
        let line = lines.remove(best);
        Some(Self { view, line, others: lines })
    }

    fn is_only_one(&self) -> Result<(), String> {
        let rivals = |it: &&Line| {
            it.contradicts(&self.line)
                || (it.strength == self.line.strength && !it.agrees(&self.line))
        };
        match self.others.iter().find(rivals) {
            Some(other) => Err(self.other_line(&other.range(&self.view))),
            None => self.has_no_more_days(),
        }
    }

    /// Other days in the columns of the days, too few to be a line or of another month: an error,
    /// since whatever stands in those columns is of those days.
    fn has_no_more_days(&self) -> Result<(), String> {
        let (view, headers) = (&self.view, self.headers());
        let rows = view.grid.rows().into_iter();
        let mut others = rows.filter(|row| *row != self.line.row && !headers.contains(row));
        match others.find_map(|row| OtherDays::of(view, &self.line, row)) {
            Some(OtherDays { row, first, last }) => {
                Err(self.other_line(&view.range(row, first, last)))
            }
            None => Ok(()),
        }
    }

    fn other_line(&self, other: &str) -> String {
        let one = self.line.range(&self.view);
        format!("days stand in {one} and others in {other}; let a tab have one line of days")
    }

    fn way(&self) -> (bool, bool) {
        self.line.strength.of_way()
    }

    fn told(&self) -> String {
        let way = match self.view.layout {
            TabLayout::Across => "across in",
            TabLayout::Down => "down in",
        };
        format!("{way} {}", self.line.range(&self.view))
    }
}

/// Why there are no days: what looks most like them, and is none.
fn nothing(month: Month, faults: Vec<NoLine>) -> String {
    let nearest = faults.into_iter().rev().max_by_key(|fault| fault.cells);
    nearest.map(|fault| fault.why).unwrap_or_else(|| {
        let first = month.first_day();
        format!("no row and no column holds days of {month}, such as {first} and the next")
    })
}
