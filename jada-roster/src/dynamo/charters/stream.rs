//! The stream of the table's changes, turned on where it is off.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType, TableDescription, TableStatus};

use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::failure::{failed, malformed};
use crate::dynamo::table::{POLL, POLLS, described};
use crate::error::Error;

impl DynamoCharters {
    /// Turns on the stream of the table's changes, if it is off, and waits until it is on.
    ///
    /// The stream tells the keys of rows that changed and nothing of what they hold. One that is on
    /// and tells more does as well.
    ///
    /// # Errors
    /// [`Error::TableMissing`]; [`Error::Refused`] without the permission to change the table;
    /// [`Error::Unavailable`] is worth a retry and finds what was begun.
    pub async fn ensure_stream(&self) -> Result<(), Error> {
        for _ in 0..POLLS {
            let table = described(&self.client, &self.table).await?;
            let is_on = has_stream(&table);
            if is_on && table.table_status() == Some(&TableStatus::Active) {
                return Ok(());
            }
            if is_on || !self.turn_on().await? {
                tokio::time::sleep(POLL).await;
            }
        }
        Err(Error::Unavailable {
            table: self.table.clone(),
            operation: UPDATE,
            source: "the table is still being changed".into(),
        })
    }

    /// Whether it was begun just now; the table may be busy with another change.
    async fn turn_on(&self) -> Result<bool, Error> {
        let stream = StreamSpecification::builder().stream_enabled(true);
        let stream = stream.stream_view_type(StreamViewType::KeysOnly).build();
        let stream = stream.map_err(|error| malformed(UPDATE, &self.table, error))?;
        let request = self.client.update_table().table_name(&self.table);
        match request.stream_specification(stream).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("ResourceInUseException") => Ok(false),
            Err(error) => {
                // Someone else turned it on a moment ago.
                let table = described(&self.client, &self.table).await?;
                if has_stream(&table) { Ok(true) } else { Err(failed(UPDATE, &self.table, error)) }
            }
        }
    }

    pub(in crate::dynamo) fn client(&self) -> &Client {
        &self.client
    }
}

fn has_stream(table: &TableDescription) -> bool {
    table.stream_specification().is_some_and(|stream| stream.stream_enabled())
        && table.latest_stream_arn().is_some()
}

const UPDATE: &str = "UpdateTable";
