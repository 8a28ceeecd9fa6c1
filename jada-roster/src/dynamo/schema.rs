//! The table and its index, created where they are missing.

use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, IndexStatus, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TableDescription, TableStatus,
};

use crate::dynamo::DynamoCharters;
use crate::dynamo::failure::{failed, malformed};
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
        match self.describe().await {
            Ok(table) if self.has_index(&table) => {}
            Ok(_) => self.add_index().await?,
            Err(Error::TableMissing { .. }) => self.create().await?,
            Err(error) => return Err(error),
        }
        for _ in 0..POLLS {
            if self.is_active(&self.describe().await?) {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        Err(Error::Unavailable {
            table: self.table.clone(),
            operation: "DescribeTable",
            source: "the table or its index is still being created".into(),
        })
    }

    async fn describe(&self) -> Result<TableDescription, Error> {
        let answer = self.client.describe_table().table_name(&self.table).send().await;
        let answer = answer.map_err(|error| failed("DescribeTable", &self.table, error))?;
        answer.table.ok_or_else(|| Error::TableMissing { table: self.table.clone() })
    }

    fn has_index(&self, table: &TableDescription) -> bool {
        let name = Some(self.index.as_str());
        table.global_secondary_indexes().iter().any(|index| index.index_name() == name)
    }

    fn is_active(&self, table: &TableDescription) -> bool {
        let name = Some(self.index.as_str());
        table.table_status() == Some(&TableStatus::Active)
            && table.global_secondary_indexes().iter().any(|index| {
                index.index_name() == name && index.index_status() == Some(&IndexStatus::Active)
            })
    }

    async fn create(&self) -> Result<(), Error> {
        const OPERATION: &str = "CreateTable";
        let index = GlobalSecondaryIndex::builder()
            .index_name(&self.index)
            .set_key_schema(Some(self.index_keys()?))
            .projection(everything())
            .build()
            .map_err(|error| malformed(OPERATION, &self.table, error))?;
        let mut request: CreateTableFluentBuilder = self
            .client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(self.text_attribute("charter_id")?)
            .key_schema(self.key("charter_id", KeyType::Hash)?)
            .global_secondary_indexes(index);
        for attribute in self.index_attributes()? {
            request = request.attribute_definitions(attribute);
        }
        self.begun(OPERATION, request.send().await)
    }

    async fn add_index(&self) -> Result<(), Error> {
        const OPERATION: &str = "UpdateTable";
        let create = CreateGlobalSecondaryIndexAction::builder()
            .index_name(&self.index)
            .set_key_schema(Some(self.index_keys()?))
            .projection(everything())
            .build()
            .map_err(|error| malformed(OPERATION, &self.table, error))?;
        let request = self
            .client
            .update_table()
            .table_name(&self.table)
            .set_attribute_definitions(Some(self.index_attributes()?))
            .global_secondary_index_updates(
                GlobalSecondaryIndexUpdate::builder().create(create).build(),
            );
        self.begun(OPERATION, request.send().await)
    }

    /// Someone else may have begun the same a moment ago.
    fn begun<T, E>(
        &self,
        operation: &'static str,
        answer: Result<T, SdkError<E>>,
    ) -> Result<(), Error>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match answer {
            Err(error) if error.code() != Some("ResourceInUseException") => {
                Err(failed(operation, &self.table, error))
            }
            _ => Ok(()),
        }
    }

    fn index_keys(&self) -> Result<Vec<KeySchemaElement>, Error> {
        Ok(vec![
            self.key(&self.month_key, KeyType::Hash)?,
            self.key(&self.date_key, KeyType::Range)?,
        ])
    }

    fn index_attributes(&self) -> Result<Vec<AttributeDefinition>, Error> {
        Ok(vec![self.text_attribute(&self.month_key)?, self.text_attribute(&self.date_key)?])
    }

    fn key(&self, attribute: &str, kind: KeyType) -> Result<KeySchemaElement, Error> {
        let key = KeySchemaElement::builder().attribute_name(attribute).key_type(kind);
        key.build().map_err(|error| malformed("CreateTable", &self.table, error))
    }

    fn text_attribute(&self, attribute: &str) -> Result<AttributeDefinition, Error> {
        AttributeDefinition::builder()
            .attribute_name(attribute)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(|error| malformed("CreateTable", &self.table, error))
    }
}

fn everything() -> Projection {
    Projection::builder().projection_type(ProjectionType::All).build()
}

const POLL: Duration = Duration::from_millis(500);
const POLLS: u32 = 600;
