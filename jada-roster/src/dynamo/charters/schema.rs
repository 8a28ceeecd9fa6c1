//! The table and its index, created where they are missing.

use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::table::{Index, Table};
use crate::error::Error;

impl DynamoCharters {
    /// Creates the table, or its month index, where it is missing, and waits until both answer.
    ///
    /// The table is billed by request. An index added to a table that has rows is filled by
    /// DynamoDB, which may take minutes; this waits for at most 5.
    ///
    /// # Errors
    /// [`Error::Refused`] without the permission to create tables; [`Error::Unavailable`] is worth
    /// a retry and finds what was begun.
    pub async fn ensure_table(&self) -> Result<(), Error> {
        let index =
            Index { name: &self.index, key: &self.month_key, sort_key: Some(&self.date_key) };
        let table = Table {
            client: &self.client,
            name: &self.table,
            key: "charter_id",
            sort_key: None,
            index: Some(index),
            time_to_live: None,
        };
        table.ensure().await
    }
}
