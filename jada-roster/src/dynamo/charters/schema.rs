//! The table and its index, created where they are missing.

use crate::dynamo::charters::{DynamoCharters, calls};
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
        self.ensure(&[self.month_index()]).await
    }

    /// Creates the table with the index of calls that are due, `call-due-index`, too. Only programs
    /// that call crew need that index.
    ///
    /// # Errors
    /// As [`ensure_table`](Self::ensure_table).
    pub async fn ensure_call_index(&self) -> Result<(), Error> {
        let calls = Index { name: &self.call_index, key: calls::OPEN, sort_key: Some(calls::DUE) };
        self.ensure(&[self.month_index(), calls]).await
    }

    fn month_index(&self) -> Index<'_> {
        Index { name: &self.index, key: &self.month_key, sort_key: Some(&self.date_key) }
    }

    async fn ensure(&self, indexes: &[Index<'_>]) -> Result<(), Error> {
        let table = Table {
            client: &self.client,
            name: &self.table,
            key: "charter_id",
            sort_key: None,
            indexes,
            time_to_live: None,
        };
        table.ensure().await
    }
}
