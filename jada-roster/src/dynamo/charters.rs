//! Charters on DynamoDB, through the SDK's own client.

mod calls;
mod change;
pub(super) mod crew;
mod filter;
mod index;
pub(super) mod item;
mod read;
mod schema;
#[cfg(feature = "streams")]
mod stream;
mod write;

use std::ops::RangeInclusive;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use jiff::civil::Date;

use crate::charter::assignment::Assignment;
use crate::charter::crew::Unread;
use crate::charter::{Charter, CharterId};
use crate::dynamo::charters::read::Part;
use crate::dynamo::item::Item;
use crate::error::Error;
use crate::filter::Filter;
use crate::money::Currency;
use crate::month::Month;
use crate::repository::{
    CharterRepository, CharterStream, Reindexed, Unindexed, with_assignments, with_status,
};
use crate::status::Status;

/// Charters in a DynamoDB table with an index by month and date.
///
/// The table's partition key is `charter_id`; the index's keys are the attributes `month`
/// (`2026-05`) and `date_key` (`2026-05-03#<charter_id>`). A total is a number, the other fields
/// are text, and columns without a field of their own are the map `extra_columns`. Who sails is the
/// list `assignments` of maps, each with `crew_id` and `berth`; it is absent while nobody does. Rows
/// of other tools are read too: a total may be text, and where `kind` is absent it is a charter,
/// where `guest`, `brand` or `notes` is absent it is blank, and where a `berth` is absent it is
/// [`Role::Crew`](crate::Role::Crew). A list of plain texts could be of ids or of names: such a
/// charter is read, and its [`assignments`](Charter::assignments) are [`Error::CorruptItem`] to whoever
/// has to know them. Where another tool keeps such a list,
/// [`with_assignments`](Self::with_assignments) puts ours beside it.
///
/// A change of status or crew is one conditional update, or two where another tool has spelled what
/// is changed in its own way.
#[derive(Clone, Debug)]
pub struct DynamoCharters {
    client: Client,
    table: String,
    index: String,
    month_key: String,
    date_key: String,
    assignments: String,
    call_index: String,
    assumed_currency: Option<Currency>,
}

impl DynamoCharters {
    /// Starts with a client and the default names: table `crew-dispatch`, index `month-date-index`,
    /// index keys `month` and `date_key`, attribute `assignments`.
    ///
    /// Give the client [`dynamo_retries`](crate::dynamo_retries), whose back-off suits a table that
    /// is busy for milliseconds.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client,
            table: "crew-dispatch".to_owned(),
            index: "month-date-index".to_owned(),
            month_key: "month".to_owned(),
            date_key: "date_key".to_owned(),
            assignments: "assignments".to_owned(),
            call_index: "call-due-index".to_owned(),
            assumed_currency: None,
        }
    }

    /// The same charters in a table of this name.
    #[must_use]
    pub fn with_table(mut self, table: impl Into<String>) -> Self {
        self.table = table.into();
        self
    }

    /// The same charters by an index of this name, with these attributes for its keys.
    #[must_use]
    pub fn with_index(
        mut self,
        index: impl Into<String>,
        month_key: impl Into<String>,
        date_key: impl Into<String>,
    ) -> Self {
        (self.index, self.month_key, self.date_key) =
            (index.into(), month_key.into(), date_key.into());
        self
    }

    /// The same charters with who sails in an attribute of this name.
    #[must_use]
    pub fn with_assignments(mut self, attribute: impl Into<String>) -> Self {
        self.assignments = attribute.into();
        self
    }

    /// Takes rows that name no currency to be in this one; without it they are
    /// [`Error::CorruptItem`].
    #[must_use]
    pub fn assuming_currency(mut self, currency: Currency) -> Self {
        self.assumed_currency = Some(currency);
        self
    }

    /// The table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    fn charter(&self, item: &Item) -> Result<Charter, Error> {
        let crew = crew::assignments(item.get(&self.assignments)).map_err(|expected| {
            let (table, attribute) = (self.table.clone(), self.assignments.clone());
            Box::new(Unread { table, attribute, expected })
        });
        let charter = item::charter(item, self.assumed_currency)
            .map_err(|corrupt| corrupt.of(&self.table, item::key_text(item)))?;
        Ok(charter.with_crew(crew))
    }
}

#[async_trait]
impl CharterRepository for DynamoCharters {
    fn month(&self, month: Month, filter: &Filter) -> CharterStream {
        self.clone().pages_of(Part::month(month, filter))
    }

    fn days(&self, days: RangeInclusive<Date>) -> CharterStream {
        self.clone().pages_of_days(days)
    }

    async fn find(&self, ids: &[CharterId]) -> Result<Vec<Charter>, Error> {
        self.batch_get(ids).await
    }

    async fn save(&self, charters: &[Charter]) -> Result<(), Error> {
        self.transact(charters).await
    }

    async fn change_status(&self, charter: &Charter, to: Status) -> Result<Charter, Error> {
        self.change(charter, &with_status(charter, to)?, &self.status_field()).await
    }

    async fn assign(
        &self,
        charter: &Charter,
        assignments: &[Assignment],
    ) -> Result<Charter, Error> {
        let next = with_assignments(charter, assignments)?;
        self.change(charter, &next, &self.crew_field()).await
    }

    async fn unindexed(&self) -> Result<Vec<Unindexed>, Error> {
        self.misplaced().await
    }

    async fn reindex(&self) -> Result<Reindexed, Error> {
        self.place().await
    }
}
