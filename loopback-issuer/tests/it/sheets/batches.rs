//! Batches are done as a whole, or not at all.

use jada_loopback_issuer::{SheetValue, Sheets};
use serde_json::{Value, json};

use super::{book, cells, refusal, try_update, update};

fn shown(sheets: &Sheets) -> Vec<Vec<String>> {
    let rows = sheets.tab("Ann's").unwrap().values().into_iter();
    rows.map(|row| row.iter().map(SheetValue::text).collect()).collect()
}

fn text(text: &str) -> Value {
    json!({ "stringValue": text })
}

#[test]
fn cells_are_written_with_their_types() {
    let sheets = book().start().unwrap();
    let values = [
        text("=1+1"),
        json!({ "numberValue": 2 }),
        json!({ "boolValue": false }),
        json!({ "formulaValue": "=A1" }),
        Value::Null,
    ];
    assert_eq!(update(&sheets, &json!([cells(1, 0, &values)])).status, 200);
    let tab = sheets.tab("Ann's").unwrap();
    let written = [0, 1, 2, 3].map(|column| tab.cell(1, column).value);
    let formula = SheetValue::Formula("=A1".into());
    assert_eq!(written, [SheetValue::Text("=1+1".into()), 2.0.into(), false.into(), formula]);
    assert_eq!(tab.cell(1, 0).by_person, "C-1".into());
    assert_eq!(tab.cell(1, 4).value, SheetValue::Blank);
}

#[test]
fn a_batch_with_one_bad_request_changes_nothing_and_names_it() {
    let sheets = book().start().unwrap();
    let good = cells(0, 0, &[text("changed")]);
    let range = |start: usize, end: usize| json!({ "sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": end });
    let bad = [
        (cells(1_000, 0, &[text("x")]), "updateCells"),
        (cells(0, 26, &[text("x")]), "updateCells"),
        (cells(0, 0, &[json!({ "stringValue": "x", "numberValue": 1 })]), "updateCells"),
        (cells(0, 0, &[json!({ "formulaValue": "A1" })]), "updateCells"),
        (cells(0, 0, &[text(&"x".repeat(50_001))]), "updateCells"),
        (json!({ "updateCells": { "start": {}, "rows": [], "fields": "" } }), "updateCells"),
        (
            json!({ "updateCells": { "start": { "sheetId": 5 }, "rows": [], "fields": "*" } }),
            "updateCells",
        ),
        (
            json!({ "insertDimension": { "range": range(1_001, 1_002), "inheritFromBefore": true } }),
            "insertDimension",
        ),
        (json!({ "insertDimension": { "range": range(1_000, 1_001) } }), "insertDimension"),
        (
            json!({ "insertDimension": { "range": range(0, 1), "inheritFromBefore": true } }),
            "insertDimension",
        ),
        (json!({ "deleteDimension": { "range": range(0, 1_000) } }), "deleteDimension"),
        (json!({ "deleteDimension": { "range": range(3, 3) } }), "deleteDimension"),
        (
            json!({ "appendDimension": { "sheetId": 0, "dimension": "ROWS", "length": 400_000 } }),
            "appendDimension",
        ),
        (json!({ "findReplace": { "find": "" } }), "findReplace"),
        (json!({ "sortRange": {} }), "sortRange"),
        (json!({}), "request"),
    ];
    let before = sheets.tab("Ann's");
    for (request, kind) in bad {
        let message = refusal(&update(&sheets, &json!([good, request])), 400);
        assert!(message.starts_with(&format!("Invalid requests[1].{kind}: ")), "{message}");
        assert_eq!(sheets.tab("Ann's"), before, "{message}");
    }
    for body in
        [json!({}), json!({ "requests": [] }), json!({ "requests": [good], "x": 1 }), json!(1)]
    {
        refusal(&try_update(&sheets, &body).unwrap(), 400);
    }
    assert_eq!(sheets.tab("Ann's"), before);
}

#[test]
fn rows_and_columns_are_inserted_appended_and_deleted() {
    let sheets = book().start().unwrap();
    let range = |dimension: &str, start: usize, end: usize| json!({ "sheetId": 0, "dimension": dimension, "startIndex": start, "endIndex": end });
    let requests = json!([
        { "insertDimension": { "range": range("ROWS", 1, 3), "inheritFromBefore": true } },
        { "insertDimension": { "range": range("COLUMNS", 0, 1) } },
        { "deleteDimension": { "range": range("ROWS", 2, 3) } },
        { "deleteDimension": { "range": range("COLUMNS", 3, 5) } },
        { "appendDimension": { "sheetId": 0, "dimension": "COLUMNS", "length": 2 } },
        { "appendCells": { "sheetId": 0, "rows": [{ "values": [{ "userEnteredValue": text("below") }] }], "fields": "*" } },
    ]);
    assert_eq!(update(&sheets, &requests).status, 200);
    let empty: Vec<String> = Vec::new();
    assert_eq!(
        shown(&sheets),
        [
            vec!["", "id", "n"],
            vec![],
            vec!["", "C-1", "1.5"],
            vec![],
            vec!["", "C-2"],
            vec!["below"]
        ]
    );
    assert_eq!(shown(&sheets)[1], empty);
    let tab = sheets.tab("Ann's").unwrap();
    assert_eq!((tab.row_count(), tab.column_count()), (1_001, 27));
    let size = json!({ "updateSheetProperties": {
        "properties": { "sheetId": 0, "gridProperties": { "rowCount": 9, "columnCount": 3 } },
        "fields": "gridProperties.rowCount,gridProperties.columnCount",
    } });
    assert_eq!(update(&sheets, &json!([size])).status, 200);
    let tab = sheets.tab("Ann's").unwrap();
    assert_eq!((tab.row_count(), tab.column_count()), (9, 3));
}

#[test]
fn whole_cells_are_found_and_replaced() {
    let sheets = book().start().unwrap();
    let replace = |find: &str| {
        let range =
            json!({ "sheetId": 0, "startRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1 });
        let request = json!({ "findReplace": { "find": find, "replacement": "", "matchCase": true, "matchEntireCell": true, "range": range } });
        let reply = update(&sheets, &json!([request])).json();
        reply["replies"][0]["findReplace"]["occurrencesChanged"].clone()
    };
    assert_eq!(
        [replace("C-"), replace("c-1"), replace("id"), replace("C-1")],
        [json!(null), json!(null), json!(null), json!(1)]
    );
    assert_eq!(shown(&sheets)[1][0], "");
}

#[test]
fn the_answer_shows_what_was_asked_for_after_the_batch() {
    let sheets = book().start().unwrap();
    let body = json!({
        "requests": [cells(0, 0, &[text("key")])],
        "includeSpreadsheetInResponse": true,
        "responseIncludeGridData": true,
        "responseRanges": ["1:1", "'Ann''s'!A:A"],
    });
    let reply = try_update(&sheets, &body).unwrap().json();
    let data = &reply["updatedSpreadsheet"]["sheets"][0]["data"];
    let first = |at: usize| data[at]["rowData"][0]["values"][0]["userEnteredValue"].clone();
    assert_eq!((first(0), first(1)), (text("key"), text("key")));
    assert_eq!(data[1]["rowData"].as_array().unwrap().len(), 4);
}

#[test]
fn what_is_written_under_merged_cells_is_lost() {
    let sheets = book().start().unwrap();
    sheets.edit("Ann's", |tab| tab.merge((1, 2), (0, 2)));
    update(&sheets, &json!([cells(1, 0, &[text("x"), text("lost")])]));
    assert_eq!(shown(&sheets)[1][..2], ["x", ""]);
}
