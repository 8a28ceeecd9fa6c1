//! The columns by which the people of a tab are known.

use crate::error::shorten;
use crate::tab::TabPerson;
use crate::tab::beside::REACH;
use crate::tab::grid::TabCell;
use crate::tab::line::Line;
use crate::tab::view::View;

/// Where keys and names stand; one of them at least.
pub(super) struct Columns {
    key: Option<u32>,
    name: Option<u32>,
}

impl Columns {
    /// By their headings; without one for names, the only column of texts before the days in these
    /// rows.
    pub(super) fn of(view: &View<'_>, line: &Line, rows: &[u32]) -> Result<Self, String> {
        let mut header = vec![line.row];
        header.extend(line.weekdays.filter(|row| *row > line.row));
        header.extend((line.row.saturating_sub(REACH)..line.row).rev());
        let key = view.headed(&header, &line.days, view.words.keys())?;
        let name = match view.headed(&header, &line.days, view.words.names())? {
            Some(name) => Some(name),
            None => Self::unheaded(view, line, rows, key)?,
        };
        if key.is_none() && name.is_none() {
            let first = line.days.keys().next().copied().unwrap_or_default();
            let first = view.address(line.row, first);
            return Err(format!(
                "there is no column of names before {first}, and none is headed {}",
                view.words.names().join(", ")
            ));
        }
        Ok(Self { key, name })
    }

    /// The person of a row; none where it has neither key nor name.
    pub(super) fn person(&self, view: &View<'_>, row: u32) -> Option<TabPerson> {
        let text = |column: Option<u32>| Some((column?, view.cell(row, column?).text()));
        let filled = |it: &(u32, String)| !it.1.is_empty();
        let (key, name) = (text(self.key).filter(filled), text(self.name).filter(filled));
        let (column, _) = name.as_ref().or(key.as_ref())?;
        Some(TabPerson {
            at: view.address(row, *column),
            key: key.map(|(_, key)| key),
            name: name.map(|(_, name)| name).unwrap_or_default(),
            days: Default::default(),
        })
    }

    /// Whether one merged cell stands in place of a name and of this day.
    pub(super) fn is_title(&self, view: &View<'_>, row: u32, day: u32) -> bool {
        let mut known = self.key.into_iter().chain(self.name);
        known.any(|known| view.grid.is_one(row, (known, day)))
    }

    /// What stands in place of a name, where there is no key.
    pub(super) fn name_alone(&self, view: &View<'_>, row: u32) -> Option<String> {
        let is_blank = |column: u32| view.cell(row, column).is_blank();
        let name = self.name.filter(|_| self.key.is_none_or(is_blank));
        name.map(|column| view.cell(row, column).text())
    }

    fn unheaded(
        view: &View<'_>,
        line: &Line,
        rows: &[u32],
        key: Option<u32>,
    ) -> Result<Option<u32>, String> {
        let first = line.days.keys().next().copied().unwrap_or_default();
        let has_text = |column: &u32| {
            let cells = rows.iter().map(|row| view.cell(*row, *column));
            cells.into_iter().any(|cell| matches!(cell, TabCell::Text(_)) && !cell.is_blank())
        };
        let before = rows.iter().flat_map(|row| view.grid.row(*row)).map(|(column, _)| column);
        let mut before: Vec<u32> = before.filter(|it| *it < first && Some(*it) != key).collect();
        before.sort_unstable();
        before.dedup();
        before.retain(has_text);
        let heading = |column: &u32| {
            let text = shorten(&view.cell(line.row, *column).text());
            format!("{} `{text}`", view.address(line.row, *column))
        };
        match before[..] {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            ref several => Err(format!(
                "it is not clear which column holds names: {}; head it `name`, or declare its heading",
                several.iter().take(SHOWN).map(heading).collect::<Vec<_>>().join(", ")
                    + if several.len() > SHOWN { " and others" } else { "" }
            )),
        }
    }
}

/// How many columns a message lists.
const SHOWN: usize = 5;
