//! Rows that the month index does not show where they belong.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamo::DynamoCharters;
use crate::dynamo::failure::failed;
use crate::dynamo::item::{self, Item};
use crate::error::Error;
use crate::month::{Month, date_from_text};
use crate::repository::{Reindexed, Unindexed};

impl DynamoCharters {
    pub(super) async fn misplaced(&self) -> Result<Vec<Unindexed>, Error> {
        let mut misplaced = Vec::new();
        let mut start = None;
        loop {
            let scan = self
                .client
                .scan()
                .table_name(&self.table)
                .projection_expression("charter_id, #date, #month, #date_key")
                .expression_attribute_names("#date", "date")
                .expression_attribute_names("#month", &self.month_key)
                .expression_attribute_names("#date_key", &self.date_key)
                .set_exclusive_start_key(start);
            let page = scan.send().await.map_err(|error| failed("Scan", &self.table, error))?;
            let rows = page.items.unwrap_or_default();
            misplaced.extend(rows.iter().filter_map(|row| self.misplaced_row(row)));
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(misplaced);
            }
        }
    }

    fn misplaced_row(&self, row: &Item) -> Option<Unindexed> {
        let key = item::key_text(row);
        let date = item::text(row, "date").and_then(|text| date_from_text(text).ok());
        let keys = date.and_then(|date| Some((Month::of(date).ok()?, item::date_key(date, &key))));
        let placed = keys.is_some_and(|(month, date_key)| {
            item::text(row, &self.month_key) == Some(month.to_string().as_str())
                && item::text(row, &self.date_key) == Some(date_key.as_str())
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
