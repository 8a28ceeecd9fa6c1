//! The charters' table by the SDK's calls alone: items as they come, nothing read or checked.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jada_roster::EmbeddedEngine;

use crate::input::month;

/// The table of an engine.
#[derive(Debug)]
pub struct PlainTable(Client);

impl PlainTable {
    /// The table that the engine has already.
    #[must_use]
    pub fn of(engine: &EmbeddedEngine) -> Self {
        Self(engine.client())
    }

    /// Reads the month's items, page by page.
    pub async fn month(&self) -> Vec<HashMap<String, AttributeValue>> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let query = self
                .0
                .query()
                .table_name(TABLE)
                .index_name("month-date-index")
                .key_condition_expression("#month = :month")
                .expression_attribute_names("#month", "month")
                .expression_attribute_values(":month", AttributeValue::S(month().to_string()))
                .set_exclusive_start_key(start);
            let page = query.send().await.unwrap();
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }

    /// Puts the items, a hundred to a transaction.
    pub async fn put(&self, items: Vec<HashMap<String, AttributeValue>>) {
        let mut items = items.into_iter().map(put).peekable();
        while items.peek().is_some() {
            let group = items.by_ref().take(100).collect();
            self.0.transact_write_items().set_transact_items(Some(group)).send().await.unwrap();
        }
    }
}

fn put(item: HashMap<String, AttributeValue>) -> TransactWriteItem {
    let put = Put::builder().table_name(TABLE).set_item(Some(item)).build().unwrap();
    TransactWriteItem::builder().put(put).build()
}

const TABLE: &str = "crew-dispatch";
