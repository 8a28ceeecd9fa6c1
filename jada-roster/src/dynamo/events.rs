//! Crew's copies of charters on DynamoDB, and money out of tables of events.

mod change;
mod item;
mod read;
mod scrub;
mod target;

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::StreamExt;
use jiff::civil::Date;

pub use self::scrub::ScrubStream;
pub use self::target::{EventKey, EventTable, ScrubbedRow};
use crate::charter::CharterId;
use crate::crew::id::CrewId;
use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::failure::failed;
use crate::dynamo::quiet::quietly;
use crate::dynamo::table::{Index, Table};
use crate::error::Error;
use crate::event::view::CrewView;
use crate::events::{EVENT, EventRepository, EventStream};
use crate::month::Month;
use crate::scrub::rules::ScrubRules;

/// Crew's copies of charters in a DynamoDB table with an index by month and date, and the scrubber of
/// this and other tables of events.
///
/// The table's partition key is `charter_id`, and the index's keys are `month` and `date_key`, as in
/// the table of charters. Only attributes of ours are read, and of those the texts are scrubbed once
/// more on their way out, whoever wrote them.
#[derive(Clone, Debug)]
pub struct DynamoEvents {
    client: Client,
    table: String,
    index: String,
    rules: ScrubRules,
    /// Tables that feed statements, and are never scrubbed.
    guarded: BTreeSet<String>,
}

impl DynamoEvents {
    /// Starts with a client and the default names: table `crew-events`, index `month-date-index`. The
    /// table `crew-dispatch` is guarded from the scrubber.
    ///
    /// Give the client [`dynamo_retries`](crate::dynamo_retries), whose back-off suits a table that
    /// is busy for milliseconds.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let guarded = BTreeSet::from([DISPATCH.to_owned()]);
        let (table, index) = ("crew-events".to_owned(), "month-date-index".to_owned());
        Self { client, table, index, rules: ScrubRules::default(), guarded }
    }

    /// The same copies in a table of this name.
    #[must_use]
    pub fn with_table(mut self, table: impl Into<String>) -> Self {
        self.table = table.into();
        self
    }

    /// The same copies by an index of this name.
    #[must_use]
    pub fn with_index(mut self, index: impl Into<String>) -> Self {
        self.index = index.into();
        self
    }

    /// The same, with amounts found by these rules.
    #[must_use]
    pub fn with_rules(mut self, rules: ScrubRules) -> Self {
        self.rules = rules;
        self
    }

    /// The same, with the table of these charters guarded from the scrubber: it feeds the statement.
    #[must_use]
    pub fn guarding(mut self, charters: &DynamoCharters) -> Self {
        self.guarded.insert(charters.table().to_owned());
        self
    }

    /// The table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Creates the table, or its month index, where it is missing, and waits until both answer.
    ///
    /// The table is billed by request. An index added to a table that has rows is filled by
    /// DynamoDB, which may take minutes; this waits for at most 5.
    ///
    /// # Errors
    /// [`Error::Refused`] without the permission to create tables; [`Error::Unavailable`] is worth
    /// a retry and finds what was begun.
    pub async fn ensure_table(&self) -> Result<(), Error> {
        let index = Index { name: &self.index, key: item::MONTH, sort_key: Some(item::DATE_KEY) };
        let table = Table {
            client: &self.client,
            name: &self.table,
            key: item::ID,
            sort_key: None,
            indexes: &[index],
            time_to_live: None,
        };
        table.ensure().await
    }
}

#[async_trait]
impl EventRepository for DynamoEvents {
    async fn put(&self, view: &CrewView) -> Result<(), Error> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::row(view)?))
            .condition_expression(NOT_LATER)
            .expression_attribute_names("#version", item::VERSION)
            .expression_attribute_values(":version", version(view));
        let Err(error) = quietly(request.send()).await else {
            return Ok(());
        };
        let is_late = |error: &PutItemError| error.is_conditional_check_failed_exception();
        match error.as_service_error().is_some_and(is_late) {
            true => Err(Error::conflict(EVENT, view.id())),
            false => Err(failed("PutItem", &self.table, error)),
        }
    }

    async fn find(&self, id: &CharterId) -> Result<Option<CrewView>, Error> {
        self.row(id).await
    }

    async fn remove(&self, view: &CrewView) -> Result<(), Error> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(item::key(view.id())))
            .condition_expression(NOT_LATER)
            .expression_attribute_names("#version", item::VERSION)
            .expression_attribute_values(":version", version(view));
        let Err(error) = quietly(request.send()).await else {
            return Ok(());
        };
        let is_late = |error: &DeleteItemError| error.is_conditional_check_failed_exception();
        match error.as_service_error().is_some_and(is_late) {
            true => Err(Error::conflict(EVENT, view.id())),
            false => Err(failed("DeleteItem", &self.table, error)),
        }
    }

    fn month(&self, month: Month) -> EventStream {
        self.clone().pages_of(month).boxed()
    }

    fn upcoming(&self, crew: &CrewId, from: Date) -> EventStream {
        self.clone().upcoming_of(crew.clone(), from).boxed()
    }
}

fn version(view: &CrewView) -> AttributeValue {
    AttributeValue::N(view.charter_version().number().to_string())
}

/// What is stored is of no later state of the charter; so is what another tool has stored.
const NOT_LATER: &str = "attribute_not_exists(#version) OR #version <= :version";
const DISPATCH: &str = "crew-dispatch";
