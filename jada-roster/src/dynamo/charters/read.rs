//! Reading charters: a month or some days page by page, and single ones in batches.

use std::ops::RangeInclusive;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use jiff::civil::Date;

use crate::charter::{Charter, CharterId};
use crate::dynamo::batch::Batch;
use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::charters::filter::FilterExpression;
use crate::dynamo::charters::item;
use crate::dynamo::failure::failed;
use crate::dynamo::item::Item;
use crate::dynamo::pages::{Page, pages};
use crate::dynamo::quiet::quietly;
use crate::error::Error;
use crate::filter::Filter;
use crate::month::Month;
use crate::repository::{CharterStream, months_of};

/// What is read of a month.
#[derive(Clone, Debug)]
pub(super) struct Part {
    month: Month,
    /// Those alone, if any.
    days: Option<RangeInclusive<Date>>,
    filter: Filter,
}

impl Part {
    pub(super) fn month(month: Month, filter: &Filter) -> Self {
        Self { month, days: None, filter: filter.clone() }
    }

    pub(super) fn days(month: Month, days: RangeInclusive<Date>) -> Self {
        Self { month, days: Some(days), filter: Filter::everything() }
    }

    pub(super) fn contains(&self, date: Date) -> bool {
        let is_of_days = self.days.as_ref().is_none_or(|days| days.contains(&date));
        self.month.contains(date) && is_of_days
    }
}

impl DynamoCharters {
    /// The charters of this part; the next page is asked for when the last is used up.
    pub(super) fn pages_of(self, part: Part) -> CharterStream {
        let rows = self.clone().rows_of(part.clone());
        let charter = move |row: Result<Item, Error>| {
            let charter = row.and_then(|row| self.charter(&row));
            let is_here = charter.as_ref().map_or(true, |row| part.contains(row.date()));
            std::future::ready(is_here.then_some(charter))
        };
        rows.filter_map(charter).boxed()
    }

    /// The charters of these days, month after month.
    pub(super) fn pages_of_days(self, days: RangeInclusive<Date>) -> CharterStream {
        let parts = months_of(&days).map(move |month| Part::days(month, days.clone()));
        stream::iter(parts).flat_map(move |part| self.clone().pages_of(part)).boxed()
    }

    /// The rows of this part; the next page is asked for when the last is used up.
    pub(super) fn rows_of(self, part: Part) -> impl Stream<Item = Result<Item, Error>> + use<> {
        let fetch = move |start| {
            let (charters, part) = (self.clone(), part.clone());
            async move { charters.page_of(&part, start).await }
        };
        pages(fetch).map_ok(|page| stream::iter(page.into_iter().map(Ok))).try_flatten()
    }

    async fn page_of(&self, part: &Part, start: Option<Item>) -> Result<Page, Error> {
        let filter = FilterExpression::of(&part.filter);
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(&self.index)
            .expression_attribute_names("#month", &self.month_key)
            .expression_attribute_values(":month", AttributeValue::S(part.month.to_string()))
            .set_exclusive_start_key(start)
            .set_filter_expression(filter.expression);
        query = match &part.days {
            None => query.key_condition_expression("#month = :month"),
            Some(days) => query
                .key_condition_expression("#month = :month AND #day BETWEEN :first AND :last")
                .expression_attribute_names("#day", &self.date_key)
                .expression_attribute_values(":first", AttributeValue::S(days.start().to_string()))
                .expression_attribute_values(":last", AttributeValue::S(item::end_of(*days.end()))),
        };
        for (placeholder, attribute) in filter.names {
            query = query.expression_attribute_names(placeholder, attribute);
        }
        for (placeholder, value) in filter.values {
            query = query.expression_attribute_values(placeholder, value);
        }
        let page = quietly(query.send()).await;
        let page = page.map_err(|error| failed("Query", &self.table, error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    pub(super) async fn batch_get(&self, ids: &[CharterId]) -> Result<Vec<Charter>, Error> {
        let batch =
            Batch { client: &self.client, table: &self.table, key: item::ID, projection: None };
        let found = batch.get(ids.iter().map(ToString::to_string)).await?;
        found.iter().map(|item| self.charter(item)).collect()
    }
}
