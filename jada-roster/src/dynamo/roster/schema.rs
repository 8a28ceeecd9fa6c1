//! The tables of the crew, created where they are missing.

use crate::dynamo::keys::KEY;
use crate::dynamo::roster::{DynamoRoster, item};
use crate::dynamo::table::{Index, Table};
use crate::error::Error;

impl DynamoRoster {
    /// Creates the tables of the crew, or the index of older tools' links, where they are missing,
    /// and waits until all of it answers. Do so before a database file is shared by processes.
    ///
    /// The tables are billed by request. An index added to a table that has rows is filled by
    /// DynamoDB, which may take minutes; this waits for at most 5.
    ///
    /// # Errors
    /// [`Error::Refused`] without the permission to create tables; [`Error::Unavailable`] is worth
    /// a retry and finds what was begun.
    pub async fn ensure_tables(&self) -> Result<(), Error> {
        let index = Index {
            name: &self.tables.legacy_index,
            key: &self.tables.legacy_attribute,
            sort_key: None,
        };
        let roster = Table {
            client: &self.client,
            name: &self.tables.roster,
            key: item::ID,
            sort_key: None,
            indexes: &[index],
            time_to_live: None,
        };
        roster.ensure().await?;
        let keys = Table {
            client: &self.client,
            name: &self.tables.keys,
            key: KEY,
            sort_key: None,
            indexes: &[],
            time_to_live: Some("ttl"),
        };
        keys.ensure().await
    }
}
