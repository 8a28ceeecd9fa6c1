//! A month's tab of an `.xlsx` workbook.

mod package;
mod part;

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use crate::error::{Error, shorten};
use crate::month::Month;
use crate::tab::MonthTab;
use crate::tab::filling::Filling;
use crate::tab::grid::{TabCell, TabGrid};
use crate::tab::words::TabWords;
use crate::tab::xlsx::package::{Package, TAB};

impl MonthTab {
    /// Reads the month's tab of an `.xlsx` workbook, of a spreadsheet program or exported from
    /// Google Sheets; `file` is its name for messages. Formulas count as what they were computed
    /// to last; one that never was is not understood.
    ///
    /// A workbook may come from a stranger: of its parts only the tab and the texts are unpacked,
    /// at most 32 MiB of each, and looked through before their reader computes with what is in them.
    ///
    /// # Errors
    /// [`Error::Tab`] when the bytes are no such workbook, are damaged or beyond these bounds, when
    /// not exactly one tab is the month's by [`TabWords::with_tab`], and as in [`read`](Self::read).
    pub fn from_xlsx(
        file: &str,
        bytes: &[u8],
        month: Month,
        words: &TabWords,
    ) -> Result<Self, Error> {
        let refused = |tab: &str, what| Error::Tab { tab: tab.to_owned(), what };
        let package = Package::read(bytes, month, words).map_err(|what| refused(file, what))?;
        let tab = format!("{file}, tab `{}`", shorten(&package.title));
        let grid = grid(package).map_err(|what| refused(&tab, what))?;
        Self::read(&tab, &grid, month, words)
    }
}

fn grid(package: Package) -> Result<TabGrid, String> {
    let mut filling = Filling::default();
    for (first, last) in package.worksheet.merges {
        filling.merge(first, last)?;
    }
    let damaged = |error: XlsxError| format!("it is damaged ({error})");
    let mut workbook = Xlsx::new(Cursor::new(package.bytes)).map_err(damaged)?;
    let mut cells = workbook.worksheet_cells_reader(TAB).map_err(damaged)?;
    let mut formulas = package.worksheet.formulas.into_iter().peekable();
    for number in 0_usize.. {
        let Some(cell) = cells.next_cell().map_err(damaged)? else { break };
        let (row, column) = cell.get_position();
        let is_formula = formulas.next_if_eq(&number).is_some();
        let value = match value(cell.get_value()) {
            value if is_formula && value.is_blank() => NOT_COMPUTED.into(),
            value => value,
        };
        filling.put(crate::tab::CellAddress { row, column }, value)?;
    }
    Ok(filling.done().with_date_system(package.dates))
}

/// In place of what a formula says, where the program that wrote it did not compute it.
const NOT_COMPUTED: &str = "= (a formula that was not computed)";

/// A day is a number here: what it looks like is not asked for.
fn value(value: &DataRef<'_>) -> TabCell {
    match value {
        DataRef::Empty => TabCell::Blank,
        DataRef::Int(number) => number.to_string().parse().map_or(TabCell::Blank, TabCell::Number),
        DataRef::Float(number) => TabCell::Number(*number),
        DataRef::Bool(bool) => TabCell::Bool(*bool),
        DataRef::DateTime(time) => TabCell::Number(time.as_f64()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.as_str().into()
        }
        DataRef::SharedString(text) => (*text).into(),
        DataRef::Error(error) => error.to_string().as_str().into(),
    }
}
