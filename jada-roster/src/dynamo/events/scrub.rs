//! Money out of tables of events, each row by one conditional update.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use futures_core::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use crate::dynamo::events::DynamoEvents;
use crate::dynamo::events::change::{Changes, Update};
use crate::dynamo::events::target::{EventKey, EventTable, ScrubbedRow, table_name};
use crate::dynamo::failure::failed;
use crate::dynamo::item::Item;
use crate::dynamo::pages::{Page, pages};
use crate::dynamo::quiet::quietly;
use crate::dynamo::retry::Backoff;
use crate::error::Error;
use crate::scrub::Removed;

/// Rows as they are looked at; dropping it stops between two of them.
pub type ScrubStream = BoxStream<'static, Result<ScrubbedRow, Error>>;

/// Whether what is found is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Scrub,
    Inspect,
}

impl DynamoEvents {
    /// Takes the money out of a row: attributes that hold it by their names ([`is_money`]), within
    /// maps too, and amounts in texts wherever they stand but in identifiers ([`EventTable::leaving`]).
    /// What was taken out is given to the caller,
    /// and to no log.
    ///
    /// One read and one update, on the condition that these attributes are as they were read; else
    /// what is there now is looked at. Other attributes stay, the version of another tool's row too.
    ///
    /// [`is_money`]: crate::ScrubRules::is_money
    ///
    /// # Errors
    /// [`Error::Invalid`] for a table of charters, which feeds the statement, and for a key that is
    /// not the table's; [`Error::NotFound`]. [`Error::VersionConflict`] for a row that others keep
    /// changing, and [`Error::Unavailable`], are worth a retry; an update that was done after all is
    /// recognised.
    pub async fn scrub(&self, table: &EventTable, key: &EventKey) -> Result<ScrubbedRow, Error> {
        self.one(table, key, Doing::Scrub).await
    }

    /// What [`scrub`](Self::scrub) would take out of a row. Nothing is written.
    ///
    /// # Errors
    /// As [`scrub`](Self::scrub).
    pub async fn inspect(&self, table: &EventTable, key: &EventKey) -> Result<ScrubbedRow, Error> {
        self.one(table, key, Doing::Inspect).await
    }

    /// Takes the money out of all rows of a table, one by one as the stream is polled. Interrupted at
    /// any instant it leaves every row as it was or without money; run again it finds the others.
    ///
    /// The stream yields every row that it has looked at. [`Error::VersionConflict`] is of one row,
    /// and it goes on; other errors, those of [`scrub`](Self::scrub), end it.
    #[must_use]
    pub fn scrub_all(&self, table: &EventTable) -> ScrubStream {
        self.clone().all(table.clone(), Doing::Scrub).boxed()
    }

    /// What [`scrub_all`](Self::scrub_all) would take out. Nothing is written.
    #[must_use]
    pub fn inspect_all(&self, table: &EventTable) -> ScrubStream {
        self.clone().all(table.clone(), Doing::Inspect).boxed()
    }

    /// Refuses a table that feeds the statement, by its name or its ARN.
    fn check(&self, table: &EventTable) -> Result<(), Error> {
        if self.guarded.contains(table_name(&table.name)) {
            let expected = "a table of events; charters feed the statement, and keep their totals";
            return Err(Error::invalid("table to scrub", &table.name, expected));
        }
        Ok(())
    }

    async fn one(
        &self,
        table: &EventTable,
        key: &EventKey,
        doing: Doing,
    ) -> Result<ScrubbedRow, Error> {
        self.check(table)?;
        let key = table.key_of(key)?;
        let request = self
            .client
            .get_item()
            .table_name(&table.name)
            .set_key(Some(key.clone()))
            .consistent_read(true);
        let answer = quietly(request.send()).await;
        let found = answer.map_err(|error| failed("GetItem", &table.name, error))?.item;
        let row = found.ok_or_else(|| missing(table, &key))?;
        self.without_money(table, key, row, doing).await
    }

    fn all(
        self,
        table: EventTable,
        doing: Doing,
    ) -> impl Stream<Item = Result<ScrubbedRow, Error>> + Send {
        let (reader, read) = (self.clone(), table.clone());
        let fetch = move |start| {
            let (events, table) = (reader.clone(), read.clone());
            async move { events.page(&table, start).await }
        };
        let rows = pages(fetch).map_ok(|page| stream::iter(page.into_iter().map(Ok))).try_flatten();
        let scrubbed = rows.and_then(move |row| {
            let (events, table) = (self.clone(), table.clone());
            async move {
                let key = table.key_in(&row)?;
                let shown = table.shown(&key);
                match events.without_money(&table, key, row, doing).await {
                    // It has gone meanwhile, and its money with it.
                    Err(Error::NotFound { .. }) => {
                        Ok(ScrubbedRow { key: shown, removed: Vec::new() })
                    }
                    done => done,
                }
            }
        });
        until_it_fails(scrubbed)
    }

    async fn page(&self, table: &EventTable, start: Option<Item>) -> Result<Page, Error> {
        self.check(table)?;
        let request = self
            .client
            .scan()
            .table_name(&table.name)
            .consistent_read(true)
            .set_exclusive_start_key(start);
        let page = quietly(request.send()).await;
        let page = page.map_err(|error| failed("Scan", &table.name, error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// Updates a row, and again from what is there, while others change it.
    async fn without_money(
        &self,
        table: &EventTable,
        key: Item,
        mut row: Item,
        doing: Doing,
    ) -> Result<ScrubbedRow, Error> {
        let shown = table.shown(&key);
        let mut removed: Vec<Removed> = Vec::new();
        for _ in 0..ATTEMPTS {
            let changes = Changes::of(&row, table, &self.rules);
            if changes.is_empty() || doing == Doing::Inspect {
                removed.extend(changes.removed);
                return Ok(ScrubbedRow { key: shown, removed });
            }
            let Some(stored) = self.update(table, &key, changes.update()).await? else {
                removed.extend(changes.removed);
                return Ok(ScrubbedRow { key: shown, removed });
            };
            if stored.is_empty() {
                return Err(missing(table, &key));
            }
            if changes.are_done_in(&stored) {
                removed.extend(changes.removed);
            }
            row = stored;
        }
        Err(Error::conflict(ROW, &shown))
    }

    /// The row as it is, if it is not as it was read; nothing is written then.
    async fn update(
        &self,
        table: &EventTable,
        key: &Item,
        update: Update,
    ) -> Result<Option<Item>, Error> {
        let (names, values) = update.placeholders.into_maps();
        let request = self
            .client
            .update_item()
            .table_name(&table.name)
            .set_key(Some(key.clone()))
            .update_expression(update.update)
            .condition_expression(update.condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut backoff = Backoff::patient();
        loop {
            let Err(error) = quietly(request.clone().send()).await else {
                return Ok(None);
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(unmet)) => {
                    return Ok(Some(unmet.item.clone().unwrap_or_default()));
                }
                Some(UpdateItemError::TransactionConflictException(_)) if backoff.wait().await => {}
                _ => return Err(failed("UpdateItem", &table.name, error)),
            }
        }
    }
}

/// Goes on behind a row that others keep changing, and ends with any other error.
fn until_it_fails<T>(
    rows: impl Stream<Item = Result<T, Error>>,
) -> impl Stream<Item = Result<T, Error>> {
    rows.scan(false, |has_failed, row| {
        let is_over = *has_failed;
        *has_failed = matches!(&row, Err(error) if !matches!(error, Error::VersionConflict { .. }));
        futures_util::future::ready((!is_over).then_some(row))
    })
}

fn missing(table: &EventTable, key: &Item) -> Error {
    Error::NotFound { what: ROW, id: format!("{} of `{}`", table.shown(key), table.name) }
}

const ROW: &str = "row of events";
/// How often a row that others keep changing is looked at.
const ATTEMPTS: u32 = 8;
