//! Which columns of a tab are ours.

use crate::error::Error;

/// A column of ours: what its header says, and how a cell of it is shown where the tab is new.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    name: String,
    kind: ColumnKind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Text, or values of any type, shown as they are.
    #[default]
    Text,
    /// Numbers.
    Number,
    /// Amounts, shown with so many digits after the point.
    Money(u8),
    /// Days, shown as `2026-05-03`.
    Date,
    /// Days and times, shown as `2026-05-03 09:30`.
    DateTime,
    /// Yes or no.
    Bool,
}

impl Column {
    /// A column whose header says `name`, without the spaces around it.
    pub fn new(name: &str, kind: ColumnKind) -> Self {
        Self { name: name.trim().to_owned(), kind }
    }

    /// A column of text.
    pub fn text(name: &str) -> Self {
        Self::new(name, ColumnKind::Text)
    }

    /// A column of days.
    pub fn date(name: &str) -> Self {
        Self::new(name, ColumnKind::Date)
    }

    /// What its header says.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub fn kind(&self) -> ColumnKind {
        self.kind
    }
}

/// The columns of ours, in the order in which an empty tab gets them, the key among them. A tab
/// that has them may have them in any order, and others between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    columns: Vec<Column>,
    key: usize,
}

impl Columns {
    /// Takes columns, of which the one named `key` tells rows apart.
    ///
    /// # Errors
    ///
    /// [`Error::Columns`] for a name that is blank or stands twice, and where none is named `key`.
    pub fn new(key: &str, columns: impl IntoIterator<Item = Column>) -> Result<Self, Error> {
        let columns: Vec<Column> = columns.into_iter().collect();
        for (at, column) in columns.iter().enumerate() {
            if column.name.is_empty() {
                let what = format!("column {} has no name", at + 1);
                return Err(Error::Columns { what });
            }
            if columns[..at].iter().any(|earlier| earlier.name == column.name) {
                let what = format!("two columns are named `{}`", column.name);
                return Err(Error::Columns { what });
            }
        }
        let missing = || Error::Columns { what: format!("none is the key `{}`", key.trim()) };
        let key = columns.iter().position(|it| it.name == key.trim()).ok_or_else(missing)?;
        Ok(Self { columns, key })
    }

    /// Of columns that are known to have distinct names.
    pub(super) fn distinct(key: usize, columns: Vec<Column>) -> Self {
        Self { columns, key }
    }

    /// The same, and after them those of `more` whose names are not among them.
    #[must_use]
    pub fn and(mut self, more: impl IntoIterator<Item = Column>) -> Self {
        for column in more {
            if !column.name.is_empty() && self.columns.iter().all(|it| it.name != column.name) {
                self.columns.push(column);
            }
        }
        self
    }

    /// Each of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Column> {
        self.columns.iter()
    }

    /// The one that tells rows apart.
    pub fn key(&self) -> &Column {
        &self.columns[self.key]
    }

    /// Where the key stands among them, counted from 0.
    pub(super) fn key_at(&self) -> usize {
        self.key
    }
}
