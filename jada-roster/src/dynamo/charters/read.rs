//! Reading charters: a month page by page, and single ones in batches.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use crate::charter::{Charter, CharterId};
use crate::dynamo::batch::Batch;
use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::charters::filter::FilterExpression;
use crate::dynamo::charters::item;
use crate::dynamo::failure::failed;
use crate::dynamo::item::Item;
use crate::dynamo::pages::{Page, pages};
use crate::error::Error;
use crate::filter::Filter;
use crate::month::Month;
use crate::repository::CharterStream;

impl DynamoCharters {
    /// The month's charters; the next page is asked for when the last is used up.
    pub(super) fn pages_of(self, month: Month, filter: &Filter) -> CharterStream {
        let rows = self.clone().rows_of(month, filter);
        let charter = move |row: Result<Item, Error>| {
            let charter = row.and_then(|row| self.charter(&row));
            let is_here = charter.as_ref().map_or(true, |row| month.contains(row.date()));
            std::future::ready(is_here.then_some(charter))
        };
        rows.filter_map(charter).boxed()
    }

    /// The month's rows; the next page is asked for when the last is used up.
    pub(super) fn rows_of(
        self,
        month: Month,
        filter: &Filter,
    ) -> impl Stream<Item = Result<Item, Error>> + use<> {
        let filter = filter.clone();
        let fetch = move |start| {
            let (charters, filter) = (self.clone(), filter.clone());
            async move { charters.month_page(month, &filter, start).await }
        };
        pages(fetch).map_ok(|page| stream::iter(page.into_iter().map(Ok))).try_flatten()
    }

    async fn month_page(
        &self,
        month: Month,
        filter: &Filter,
        start: Option<Item>,
    ) -> Result<Page, Error> {
        let filter = FilterExpression::of(filter);
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(&self.index)
            .key_condition_expression("#month = :month")
            .expression_attribute_names("#month", &self.month_key)
            .expression_attribute_values(":month", AttributeValue::S(month.to_string()))
            .set_exclusive_start_key(start)
            .set_filter_expression(filter.expression);
        for (placeholder, attribute) in filter.names {
            query = query.expression_attribute_names(placeholder, attribute);
        }
        for (placeholder, value) in filter.values {
            query = query.expression_attribute_values(placeholder, value);
        }
        let page = query.send().await.map_err(|error| failed("Query", &self.table, error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    pub(super) async fn batch_get(&self, ids: &[CharterId]) -> Result<Vec<Charter>, Error> {
        let batch =
            Batch { client: &self.client, table: &self.table, key: item::ID, projection: None };
        let found = batch.get(ids.iter().map(ToString::to_string)).await?;
        found.iter().map(|item| self.charter(item)).collect()
    }
}
