//! Texts that are found and replaced.

use serde_json::{Value, json};

use super::super::tab::SheetTab;
use super::super::value::SheetValue;
use super::{fields, index, tab};

/// `findReplace`, of whole cells in a range. Formulas are passed over, and so are numbers with a
/// format, which are found by what they show.
pub(super) fn find_replace(tabs: &mut [SheetTab], request: &Value) -> Result<Value, String> {
    let known = ["find", "replacement", "matchCase", "matchEntireCell", "range"];
    let request = fields(request, &known)?;
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_set = |name: &str| request.get(name) == Some(&Value::Bool(true));
    if text("find").is_empty() {
        return Err("find must not be empty".to_owned());
    }
    if !is_set("matchEntireCell") || !is_set("matchCase") {
        return Err("This server finds whole cells alone, and minds the case".to_owned());
    }
    let range = request.get("range").ok_or("This server replaces in a range alone")?;
    let range = fields(range, &GRID_RANGE)?;
    let tab = tab(tabs, range.get("sheetId"))?;
    let end = |name: &str, size: usize| match range.contains_key(name) {
        true => index(range, name),
        false => Ok(size),
    };
    let rows = index(range, "startRowIndex")?..end("endRowIndex", tab.rows.len())?;
    let columns = index(range, "startColumnIndex")?..end("endColumnIndex", tab.columns)?;
    let (mut occurrences, mut changed) = (0, 0);
    for row in tab.rows.get_mut(rows).unwrap_or_default() {
        let before = occurrences;
        for cell in row.get_mut(columns.clone()).unwrap_or_default() {
            let is_passed = match cell.value {
                SheetValue::Formula(_) => true,
                SheetValue::Number(_) => cell.pattern.is_some(),
                _ => false,
            };
            if !is_passed && cell.value.text() == text("find") {
                cell.value = SheetValue::from(text("replacement"));
                occurrences += 1;
            }
        }
        changed += usize::from(occurrences > before);
    }
    Ok(match occurrences {
        0 => json!({ "findReplace": {} }),
        _ => json!({ "findReplace": {
            "valuesChanged": occurrences,
            "rowsChanged": changed,
            "sheetsChanged": 1,
            "occurrencesChanged": occurrences,
        } }),
    })
}

const GRID_RANGE: [&str; 5] =
    ["sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"];
