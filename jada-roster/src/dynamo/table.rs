//! A table and its indexes, created where they are missing.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, IndexStatus, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TableDescription, TableStatus, TimeToLiveSpecification, TimeToLiveStatus,
};

use crate::dynamo::failure::{failed, malformed};
use crate::error::Error;

/// What a table is to be: a partition key, perhaps a sort key, perhaps indexes that project
/// everything, perhaps an attribute that says when a row may be swept away. All keys are text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    pub(super) client: &'a Client,
    pub(super) name: &'a str,
    pub(super) key: &'a str,
    pub(super) sort_key: Option<&'a str>,
    pub(super) indexes: &'a [Index<'a>],
    /// Holds seconds since 1970.
    pub(super) time_to_live: Option<&'a str>,
}

/// An index: its name, its partition key and perhaps its sort key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Index<'a> {
    pub(super) name: &'a str,
    pub(super) key: &'a str,
    pub(super) sort_key: Option<&'a str>,
}

impl Table<'_> {
    /// Creates what is missing, and waits until all of it answers.
    pub(super) async fn ensure(self) -> Result<(), Error> {
        match self.describe().await {
            Ok(table) => {
                // One at a time: a second is refused while the first is being filled.
                for index in self.indexes.iter().filter(|index| !index.is_in(&table)) {
                    self.add(*index).await?;
                    self.settle(&[*index]).await?;
                }
            }
            Err(Error::TableMissing { .. }) => self.create().await?,
            Err(error) => return Err(error),
        }
        self.settle(self.indexes).await?;
        match self.time_to_live {
            Some(attribute) => self.sweep(attribute).await,
            None => Ok(()),
        }
    }

    async fn settle(self, indexes: &[Index<'_>]) -> Result<(), Error> {
        for _ in 0..POLLS {
            let table = self.describe().await?;
            let is_active = table.table_status() == Some(&TableStatus::Active);
            if is_active && indexes.iter().all(|index| index.is_active(&table)) {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        Err(Error::Unavailable {
            table: self.name.to_owned(),
            operation: "DescribeTable",
            source: "the table or its index is still being created".into(),
        })
    }

    async fn describe(self) -> Result<TableDescription, Error> {
        described(self.client, self.name).await
    }

    async fn create(self) -> Result<(), Error> {
        const OPERATION: &str = "CreateTable";
        let mut request = self
            .client
            .create_table()
            .table_name(self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(self.text_attribute(self.key)?)
            .key_schema(self.schema(self.key, KeyType::Hash)?);
        if let Some(sort_key) = self.sort_key {
            request = request
                .attribute_definitions(self.text_attribute(sort_key)?)
                .key_schema(self.schema(sort_key, KeyType::Range)?);
        }
        for index in self.indexes {
            let built = GlobalSecondaryIndex::builder()
                .index_name(index.name)
                .set_key_schema(Some(self.index_keys(*index)?))
                .projection(everything())
                .build()
                .map_err(|error| malformed(OPERATION, self.name, error))?;
            request = request.global_secondary_indexes(built);
            for attribute in self.index_attributes(*index)? {
                request = request.attribute_definitions(attribute);
            }
        }
        self.begun(OPERATION, request.send().await)
    }

    async fn add(self, index: Index<'_>) -> Result<(), Error> {
        const OPERATION: &str = "UpdateTable";
        let create = CreateGlobalSecondaryIndexAction::builder()
            .index_name(index.name)
            .set_key_schema(Some(self.index_keys(index)?))
            .projection(everything())
            .build()
            .map_err(|error| malformed(OPERATION, self.name, error))?;
        let request = self
            .client
            .update_table()
            .table_name(self.name)
            .set_attribute_definitions(Some(self.index_attributes(index)?))
            .global_secondary_index_updates(
                GlobalSecondaryIndexUpdate::builder().create(create).build(),
            );
        match request.send().await {
            // Someone else has created it since it was looked for.
            Err(error) if error.code() == Some("ValidationException") && is_there(&error) => Ok(()),
            answer => self.begun(OPERATION, answer),
        }
    }

    /// Lets DynamoDB delete rows some time after the instant that this attribute holds.
    async fn sweep(self, attribute: &str) -> Result<(), Error> {
        const DESCRIBE: &str = "DescribeTimeToLive";
        const UPDATE: &str = "UpdateTimeToLive";
        let answer = self.client.describe_time_to_live().table_name(self.name).send().await;
        let answer = answer.map_err(|error| failed(DESCRIBE, self.name, error))?;
        let status = answer.time_to_live_description.and_then(|ttl| ttl.time_to_live_status);
        if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
            return Ok(());
        }
        let wanted = TimeToLiveSpecification::builder().enabled(true).attribute_name(attribute);
        let wanted = wanted.build().map_err(|error| malformed(UPDATE, self.name, error))?;
        let request = self.client.update_time_to_live().table_name(self.name);
        match request.time_to_live_specification(wanted).send().await {
            // Someone else turned it on a moment ago.
            Err(error) if error.code() == Some("ValidationException") && is_enabled(&error) => {
                Ok(())
            }
            answer => self.begun(UPDATE, answer),
        }
    }

    /// Someone else may have begun the same a moment ago.
    fn begun<T, E>(
        self,
        operation: &'static str,
        answer: Result<T, SdkError<E>>,
    ) -> Result<(), Error>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match answer {
            Err(error) if error.code() != Some("ResourceInUseException") => {
                Err(failed(operation, self.name, error))
            }
            _ => Ok(()),
        }
    }

    fn index_keys(self, index: Index<'_>) -> Result<Vec<KeySchemaElement>, Error> {
        let key = self.schema(index.key, KeyType::Hash)?;
        let sort_key = index.sort_key.map(|key| self.schema(key, KeyType::Range)).transpose()?;
        Ok([key].into_iter().chain(sort_key).collect())
    }

    fn index_attributes(self, index: Index<'_>) -> Result<Vec<AttributeDefinition>, Error> {
        [Some(index.key), index.sort_key]
            .into_iter()
            .flatten()
            .map(|key| self.text_attribute(key))
            .collect()
    }

    fn schema(self, attribute: &str, kind: KeyType) -> Result<KeySchemaElement, Error> {
        let key = KeySchemaElement::builder().attribute_name(attribute).key_type(kind);
        key.build().map_err(|error| malformed("CreateTable", self.name, error))
    }

    fn text_attribute(self, attribute: &str) -> Result<AttributeDefinition, Error> {
        AttributeDefinition::builder()
            .attribute_name(attribute)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(|error| malformed("CreateTable", self.name, error))
    }
}

/// A table as it is now.
pub(super) async fn described(client: &Client, name: &str) -> Result<TableDescription, Error> {
    let answer = client.describe_table().table_name(name).send().await;
    let answer = answer.map_err(|error| failed("DescribeTable", name, error))?;
    answer.table.ok_or_else(|| Error::TableMissing { table: name.to_owned() })
}

impl Index<'_> {
    fn is_in(self, table: &TableDescription) -> bool {
        table.global_secondary_indexes().iter().any(|index| index.index_name() == Some(self.name))
    }

    fn is_active(self, table: &TableDescription) -> bool {
        table.global_secondary_indexes().iter().any(|index| {
            index.index_name() == Some(self.name)
                && index.index_status() == Some(&IndexStatus::Active)
        })
    }
}

fn is_enabled<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.message().is_some_and(|message| message.contains("already enabled"))
}

fn is_there<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.message().is_some_and(|message| message.contains("already exists"))
}

fn everything() -> Projection {
    Projection::builder().projection_type(ProjectionType::All).build()
}

pub(super) const POLL: Duration = Duration::from_millis(500);
pub(super) const POLLS: u32 = 600;
