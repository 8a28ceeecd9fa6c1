//! Money out of rows, each by one conditional update, and never out of charters.

use jada_roster::{
    Charter, CharterRepository, Currency, EventKey, EventTable, Money, Removed, ScrubbedRow,
    Status, ViewRules, publish_charter, publish_month,
};

use super::*;
use crate::log::Log;

fn number(number: &str) -> AttributeValue {
    AttributeValue::N(number.to_owned())
}

fn map(attributes: &[(&str, AttributeValue)]) -> AttributeValue {
    AttributeValue::M(item(attributes))
}

/// A row as another tool writes it: money by names, in texts, and further down.
fn with_money() -> Vec<(&'static str, AttributeValue)> {
    let crew = map(&[("name", text("Ada")), ("payout", number("250"))]);
    vec![
        ("charter_id", text("C-1")),
        ("charterFee", number("1200")),
        ("deposit", text("500")),
        ("tip", AttributeValue::Null(true)),
        ("notes", text("Slip 12, balance due 450 at 10:30")),
        ("guest", text("Ann Rivers")),
        ("total_guests", number("12")),
        ("version", number("7")),
        ("crew", AttributeValue::L(vec![crew, text("Bo, 40 USD")])),
        ("detail", map(&[("fee", number("3")), ("boat", text("Isla"))])),
        ("tags", AttributeValue::Ss(vec!["vip".to_owned(), "paid 300".to_owned()])),
    ]
}

fn without_money() -> Item {
    let crew = vec![map(&[("name", text("Ada"))]), text("Bo, [amount removed]")];
    item(&[
        ("charter_id", text("C-1")),
        ("notes", text("Slip 12, balance due [amount removed] at 10:30")),
        ("guest", text("Ann Rivers")),
        ("total_guests", number("12")),
        ("version", number("7")),
        ("crew", AttributeValue::L(crew)),
        ("detail", map(&[("boat", text("Isla"))])),
        ("tags", AttributeValue::Ss(vec!["paid [amount removed]".to_owned(), "vip".to_owned()])),
    ])
}

fn table() -> EventTable {
    EventTable::new("crew-events")
}

fn key() -> EventKey {
    EventKey::new("C-1")
}

fn places(row: &ScrubbedRow) -> Vec<(&str, &str)> {
    row.removed.iter().map(|removed| (removed.place(), removed.expose())).collect()
}

/// Sorts the texts of the set, which comes in no order.
fn sorted(mut row: Item) -> Item {
    if let Some(AttributeValue::Ss(tags)) = row.get_mut("tags") {
        tags.sort();
    }
    row
}

#[tokio::test]
async fn a_row_loses_its_money_by_one_read_and_one_update_and_nothing_else() {
    let faulty = Faulty::new();
    let client = faulty.client();
    let events = events(client.clone()).await;
    put(&client, "crew-events", &with_money()).await;
    faulty.requests();
    let inspected = events.inspect(&table(), &key()).await.unwrap();
    assert_eq!(faulty.requests(), ["GetItem"]);
    let scrubbed = events.scrub(&table(), &key()).await.unwrap();
    assert_eq!(faulty.requests(), ["GetItem", "UpdateItem"]);
    let expected = [
        ("charterFee", "1200"),
        ("crew.payout", "250"),
        ("crew", "40 USD"),
        ("deposit", "500"),
        ("detail.fee", "3"),
        ("notes", "450"),
        ("tags", "300"),
        ("tip", ""),
    ];
    assert_eq!((places(&inspected), places(&scrubbed)), (expected.into(), expected.into()));
    assert_eq!(sorted(row(&client, "crew-events", "C-1").await), without_money());
    faulty.requests();
    assert!(events.scrub(&table(), &key()).await.unwrap().removed.is_empty());
    assert_eq!(faulty.requests(), ["GetItem"], "a second time there is nothing to write");
}

#[tokio::test]
async fn the_table_that_feeds_the_statement_is_refused_by_name_and_by_arn() {
    let client = Faulty::new().client();
    let charters = |name: &str| DynamoCharters::new(client.clone()).with_table(name);
    let arn = |name: &str| format!("arn:aws:dynamodb:eu-west-1:000000000000:table/{name}");
    let events = DynamoEvents::new(client.clone(), &charters("bookings-2026"))
        .guarding(&charters(&arn("bookings-2025")));
    for name in [
        "crew-dispatch".to_owned(),
        "bookings-2026".to_owned(),
        " bookings-2025 ".to_owned(),
        arn("bookings-2026"),
        arn("bookings-2025"),
        arn("bookings-2025/index/month-date-index"),
    ] {
        let table = EventTable::new(name);
        let all = events.scrub_all(&table).try_collect::<Vec<_>>().await.map(|_| ());
        let one = events.scrub(&table, &key()).await.map(|_| ());
        let looked = events.inspect(&table, &key()).await.map(|_| ());
        for refused in [all, one, looked] {
            let refused = refused.unwrap_err();
            assert!(refused.to_string().contains("feed the statement"), "{refused}");
            assert!(!refused.is_transient());
        }
    }
}

#[tokio::test]
async fn what_another_writes_meanwhile_is_kept_and_scrubbed_too() {
    let faulty = Faulty::new();
    let client = faulty.client();
    let events = events(client.clone()).await;
    put(&client, "crew-events", &with_money()).await;
    let other = client.clone();
    faulty.before("UpdateItem", async move {
        let mut row = with_money();
        row.retain(|(name, _)| *name != "notes");
        row.push(("notes", text("Slip 14, fee 999")));
        row.push(("revenue", number("77")));
        put(&other, "crew-events", &row).await;
    });
    let scrubbed = events.scrub(&table(), &key()).await.unwrap();
    let row = row(&client, "crew-events", "C-1").await;
    assert_eq!(row["notes"], text("Slip 14, fee [amount removed]"));
    assert!(!row.contains_key("revenue") && !row.contains_key("charterFee"));
    assert!(places(&scrubbed).contains(&("notes", "999")));
    assert!(!places(&scrubbed).contains(&("notes", "450")), "that is not what was taken out");
}

#[tokio::test(start_paused = true)]
async fn an_update_whose_answer_was_lost_is_recognised_and_told() {
    let faulty = Faulty::new();
    let client = faulty.client();
    let events = events(client.clone()).await;
    put(&client, "crew-events", &with_money()).await;
    faulty.next("UpdateItem", &[Fault::LoseAnswer]);
    let scrubbed = events.scrub(&table(), &key()).await.unwrap();
    assert_eq!(scrubbed.removed.len(), 8, "{:?}", places(&scrubbed));
    assert_eq!(sorted(row(&client, "crew-events", "C-1").await), without_money());
}

#[tokio::test]
async fn a_row_that_is_gone_is_told_and_is_not_made_again() {
    let faulty = Faulty::new();
    let client = faulty.client();
    let events = events(client.clone()).await;
    let missing = events.scrub(&table(), &key()).await.unwrap_err();
    assert!(missing.to_string().contains("`C-1 of `crew-events``"), "{missing}");
    put(&client, "crew-events", &with_money()).await;
    let other = client.clone();
    let delete = async move || {
        let gone = other.delete_item().table_name("crew-events").key("charter_id", text("C-1"));
        gone.send().await.unwrap();
    };
    faulty.before("UpdateItem", async move { delete().await });
    let rows: Vec<_> = events.scrub_all(&table()).try_collect().await.unwrap();
    assert!(rows.len() == 1 && rows[0].removed.is_empty(), "{rows:?}");
    assert_eq!(client.scan().table_name("crew-events").send().await.unwrap().count, 0);
}

/// Rows of another tool, by a partition key and a sort key.
async fn of_another_tool(client: &Client) -> EventTable {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    let key = |name: &str, kind| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
    };
    let attribute = |name: &str, of| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(of).build().unwrap()
    };
    let create =
        client.create_table().table_name("bookings").billing_mode(BillingMode::PayPerRequest);
    let create = create.attribute_definitions(attribute("paid", ScalarAttributeType::S));
    let create = create.attribute_definitions(attribute("leg", ScalarAttributeType::N));
    let create =
        create.key_schema(key("paid", KeyType::Hash)).key_schema(key("leg", KeyType::Range));
    create.send().await.unwrap();
    EventTable::new("bookings").with_key("paid").with_sort_key("leg")
}

#[tokio::test]
async fn a_table_of_another_tool_is_scrubbed_row_by_row_and_its_keys_stay() {
    let faulty = Faulty::new();
    let client = faulty.client();
    let table = of_another_tool(&client).await;
    let events = self::events(client.clone()).await;
    // More than a page.
    let picture = AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new(vec![7; 6_000]));
    for leg in 0..250 {
        let keys = [("paid", text("$5 lane")), ("leg", number(&leg.to_string()))];
        let row = [&keys[..], &[("notes", text("fee 300")), ("picture", picture.clone())]].concat();
        put(&client, "bookings", &row).await;
    }
    faulty.requests();
    let mut rows = events.scrub_all(&table);
    for _ in 0..10 {
        assert_eq!(rows.try_next().await.unwrap().unwrap().removed.len(), 1);
    }
    drop(rows);
    assert!(faulty.requests().len() <= 12, "it stops when it is dropped");
    let rows: Vec<ScrubbedRow> = events.scrub_all(&table).try_collect().await.unwrap();
    let taken = rows.iter().filter(|row| !row.removed.is_empty()).count();
    assert_eq!((rows.len(), taken), (250, 240), "what was done stays done");
    assert!(rows[0].key.starts_with("$5 lane/"), "{}", rows[0].key);
    let again: Vec<ScrubbedRow> = events.scrub_all(&table).try_collect().await.unwrap();
    assert_eq!(again.iter().map(|row| row.removed.len()).sum::<usize>(), 0);
    let wrong = events.scrub_all(&EventTable::new("bookings")).try_next().await.unwrap_err();
    assert!(wrong.to_string().contains("`charter_id`"), "{wrong}");
}

#[tokio::test]
async fn what_says_which_row_it_is_stays_and_so_does_what_the_caller_names() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let events = events(client.clone()).await;
    let detail = [("booking_id", text("USD-7")), ("code", text("EUR-9")), ("tip", text("5"))];
    let names = [
        ("charter_id", text("EUR-12")),
        ("month", text("2026-05")),
        ("date_key", text("2026-05-03#EUR-12")),
        ("paymentId", text("USD 77")),
        ("photo_url", text("https://example.com/fee-300")),
        ("voucher", text("EUR-5")),
        ("detail", map(&detail)),
    ];
    let row_of = [&names[..], &[("notes", text("fee 300"))]].concat();
    put(&client, "crew-events", &row_of).await;
    let leaving = table().leaving("voucher").leaving("detail.code");
    let rows: Vec<ScrubbedRow> = events.scrub_all(&leaving).try_collect().await.unwrap();
    assert_eq!(places(&rows[0]), [("detail.tip", "5"), ("notes", "300")]);
    let mut left = row(&client, "crew-events", "EUR-12").await;
    assert_eq!(left.remove("notes"), Some(text("fee [amount removed]")));
    let mut expected = item(&names);
    expected.insert("detail".to_owned(), map(&detail[..2]));
    assert_eq!(left, expected);
    let key = EventKey::new("EUR-12");
    let named = events.scrub(&table(), &key).await.unwrap();
    assert_eq!(named.removed.len(), 2, "voucher and code, where nobody names them");
}

/// However it is stopped, a row has all of its money or none.
#[tokio::test]
async fn stopped_at_any_request_a_row_is_as_it_was_or_without_money() {
    for (number, fault) in
        (0..3).flat_map(|number| [Fault::Stop, Fault::StopDone].map(|fault| (number, fault)))
    {
        let faulty = Faulty::new();
        let client = faulty.client();
        let events = events(client.clone()).await;
        put(&client, "crew-events", &with_money()).await;
        faulty.at(number, fault);
        let rows = events.scrub_all(&table());
        let stopped = tokio::time::timeout(
            std::time::Duration::from_millis(50),
            rows.try_collect::<Vec<_>>(),
        );
        let _ = stopped.await;
        faulty.heal();
        let left = sorted(row(&client, "crew-events", "C-1").await);
        let whole = sorted(item(&with_money()));
        assert!(left == whole || left == without_money(), "{number} {fault:?}: {left:?}");
        let rows: Vec<ScrubbedRow> = events.scrub_all(&table()).try_collect().await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(sorted(row(&client, "crew-events", "C-1").await), without_money());
    }
}

#[tokio::test]
async fn no_amount_is_logged_however_much_is_logged() {
    let (log, _guard) = Log::begin("trace");
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let events = events(client.clone()).await;
    let money = [
        ("charter_id", text("C-1")),
        ("date", text("2026-05-03")),
        ("status", text("confirmed")),
        ("fee", text("98765")),
        ("notes", text("balance due 87654")),
    ];
    put(&client, "crew-events", &money).await;
    let charters = DynamoCharters::new(client.clone());
    charters.ensure_table().await.unwrap();
    log.clear();
    events.find(&id("C-1")).await.unwrap();
    events.inspect(&table(), &key()).await.unwrap();
    let rows: Vec<ScrubbedRow> = events.scrub_all(&table()).try_collect().await.unwrap();
    let removed: Vec<&Removed> = rows.iter().flat_map(|row| &row.removed).collect();
    assert_eq!(removed.len(), 2);
    tracing::info!(?rows, "what a caller may log by mistake");
    for charter in charters_with_money(&charters).await {
        let ada = Assignment::new(CrewId::new("ada").unwrap(), "mate".parse().unwrap());
        let charter = charters.change_status(&charter, Status::Confirmed).await.unwrap();
        charters.assign(&charter, &[ada]).await.unwrap();
    }
    let rules = ViewRules::default();
    let may = "2026-05".parse().unwrap();
    let published = publish_month(&charters, &events, may, &rules).await.unwrap();
    assert_eq!((published.written, published.left_out), (1, 2));
    publish_charter(&charters, &events, &id("C-2"), &rules).await.unwrap();
    client.describe_table().table_name("crew-events").send().await.unwrap();
    let log = log.text();
    assert!(log.contains("DescribeTable") && log.contains("by mistake"), "{log}");
    for amount in ["98765", "87654", "76543", "65432"] {
        assert!(!log.contains(amount), "{amount}");
    }
}

/// A charter, saved and read again.
async fn charters_with_money(charters: &DynamoCharters) -> Vec<Charter> {
    let charter = Charter::builder(id("C-2"), date(2026, 5, 4), Currency::USD)
        .total(Money::from_minor(7_654_300, Currency::USD))
        .notes("balance due 65432, fee 65432");
    charters.save(&[charter.build().unwrap()]).await.unwrap();
    charters.find(&[id("C-2")]).await.unwrap()
}
