//! A charter as a row of an export.

use jada_roster::Charter;

use crate::bulk::{BulkCell, BulkColumn, BulkRow};

impl BulkRow for Charter {
    fn columns() -> Vec<BulkColumn> {
        let columns = [
            ("Date", 12.0),
            ("Charter", 14.0),
            ("Guest", 30.0),
            ("Brand", 20.0),
            ("Kind", 12.0),
            ("Status", 12.0),
            ("Total", 14.0),
            ("Currency", 10.0),
            ("Notes", 40.0),
        ];
        columns.map(|(name, width)| BulkColumn::new(name, width)).into()
    }

    fn cells(&self) -> impl Iterator<Item = BulkCell<'_>> {
        [
            BulkCell::Date(self.date()),
            BulkCell::Text(self.id().as_str()),
            BulkCell::Text(self.guest()),
            BulkCell::Text(self.brand().trim()),
            BulkCell::Text(self.kind().as_str()),
            BulkCell::Text(self.status().as_str()),
            self.total().map_or(BulkCell::Blank, BulkCell::Amount),
            BulkCell::Currency(self.currency()),
            BulkCell::Text(self.notes()),
        ]
        .into_iter()
    }
}
