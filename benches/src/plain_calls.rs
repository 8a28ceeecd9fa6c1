//! The rows of calls by the SDK's requests alone: items as they come, nothing read, planned or told.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use jada_roster::CallRules;
use jiff::Timestamp;
use jiff::civil::Date;

/// A row.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The tables of charters and crew, which have their rows already.
#[derive(Debug)]
pub struct PlainCalls(pub(crate) Client);

impl PlainCalls {
    /// The tables that this client reaches.
    #[must_use]
    pub fn of(client: Client) -> Self {
        Self(client)
    }

    /// Makes the requests of a tick, of the same sizes: the crew is read once, and each day around
    /// those calls that are due; the row of such a call is read, written with one ask more that is
    /// owed, and written again.
    pub async fn tick(&self, by: Timestamp) -> u64 {
        let rows = self.due(by).await;
        let mut read = HashSet::new();
        if !rows.is_empty() {
            assert!(self.0.scan().table_name(CREW).send().await.unwrap().count() > 0);
        }
        for row in &rows {
            let row = self.open(row[ID].as_s().unwrap()).await;
            let date: Date = row["date"].as_s().unwrap().parse().unwrap();
            let around = [date.yesterday(), Ok(date), date.tomorrow()].map(Result::unwrap);
            let missing: Vec<Date> = around.into_iter().filter(|day| read.insert(*day)).collect();
            if let (Some(first), Some(last)) = (missing.first(), missing.last()) {
                self.days(*first, *last).await;
            }
            let call = call_of(&row);
            let row = self.write(&row, &longer(call, ASKED + OWED), by).await;
            self.write(&row, &longer(call, ASKED), by + CallRules::WINDOW).await;
        }
        rows.len().try_into().unwrap()
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
            rows.push(self.open(row[ID].as_s().unwrap()).await);
        }
        rows
    }

    /// The row of a charter.
    pub(crate) async fn open(&self, id: &str) -> Item {
        let get = self.0.get_item().table_name(CHARTERS).key(ID, text(id)).consistent_read(true);
        get.send().await.unwrap().item.unwrap()
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

    /// Reads the rows of these days, of which there are a page at most in a month.
    pub(crate) async fn days(&self, first: Date, last: Date) {
        let mut months =
            vec![first.strftime("%Y-%m").to_string(), last.strftime("%Y-%m").to_string()];
        months.dedup();
        for month in months {
            let query = self.0.query().table_name(CHARTERS).index_name("month-date-index");
            let query = query
                .key_condition_expression("#month = :month AND date_key BETWEEN :first AND :last")
                .expression_attribute_names("#month", "month")
                .expression_attribute_values(":month", text(&month))
                .expression_attribute_values(":first", text(&first.to_string()))
                .expression_attribute_values(":last", text(&format!("{last}$")));
            assert!(query.send().await.unwrap().last_evaluated_key.is_none());
        }
    }

    /// Writes a call on the condition that the row is as it was read.
    pub(crate) async fn write(&self, row: &Item, call: &str, due: Timestamp) -> Item {
        let due = format!("{due:.9}#{}", row[ID].as_s().unwrap());
        let version: u64 = row["version"].as_n().unwrap().parse().unwrap();
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
            .expression_attribute_values(":call", text(call))
            .expression_attribute_values(":open", text("open"))
            .expression_attribute_values(":due", text(&due))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        update.send().await.unwrap().attributes.unwrap()
    }
}

pub(crate) fn call_of(row: &Item) -> &str {
    row.get("call").map_or("", |call| call.as_s().unwrap())
}

/// A call that is longer by so many bytes.
pub(crate) fn longer(call: &str, bytes: usize) -> String {
    format!("{call}{:bytes$}", "")
}

fn key(row: &Item) -> Item {
    Item::from([(ID.to_owned(), row[ID].clone())])
}

pub(crate) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) const CHARTERS: &str = "crew-dispatch";
pub(crate) const CREW: &str = "crew-roster";
pub(crate) const ID: &str = "charter_id";
/// The bytes by which a call grows with somebody who was asked, and with a mail that it owes.
pub(crate) const ASKED: usize = 125;
pub(crate) const OWED: usize = 125;
