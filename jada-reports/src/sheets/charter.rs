//! Charters as rows of a tab.

use std::collections::BTreeSet;

use jada_roster::Charter;

use super::cell::Cell;
use super::columns::{Column, ColumnKind, Columns};
use super::row::SheetRow;

impl SheetRow for Charter {
    fn key(&self) -> &str {
        self.id().as_str()
    }

    /// The columns are named as those of a file of charters; a column of any other name is one of
    /// [`Charter::extra`].
    fn cell(&self, column: &Column) -> Cell {
        match column.name() {
            "charter_id" => self.id().as_str().into(),
            "date" => self.date().into(),
            "guest" => self.guest().into(),
            "total" => self.total().into(),
            "currency" => self.currency().code().into(),
            "status" => self.status().as_str().into(),
            "kind" => self.kind().as_str().into(),
            "brand" => self.brand().into(),
            "notes" => self.notes().into(),
            other => {
                let extra = self.extra().iter().find(|(name, _)| name.trim() == other);
                extra.map(|(_, text)| text.as_str()).into()
            }
        }
    }
}

/// The columns of a tab of charters: `charter_id`, which is the key, `date`, `guest`, `total`,
/// `currency`, `status`, `kind`, `brand`, `notes`, and those that any of `charters` has beside
/// them, by name. One whose last cell was blanked is not among them: [`Columns::and`] adds it.
#[must_use]
pub fn charter_columns<'a>(charters: impl IntoIterator<Item = &'a Charter>) -> Columns {
    let mut digits = 0;
    let mut others = BTreeSet::new();
    for charter in charters {
        digits = digits.max(charter.currency().digits());
        let names = charter.extra().iter().map(|(name, _)| name.trim());
        others.extend(names.filter(|name| !OURS.contains(name)).map(str::to_owned));
    }
    let ours = OURS.map(|name| match name {
        "date" => Column::date(name),
        "total" => Column::new(name, ColumnKind::Money(digits)),
        _ => Column::text(name),
    });
    let others = others.iter().map(|name| Column::text(name));
    Columns::distinct(0, ours.into_iter().chain(others).collect())
}

const OURS: [&str; 9] =
    ["charter_id", "date", "guest", "total", "currency", "status", "kind", "brand", "notes"];
