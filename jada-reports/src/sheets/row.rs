//! What is synced: rows with a key.

use super::cell::Cell;
use super::columns::Column;

/// A row of a synced tab, told from others by its key.
///
/// ```
/// use jada_reports::{Cell, Column, SheetRow};
///
/// struct Boat {
///     name: String,
///     berths: u8,
/// }
///
/// impl SheetRow for Boat {
///     fn key(&self) -> &str {
///         &self.name
///     }
///
///     fn cell(&self, column: &Column) -> Cell {
///         match column.name() {
///             "berths" => Cell::Number(self.berths.into()),
///             _ => Cell::Empty,
///         }
///     }
/// }
/// ```
pub trait SheetRow {
    /// What tells it from others: text that is not blank, without spaces around it.
    fn key(&self) -> &str;

    /// What it wants in this column. It is not asked for that of the key.
    fn cell(&self, column: &Column) -> Cell;
}

impl<R: SheetRow + ?Sized> SheetRow for &R {
    fn key(&self) -> &str {
        (**self).key()
    }

    fn cell(&self, column: &Column) -> Cell {
        (**self).cell(column)
    }
}
