//! Which cells of a tab are what.

use crate::style::workbook::cells::{Cell, Cells, Row, Value};
use crate::xlsx::month::{HEADER, HEADERS};

/// The styles of a tab by what their cells are, as places among the workbook's styles.
pub(super) struct Layout {
    /// How much it tells, at most [`MOST`].
    pub(super) worth: u8,
    pub(super) header_row: u32,
    pub(super) title: Option<usize>,
    pub(super) header: Option<usize>,
    /// A text, a date and an amount of the body; a text and an amount of the sums.
    pub(super) text: Option<usize>,
    pub(super) date: Option<usize>,
    pub(super) amount: Option<usize>,
    pub(super) total: Option<usize>,
    pub(super) total_amount: Option<usize>,
    pub(super) note: Option<usize>,
    /// Where the columns of a month are.
    pub(super) columns: [Option<u32>; 8],
}

impl Layout {
    pub(super) fn of(cells: &Cells) -> Option<Self> {
        Self::ours(cells).or_else(|| Self::foreign(cells))
    }

    /// A month as this crate writes it.
    fn ours(cells: &Cells) -> Option<Self> {
        let header = cells.head.iter().find(|row| row.number == HEADER)?;
        let is_header = (0..).zip(HEADERS).all(|(at, name)| header.text(at) == Some(name));
        let title = cells.head.iter().find(|row| row.number == 0)?.at(0)?;
        if !is_header || !title.text()?.starts_with("Revenue statement, ") {
            return None;
        }
        let below = || cells.rows().filter(|row| row.number > HEADER);
        let charters =
            || below().filter(|row| row.at(0).is_some_and(|cell| cell.value == Value::Date));
        let number = |row: &Row| row.at(TOTAL).filter(|cell| cell.value == Value::Number).cloned();
        let first = charters().next();
        let sums = below().find(|row| row.text(GUEST) == Some("Gross"));
        Some(Self {
            worth: if first.is_some() { MOST } else { MOST - 1 },
            header_row: HEADER,
            title: Some(title.style),
            header: header.at(0).map(style),
            text: first.and_then(|row| row.at(1)).map(style),
            date: first.and_then(|row| row.at(0)).map(style),
            amount: charters().find_map(number).as_ref().map(style),
            total: sums.and_then(|row| row.at(GUEST)).map(style),
            total_amount: sums.and_then(number).as_ref().map(style),
            note: note(cells, HEADER, None),
            columns: std::array::from_fn(|at| u32::try_from(at).ok()),
        })
    }

    fn foreign(cells: &Cells) -> Option<Self> {
        let heads = || (0..cells.head.len()).filter(|at| is_header(&cells.head, *at));
        let marked = heads().find(|at| is_marked(&cells.head[*at]));
        let header = &cells.head[marked.or_else(|| heads().next())?];
        let below = || cells.rows().filter(|row| row.number > header.number);
        let body = below().find(|row| numbers(row).next().is_some())?;
        let above = cells.head.iter().filter(|row| row.number < header.number);
        let texts = above.flat_map(|row| &row.cells).filter(|cell| cell.text().is_some());
        // The first of the largest.
        let title = texts.fold(None, |largest: Option<&Cell>, cell| match largest {
            Some(other) if other.size >= cell.size => Some(other),
            _ => Some(cell),
        });
        let sums = below().find(|row| row.number > body.number && is_total(row, body));
        let text = |row: &Row| row.cells.iter().find(|cell| cell.text().is_some()).map(style);
        let dates = body.cells.iter().find(|cell| cell.value == Value::Date);
        Some(Self {
            worth: if marked.is_some() { 2 } else { 1 },
            header_row: header.number,
            title: title.map(style),
            header: text(header),
            text: text(body).or_else(|| numbers(body).last().map(style)),
            date: dates.map(style),
            amount: numbers(body).last().map(style),
            total: sums.and_then(text),
            total_amount: sums.and_then(|row| numbers(row).last().map(style)),
            note: note(cells, body.number, sums),
            columns: columns(header),
        })
    }
}

/// A row of texts, and a number within the ten rows below it.
fn is_header(rows: &[Row], at: usize) -> bool {
    let texts = rows[at].cells.iter().all(|cell| cell.text().is_some());
    let near = |row: &&Row| row.number <= rows[at].number + 10;
    let mut below = rows[at + 1..].iter().take_while(near);
    texts && rows[at].cells.len() >= 2 && below.any(|row| numbers(row).next().is_some())
}

fn is_marked(row: &Row) -> bool {
    row.cells.iter().all(|cell| cell.bold || cell.filled)
}

/// A row without a date that says so, or that is bold where the body is not. Its sum may be a
/// formula whose result was never kept.
fn is_total(row: &Row, body: &Row) -> bool {
    let named = row.cells.iter().find_map(Cell::text).is_some_and(|text| {
        let word = text.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        ["total", "totals", "sum", "gross", "net"].contains(&word.to_lowercase().as_str())
    });
    let dated = row.cells.iter().any(|cell| cell.value == Value::Date);
    let bold = |row: &Row| numbers(row).last().map(|number| number.bold);
    (named && !dated) || (bold(row) == Some(true) && bold(body) == Some(false))
}

fn numbers(row: &Row) -> impl Iterator<Item = &Cell> {
    row.cells.iter().filter(|cell| cell.value == Value::Number)
}

/// The last row below another that is one text, and not that of the sums, whose number may be a
/// formula without a result.
fn note(cells: &Cells, below: u32, sums: Option<&Row>) -> Option<usize> {
    let rows = cells.rows().rev().take_while(|row| row.number > below);
    let rows = rows.filter(|row| sums.is_none_or(|sums| sums.number != row.number));
    let mut single = rows.filter(|row| row.cells.len() == 1);
    single.find_map(|row| row.cells.iter().find(|cell| cell.text().is_some())).map(style)
}

/// Where a header has the columns of a month, each once, by any word that means it.
fn columns(header: &Row) -> [Option<u32>; 8] {
    let mut columns = [None; 8];
    for cell in &header.cells {
        let text = cell.text().unwrap_or_default().to_lowercase();
        let words = || text.split(|c: char| !c.is_alphanumeric());
        let free = |at: &usize| columns[*at].is_none();
        let means = |at: &usize| words().any(|word| WORDS[*at].contains(&word));
        if let Some(at) = (0..columns.len()).filter(free).find(means) {
            columns[at] = Some(cell.column);
        }
    }
    columns
}

fn style(cell: &Cell) -> usize {
    cell.style
}

/// What a month of ours with charters is worth.
pub(super) const MOST: u8 = 4;
const GUEST: u32 = 2;
const TOTAL: u32 = 6;
/// In the order of a month's columns. A column is the first that it may be.
const WORDS: [&[&str]; 8] = [
    &["date", "day", "when"],
    &["charter", "booking", "id", "ref", "reference", "number", "no"],
    &["guest", "guests", "name", "client", "customer"],
    &["brand", "company", "channel"],
    &["kind", "type", "category"],
    &["status", "state"],
    &["total", "amount", "revenue", "price", "gross", "fee"],
    &["notes", "note", "remarks", "remark", "comments", "comment"],
];
