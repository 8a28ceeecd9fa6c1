//! Crew's copies of charters against their contract, and what becomes of a month of charters.

mod months;
mod scrubbing;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jada_roster::{
    Assignment, CharterId, CrewId, CrewView, DynamoCharters, DynamoEvents, EmbeddedEngine, Error,
    EventRepository, MemoryEvents, MockEventRepository, ScrubRules, event_repository_contract,
};
use jiff::civil::date;

use crate::faults::{Fault, Faulty};

type Item = HashMap<String, AttributeValue>;

async fn events(client: Client) -> DynamoEvents {
    let events = DynamoEvents::new(client.clone(), &DynamoCharters::new(client));
    events.ensure_table().await.unwrap();
    events
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn id(id: &str) -> CharterId {
    CharterId::new(id).unwrap()
}

fn item(attributes: &[(&str, AttributeValue)]) -> Item {
    attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

async fn put(client: &Client, table: &str, attributes: &[(&str, AttributeValue)]) {
    let row = client.put_item().table_name(table).set_item(Some(item(attributes)));
    row.send().await.unwrap();
}

async fn row(client: &Client, table: &str, id: &str) -> Item {
    let row = client.get_item().table_name(table).key("charter_id", text(id)).consistent_read(true);
    row.send().await.unwrap().item.unwrap()
}

#[tokio::test]
async fn copies_in_memory_keep_the_contract() {
    let events = MemoryEvents::new();
    event_repository_contract(&events).await;
    event_repository_contract(&events).await;
}

#[tokio::test]
async fn copies_on_dynamodb_in_memory_keep_the_contract() {
    let events = events(EmbeddedEngine::in_memory().unwrap().client()).await;
    event_repository_contract(&events).await;
    event_repository_contract(&events).await;
}

#[tokio::test]
async fn copies_on_dynamodb_in_a_file_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("events.db")).unwrap();
    event_repository_contract(&events(engine.client()).await).await;
}

#[tokio::test]
async fn a_mock_is_a_repository_of_copies() {
    let mut mock = MockEventRepository::new();
    mock.expect_find().times(1).returning(|_| Ok(None));
    let events: &dyn EventRepository = &mock;
    assert_eq!(events.find(&id("C-1")).await.unwrap(), None);
}

#[tokio::test]
async fn money_that_others_wrote_into_a_row_is_not_read_and_a_copy_takes_it_away() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let events = events(client.clone()).await;
    let columns = [("fee", text("300")), ("menu", text("fish, $12 a head")), ("$901", text("dry"))];
    let columns = item(&columns);
    let captain = item(&[("crew_id", text("ada")), ("berth", text("cook $251"))]);
    let older = [
        ("charter_id", text("C-1")),
        ("month", text("2026-05")),
        ("date_key", text("2026-05-03#C-1")),
        ("date", text("2026-05-03")),
        ("status", text("confirmed")),
        ("guest", text("Ann $500 deposit")),
        ("notes", text("Fee: 300. Slip 12")),
        ("payout", AttributeValue::N("250".to_owned())),
        ("kind", text("regatta $1,201")),
        ("assignments", AttributeValue::L(vec![AttributeValue::M(captain)])),
        ("columns", AttributeValue::M(columns)),
    ];
    put(&client, "crew-events", &older).await;
    let found = events.find(&id("C-1")).await.unwrap().unwrap();
    let listed: Vec<CrewView> =
        events.month("2026-05".parse().unwrap()).try_collect().await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&found));
    assert_eq!(found.guest().as_str(), "Ann [amount removed] deposit");
    assert_eq!(found.note().as_str(), "Fee: [amount removed]. Slip 12");
    let columns: Vec<_> =
        found.columns().iter().map(|(name, text)| (name, text.as_str())).collect();
    let names = ["[amount removed]", "menu"].map(str::to_owned);
    assert_eq!(columns, [(&names[0], "dry"), (&names[1], "fish, [amount removed] a head")]);
    assert_eq!(found.kind().as_str(), "regatta [amount removed]");
    assert_eq!(found.assignments()[0].berth().as_str(), "cook [amount removed]");

    events.put(&found).await.unwrap();
    let stored = format!("{:?}", row(&client, "crew-events", "C-1").await);
    for money in ["payout", "fee", "250", "300", "$500", "$12", "$901", "251", "201"] {
        assert!(!stored.contains(money), "{money}: {stored}");
    }
    assert!(stored.contains("Slip 12"));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_and_the_others_are_listed() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let events = events(client.clone()).await;
    let good = CrewView::builder(id("C-2"), date(2026, 5, 4));
    let ada = Assignment::new(CrewId::new("ada").unwrap(), "mate".parse().unwrap());
    let good = good.assignments([ada]).build();
    events.put(&good).await.unwrap();
    let keys = [
        ("charter_id", text("C-1")),
        ("month", text("2026-05")),
        ("date_key", text("2026-05-03#C-1")),
        ("date", text("2026-05-03")),
        ("status", text("confirmed")),
    ];
    for (attribute, wrong) in [
        ("status", text("maybe")),
        ("hours", text("soon")),
        ("head_count", text("six")),
        ("assignments", text("ada")),
        ("columns", text("none")),
        ("charter_version", text("1")),
        ("kind", text(" ")),
        ("date", text("3 May")),
    ] {
        let mut attributes = keys.to_vec();
        attributes.retain(|(name, _)| *name != attribute);
        attributes.push((attribute, wrong));
        put(&client, "crew-events", &attributes).await;
        let refused = events.find(&id("C-1")).await.unwrap_err();
        let is_named = matches!(&refused, Error::CorruptItem { table, key, attribute: named, .. }
            if (table.as_str(), key.as_str(), named.as_str()) == ("crew-events", "C-1", attribute));
        assert!(is_named, "{refused}");
        let (mut rows, mut shown) =
            (events.upcoming(&CrewId::new("ada").unwrap(), date(2026, 5, 1)), 0);
        let mut corrupt = 0;
        loop {
            match rows.try_next().await {
                Ok(Some(view)) => shown += usize::from(view.id() == good.id()),
                Ok(None) => break,
                Err(error) => corrupt += usize::from(matches!(error, Error::CorruptItem { .. })),
            }
        }
        assert_eq!((shown, corrupt), (1, 1), "{attribute}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_whose_answer_was_lost_is_put_once_and_trouble_ends_a_list() {
    let faulty = Faulty::new();
    let events = events(faulty.client()).await;
    let view = CrewView::builder(id("C-1"), date(2026, 5, 3)).build();
    faulty.next("PutItem", &[Fault::LoseAnswer, Fault::Throttle]);
    events.put(&view).await.unwrap();
    assert_eq!(events.find(view.id()).await.unwrap().unwrap().date(), view.date());
    faulty.next("DeleteItem", &[Fault::LoseAnswer]);
    events.remove(&view).await.unwrap();
    assert_eq!(events.find(view.id()).await.unwrap(), None);
    faulty.requests();
    faulty.next("Query", &[Fault::Fail; 60]);
    let mut rows = events.upcoming(&CrewId::new("ada").unwrap(), date(2026, 5, 1));
    let error = rows.try_next().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(rows.try_next().await.unwrap(), None, "it has ended");
}

#[tokio::test]
async fn rules_of_ones_own_are_those_by_which_rows_are_read() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let rules = ScrubRules::default().with_currency("shells");
    let events = events(client.clone()).await.with_rules(rules);
    let attributes = [
        ("charter_id", text("C-1")),
        ("date", text("2026-05-03")),
        ("status", text("confirmed")),
        ("notes", text("40 shells for Ann")),
    ];
    put(&client, "crew-events", &attributes).await;
    let found = events.find(&id("C-1")).await.unwrap().unwrap();
    assert_eq!(found.note().as_str(), "[amount removed] for Ann");
}
