//! Where in a tab its days stand.

use crate::month::Month;
use crate::tab::grid::TabGrid;
use crate::tab::line::{Line, NoLine};
use crate::tab::view::View;
use crate::tab::words::{TabLayout, TabWords};

/// The line of days, in the grid turned so that it runs across.
pub(super) struct Found<'a> {
    pub(super) view: View<'a>,
    pub(super) line: Line,
    /// Rows that say the same as the line.
    pub(super) headers: Vec<u32>,
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
            let view = View { grid, layout, month, words };
            found.extend(Self::in_view(view, &mut faults)?);
        }
        found.sort_by_key(|found| std::cmp::Reverse(found.line.strength));
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (None, _) => Err(nothing(month, faults)),
            (Some(one), Some(two)) if one.line.strength == two.line.strength => Err(format!(
                "days may run {} and {}; declare which is meant",
                one.told(),
                two.told()
            )),
            (Some(one), _) => Ok(one),
        }
    }

    fn in_view(view: View<'a>, faults: &mut Vec<NoLine>) -> Result<Option<Self>, String> {
        let mut lines = Vec::new();
        for row in view.grid.rows() {
            match Line::of(&view, row) {
                None => {}
                Some(Ok(line)) => lines.push(line),
                Some(Err(fault)) => faults.push(fault),
            }
        }
        // The first of those that say the same.
        let Some(at) = (0..lines.len()).rev().max_by_key(|at| lines[*at].strength) else {
            return Ok(None);
        };
        let line = lines.remove(at);
        if let Some(other) =
            lines.iter().find(|other| other.strength == line.strength && !other.agrees(&line))
        {
            let (one, two) = (line.range(&view), other.range(&view));
            return Err(format!(
                "days stand in {one} and others in {two}; let a tab have one line of days"
            ));
        }
        let same = lines.iter().filter(|other| other.agrees(&line));
        Ok(Some(Self { headers: same.map(|other| other.row).collect(), view, line }))
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
