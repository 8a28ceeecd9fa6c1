//! From a grid to what it says of each person.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::month::Month;
use crate::tab::beside::Weekdays;
use crate::tab::columns::Columns;
use crate::tab::grid::TabGrid;
use crate::tab::halves::Beside;
use crate::tab::line::{Line, whole};
use crate::tab::search::Found;
use crate::tab::view::View;
use crate::tab::words::TabWords;
use crate::tab::{MonthTab, TabPerson, UnreadCell};

impl MonthTab {
    /// Reads a month's availability from a grid; `tab` is its name for messages.
    ///
    /// **Days** run across in a row, or down in a column. They are dates (`2026-05-03`, `3 May`,
    /// `May 3`, `03.05.2026`, `5/3/2026`, a day that the sheet keeps as a number), with a weekday
    /// before or after them or not; or numbers (`3`, `3.`, `3rd`, `Mon 3`) with the month above them
    /// or before the first, or with weekdays beside them, seven of them at least; or bare numbers
    /// that rise, for half a month at least, of which
    /// [the month asked for](Self::names_its_month) is taken to be the month. Where such lines stand both ways, one in which the
    /// heading of a name column stands (or of a key column, beside dates) goes before one without,
    /// then dates before bare numbers; if that does not decide, nothing is read. Of `5/3/2026` the
    /// month is the number that lets the whole line make sense.
    ///
    /// **People** are the rows below (the columns beside) it. They are known by the key and name
    /// columns of [`TabWords`]; without such a heading, names are the one column of texts before the
    /// days. Rows and columns that are blank are passed over, and so is a header that is repeated, a
    /// title that is merged across names and days, the month alone, and a row of sums without a
    /// name.
    ///
    /// **Cells** say one of the words. What a merged cell holds counts for each that it covers.
    ///
    /// A word in a column without a heading, beside a day, may be of that day: it is not taken, and
    /// where days have such columns throughout, nothing is.
    ///
    /// What was not understood is in [`unread`](Self::unread), and nothing was taken from it: a word,
    /// a day of another month, a day that stands twice, a word in a row without name and key. A name
    /// that stands twice is two people here.
    ///
    /// # Errors
    /// [`Error::Tab`] when it is not clear where the days stand, or the names: a person mends the
    /// tab, or declares what is meant.
    pub fn read(tab: &str, grid: &TabGrid, month: Month, words: &TabWords) -> Result<Self, Error> {
        read(grid, month, words).map_err(|what| Error::Tab { tab: tab.to_owned(), what })
    }
}

fn read(grid: &TabGrid, month: Month, words: &TabWords) -> Result<MonthTab, String> {
    let found = Found::of(&grid.spread()?, month, words)?;
    let headers = found.headers();
    let Found { view, line, .. } = found;
    let rows = rows_below(&view, &line, &headers);
    let columns = Columns::of(&view, &line, &rows)?;
    let beside = Beside::of(&view, &line, &rows)?;
    let mut people = Vec::new();
    let mut unread = line.unread.clone();
    for row in one_month(&view, &line, rows)? {
        if let Some(words) = nobodys(&view, &line, &columns, row) {
            unread.extend(words);
            continue;
        }
        match columns.person(&view, row) {
            Some(person) => {
                people.push(filled(person, &view, &line, row, &mut unread));
                unread.extend(beside.unread(&view, row));
            }
            None => unread.extend(unnamed(&view, line.days.keys().copied(), row)),
        }
    }
    unread.sort_by_key(|cell| cell.at);
    let there: BTreeSet<_> = line.days.values().copied().collect();
    let missing = whole(month).difference(&there).copied().collect();
    let names_month = line.strength.is_dated();
    Ok(MonthTab { month, people, unread, missing, names_month })
}

/// The rows below the days, without those that repeat the header.
fn rows_below(view: &View<'_>, line: &Line, headers: &BTreeSet<u32>) -> Vec<u32> {
    let columns: Vec<u32> = line.days.keys().copied().collect();
    let mut rows = view.grid.rows();
    rows.retain(|row| *row > line.row && !headers.contains(row));
    rows.retain(|row| Weekdays::below(view, line.row, *row, &columns).is_none());
    rows
}

/// The rows without those in which a month stands alone; an error where another month stands alone
/// above words.
fn one_month(view: &View<'_>, line: &Line, rows: Vec<u32>) -> Result<Vec<u32>, String> {
    let (mut kept, mut other) = (Vec::new(), None);
    let first = view.month.first_day();
    for row in rows {
        let says = || line.days.keys().any(|day| view.word(row, *day).is_some());
        match (view.months.alone(view, row), other) {
            (Some((_, month)), _) if month == (first.year(), first.month()) => other = None,
            (Some((column, _)), _) => other = Some(view.address(row, column)),
            (None, Some(other)) if says() => {
                return Err(format!(
                    "{other} names another month than {}, above words; let a tab have one month",
                    view.month
                ));
            }
            (None, _) => kept.push(row),
        }
    }
    Ok(kept)
}

/// Where a row is nobody's, such as a title or sums: words in it that may be somebody's.
fn nobodys(view: &View<'_>, line: &Line, columns: &Columns, row: u32) -> Option<Vec<UnreadCell>> {
    let days = || line.days.keys().copied();
    if days().any(|day| columns.is_title(view, row, day)) {
        let beside = days().filter(|day| !columns.is_title(view, row, *day));
        return Some(unnamed(view, beside, row));
    }
    let name = columns.name_alone(view, row)?;
    if view.words.is_passed_over(&name) {
        return Some(Vec::new());
    }
    let is_number = |day: &u32| view.cell(row, *day).text().parse::<f64>().is_ok();
    let words = days().filter(|day| view.word(row, *day).is_some() && !is_number(day));
    view.words.is_sum(&name).then(|| unnamed(view, words, row))
}

/// What a person's cells say, beside those that are not understood.
fn filled(
    mut person: TabPerson,
    view: &View<'_>,
    line: &Line,
    row: u32,
    unread: &mut Vec<UnreadCell>,
) -> TabPerson {
    for (column, day) in &line.days {
        let cell = view.cell(row, *column);
        let state = if cell.is_blank() { Some(None) } else { view.words.state(&cell.text()) };
        match state {
            Some(state) => drop(person.days.insert(*day, state)),
            None => unread.push(view.unread(row, *column, view.words.understood())),
        }
    }
    person
}

/// Words in a row that says nothing of whose they are; numbers alone are sums.
fn unnamed(view: &View<'_>, columns: impl Iterator<Item = u32>, row: u32) -> Vec<UnreadCell> {
    let is_word = |column: &u32| {
        let text = view.cell(row, *column).text();
        let is_sum = text.is_empty() || text.parse::<f64>().is_ok();
        view.words.state(&text).map_or(!is_sum, |state| state.is_some())
    };
    let columns = columns.filter(is_word);
    columns.map(|column| view.unread(row, column, "a name or a key in its row")).collect()
}
