//! `spreadsheets.values.batchGet`: values without their types.

use serde_json::{Value, json};

use super::range;
use super::refusal;
use super::resource::part;
use super::state::Book;
use super::tab::used;
use crate::google::refusal::Refusal;
use crate::loopback::Head;

/// Ragged rows, as Google gives them: without what is blank behind each row and below the last.
pub(super) fn batch_get(book: &Book, head: &Head) -> Result<Value, Refusal> {
    for (name, only) in
        [("valueRenderOption", "UNFORMATTED_VALUE"), ("dateTimeRenderOption", "SERIAL_NUMBER")]
    {
        if head.query(name).is_some_and(|given| given != only) {
            return Err(refusal::invalid(format!("This server knows no {name} but {only}")));
        }
    }
    if head.query("valueRenderOption").is_none() {
        return Err(refusal::invalid("This server gives no values as they are formatted"));
    }
    let ranges = head.queries("ranges").into_iter().map(|range| {
        let (tab, area) = range::find(&book.tabs, range)?;
        let tab = &book.tabs[tab];
        let mut rows: Vec<Vec<Value>> = part(tab, area)
            .map(|row| row[..used(row)].iter().map(|cell| cell.value.unformatted()).collect())
            .collect();
        while rows.last().is_some_and(Vec::is_empty) {
            rows.pop();
        }
        let mut answer = json!({ "range": range::name(tab, area), "majorDimension": "ROWS" });
        if !rows.is_empty() {
            answer["values"] = json!(rows);
        }
        Ok(answer)
    });
    let ranges = ranges.collect::<Result<Vec<_>, Refusal>>()?;
    Ok(json!({ "spreadsheetId": book.id, "valueRanges": ranges }))
}
