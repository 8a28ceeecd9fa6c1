//! The month's statement is the same before and after every scrub of what crew read.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jada_reports::Summary;
use jada_roster::{
    CharterRepository, DynamoCharters, DynamoEvents, EmbeddedEngine, EventKey, EventTable, Filter,
    ScrubbedRow, ViewRules, publish_month,
};

use crate::sample::{charters, counted, rules};

type Row = HashMap<String, AttributeValue>;

/// The tables of a month: charters, crew's copies, and a copy of the charters by another tool.
struct Month {
    client: Client,
    charters: DynamoCharters,
    events: DynamoEvents,
}

impl Month {
    async fn new() -> Self {
        let client = EmbeddedEngine::in_memory().unwrap().client();
        let charters = DynamoCharters::new(client.clone());
        charters.ensure_table().await.unwrap();
        charters.save(&with_money()).await.unwrap();
        // The same rows in tables of events, with everything that the office has.
        let events = DynamoEvents::new(client.clone(), &charters);
        events.ensure_table().await.unwrap();
        events.clone().with_table("bookings").ensure_table().await.unwrap();
        let month = Self { client, charters, events };
        for row in month.rows("crew-dispatch").await {
            for table in ["crew-events", "bookings"] {
                let put = month.client.put_item().table_name(table).set_item(Some(row.clone()));
                put.send().await.unwrap();
            }
        }
        month
    }

    /// The digest of the canonical JSON, what is printed of the statement, and the stored rows.
    async fn stated(&self) -> (String, String, Vec<Row>) {
        let may = "2026-05".parse().unwrap();
        let charters = self.charters.month(may, &Filter::everything());
        let charters: Vec<_> = charters.try_collect().await.unwrap();
        let statement = rules().statement(may).build(charters).unwrap();
        let summary = serde_json::to_string(&Summary::new(&statement, &[])).unwrap();
        (statement.canonical_sha256(), summary, self.rows("crew-dispatch").await)
    }

    async fn rows(&self, table: &str) -> Vec<Row> {
        let scan = self.client.scan().table_name(table).consistent_read(true).send().await.unwrap();
        let mut rows = scan.items.unwrap_or_default();
        rows.sort_by_key(|row| row["charter_id"].as_s().unwrap().clone());
        rows
    }

    async fn scrub(&self, table: &str) -> usize {
        let rows = self.events.scrub_all(&EventTable::new(table));
        let rows: Vec<ScrubbedRow> = rows.try_collect().await.unwrap();
        rows.iter().map(|row| row.removed.len()).sum()
    }
}

/// The sample, and charters whose other texts are full of money as well.
fn with_money() -> Vec<jada_roster::Charter> {
    let mut all = charters();
    let column = ("fee".to_owned(), "4711".to_owned());
    let texts = counted("C-20", 20, 98_765).guest("Ann $500").notes("Deposit 500, tip 40 EUR");
    all.push(texts.extra([column]).build().unwrap());
    all
}

#[tokio::test]
async fn a_statement_is_the_same_before_and_after_every_scrub() {
    let month = Month::new().await;
    let before = month.stated().await;
    assert!(before.1.contains("\"gross\":\"4"), "there is something to state: {}", before.1);

    let refused = month.events.scrub_all(&EventTable::new("crew-dispatch")).try_next().await;
    assert!(refused.unwrap_err().to_string().contains("feed the statement"));
    let one = month.events.scrub(&EventTable::new("crew-dispatch"), &EventKey::new("C-20")).await;
    assert!(one.is_err());
    assert_eq!(month.stated().await, before, "what is refused changes nothing");

    let one = month.events.scrub(&EventTable::new("crew-events"), &EventKey::new("C-20")).await;
    assert_eq!(one.unwrap().removed.len(), 5, "total, fee, and three amounts in texts");
    assert_eq!(month.stated().await, before);
    assert!(month.scrub("crew-events").await > 10);
    assert_eq!(month.stated().await, before);
    assert!(month.scrub("bookings").await > 10);
    assert_eq!(month.stated().await, before);
    assert_eq!((month.scrub("crew-events").await, month.scrub("bookings").await), (0, 0));

    let may = "2026-05".parse().unwrap();
    let rules = ViewRules::default().with_column("fee");
    let published = publish_month(&month.charters, &month.events, may, &rules).await.unwrap();
    assert_eq!((published.written, published.left_out), (13, 4), "{published:?}");
    assert_eq!(month.scrub("crew-events").await, 0, "a copy has nothing to take out");
    assert_eq!(month.stated().await, before);
    for table in ["crew-events", "bookings"] {
        for row in month.rows(table).await {
            let shown = format!("{row:?}");
            assert!(!shown.contains("4711") && !row.contains_key("total"), "{shown}");
        }
    }
}
