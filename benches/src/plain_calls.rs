//! The rows of calls by the SDK's requests alone: items as they come, nothing read, planned or told.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use jada_roster::CallRules;
use jiff::Timestamp;

/// The tables of charters and crew, which have their rows already.
#[derive(Debug)]
pub struct PlainCalls(Client);

type Item = HashMap<String, AttributeValue>;

impl PlainCalls {
    /// The tables that this client reaches.
    #[must_use]
    pub fn of(client: Client) -> Self {
        Self(client)
    }

    /// Makes the requests of a tick, of the same sizes: for each call that is due its row is read and
    /// written with one ask more that is owed, a member's row is read, and the call is written again.
    pub async fn tick(&self, by: Timestamp) -> u64 {
        let rows = self.due(by).await;
        let count = rows.len();
        for row in rows {
            let get = self.0.get_item().table_name(CHARTERS).consistent_read(true);
            let row = get.set_key(Some(key(&row))).send().await.unwrap().item.unwrap();
            let row = self.write(&row, ASKED + OWED, by).await;
            let get = self.0.get_item().table_name(CREW).consistent_read(true);
            get.key("crew_id", text("crew-2")).send().await.unwrap().item.unwrap();
            self.write(&row, 0, by + CallRules::WINDOW).await;
        }
        count.try_into().unwrap()
    }

    /// The ids of the calls that are due, in their order.
    pub async fn due(&self, by: Timestamp) -> Vec<Item> {
        let (mut rows, mut start) = (Vec::new(), None);
        loop {
            let query = self.0.query().table_name(CHARTERS).index_name("call-due-index");
            let query = query
                .key_condition_expression("call_open = :open AND call_due <= :by")
                .projection_expression(ID)
                .expression_attribute_values(":open", text("open"))
                .expression_attribute_values(":by", text(&format!("{by:.9}$")))
                .set_exclusive_start_key(start);
            let page = query.send().await.unwrap();
            rows.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return rows;
            }
        }
    }

    /// The whole rows of these.
    pub async fn read(&self, keys: &[Item]) -> Vec<Item> {
        let mut rows = Vec::with_capacity(keys.len());
        for row in keys {
            let get = self.0.get_item().table_name(CHARTERS).set_key(Some(key(row)));
            rows.push(get.send().await.unwrap().item.unwrap());
        }
        rows
    }

    /// Puts rows back as they were, a hundred to a transaction.
    pub async fn put_back(&self, rows: &[Item]) {
        for rows in rows.chunks(100) {
            let puts = rows.iter().map(|row| {
                let put = Put::builder().table_name(CHARTERS).set_item(Some(row.clone()));
                TransactWriteItem::builder().put(put.build().unwrap()).build()
            });
            let write = self.0.transact_write_items().set_transact_items(Some(puts.collect()));
            write.send().await.unwrap();
        }
    }

    /// On the condition that the row is as it was read; its call is longer by so many bytes.
    async fn write(&self, row: &Item, more: usize, due: Timestamp) -> Item {
        let due = format!("{due:.9}#{}", row[ID].as_s().unwrap());
        let version: u64 = row["version"].as_n().unwrap().parse().unwrap();
        let call = row["call"].as_s().unwrap();
        let update = self
            .0
            .update_item()
            .table_name(CHARTERS)
            .set_key(Some(key(row)))
            .update_expression(
                "SET #version = :version, #call = :call, #open = :open, #due = :due, #crew = :crew",
            )
            .condition_expression("#version = :read AND #crew = :was")
            .expression_attribute_names("#version", "version")
            .expression_attribute_names("#call", "call")
            .expression_attribute_names("#open", "call_open")
            .expression_attribute_names("#due", "call_due")
            .expression_attribute_names("#crew", "assignments")
            .expression_attribute_values(":read", number(version))
            .expression_attribute_values(":was", row["assignments"].clone())
            .expression_attribute_values(":crew", row["assignments"].clone())
            .expression_attribute_values(":version", number(version + 1))
            .expression_attribute_values(":call", text(&format!("{call}{:more$}", "")))
            .expression_attribute_values(":open", text("open"))
            .expression_attribute_values(":due", text(&due))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        update.send().await.unwrap().attributes.unwrap()
    }
}

fn key(row: &Item) -> Item {
    Item::from([(ID.to_owned(), row[ID].clone())])
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

const CHARTERS: &str = "crew-dispatch";
const CREW: &str = "crew-roster";
const ID: &str = "charter_id";
/// The bytes by which a call grows with somebody who was asked, and with a mail that it owes.
const ASKED: usize = 150;
const OWED: usize = 200;
