//! Answers of [Google's API](https://developers.google.com/workspace/sheets/api/reference/rest), as
//! far as they are read.

use serde::Deserialize;

use super::entered::Entered;
use super::grid::{Grid, Merge};

#[derive(Debug, Deserialize)]
pub(super) struct Spreadsheet {
    pub(super) sheets: Vec<Sheet>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Sheet {
    #[serde(default)]
    pub(super) properties: Properties,
    #[serde(default)]
    merges: Vec<Merge>,
    #[serde(default)]
    data: Vec<GridData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Properties {
    #[serde(default)]
    sheet_id: i64,
    #[serde(default)]
    pub(super) title: String,
    /// None of a sheet that is a chart, or a table of another source.
    grid_properties: Option<GridProperties>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GridProperties {
    row_count: usize,
    column_count: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GridData {
    #[serde(default)]
    row_data: Vec<RowData>,
}

#[derive(Debug, Deserialize)]
struct RowData {
    #[serde(default)]
    values: Vec<CellData>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CellData {
    #[serde(default)]
    user_entered_value: Entered,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Updated {
    pub(super) updated_spreadsheet: Spreadsheet,
}

impl Sheet {
    /// The tab, where it is one of cells.
    pub(super) fn grid(self) -> Option<Grid> {
        let Properties { sheet_id, grid_properties, .. } = self.properties;
        let GridProperties { row_count, column_count } = grid_properties?;
        let data = self.data.into_iter().next().unwrap_or_default();
        Some(Grid { sheet_id, row_count, column_count, rows: data.rows(), merges: self.merges })
    }

    /// The cells of each range that was asked for, in that order.
    pub(super) fn ranges(self) -> impl Iterator<Item = Vec<Vec<Entered>>> {
        self.data.into_iter().map(GridData::rows)
    }
}

impl GridData {
    fn rows(self) -> Vec<Vec<Entered>> {
        let cells = |row: RowData| row.values.into_iter().map(|cell| cell.user_entered_value);
        self.row_data.into_iter().map(|row| cells(row).collect()).collect()
    }
}

/// What is read of a tab.
pub(super) const TAB: &str = "sheets(properties(sheetId,title,\
                              gridProperties(rowCount,columnCount)),merges,\
                              data(rowData(values(userEnteredValue))))";
/// What is read of a spreadsheet that lacks the tab.
pub(super) const TITLES: &str = "sheets(properties(title))";
/// What is read back after a write.
pub(super) const WRITTEN: &str =
    "updatedSpreadsheet(sheets(data(rowData(values(userEnteredValue)))))";
