//! A month's tab of a Google spreadsheet.

use jada_auth::{ApiUrl, GoogleClient};
use serde::Deserialize;

use crate::error::{Error, shorten};
use crate::month::Month;
use crate::tab::choice::{of_month, only_title};
use crate::tab::filling::Filling;
use crate::tab::grid::{TabCell, TabGrid};
use crate::tab::words::TabWords;
use crate::tab::{CellAddress, MonthTab};

impl MonthTab {
    /// The scope that reads spreadsheets.
    pub const SCOPE: &'static str = "https://www.googleapis.com/auth/spreadsheets.readonly";

    /// Reads the month's tab of the spreadsheet of this id, which stands in its address. The
    /// client's tokens carry [`SCOPE`](Self::SCOPE).
    ///
    /// It is one request, `spreadsheets.get` with a field mask, because that alone tells values and
    /// merged cells of one moment, and which tabs there are: `values.batchGet` knows of no merges,
    /// and fails if a tab of the name is not there. Notes and formats are not asked for. Where
    /// [`TabWords::with_tab`] declares one title, cells of that tab alone are; otherwise those of
    /// every tab, up to 32 MiB.
    ///
    /// # Errors
    /// [`Error::Google`], which is worth a retry where it is
    /// [transient](Error::is_transient). [`Error::Tab`] when not exactly one tab is the month's,
    /// and as in [`read`](Self::read).
    pub async fn from_sheet(
        google: &GoogleClient,
        spreadsheet: &str,
        month: Month,
        words: &TabWords,
    ) -> Result<Self, Error> {
        let tabs = Tabs { google, spreadsheet };
        let mut sheets = match only_title(month, words) {
            None => tabs.read(TABS, None).await?,
            Some(title) => match tabs.read(TABS, Some(&title)).await {
                Err(refused) if is_unknown_range(&refused) => tabs.read(TITLES, None).await?,
                read => read?,
            },
        };
        let titles: Vec<&str> = sheets.iter().map(|it| it.properties.title.as_str()).collect();
        let chosen = of_month(&titles, month, words);
        let chosen = chosen.map_err(|what| Error::Tab { tab: tabs.name(), what })?;
        let mut sheet = sheets.swap_remove(chosen);
        if sheet.data.is_empty() {
            // Its title differs from the declared one in case, or in white space.
            let again = tabs.read(TABS, Some(&sheet.properties.title)).await?;
            sheet = again.into_iter().next().unwrap_or(sheet);
        }
        let tab = format!("tab `{}`", shorten(&sheet.properties.title));
        let grid = sheet.grid().map_err(|what| Error::Tab { tab: tab.clone(), what })?;
        Self::read(&tab, &grid, month, words)
    }
}

/// The tabs of a spreadsheet, at Google.
struct Tabs<'a> {
    google: &'a GoogleClient,
    spreadsheet: &'a str,
}

impl Tabs<'_> {
    /// What the mask asks for of the tab of this title, or of all.
    async fn read(&self, mask: &str, title: Option<&str>) -> Result<Vec<Sheet>, Error> {
        let failed = |source| Error::Google {
            doing: format!("reading the {}", self.name()),
            source: Box::new(source),
        };
        let url = ApiUrl::fill(SPREADSHEET, [self.spreadsheet]).map_err(failed)?;
        let call = self.google.get(url).query("fields", mask).query("prettyPrint", "false");
        let call = match title {
            Some(title) => call.query("ranges", &format!("'{}'", title.replace('\'', "''"))),
            None => call,
        };
        let read: Result<Spreadsheet, _> = call.answer_limit(ANSWER_LIMIT).fetch().await;
        read.map(|spreadsheet| spreadsheet.sheets).map_err(failed)
    }

    fn name(&self) -> String {
        format!("spreadsheet `{}`", shorten(self.spreadsheet))
    }
}

/// Google refuses a range in a tab that is not there.
fn is_unknown_range(error: &Error) -> bool {
    let Error::Google { source, .. } = error else { return false };
    matches!(**source, jada_auth::Error::Api { status: 400, .. })
}

/// [Google's answer](https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets),
/// as far as it is read.
#[derive(Deserialize)]
struct Spreadsheet {
    #[serde(default)]
    sheets: Vec<Sheet>,
}

#[derive(Deserialize)]
struct Sheet {
    properties: Properties,
    #[serde(default)]
    merges: Vec<GridRange>,
    #[serde(default)]
    data: Vec<GridData>,
}

#[derive(Deserialize)]
struct Properties {
    title: String,
}

/// Without the ends, which are absent where they are the sheet's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GridRange {
    #[serde(default)]
    start_row_index: u32,
    end_row_index: Option<u32>,
    #[serde(default)]
    start_column_index: u32,
    end_column_index: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GridData {
    #[serde(default)]
    row_data: Vec<RowData>,
}

#[derive(Deserialize)]
struct RowData {
    #[serde(default)]
    values: Vec<CellData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CellData {
    #[serde(default)]
    effective_value: Effective,
}

/// What a cell holds, once its formula is computed: one of these, or none.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Effective {
    string_value: Option<String>,
    number_value: Option<f64>,
    bool_value: Option<bool>,
    error_value: Option<ErrorValue>,
}

#[derive(Deserialize)]
struct ErrorValue {
    #[serde(rename = "type", default)]
    kind: String,
}

impl Sheet {
    fn grid(self) -> Result<TabGrid, String> {
        let mut grid = Filling::default();
        let rows = self.data.into_iter().flat_map(|data| data.row_data);
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells.values) {
                grid.put(CellAddress { row, column }, cell.effective_value.into())?;
            }
        }
        for merge in self.merges {
            let last = |end: Option<u32>| end.map_or(u32::MAX, |end| end.saturating_sub(1));
            let first = CellAddress::new(merge.start_row_index, merge.start_column_index);
            grid.merge(
                first,
                CellAddress::new(last(merge.end_row_index), last(merge.end_column_index)),
            )?;
        }
        Ok(grid.done())
    }
}

impl From<Effective> for TabCell {
    fn from(value: Effective) -> Self {
        let text = value.string_value.map(Self::Text);
        let error = value.error_value.map(|error| Self::Text(format!("#{}", error.kind)));
        text.or(value.number_value.map(Self::Number))
            .or(value.bool_value.map(Self::Bool))
            .or(error)
            .unwrap_or_default()
    }
}

const SPREADSHEET: &str = "https://sheets.googleapis.com/v4/spreadsheets/{}";
const TABS: &str = "sheets(properties(title),merges,data(rowData(values(effectiveValue))))";
const TITLES: &str = "sheets(properties(title))";
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_whatever_it_holds_and_a_merge_may_be_without_ends() {
        let json = r##"{
            "properties": { "title": "May" },
            "merges": [{ "endRowIndex": 1 }],
            "data": [{ "rowData": [{}, { "values": [
                { "effectiveValue": { "errorValue": { "type": "REF", "message": "gone" } } },
                { "effectiveValue": {} },
                {},
                { "effectiveValue": { "boolValue": false } },
                { "effectiveValue": { "numberValue": 46143 } },
                { "effectiveValue": { "stringValue": " yes " } }
            ] }] }]
        }"##;
        let grid = serde_json::from_str::<Sheet>(json).unwrap().grid().unwrap();
        let row: Vec<(u32, String)> = grid.row(1).map(|(at, cell)| (at, cell.text())).collect();
        let expected = [(0, "#REF"), (3, "FALSE"), (4, "46143"), (5, "yes")];
        assert_eq!(row, expected.map(|(at, text)| (at, text.to_owned())));
        assert_eq!(grid.rows(), [1]);
    }
}
