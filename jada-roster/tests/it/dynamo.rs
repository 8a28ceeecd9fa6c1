//! Rows of other tools, rows without index keys, a busy table, answers that are lost.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jada_roster::{
    Charter, CharterId, CharterRepository, Currency, DynamoCharters, EmbeddedEngine, Error, Filter,
    Kind, Money, Month, Status, Version,
};
use jiff::civil::date;

use crate::faults::{Fault, Faulty};

async fn charters(client: Client) -> DynamoCharters {
    let charters = DynamoCharters::new(client);
    charters.ensure_table().await.unwrap();
    charters
}

async fn put(client: &Client, texts: &[(&str, &str)], numbers: &[(&str, &str)]) {
    let text =
        |(name, text): &(&str, &str)| ((*name).to_owned(), AttributeValue::S((*text).to_owned()));
    let number =
        |(name, text): &(&str, &str)| ((*name).to_owned(), AttributeValue::N((*text).to_owned()));
    let item: HashMap<_, _> = texts.iter().map(text).chain(numbers.iter().map(number)).collect();
    client.put_item().table_name("crew-dispatch").set_item(Some(item)).send().await.unwrap();
}

async fn may(charters: &DynamoCharters) -> Result<Vec<Charter>, Error> {
    let month: Month = "2026-05".parse().unwrap();
    charters.month(month, &Filter::everything()).try_collect().await
}

fn id(text: &str) -> CharterId {
    CharterId::new(text).unwrap()
}

fn some(count: usize) -> Vec<Charter> {
    let charter = |n| Charter::builder(id(&format!("c-{n:03}")), date(2026, 5, 1), Currency::USD);
    (0..count).map(|n| charter(n).build().unwrap()).collect()
}

#[tokio::test]
async fn a_row_of_another_tool_is_read_and_its_own_attributes_survive() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let charters = charters(client.clone()).await.assuming_currency(Currency::USD);
    let texts = [
        ("charter_id", "old-1"),
        ("date", "2026-05-09"),
        ("month", "2026-05"),
        ("date_key", "2026-05-09#old-1"),
        ("guest", "Ann"),
        ("total", " 1,200.50 "),
        ("status", "Confirmed"),
        ("boat", "Zephyr"),
    ];
    put(&client, &texts, &[("deposit", "300")]).await;

    let read = may(&charters).await.unwrap().remove(0);
    assert_eq!(read.total(), Some(Money::from_minor(120_050, Currency::USD)));
    assert_eq!((read.status(), read.kind()), (Status::Confirmed, &Kind::Charter));
    assert_eq!((read.brand(), read.version()), ("", Version::Unnumbered));

    let changed = Charter::builder(id("old-1"), date(2026, 5, 10), Currency::USD)
        .guest("Ann B.")
        .version(read.version())
        .build()
        .unwrap();
    charters.save(&[changed]).await.unwrap();
    let key = AttributeValue::S("old-1".into());
    let stored = client.get_item().table_name("crew-dispatch").key("charter_id", key);
    let stored = stored.send().await.unwrap().item.unwrap();
    assert_eq!(stored["boat"], AttributeValue::S("Zephyr".into()));
    assert_eq!(stored["deposit"], AttributeValue::N("300".into()));
    assert_eq!(stored["date_key"], AttributeValue::S("2026-05-10#old-1".into()));
    assert!(!stored.contains_key("total"), "a total that is no more is removed");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_names_table_key_and_attribute() {
    let base = [
        ("charter_id", "bad"),
        ("date", "2026-05-09"),
        ("month", "2026-05"),
        ("date_key", "2026-05-09#bad"),
        ("currency", "USD"),
        ("status", "confirmed"),
        ("total", "10"),
        ("kind", "charter"),
        ("guest", "Ann"),
    ];
    let cases = [
        ("date", Some("9 May")),
        ("currency", None),
        ("currency", Some("dollar")),
        ("status", Some("booked")),
        ("status", None),
        ("total", Some("1.234,50")),
        ("kind", Some("")),
        ("version", Some("one")),
        ("extra_columns", Some("text")),
    ];
    for (attribute, text) in cases {
        let client = EmbeddedEngine::in_memory().unwrap().client();
        let charters = charters(client.clone()).await;
        let mut row: Vec<_> = base.into_iter().filter(|(name, _)| *name != attribute).collect();
        row.extend(text.map(|text| (attribute, text)));
        put(&client, &row, &[]).await;
        match may(&charters).await {
            Err(Error::CorruptItem { table, key, attribute: named, .. }) => {
                assert_eq!((table.as_str(), key.as_str()), ("crew-dispatch", "bad"));
                assert_eq!(named, attribute);
            }
            other => panic!("{attribute}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn rows_without_index_keys_are_reported_and_mended() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let charters = charters(client.clone()).await;
    let row = |id: &'static str, date: &'static str| {
        [("charter_id", id), ("date", date), ("currency", "USD"), ("status", "confirmed")]
    };
    put(&client, &row("lost", "2026-05-09"), &[]).await;
    put(&client, &row("garbled", "May 9th"), &[]).await;
    let moved = [("month", "2026-05"), ("date_key", "2026-05-30#moved")];
    put(&client, &[row("moved", "2026-06-02").as_slice(), &moved].concat(), &[]).await;
    charters.save(&some(3)).await.unwrap();

    assert_eq!(may(&charters).await.unwrap().len(), 3, "a June charter is not stated in May");
    let mut unindexed = charters.unindexed().await.unwrap();
    unindexed.sort_by(|a, b| a.key.cmp(&b.key));
    let found: Vec<_> = unindexed.iter().map(|row| (row.key.as_str(), row.date)).collect();
    assert_eq!(
        found,
        [("garbled", None), ("lost", Some(date(2026, 5, 9))), ("moved", Some(date(2026, 6, 2)))]
    );
    let reindexed = charters.reindex().await.unwrap();
    assert_eq!((reindexed.mended, reindexed.unreadable), (2, vec!["garbled".to_owned()]));
    assert_eq!(may(&charters).await.unwrap().len(), 4);
    assert_eq!(charters.unindexed().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_missing_table_is_named() {
    let charters = DynamoCharters::new(EmbeddedEngine::in_memory().unwrap().client());
    let missing = may(&charters).await.unwrap_err();
    assert!(
        matches!(&missing, Error::TableMissing { table } if table == "crew-dispatch"),
        "{missing:?}"
    );
    assert!(matches!(charters.save(&some(1)).await, Err(Error::TableMissing { .. })));
}

#[tokio::test]
async fn an_index_that_is_missing_is_added() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    charters(client.clone()).await.save(&some(2)).await.unwrap();
    let other = DynamoCharters::new(client).with_index("by-month", "month", "date_key");
    other.ensure_table().await.unwrap();
    other.ensure_table().await.unwrap();
    assert_eq!(may(&other).await.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_busy_table_is_asked_again() {
    let faulty = Faulty::new();
    let charters = charters(faulty.client()).await;
    faulty.next("TransactWriteItems", &[Fault::Throttle, Fault::Fail, Fault::Throttle]);
    charters.save(&some(3)).await.unwrap();
    faulty.next("Query", &[Fault::Throttle, Fault::Throttle, Fault::Throttle, Fault::Throttle]);
    assert_eq!(may(&charters).await.unwrap().len(), 3);
    faulty.next("Query", &[Fault::Throttle; 5]);
    let busy = may(&charters).await.unwrap_err();
    assert!(matches!(busy, Error::Unavailable { operation: "Query", .. }), "{busy:?}");
    assert!(busy.is_transient());
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_is_done_once() {
    let faulty = Faulty::new();
    let charters = charters(faulty.client()).await;
    faulty.next("TransactWriteItems", &[Fault::LoseAnswer]);
    charters.save(&some(3)).await.unwrap();
    let stored = may(&charters).await.unwrap();
    assert!(stored.iter().all(|charter| charter.version() == Version::Number(1)));

    faulty.next("TransactWriteItems", &[Fault::LoseAnswer; 5]);
    let lost = charters.save(&some(4)).await.unwrap_err();
    assert!(lost.is_transient(), "{lost:?}");
    charters.save(&some(4)).await.unwrap();
    let stored = may(&charters).await.unwrap();
    assert_eq!(stored.len(), 4);
    assert!(stored.iter().all(|charter| charter.version() == Version::Number(1)));
}

#[tokio::test(start_paused = true)]
async fn only_what_a_batch_left_is_asked_for_again() {
    let faulty = Faulty::new();
    let charters = charters(faulty.client()).await;
    let written = some(100);
    charters.save(&written).await.unwrap();
    let ids: Vec<CharterId> = written.iter().map(|charter| charter.id().clone()).collect();
    faulty.count("");
    faulty.next("BatchGetItem", &[Fault::LeaveHalf, Fault::LeaveHalf]);
    let mut found = charters.find(&ids).await.unwrap();
    found.sort_by(|a, b| a.id().cmp(b.id()));
    assert_eq!(found.iter().map(Charter::id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
    assert_eq!(faulty.count("BatchGetItem"), 3);

    faulty.next("BatchGetItem", &[Fault::LeaveHalf; 5]);
    match charters.find(&ids).await {
        Err(Error::Unprocessed { keys, .. }) => {
            assert_eq!(keys, ids[97..].iter().map(ToString::to_string).collect::<Vec<_>>());
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_month_is_read_again_until_the_index_shows_all_of_it() {
    let faulty = Faulty::new();
    let charters = charters(faulty.client()).await;
    charters.save(&some(3)).await.unwrap();
    let month: Month = "2026-05".parse().unwrap();
    let patience = std::time::Duration::from_secs(5);
    faulty.next("Query", &[Fault::HideLast; 2]);
    let (rows, unindexed) = charters.settled_month(month, patience).await.unwrap();
    assert_eq!((rows.len(), unindexed.len()), (3, 0));
    assert_eq!(faulty.count("Query"), 3);

    faulty.next("Query", &[Fault::HideLast; 100]);
    let behind = charters.settled_month(month, patience).await.unwrap_err();
    assert!(matches!(behind, Error::Unavailable { operation: "Query", .. }), "{behind:?}");
    assert!(behind.is_transient());
}

#[tokio::test]
async fn rows_that_fill_more_than_one_transaction_are_split_by_size() {
    let faulty = Faulty::new();
    let charters = charters(faulty.client()).await;
    let notes = "n".repeat(250_000);
    let large: Vec<Charter> = (0..30)
        .map(|n| Charter::builder(id(&format!("l-{n}")), date(2026, 5, 1), Currency::USD))
        .map(|builder| builder.notes(notes.clone()).build().unwrap())
        .collect();
    faulty.count("");
    charters.save(&large).await.unwrap();
    assert_eq!(faulty.count("TransactWriteItems"), 3);
    assert_eq!(may(&charters).await.unwrap().len(), 30);
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/charters.db");
    let charters = charters(EmbeddedEngine::open(&path).unwrap().client()).await;
    charters.save(&some(1)).await.unwrap();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let files: Vec<_> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 2, "the write-ahead log lies beside the file: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[cfg(unix)]
#[test]
fn a_database_that_others_may_read_is_refused_with_what_mends_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("char'ters.db");
    drop(EmbeddedEngine::open(&path).unwrap());
    let set = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    for mode in [0o644, 0o640, 0o602] {
        set(mode);
        let error = EmbeddedEngine::open(&path).unwrap_err();
        let mend = format!("chmod 600 '{}'", path.display().to_string().replace('\'', r"'\''"));
        assert!(error.to_string().contains(&mend), "{error}");
    }
    set(0o600);
    EmbeddedEngine::open(&path).unwrap();
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(
        &path,
        "not a database, and far too precious to be overwritten by one".repeat(20),
    )
    .unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = EmbeddedEngine::open(&path).unwrap_err();
    assert!(error.to_string().contains("notes.txt"), "{error}");
    assert!(error.to_string().contains("no database"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
