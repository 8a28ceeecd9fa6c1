//! Reading charters: a month page by page, and single ones in batches.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::charter::{Charter, CharterId};
use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::charters::filter::FilterExpression;
use crate::dynamo::charters::item;
use crate::dynamo::failure::{failed, malformed};
use crate::dynamo::item::Item;
use crate::dynamo::retry::Backoff;
use crate::error::Error;
use crate::filter::Filter;
use crate::month::Month;
use crate::repository::CharterStream;

impl DynamoCharters {
    /// The month's charters; the next page is asked for when the last is used up.
    pub(super) fn pages_of(self, month: Month, filter: &Filter) -> CharterStream {
        let filter = filter.clone();
        let pages = stream::try_unfold((self, Page::First), move |(charters, page)| {
            let filter = filter.clone();
            async move {
                let start = match page {
                    Page::First => None,
                    Page::After(key) => Some(key),
                    Page::Last => return Ok(None),
                };
                let (items, next) = charters.month_page(month, &filter, start).await?;
                let rows: Vec<_> = items
                    .iter()
                    .map(|item| charters.charter(item))
                    .filter(|row| row.as_ref().map_or(true, |row| month.contains(row.date())))
                    .collect();
                let next = next.map_or(Page::Last, Page::After);
                Ok(Some((stream::iter(rows), (charters, next))))
            }
        });
        pages.try_flatten().boxed()
    }

    async fn month_page(
        &self,
        month: Month,
        filter: &Filter,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), Error> {
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
        let ids: Vec<&CharterId> = ids.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = Vec::with_capacity(ids.len());
        for group in ids.chunks(BATCH) {
            for item in self.batch(group.iter().map(|id| item::key(id)).collect()).await? {
                found.push(self.charter(&item)?);
            }
        }
        Ok(found)
    }

    /// Asks for up to 100 items, and again for those alone that the store left out.
    async fn batch(&self, mut keys: Vec<Item>) -> Result<Vec<Item>, Error> {
        const OPERATION: &str = "BatchGetItem";
        let mut found = Vec::with_capacity(keys.len());
        let mut backoff = Backoff::default();
        while !keys.is_empty() {
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
            let wanted =
                wanted.build().map_err(|error| malformed(OPERATION, &self.table, error))?;
            let request = self.client.batch_get_item().request_items(&self.table, wanted);
            let answer = request.send().await;
            let answer = answer.map_err(|error| failed(OPERATION, &self.table, error))?;
            found.extend(answer.responses.into_iter().flatten().flat_map(|(_, items)| items));
            let left = answer.unprocessed_keys.and_then(|mut left| left.remove(&self.table));
            keys = left.map(|left| left.keys).unwrap_or_default();
            if !keys.is_empty() && !backoff.wait().await {
                let keys = keys.iter().map(item::key_text).collect();
                return Err(Error::Unprocessed { table: self.table.clone(), keys });
            }
        }
        Ok(found)
    }
}

enum Page {
    First,
    After(Item),
    Last,
}

/// What one `BatchGetItem` may ask for.
const BATCH: usize = 100;
