//! Ranges in [A1 notation](https://developers.google.com/workspace/sheets/api/guides/concepts#cell).

use super::refusal;
use super::tab::{Area, SheetTab};
use crate::google::refusal::Refusal;

/// The tab that a range is in, by its place among them, and the part of its grid; the whole of the
/// first tab where the range names none.
pub(super) fn find(tabs: &[SheetTab], range: &str) -> Result<(usize, Area), Refusal> {
    let unknown = || refusal::invalid(format!("Unable to parse range: {range}"));
    let named = |title: &str| tabs.iter().position(|tab| tab.title == title);
    let (title, cells) = split(range).ok_or_else(unknown)?;
    let (tab, cells) = match (title, cells) {
        (Some(title), cells) => (named(&title).ok_or_else(unknown)?, cells),
        (None, Some(cells)) if area(&tabs[0], cells).is_some() => (0, Some(cells)),
        (None, Some(cells)) => (named(cells).ok_or_else(unknown)?, None),
        (None, None) => return Err(unknown()),
    };
    let all = Area { rows: (0, tabs[tab].rows.len()), columns: (0, tabs[tab].columns) };
    match cells {
        None => Ok((tab, all)),
        Some(cells) => area(&tabs[tab], cells).map(|area| (tab, area)).ok_or_else(unknown),
    }
}

/// As Google writes it back.
pub(super) fn name(tab: &SheetTab, area: Area) -> String {
    let (first, last) = (area.columns.0, area.columns.1.saturating_sub(1));
    let title = format!("'{}'", tab.title.replace('\'', "''"));
    format!("{title}!{}{}:{}{}", letters(first), area.rows.0 + 1, letters(last), area.rows.1)
}

/// The tab's title where it is set apart, and the cells, or what may be a title that is not.
fn split(range: &str) -> Option<(Option<String>, Option<&str>)> {
    let Some(quoted) = range.strip_prefix('\'') else {
        return Some(match range.split_once('!') {
            Some((title, cells)) => (Some(title.to_owned()), Some(cells)),
            None => (None, Some(range)),
        });
    };
    let mut end = 0;
    loop {
        end += quoted[end..].find('\'')?;
        if !quoted[end + 1..].starts_with('\'') {
            break;
        }
        end += 2;
    }
    let (title, rest) = (quoted[..end].replace("''", "'"), &quoted[end + 1..]);
    match rest.strip_prefix('!') {
        Some(cells) => Some((Some(title), Some(cells))),
        None => rest.is_empty().then_some((Some(title), None)),
    }
}

fn area(tab: &SheetTab, cells: &str) -> Option<Area> {
    let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
    let ((left, top), (right, bottom)) = (corner(first)?, corner(last)?);
    if !cells.contains(':') && (left.is_none() || top.is_none()) {
        return None;
    }
    let end = |last: Option<usize>, count: usize| last.map_or(count, |it| (it + 1).min(count));
    let rows = (top.unwrap_or(0), end(bottom, tab.rows.len()));
    let columns = (left.unwrap_or(0), end(right, tab.columns));
    (rows.0 <= rows.1 && columns.0 <= columns.1).then_some(Area { rows, columns })
}

/// Column and row, counted from 0, each where it is given.
fn corner(text: &str) -> Option<(Option<usize>, Option<usize>)> {
    let digits = text.find(|it: char| it.is_ascii_digit()).unwrap_or(text.len());
    let (letters, number) = text.split_at(digits);
    if text.is_empty() || letters.len() > 3 || !letters.bytes().all(|it| it.is_ascii_alphabetic()) {
        return None;
    }
    let value = |letter: u8| usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    let column = letters.bytes().fold(0, |column, letter| column * 26 + value(letter));
    let row = if number.is_empty() { None } else { Some(number.parse::<usize>().ok()?) };
    Some((column.checked_sub(1), row.map(|row| row.checked_sub(1)).unwrap_or_default()))
}

pub(super) fn letters(column: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(column % 26).unwrap_or_default());
    match (column / 26).checked_sub(1) {
        Some(rest) => letters(rest) + &letter.to_string(),
        None => letter.to_string(),
    }
}
