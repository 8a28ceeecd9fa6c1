//! Sheets, and a client of it that says what it sends.

mod access;
mod batches;
mod faults;
mod people;
mod reading;

use std::io;

use jada_loopback_issuer::{SheetValue, Sheets, SheetsBuilder};
use serde_json::{Value, json};

use crate::client::{Client, Reply};

/// A tab with a text, a number, a truth, a formula and a day, and ragged rows.
fn book() -> SheetsBuilder {
    let rows: [&[SheetValue]; 4] = [
        &["id".into(), "n".into(), "b".into(), "f".into()],
        &["C-1".into(), 1.5.into(), true.into(), "=B2".into(), SheetValue::Blank],
        &[],
        &["C-2".into(), SheetValue::Blank, false.into()],
    ];
    Sheets::builder().tab("Ann's", rows.map(<[SheetValue]>::to_vec)).tab("Crew", [["name"]])
}

fn ask(sheets: &Sheets, line: &str, headers: &str, body: &str) -> io::Result<Reply> {
    let mut client = Client::of_api(&sheets.endpoint());
    client.try_to_send(line, headers, body.as_bytes())?;
    client.reply()
}

fn get(sheets: &Sheets, path: &str) -> Reply {
    ask(sheets, &format!("GET {BOOK}{path}"), GOOD, "").unwrap()
}

fn try_update(sheets: &Sheets, body: &Value) -> io::Result<Reply> {
    let json = format!("{GOOD}Content-Type: application/json\r\n");
    ask(sheets, &format!("POST {BOOK}:batchUpdate"), &json, &body.to_string())
}

fn update(sheets: &Sheets, requests: &Value) -> Reply {
    try_update(sheets, &json!({ "requests": requests })).unwrap()
}

/// Writes these values from this row and column on.
fn cells(row: usize, column: usize, values: &[Value]) -> Value {
    let cell = |value: &Value| match value {
        Value::Null => json!({}),
        value => json!({ "userEnteredValue": value }),
    };
    json!({ "updateCells": {
        "start": { "sheetId": 0, "rowIndex": row, "columnIndex": column },
        "rows": [{ "values": values.iter().map(cell).collect::<Vec<_>>() }],
        "fields": "userEnteredValue",
    } })
}

/// The message of a refusal, with this status.
fn refusal(reply: &Reply, status: u16) -> String {
    assert_eq!(reply.status, status, "{:?}", reply.json());
    reply.json()["error"]["message"].as_str().unwrap().to_owned()
}

const GOOD: &str = "Authorization: Bearer good\r\n";
const BOOK: &str = "/v4/spreadsheets/book";
