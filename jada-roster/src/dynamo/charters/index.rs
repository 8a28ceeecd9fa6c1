//! Rows that the month index does not show where they belong.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jiff::civil::Date;
use tokio::time::Instant;

use crate::charter::Charter;
use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::charters::item;
use crate::dynamo::failure::failed;
use crate::dynamo::item::{Item, text, version};
use crate::error::Error;
use crate::filter::Filter;
use crate::month::{Month, date_from_text};
use crate::repository::{CharterRepository, Reindexed, Unindexed};
use crate::version::Version;

impl DynamoCharters {
    /// The charters of a month as the table holds them now, and rows that the index cannot show.
    ///
    /// An index of DynamoDB follows its table in a moment, not at once, so that a month read right
    /// after a write may lack it. This reads the whole table, strongly consistent, and the month
    /// by the index, and again until both agree on the month's rows and their versions.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when they do not agree within `patience`, or the store is busy: worth
    /// a retry. [`Error::CorruptItem`] for a row that cannot be read.
    pub async fn settled_month(
        &self,
        month: Month,
        patience: Duration,
    ) -> Result<(Vec<Charter>, Vec<Unindexed>), Error> {
        let begun = Instant::now();
        loop {
            let survey = self.survey(Some(month)).await?;
            let mut charters = Vec::new();
            let mut shown = Rows::default();
            let mut pages = self.month(month, &Filter::everything());
            while let Some(charter) = pages.try_next().await? {
                shown.add(charter.version().number());
                charters.push(charter);
            }
            if shown == survey.placed {
                return Ok((charters, survey.misplaced));
            }
            if begun.elapsed() >= patience {
                return Err(Error::Unavailable {
                    table: self.table.clone(),
                    operation: "Query",
                    source: format!("index `{}` does not show all of {month} yet", self.index)
                        .into(),
                });
            }
            tokio::time::sleep(SETTLING).await;
        }
    }

    pub(super) async fn misplaced(&self) -> Result<Vec<Unindexed>, Error> {
        Ok(self.survey(None).await?.misplaced)
    }

    /// Looks at every row's keys; of a month it counts the rows that the index ought to show.
    async fn survey(&self, month: Option<Month>) -> Result<Survey, Error> {
        let mut survey = Survey::default();
        let mut start = None;
        loop {
            let scan = self
                .client
                .scan()
                .table_name(&self.table)
                .consistent_read(true)
                .projection_expression("charter_id, #date, #month, #date_key, #version")
                .expression_attribute_names("#date", "date")
                .expression_attribute_names("#month", &self.month_key)
                .expression_attribute_names("#date_key", &self.date_key)
                .expression_attribute_names("#version", "version")
                .set_exclusive_start_key(start);
            let page = scan.send().await.map_err(|error| failed("Scan", &self.table, error))?;
            for row in page.items.unwrap_or_default() {
                let date = text(&row, "date").and_then(|text| date_from_text(text).ok());
                if let Some(misplaced) = self.misplaced_row(&row, date) {
                    survey.misplaced.push(misplaced);
                } else if date.is_some_and(|date| month.is_some_and(|month| month.contains(date))) {
                    survey.placed.add(version(&row).map_or(0, Version::number));
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(survey);
            }
        }
    }

    fn misplaced_row(&self, row: &Item, date: Option<Date>) -> Option<Unindexed> {
        let key = item::key_text(row);
        let keys = date.and_then(|date| Some((Month::of(date).ok()?, item::date_key(date, &key))));
        let placed = keys.is_some_and(|(month, date_key)| {
            text(row, &self.month_key) == Some(month.to_string().as_str())
                && text(row, &self.date_key) == Some(date_key.as_str())
        });
        (!placed).then_some(Unindexed { key, date })
    }

    /// A row whose date has changed since the scan is left for the next run, which finds it again.
    pub(super) async fn place(&self) -> Result<Reindexed, Error> {
        let mut reindexed = Reindexed::default();
        for Unindexed { key, date } in self.misplaced().await? {
            let Some(date) = date else {
                reindexed.unreadable.push(key);
                continue;
            };
            let month = AttributeValue::S(Month::of(date)?.to_string());
            let date_key = AttributeValue::S(item::date_key(date, &key));
            let update = self
                .client
                .update_item()
                .table_name(&self.table)
                .key("charter_id", AttributeValue::S(key))
                .update_expression("SET #month = :month, #date_key = :date_key")
                .condition_expression("#date = :date")
                .expression_attribute_names("#date", "date")
                .expression_attribute_names("#month", &self.month_key)
                .expression_attribute_names("#date_key", &self.date_key)
                .expression_attribute_values(":date", AttributeValue::S(date.to_string()))
                .expression_attribute_values(":month", month)
                .expression_attribute_values(":date_key", date_key);
            match update.send().await {
                Ok(_) => reindexed.mended += 1,
                Err(error) => {
                    let service = error.as_service_error();
                    if !service.is_some_and(|e| e.is_conditional_check_failed_exception()) {
                        return Err(failed("UpdateItem", &self.table, error));
                    }
                }
            }
        }
        Ok(reindexed)
    }
}

/// What a scan of the table saw.
#[derive(Debug, Default)]
struct Survey {
    misplaced: Vec<Unindexed>,
    placed: Rows,
}

/// Rows by their number and their versions: a write changes one or the other.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rows {
    count: usize,
    versions: u64,
}

impl Rows {
    fn add(&mut self, version: u64) {
        self.count += 1;
        self.versions = self.versions.wrapping_add(version);
    }
}

/// An index is usually less than a second behind.
const SETTLING: Duration = Duration::from_millis(250);
