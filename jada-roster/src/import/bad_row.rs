//! What is said about a row that cannot be read.

use std::fmt;

/// A row that cannot be read, with everything that is wrong with it.
///
/// Displays as one line: `charters.csv:12:34: status `booked`: expected one of ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadRow {
    /// The name of the file.
    pub file: String,
    /// The line on which the row begins, counted from 1.
    pub line: usize,
    /// The id of the charter or the member it is about, where that much can be read.
    pub id: Option<String>,
    /// What is wrong, never empty.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub what: String,
}

impl BadRow {
    /// A row of which nothing can be read.
    #[cfg(feature = "import")]
    pub(super) fn lost(file: &str, fault: Fault) -> Self {
        Self { file: file.to_owned(), line: fault.line, id: None, faults: vec![fault] }
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let gap = if index == 0 { "" } else { "; " };
            write!(f, "{gap}{}:{}:{}: {}", self.file, fault.line, fault.column, fault.what)?;
        }
        Ok(())
    }
}
