//! The rows of the input, as the tab is to have them.

use std::collections::{HashMap, HashSet};

use super::columns::Columns;
use super::entered::Entered;
use super::row::SheetRow;
use crate::error::Error;

/// Rows by key, and their cells in the order of the columns, that of the key among them.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) rows: Vec<Vec<Entered>>,
    pub(super) keys: Vec<String>,
    by_key: HashMap<String, usize>,
}

impl Wanted {
    /// # Errors
    ///
    /// [`Error::Row`] for a key that is blank or stands twice, and for what no cell can hold.
    pub(super) fn of<R: SheetRow>(rows: &[R], columns: &Columns) -> Result<Self, Error> {
        let mut wanted =
            Self { rows: Vec::new(), keys: Vec::new(), by_key: HashMap::with_capacity(rows.len()) };
        for (number, row) in rows.iter().enumerate() {
            let key = row.key().trim().to_owned();
            let refused = |what: String| Error::Row { key: key.clone(), what };
            if key.is_empty() {
                return Err(refused(format!("row {} of the input has a blank key", number + 1)));
            }
            if wanted.by_key.insert(key.clone(), number).is_some() {
                return Err(refused("its key stands twice in the input".to_owned()));
            }
            let cells = columns.iter().enumerate().map(|(at, column)| {
                let is_key = at == columns.key_at();
                let cell = if is_key { key.as_str().into() } else { row.cell(column) };
                let in_column = |what| refused(format!("column `{}`: {what}", column.name()));
                Entered::wanted(cell).map_err(in_column)
            });
            wanted.rows.push(cells.collect::<Result<_, _>>()?);
            wanted.keys.push(key);
        }
        Ok(wanted)
    }

    /// The place of a key in the input.
    pub(super) fn find(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// Whether each of its keys is among these.
    pub(super) fn are_in(&self, keys: &HashSet<String>) -> bool {
        self.keys.iter().all(|key| keys.contains(key))
    }
}
