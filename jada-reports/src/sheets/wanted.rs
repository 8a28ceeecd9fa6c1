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
    others: Others,
}

/// What becomes of a row in the tab whose key is not in the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Others {
    /// It is told, and left.
    #[default]
    Left,
    /// It is removed.
    Removed,
    /// It is removed if it is one of these, and else none of our business.
    Named(HashSet<String>),
}

/// What becomes of a row in the tab, by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The input says what it is to hold.
    Wanted,
    /// It is told, and left.
    Left,
    Removed,
    /// Nothing is said of it.
    Ignored,
}

impl Wanted {
    /// # Errors
    ///
    /// [`Error::Row`] for a key that is blank or stands twice, and for what no cell can hold.
    pub(super) fn of<R: SheetRow>(
        rows: &[R],
        columns: &Columns,
        others: Others,
    ) -> Result<Self, Error> {
        let by_key = HashMap::with_capacity(rows.len());
        let mut wanted = Self { rows: Vec::new(), keys: Vec::new(), by_key, others };
        for (number, row) in rows.iter().enumerate() {
            let key = row.key().trim().to_owned();
            let refused = |what: String| Error::Row { key: key.clone(), what };
            if key.is_empty() {
                return Err(refused(format!("row {} of the input has a blank key", number + 1)));
            }
            if wanted.by_key.insert(key.clone(), number).is_some() {
                return Err(refused("its key stands twice in the input".to_owned()));
            }
            if matches!(&wanted.others, Others::Named(removed) if removed.contains(&key)) {
                return Err(refused("it is to be there, and to be removed".to_owned()));
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

    /// No rows at all.
    pub(super) fn none(others: Others) -> Self {
        Self { others, ..Self::default() }
    }

    /// The place of a key in the input.
    pub(super) fn find(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// What becomes of the row of a key.
    pub(super) fn fate(&self, key: &str) -> Fate {
        match &self.others {
            _ if self.by_key.contains_key(key) => Fate::Wanted,
            Others::Left => Fate::Left,
            Others::Removed => Fate::Removed,
            Others::Named(removed) if removed.contains(key) => Fate::Removed,
            Others::Named(_) => Fate::Ignored,
        }
    }

    /// Whether a tab with nothing in it is as it should be.
    pub(super) fn is_of_none(&self) -> bool {
        self.rows.is_empty() && matches!(self.others, Others::Named(_))
    }

    /// Whether each of its keys is among these.
    pub(super) fn are_in(&self, keys: &HashSet<String>) -> bool {
        self.keys.iter().all(|key| keys.contains(key))
    }
}

impl Others {
    /// # Errors
    ///
    /// [`Error::Row`] for a key that is blank.
    pub(super) fn named<K: AsRef<str>>(keys: &[K]) -> Result<Self, Error> {
        let keys: HashSet<_> = keys.iter().map(|key| key.as_ref().trim().to_owned()).collect();
        match keys.contains("") {
            true => Err(Error::Row {
                key: String::new(),
                what: "a key that is to be removed is blank".to_owned(),
            }),
            false => Ok(Self::Named(keys)),
        }
    }
}
