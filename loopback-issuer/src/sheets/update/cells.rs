//! Cells that are written, where they are or below all others.

use serde_json::{Value, json};

use super::super::tab::{SheetCell, SheetTab};
use super::super::value::SheetValue;
use super::{fields, index, tab};

/// `updateCells`, from a corner on.
pub(super) fn update(tabs: &mut [SheetTab], request: &Value) -> Result<Value, String> {
    let request = fields(request, &["start", "rows", "fields"])?;
    let start = request.get("start").ok_or("This server writes from a start alone")?;
    let start = fields(start, &["sheetId", "rowIndex", "columnIndex"])?;
    let (top, left) = (index(start, "rowIndex")?, index(start, "columnIndex")?);
    let mask = Mask::of(request.get("fields"))?;
    let rows = rows(request.get("rows"))?;
    write(tab(tabs, start.get("sheetId"))?, (top, left), rows, mask)
}

/// `appendCells`, below the last row with data.
pub(super) fn append(tabs: &mut [SheetTab], request: &Value) -> Result<Value, String> {
    let request = fields(request, &["sheetId", "rows", "fields"])?;
    let mask = Mask::of(request.get("fields"))?;
    let rows = rows(request.get("rows"))?;
    let tab = tab(tabs, request.get("sheetId"))?;
    let (top, size) = (tab.used_rows(), tab.rows.len());
    tab.insert_rows(size, (top + rows.len()).saturating_sub(size));
    write(tab, (top, 0), rows, mask)
}

fn write(
    tab: &mut SheetTab,
    (top, left): (usize, usize),
    rows: Vec<Vec<SheetCell>>,
    mask: Mask,
) -> Result<Value, String> {
    for (row, cells) in (top..).zip(rows) {
        if row >= tab.rows.len() {
            let last = tab.rows.len() - 1;
            return Err(format!("Attempting to write row: {row}, beyond the last row: {last}"));
        }
        for (column, cell) in (left..).zip(cells) {
            if column >= tab.columns {
                let last = tab.columns - 1;
                let what = "beyond the last requested column of";
                return Err(format!("Attempting to write column: {column}, {what}: {last}"));
            }
            if tab.is_covered(row, column) {
                continue;
            }
            let target = &mut tab.rows[row][column];
            if mask.value {
                target.value = cell.value;
            }
            if mask.format {
                target.pattern = cell.pattern;
            }
        }
    }
    Ok(json!({}))
}

/// Which parts of a cell are written; what is not given of them is cleared.
#[derive(Clone, Copy)]
struct Mask {
    value: bool,
    format: bool,
}

impl Mask {
    fn of(fields: Option<&Value>) -> Result<Self, String> {
        let fields = fields.and_then(Value::as_str).filter(|fields| !fields.is_empty());
        let fields = fields.ok_or("At least one field must be listed in 'fields'.")?;
        let mut mask = Self { value: false, format: false };
        for field in fields.split(',') {
            match field {
                "*" => mask = Self { value: true, format: true },
                "userEnteredValue" => mask.value = true,
                "userEnteredFormat" | "userEnteredFormat.numberFormat" => mask.format = true,
                other => return Err(format!("Invalid field: {other}")),
            }
        }
        Ok(mask)
    }
}

fn rows(rows: Option<&Value>) -> Result<Vec<Vec<SheetCell>>, String> {
    let rows = rows.and_then(Value::as_array).ok_or("rows are a list")?;
    let row = |row: &Value| {
        let cells = fields(row, &["values"])?.get("values").and_then(Value::as_array);
        cells.map_or(&[][..], Vec::as_slice).iter().map(cell).collect()
    };
    rows.iter().map(row).collect()
}

fn cell(cell: &Value) -> Result<SheetCell, String> {
    let cell = fields(cell, &["userEnteredValue", "userEnteredFormat"])?;
    let value = SheetValue::read(cell.get("userEnteredValue").unwrap_or(&Value::Null))?;
    let format = match cell.get("userEnteredFormat") {
        Some(format) => fields(format, &["numberFormat"])?.get("numberFormat"),
        None => None,
    };
    let pattern = match format {
        Some(format) => {
            let format = fields(format, &["type", "pattern"])?;
            let kind = format.get("type").and_then(Value::as_str).unwrap_or_default();
            if !KINDS.contains(&kind) {
                return Err(format!("Invalid value at 'number_format.type': \"{kind}\""));
            }
            format.get("pattern").and_then(Value::as_str).map(str::to_owned)
        }
        None => None,
    };
    Ok(SheetCell { value, pattern, ..SheetCell::default() })
}

const KINDS: [&str; 8] =
    ["TEXT", "NUMBER", "PERCENT", "CURRENCY", "DATE", "TIME", "DATE_TIME", "SCIENTIFIC"];
