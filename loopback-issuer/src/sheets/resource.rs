//! A spreadsheet and its parts in Google's form.

use serde_json::{Value, json};

use super::fields::Fields;
use super::range;
use super::state::Book;
use super::tab::{Area, SheetCell, SheetTab, used};
use crate::google::refusal::Refusal;

/// Whether cells are given, and of which ranges; of whole tabs where none is named.
pub(super) struct Wanted<'a> {
    pub(super) ranges: Vec<&'a str>,
    pub(super) grid_data: bool,
}

impl Wanted<'_> {
    /// A mask that asks for cells, or for none, outweighs the parameter.
    pub(super) fn with_fields(self, fields: Option<&Fields>, path: &[&str]) -> Self {
        let grid_data = fields.map_or(self.grid_data, |fields| fields.has(path));
        Self { grid_data, ..self }
    }
}

/// The spreadsheet, and of its tabs those that the ranges are in.
pub(super) fn spreadsheet(book: &Book, wanted: &Wanted<'_>) -> Result<Value, Refusal> {
    let areas = wanted.ranges.iter().map(|range| range::find(&book.tabs, range));
    let areas: Vec<(usize, Area)> = areas.collect::<Result<_, _>>()?;
    let tabs = book.tabs.iter().enumerate();
    let tabs = tabs.filter(|(at, _)| areas.is_empty() || areas.iter().any(|(tab, _)| tab == at));
    let sheets = tabs.map(|(at, tab)| {
        let mut sheet = json!({ "properties": properties(tab, at) });
        if !tab.merges.is_empty() {
            sheet["merges"] = tab.merges.iter().map(|area| grid_range(tab, *area)).collect();
        }
        if wanted.grid_data {
            let whole = Area { rows: (0, tab.rows.len()), columns: (0, tab.columns) };
            let of_tab = areas.iter().filter(|(tab, _)| *tab == at).map(|(_, area)| *area);
            let of_tab: Vec<Area> = of_tab.collect();
            let of_tab = if of_tab.is_empty() { vec![whole] } else { of_tab };
            sheet["data"] = of_tab.into_iter().map(|area| data(tab, area)).collect();
        }
        sheet
    });
    Ok(json!({
        "spreadsheetId": book.id,
        "properties": { "title": "Book" },
        "sheets": sheets.collect::<Vec<_>>(),
    }))
}

fn properties(tab: &SheetTab, index: usize) -> Value {
    json!({
        "sheetId": tab.id,
        "title": tab.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": { "rowCount": tab.rows.len(), "columnCount": tab.columns },
    })
}

fn grid_range(tab: &SheetTab, area: Area) -> Value {
    json!({
        "sheetId": tab.id,
        "startRowIndex": area.rows.0,
        "endRowIndex": area.rows.1,
        "startColumnIndex": area.columns.0,
        "endColumnIndex": area.columns.1,
    })
}

/// Without what is blank below and behind, and without a start of 0.
fn data(tab: &SheetTab, area: Area) -> Value {
    let mut rows: Vec<Value> = part(tab, area).map(|row| row_data(&row[..used(row)])).collect();
    while rows.last().is_some_and(|row| *row == json!({})) {
        rows.pop();
    }
    let mut data = json!({});
    if area.rows.0 > 0 {
        data["startRow"] = area.rows.0.into();
    }
    if area.columns.0 > 0 {
        data["startColumn"] = area.columns.0.into();
    }
    if !rows.is_empty() {
        data["rowData"] = rows.into();
    }
    data
}

/// The rows of an area, each as wide as that.
pub(super) fn part(tab: &SheetTab, area: Area) -> impl Iterator<Item = &[SheetCell]> {
    let rows = tab.rows.get(area.rows.0..area.rows.1).unwrap_or_default();
    rows.iter().map(move |row| row.get(area.columns.0..area.columns.1).unwrap_or_default())
}

fn row_data(row: &[SheetCell]) -> Value {
    match row {
        [] => json!({}),
        row => json!({ "values": row.iter().map(cell).collect::<Vec<_>>() }),
    }
}

fn cell(cell: &SheetCell) -> Value {
    let mut data = json!({});
    if let (Some(entered), Some(effective)) = (cell.value.entered(), cell.value.effective()) {
        data["userEnteredValue"] = entered;
        data["effectiveValue"] = effective;
    }
    if let Some(pattern) = &cell.pattern {
        data["userEnteredFormat"] = json!({ "numberFormat": { "pattern": pattern } });
    }
    data
}
