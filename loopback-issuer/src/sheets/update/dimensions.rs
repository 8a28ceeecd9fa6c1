//! Rows and columns that are inserted, appended and deleted, and the size of the grid.

use serde_json::{Value, json};

use super::super::tab::{SheetCell, SheetTab};
use super::{fields, index, tab};

/// `insertDimension`.
pub(super) fn insert(tabs: &mut [SheetTab], request: &Value) -> Result<Value, String> {
    let request = fields(request, &["range", "inheritFromBefore"])?;
    let range = Range::of(request.get("range"))?;
    let inherit = request.get("inheritFromBefore") == Some(&Value::Bool(true));
    let tab = tab(tabs, Some(&range.sheet))?;
    let (start, count) = (range.start, range.end - range.start);
    let size = range.dimension.size(tab);
    if inherit && start == 0 {
        return Err("inheritFromBefore cannot be true if startIndex is 0".to_owned());
    }
    if start > size || (start == size && !inherit) {
        return Err(format!(
            "range.startIndex[{start}] must be less than the grid size ({size}) if \
             inheritFromBefore is false."
        ));
    }
    match range.dimension {
        Dimension::Rows => {
            tab.insert_rows(start, count);
            let from = if inherit { start - 1 } else { start + count };
            let patterns: Vec<_> = tab.rows[from].iter().map(|it| it.pattern.clone()).collect();
            for row in &mut tab.rows[start..start + count] {
                row.iter_mut().zip(&patterns).for_each(|(to, from)| to.pattern.clone_from(from));
            }
        }
        Dimension::Columns => tab.insert_columns(start, count),
    }
    checked(tab)
}

/// `appendDimension`.
pub(super) fn append(tabs: &mut [SheetTab], request: &Value) -> Result<Value, String> {
    let request = fields(request, &["sheetId", "dimension", "length"])?;
    let dimension = Dimension::of(request.get("dimension"))?;
    let length = index(request, "length")?;
    if length == 0 {
        return Err("length must be positive".to_owned());
    }
    let tab = tab(tabs, request.get("sheetId"))?;
    match dimension {
        Dimension::Rows => tab.insert_rows(tab.rows.len(), length),
        Dimension::Columns => tab.insert_columns(tab.columns, length),
    }
    checked(tab)
}

/// `deleteDimension`.
pub(super) fn delete(tabs: &mut [SheetTab], request: &Value) -> Result<Value, String> {
    let range = Range::of(fields(request, &["range"])?.get("range"))?;
    let tab = tab(tabs, Some(&range.sheet))?;
    let size = range.dimension.size(tab);
    if range.end > size {
        return Err(format!("range.endIndex[{}] is beyond the grid size ({size})", range.end));
    }
    if range.end - range.start == size {
        return Err("You can't delete all the rows or columns on the sheet.".to_owned());
    }
    match range.dimension {
        Dimension::Rows => drop(tab.rows.drain(range.start..range.end)),
        Dimension::Columns => {
            tab.rows.iter_mut().for_each(|row| drop(row.drain(range.start..range.end)));
            tab.columns -= range.end - range.start;
        }
    }
    Ok(json!({}))
}

/// `updateSheetProperties`, as far as the size of the grid goes.
pub(super) fn update_properties(tabs: &mut [SheetTab], request: &Value) -> Result<Value, String> {
    let request = fields(request, &["properties", "fields"])?;
    let properties = request.get("properties").ok_or("properties have to be given")?;
    let properties = fields(properties, &["sheetId", "gridProperties"])?;
    let grid = properties.get("gridProperties").ok_or("gridProperties have to be given")?;
    let grid = fields(grid, &["rowCount", "columnCount"])?;
    let mask = request.get("fields").and_then(Value::as_str).unwrap_or_default();
    let tab = tab(tabs, properties.get("sheetId"))?;
    for field in mask.split(',') {
        let count = |name: &str| match index(grid, name)? {
            0 => Err(format!("{name} must be positive")),
            count => Ok(count),
        };
        match field {
            "gridProperties.rowCount" => {
                let blank = vec![SheetCell::default(); tab.columns];
                tab.rows.resize(count("rowCount")?, blank);
            }
            "gridProperties.columnCount" => {
                let count = count("columnCount")?;
                tab.columns = count;
                tab.rows.iter_mut().for_each(|row| row.resize_with(count, Default::default));
            }
            other => return Err(format!("Invalid field: {other}")),
        }
    }
    checked(tab)
}

fn checked(tab: &SheetTab) -> Result<Value, String> {
    if tab.rows.len() * tab.columns > MOST {
        let what = "This action would increase the number of cells in the workbook above the limit";
        return Err(format!("{what} of {MOST} cells."));
    }
    Ok(json!({}))
}

#[derive(Clone, Copy)]
enum Dimension {
    Rows,
    Columns,
}

impl Dimension {
    fn of(value: Option<&Value>) -> Result<Self, String> {
        match value.and_then(Value::as_str) {
            Some("ROWS") => Ok(Self::Rows),
            Some("COLUMNS") => Ok(Self::Columns),
            _ => Err("No dimension specified.".to_owned()),
        }
    }

    fn size(self, tab: &SheetTab) -> usize {
        match self {
            Self::Rows => tab.rows.len(),
            Self::Columns => tab.columns,
        }
    }
}

struct Range {
    sheet: Value,
    dimension: Dimension,
    start: usize,
    end: usize,
}

impl Range {
    fn of(value: Option<&Value>) -> Result<Self, String> {
        let known = ["sheetId", "dimension", "startIndex", "endIndex"];
        let range = fields(value.ok_or("No range specified.")?, &known)?;
        let (start, end) = (index(range, "startIndex")?, index(range, "endIndex")?);
        if end <= start {
            return Err(format!("endIndex[{end}] must be greater than startIndex[{start}]"));
        }
        let sheet = range.get("sheetId").cloned().unwrap_or_else(|| json!(0));
        Ok(Self { sheet, dimension: Dimension::of(range.get("dimension"))?, start, end })
    }
}

/// Cells of a spreadsheet at most.
const MOST: usize = 10_000_000;
