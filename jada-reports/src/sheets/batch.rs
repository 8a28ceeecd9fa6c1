//! A plan as one atomic `batchUpdate`
//! ([Google's page](https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/batchUpdate)).

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde_json::{Value, json};

use super::a1::{letters, quoted};
use super::columns::{ColumnKind, Columns};
use super::entered::Entered;
use super::grid::Grid;
use super::plan::{Format, Insertion, Plan};

/// The body of the request. Its answer is to show the header, and the column of the key.
pub(super) fn body(plan: &Plan, grid: &Grid, tab: &str, columns: &Columns) -> Value {
    let mut requests: Vec<Value> = blocks(&plan.cells)
        .into_iter()
        .map(|block| block.request(grid.sheet_id))
        .chain(plan.removed.iter().map(|(key, row)| match grid.cell(*row, plan.key) {
            // With the spaces that were typed around it.
            Entered::Text(text) => clear_key(grid.sheet_id, text, plan.key),
            _ => clear_key(grid.sheet_id, key, plan.key),
        }))
        .collect();
    if let Some(insertion) = &plan.insertion {
        requests.extend(widen(insertion, grid));
        requests.extend(insert(insertion, grid, columns));
    }
    let (tab, key) = (quoted(tab), letters(plan.key));
    json!({
        "requests": requests,
        "includeSpreadsheetInResponse": true,
        "responseIncludeGridData": true,
        "responseRanges": [format!("{tab}!1:1"), format!("{tab}!{key}:{key}")],
    })
}

/// Cells that are written by one request.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    row: usize,
    column: usize,
    rows: Vec<Vec<Value>>,
}

impl Block {
    fn request(self, sheet_id: i64) -> Value {
        let rows = self.rows.into_iter().map(|cells| json!({ "values": cells }));
        json!({ "updateCells": {
            "start": { "sheetId": sheet_id, "rowIndex": self.row, "columnIndex": self.column },
            "rows": rows.collect::<Vec<_>>(),
            "fields": "userEnteredValue",
        } })
    }
}

/// Neighbours in a row are written together, and so are rows below each other that are written in
/// the same columns.
fn blocks(cells: &BTreeMap<(usize, usize), Entered>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // By first column and width.
    let mut open: HashMap<(usize, usize), usize> = HashMap::new();
    for run in runs(cells) {
        let shape = (run.column, run.rows[0].len());
        let above = open.get(&shape).copied();
        match above.filter(|at| blocks[*at].row + blocks[*at].rows.len() == run.row) {
            Some(above) => blocks[above].rows.extend(run.rows),
            None => {
                open.insert(shape, blocks.len());
                blocks.push(run);
            }
        }
    }
    blocks
}

fn runs(cells: &BTreeMap<(usize, usize), Entered>) -> Vec<Block> {
    let mut runs: Vec<Block> = Vec::new();
    for ((row, column), cell) in cells {
        let value = cell_data(cell);
        match runs.last_mut() {
            Some(run) if run.row == *row && run.column + run.rows[0].len() == *column => {
                run.rows[0].push(value);
            }
            _ => runs.push(Block { row: *row, column: *column, rows: vec![vec![value]] }),
        }
    }
    runs
}

fn cell_data(cell: &Entered) -> Value {
    match cell.json() {
        Some(value) => json!({ "userEnteredValue": value }),
        None => json!({}),
    }
}

/// Found by its text, wherever the row is by then: the key of another row is never cleared.
fn clear_key(sheet_id: i64, key: &str, column: usize) -> Value {
    json!({ "findReplace": {
        "find": key,
        "replacement": "",
        "matchCase": true,
        "matchEntireCell": true,
        "range": {
            "sheetId": sheet_id,
            "startRowIndex": 1,
            "startColumnIndex": column,
            "endColumnIndex": column + 1,
        },
    } })
}

/// The columns that an empty tab may lack.
fn widen(insertion: &Insertion, grid: &Grid) -> Option<Value> {
    let width = insertion.rows.iter().map(Vec::len).max().unwrap_or_default();
    let lacking = width.checked_sub(grid.column_count).filter(|lacking| *lacking > 0)?;
    Some(json!({ "appendDimension": {
        "sheetId": grid.sheet_id,
        "dimension": "COLUMNS",
        "length": lacking,
    } }))
}

fn insert(insertion: &Insertion, grid: &Grid, columns: &Columns) -> [Value; 2] {
    let Insertion { row, rows, format } = insertion;
    // Behind the last row of the grid there is nothing else to inherit from.
    let from_above = *format == Format::Above || *row >= grid.row_count;
    let kinds = match format {
        Format::Above => HashMap::new(),
        Format::Kinds => patterns(rows, grid, columns),
    };
    let fields = match format {
        Format::Above => "userEnteredValue",
        Format::Kinds => "userEnteredValue,userEnteredFormat.numberFormat",
    };
    let cells = |row: &Vec<Entered>| -> Value {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let mut data = cell_data(cell);
            if let (Some(pattern), Entered::Number(_)) = (kinds.get(&column), cell) {
                data["userEnteredFormat"] = json!({ "numberFormat": pattern });
            }
            data
        });
        json!({ "values": cells.collect::<Vec<_>>() })
    };
    let insert = json!({ "insertDimension": {
        "range": {
            "sheetId": grid.sheet_id,
            "dimension": "ROWS",
            "startIndex": row,
            "endIndex": row + rows.len(),
        },
        "inheritFromBefore": from_above && *row > 0,
    } });
    let fill = json!({ "updateCells": {
        "start": { "sheetId": grid.sheet_id, "rowIndex": row, "columnIndex": 0 },
        "rows": rows.iter().map(cells).collect::<Vec<_>>(),
        "fields": fields,
    } });
    [insert, fill]
}

/// The number formats of our columns, by their places.
fn patterns(rows: &[Vec<Entered>], grid: &Grid, columns: &Columns) -> HashMap<usize, Value> {
    let mut header = grid.header();
    if header.is_empty() {
        header = rows[0].iter().filter_map(Entered::name).collect();
    }
    let place = |name: &str| header.iter().position(|it| it == name);
    let pattern = |kind: ColumnKind| {
        let (kind, pattern) = match kind {
            ColumnKind::Date => ("DATE", "yyyy-mm-dd".to_owned()),
            ColumnKind::DateTime => ("DATE_TIME", "yyyy-mm-dd hh:mm".to_owned()),
            ColumnKind::Money(0) => ("NUMBER", "#,##0".to_owned()),
            ColumnKind::Money(digits) => {
                ("NUMBER", format!("#,##0.{}", "0".repeat(usize::from(digits))))
            }
            ColumnKind::Text | ColumnKind::Number | ColumnKind::Bool => return None,
        };
        Some(json!({ "type": kind, "pattern": pattern }))
    };
    let patterns =
        columns.iter().map(|column| Some((place(column.name())?, pattern(column.kind())?)));
    patterns.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_lie_together_are_written_together() {
        let places = [(1, 1), (1, 2), (2, 1), (2, 2), (2, 4), (3, 4), (5, 1), (5, 2)];
        let cells = places.map(|place| (place, Entered::Bool(true))).into();
        let blocks = blocks(&cells);
        let shapes: Vec<_> = blocks
            .iter()
            .map(|block| (block.row, block.column, block.rows.len(), block.rows[0].len()))
            .collect();
        assert_eq!(shapes, [(1, 1, 2, 2), (2, 4, 2, 1), (5, 1, 1, 2)]);
    }
}
