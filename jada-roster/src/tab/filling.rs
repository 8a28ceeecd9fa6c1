//! A grid that is filled from elsewhere, within bounds.

use crate::tab::CellAddress;
use crate::tab::grid::{MOST_CELLS, MOST_LETTERS, TabCell, TabGrid};
use crate::tab::words::trimmed;

/// A grid that is being filled; what comes from elsewhere may be of any size.
#[derive(Debug, Default)]
pub(super) struct Filling {
    grid: TabGrid,
    cells: usize,
    #[cfg(any(feature = "sheets", feature = "xlsx"))]
    merges: usize,
    letters: usize,
}

impl Filling {
    /// Puts a cell where it stands; an error where a tab is larger than a month of a crew can be. A
    /// text that is longer than any word is cut, and ends in `…`.
    pub(super) fn put(&mut self, at: CellAddress, cell: TabCell) -> Result<(), String> {
        if cell.is_blank() {
            return Ok(());
        }
        let cell = match cell {
            TabCell::Text(text) => TabCell::Text(cut(trimmed(&text))),
            other => other,
        };
        if let TabCell::Text(text) = &cell {
            self.letters += text.len();
        }
        let is_far = at.row >= MOST_ROWS || at.column >= MOST_COLUMNS;
        if is_far || self.cells >= MOST_CELLS || self.letters > MOST_LETTERS {
            let text = MOST_LETTERS / (1024 * 1024);
            return Err(format!(
                "{at} is beyond the {MOST_ROWS} rows, {MOST_COLUMNS} columns, {MOST_CELLS} cells \
                 and {text} MiB of text that a tab may have"
            ));
        }
        self.cells += 1;
        self.grid.put(at, cell);
        Ok(())
    }

    /// Merges cells; an error where there are more merges than a month of a crew can have.
    #[cfg(any(feature = "sheets", feature = "xlsx"))]
    pub(super) fn merge(&mut self, first: CellAddress, last: CellAddress) -> Result<(), String> {
        if self.merges >= MOST_MERGES {
            return Err(format!("it has more than {MOST_MERGES} merged cells"));
        }
        self.merges += 1;
        self.grid.merge(first, last);
        Ok(())
    }

    pub(super) fn done(self) -> TabGrid {
        self.grid
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

const MOST_ROWS: u32 = 20_000;
const MOST_COLUMNS: u32 = 2_000;
#[cfg(any(feature = "sheets", feature = "xlsx"))]
const MOST_MERGES: usize = 10_000;
/// Characters of a name, as it is kept of a crew member.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_beyond_all_bounds_is_refused() {
        let put = |row, column| Filling::default().put(CellAddress { row, column }, "x".into());
        assert!(put(MOST_ROWS - 1, MOST_COLUMNS - 1).is_ok());
        assert!(put(MOST_ROWS, 0).unwrap_err().contains("A20001"));
        assert!(put(0, MOST_COLUMNS).is_err());
        let blank = Filling::default().put(CellAddress::new(1_000_000, 0), " ".into());
        assert!(blank.is_ok(), "what is blank takes no room");
    }

    #[test]
    fn a_text_that_is_cut_is_no_word() {
        let mut filling = Filling::default();
        let text = format!("yes{}really not", " ".repeat(LONGEST));
        filling.put(CellAddress::new(0, 0), text.as_str().into()).unwrap();
        assert!(filling.done().cell(0, 0).text().ends_with('…'));
    }
}
