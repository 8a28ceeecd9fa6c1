//! The threads of charters on DynamoDB, through the SDK's own client.

mod item;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use futures_util::{Stream, StreamExt, TryStreamExt, future, stream};
use jiff::{SignedDuration, Timestamp};

use crate::charter::CharterId;
use crate::chat::ChatMessage;
use crate::chats::{CharterChats, ChatStream};
use crate::dynamo::failure::failed;
use crate::dynamo::item::Item;
use crate::dynamo::pages::{Page, pages};
use crate::dynamo::table::Table;
use crate::error::Error;

/// The threads of charters in a DynamoDB table, a row for each message.
///
/// The table's partition key is `charter_id`, its sort key `time`: the instant in UTC to the
/// nanosecond, and the message's id (`2026-05-03T09:00:00.000000000Z#<id>`). `author` is
/// `operations`, `guest`, `system` or `crew:<crew_id>`, and `text` what was said.
///
/// Rows of other tools are read too. Their `time` may be without an id, and then is the id; it may be
/// to the second, and of any offset from UTC: such rows stand where their text sorts, which may be
/// out of order by as much as that. A `time` without an offset is [`Error::CorruptItem`], since
/// nobody can tell its instant, and so is a number, which sorts before every date.
#[derive(Clone, Debug)]
pub struct DynamoChats {
    client: Client,
    table: String,
    charter_key: String,
    time_key: String,
}

impl DynamoChats {
    /// Starts with a client and the default names: table `charter-chats`, keys `charter_id` and
    /// `time`.
    ///
    /// Give the client [`dynamo_retries`](crate::dynamo_retries), whose back-off suits a table that
    /// is busy for milliseconds.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let [table, charter_key, time_key] =
            ["charter-chats", "charter_id", "time"].map(str::to_owned);
        Self { client, table, charter_key, time_key }
    }

    /// The same threads in a table of this name.
    #[must_use]
    pub fn with_table(mut self, table: impl Into<String>) -> Self {
        self.table = table.into();
        self
    }

    /// The same threads with these attributes for the table's keys; both are text.
    #[must_use]
    pub fn with_keys(
        mut self,
        charter_key: impl Into<String>,
        time_key: impl Into<String>,
    ) -> Self {
        (self.charter_key, self.time_key) = (charter_key.into(), time_key.into());
        self
    }

    /// The table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Creates the table where it is missing, and waits until it answers.
    ///
    /// The table is billed by request.
    ///
    /// # Errors
    /// [`Error::Refused`] without the permission to create tables; [`Error::Unavailable`] is worth
    /// a retry and finds what was begun.
    pub async fn ensure_table(&self) -> Result<(), Error> {
        let table = Table {
            client: &self.client,
            name: &self.table,
            key: &self.charter_key,
            sort_key: Some(&self.time_key),
            indexes: &[],
            time_to_live: None,
        };
        table.ensure().await
    }

    /// A row that is there and says the same is ours: the answer to an earlier attempt was lost.
    async fn put(&self, message: &ChatMessage) -> Result<(), Error> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(self.item(message)))
            .condition_expression("attribute_not_exists(#charter)")
            .expression_attribute_names("#charter", &self.charter_key)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = request.send().await else {
            return Ok(());
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(unmet)) => {
                let stored = self.message(&unmet.item.clone().unwrap_or_default())?;
                message.check_same(&stored)
            }
            _ => Err(failed("PutItem", &self.table, error)),
        }
    }

    /// The messages whose sort key is this text or sorts behind it; all of them without one.
    fn messages(
        self,
        charter: &CharterId,
        from: Option<String>,
    ) -> impl Stream<Item = Result<ChatMessage, Error>> + Send + use<> {
        let (chats, charter) = (self.clone(), charter.to_string());
        let fetch = move |start| {
            let (chats, charter, from) = (chats.clone(), charter.clone(), from.clone());
            async move { chats.page(charter, from, start).await }
        };
        let rows = move |page: Vec<Item>| {
            let rows: Vec<_> = page.iter().map(|row| self.message(row)).collect();
            stream::iter(rows)
        };
        pages(fetch).map_ok(rows).try_flatten()
    }

    async fn page(
        &self,
        charter: String,
        from: Option<String>,
        start: Option<Item>,
    ) -> Result<Page, Error> {
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .expression_attribute_names("#charter", &self.charter_key)
            .expression_attribute_values(":charter", AttributeValue::S(charter))
            .set_exclusive_start_key(start);
        query = match from {
            None => query.key_condition_expression("#charter = :charter"),
            Some(from) => query
                .key_condition_expression("#charter = :charter AND #time >= :from")
                .expression_attribute_names("#time", &self.time_key)
                .expression_attribute_values(":from", AttributeValue::S(from)),
        };
        let page = query.send().await.map_err(|error| failed("Query", &self.table, error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }
}

#[async_trait]
impl CharterChats for DynamoChats {
    async fn post(&self, message: &ChatMessage) -> Result<(), Error> {
        self.put(message).await
    }

    fn thread(&self, charter: &CharterId) -> ChatStream {
        self.clone().messages(charter, None).boxed()
    }

    fn since(&self, charter: &CharterId, at: Timestamp) -> ChatStream {
        let earliest = at.checked_sub(MOST_OFFSET).unwrap_or_default().max(Timestamp::UNIX_EPOCH);
        let from = earliest.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let is_wanted = move |said: &Result<ChatMessage, Error>| {
            said.as_ref().map_or(true, |said| said.at() >= at)
        };
        let messages = self.clone().messages(charter, Some(from));
        messages.filter(move |said| future::ready(is_wanted(said))).boxed()
    }
}

/// By how much the text of an instant may sort before that of the same instant in UTC: an offset is
/// less than 26 hours, and with a blank in place of the `T` it sorts before its whole day.
const MOST_OFFSET: SignedDuration = SignedDuration::from_hours(50);
