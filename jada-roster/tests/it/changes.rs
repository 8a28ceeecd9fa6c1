//! Changes of status and crew in rows of older tools, and on a store that is not at its best.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jada_roster::{
    Assignment, Charter, CharterEvent, CharterId, CharterRepository, CrewId, Currency,
    DynamoCharters, EmbeddedEngine, Error, EventColumns, Filter, Role, Status, Version,
};
use jiff::civil::date;

use crate::faults::{Fault, Faulty};

type Item = std::collections::HashMap<String, AttributeValue>;

async fn charters(client: Client) -> DynamoCharters {
    let charters = DynamoCharters::new(client);
    charters.ensure_table().await.unwrap();
    charters
}

/// A row as an older tool has written it, with more besides.
async fn older_row(client: &Client, more: &[(&str, AttributeValue)]) {
    let base = [
        ("charter_id", "old-1"),
        ("date", "2026-05-09"),
        ("month", "2026-05"),
        ("date_key", "2026-05-09#old-1"),
        ("currency", "USD"),
        ("status", "Confirmed"),
        ("boat", "Zephyr"),
    ];
    let mut item: Item = base.map(|(name, value)| (name.to_owned(), text(value))).into();
    item.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    client.put_item().table_name("crew-dispatch").set_item(Some(item)).send().await.unwrap();
}

async fn row(client: &Client) -> Item {
    let request = client.get_item().table_name("crew-dispatch").key("charter_id", text("old-1"));
    request.send().await.unwrap().item.unwrap()
}

async fn read(charters: &DynamoCharters, name: &str) -> Result<Charter, Error> {
    Ok(charters.find(&[CharterId::new(name).unwrap()]).await?.pop().unwrap())
}

/// A charter that was saved, with a store that has its faults from here on.
async fn saved(faulty: &Faulty) -> (DynamoCharters, Charter) {
    let charters = charters(faulty.client()).await;
    let id = CharterId::new("c-1").unwrap();
    let charter = Charter::builder(id, date(2026, 5, 1), Currency::USD).build().unwrap();
    charters.save(&[charter]).await.unwrap();
    let charter = read(&charters, "c-1").await.unwrap();
    faulty.requests();
    (charters, charter)
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn map(entries: &[(&str, &str)]) -> AttributeValue {
    let entry = |(name, value): &(&str, &str)| ((*name).to_owned(), text(value));
    AttributeValue::M(entries.iter().map(entry).collect())
}

fn berth(crew: &str, berth: &str) -> Assignment {
    Assignment::new(CrewId::new(crew).unwrap(), berth.parse().unwrap())
}

#[tokio::test]
async fn what_another_tool_keeps_in_a_row_survives_its_changes() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let charters = charters(client.clone()).await;
    older_row(
        &client,
        &[("total", text("1,200.50")), ("deposit", AttributeValue::N("300".into()))],
    )
    .await;
    let before = row(&client).await;
    let old = read(&charters, "old-1").await.unwrap();
    assert_eq!((old.status(), old.version()), (Status::Confirmed, Version::Unnumbered));

    let completed = charters.change_status(&old, Status::Completed).await.unwrap();
    assert_eq!((completed.status(), completed.version()), (Status::Completed, Version::Number(1)));
    charters.assign(&completed, &[berth("ada", "captain")]).await.unwrap();
    let mut expected = before;
    let captain = map(&[("crew_id", "ada"), ("berth", "captain")]);
    expected.insert("status".to_owned(), text("completed"));
    expected.insert("version".to_owned(), AttributeValue::N("2".to_owned()));
    expected.insert("assignments".to_owned(), AttributeValue::L(vec![captain]));
    assert_eq!(row(&client).await, expected);
    assert_eq!(charters.unindexed().await.unwrap(), []);
}

#[tokio::test]
async fn a_tool_that_numbers_no_writes_is_not_overruled() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let charters = charters(client.clone()).await;
    older_row(&client, &[]).await;
    let old = read(&charters, "old-1").await.unwrap();
    let theirs = AttributeValue::L(vec![map(&[("crew_id", "bo")])]);
    older_row(&client, &[("status", text("cancelled")), ("assignments", theirs)]).await;
    for refused in [
        charters.change_status(&old, Status::Completed).await,
        charters.assign(&old, &[berth("ada", "captain")]).await,
    ] {
        assert!(matches!(refused, Err(Error::VersionConflict { .. })), "{refused:?}");
    }
    let theirs = read(&charters, "old-1").await.unwrap();
    assert_eq!(theirs.status(), Status::Cancelled);
    assert_eq!(
        theirs.assignments().unwrap(),
        [Assignment::new(CrewId::new("bo").unwrap(), Role::Crew)]
    );
}

#[tokio::test]
async fn a_change_is_one_request_however_it_ends() {
    let faulty = Faulty::new();
    let (charters, read) = saved(&faulty).await;
    let confirmed = charters.change_status(&read, Status::Confirmed).await.unwrap();
    assert_eq!(faulty.requests(), ["UpdateItem"]);
    let assigned = charters.assign(&confirmed, &[berth("ada", "captain")]).await.unwrap();
    assert_eq!(faulty.requests(), ["UpdateItem"]);
    assert!(charters.change_status(&read, Status::Cancelled).await.is_err());
    assert_eq!(faulty.requests(), ["UpdateItem"], "a conflict");

    let id = CharterId::new("none").unwrap();
    let none = Charter::builder(id, date(2026, 5, 1), Currency::USD).version(Version::Number(1));
    let missing = charters.change_status(&none.build().unwrap(), Status::Confirmed).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
    assert_eq!(faulty.requests(), ["UpdateItem"], "no such charter");
    assert!(charters.change_status(&assigned, Status::Confirmed).await.is_err());
    assert!(faulty.requests().is_empty(), "a step that there is not");
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_is_lost_is_done_once() {
    let faulty = Faulty::new();
    let (charters, pending) = saved(&faulty).await;
    faulty.next("UpdateItem", &[Fault::Throttle, Fault::LoseAnswer, Fault::Fail]);
    let confirmed = charters.change_status(&pending, Status::Confirmed).await.unwrap();
    assert_eq!((confirmed.status(), confirmed.version()), (Status::Confirmed, Version::Number(2)));

    let crew = [berth("ada", "captain"), berth("bo", "mate")];
    faulty.next("UpdateItem", &[Fault::LoseAnswer; 5]);
    let lost = charters.assign(&confirmed, &crew).await.unwrap_err();
    assert!(lost.is_transient(), "{lost:?}");
    let assigned = charters.assign(&confirmed, &crew).await.unwrap();
    assert_eq!(
        (assigned.assignments().unwrap(), assigned.version()),
        (&crew[..], Version::Number(3))
    );
    assert_eq!(read(&charters, "c-1").await.unwrap().version(), Version::Number(3));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_a_transaction_is_writing_is_asked_for_again() {
    let faulty = Faulty::new();
    let (charters, pending) = saved(&faulty).await;
    faulty.next("UpdateItem", &[Fault::Conflict; 3]);
    charters.change_status(&pending, Status::Confirmed).await.unwrap();
    assert_eq!(faulty.count("UpdateItem"), 4);
    let confirmed = read(&charters, "c-1").await.unwrap();
    faulty.next("UpdateItem", &[Fault::Conflict; 100]);
    let busy = charters.change_status(&confirmed, Status::Completed).await.unwrap_err();
    assert!(matches!(busy, Error::Unavailable { operation: "UpdateItem", .. }), "{busy:?}");
}

#[tokio::test]
async fn a_crew_that_cannot_be_read_names_its_attribute_and_is_never_guessed() {
    let list = |entries: &[AttributeValue]| AttributeValue::L(entries.to_vec());
    let ada = map(&[("crew_id", "ada"), ("berth", "Captain ")]);
    let number = AttributeValue::N("1".into());
    let without_berth = [
        map(&[("crew_id", "bo")]),
        map(&[("crew_id", "bo"), ("berth", " ")]),
        map(&[("crew_id", "bo"), ("seat", "4")]),
    ];
    for bo in without_berth {
        let client = EmbeddedEngine::in_memory().unwrap().client();
        let charters = charters(client.clone()).await;
        older_row(&client, &[("assignments", list(&[ada.clone(), bo]))]).await;
        let charter = read(&charters, "old-1").await.unwrap();
        assert_eq!(charter.assignments().unwrap(), [berth("ada", "captain"), berth("bo", "crew")]);
    }
    let wrong = [
        text("ada"),
        AttributeValue::Ss(vec!["ada".into()]),
        list(&[text("Ada Marsh")]),
        list(&[map(&[("berth", "captain")])]),
        list(&[map(&[("crew_id", " ")])]),
        list(&[AttributeValue::M([("crew_id".to_owned(), number.clone())].into())]),
        list(&[AttributeValue::M(
            [("crew_id".to_owned(), text("ada")), ("berth".to_owned(), number)].into(),
        )]),
        list(&[ada.clone(), ada]),
    ];
    for value in wrong {
        let client = EmbeddedEngine::in_memory().unwrap().client();
        let charters = charters(client.clone()).await;
        older_row(&client, &[("assignments", value.clone())]).await;
        let old = read(&charters, "old-1").await.unwrap();
        for corrupt in [
            old.assignments().unwrap_err(),
            CharterEvent::of(old.clone(), &EventColumns::default()).unwrap_err(),
            charters.assign(&old, &[berth("ada", "captain")]).await.unwrap_err(),
            charters.assign(&old, &[]).await.unwrap_err(),
        ] {
            assert!(
                matches!(&corrupt, Error::CorruptItem { table, key, attribute, .. }
                    if (table.as_str(), key.as_str(), attribute.as_str())
                        == ("crew-dispatch", "old-1", "assignments")),
                "{value:?}: {corrupt:?}"
            );
        }
        assert_eq!(row(&client).await["assignments"], value);
    }
}

#[tokio::test]
async fn a_crew_that_cannot_be_read_leaves_the_rest_of_its_charter_to_be_worked_with() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let charters = charters(client.clone()).await;
    let theirs = AttributeValue::L(vec![text("Ada Marsh")]);
    older_row(&client, &[("assignments", theirs.clone())]).await;
    let month = charters.month("2026-05".parse().unwrap(), &Filter::everything());
    let found: Vec<Charter> = month.try_collect().await.unwrap();
    charters.save(&found).await.unwrap();
    let saved = read(&charters, "old-1").await.unwrap();
    let completed = charters.change_status(&saved, Status::Completed).await.unwrap();
    assert_eq!((completed.status(), completed.version()), (Status::Completed, Version::Number(2)));
    assert!(completed.assignments().is_err());
    assert_eq!(row(&client).await["assignments"], theirs);
}

#[tokio::test]
async fn a_list_that_another_tool_writes_meanwhile_is_not_written_over() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let charters = charters(client.clone()).await;
    older_row(&client, &[]).await;
    let nobody = read(&charters, "old-1").await.unwrap();
    let theirs = AttributeValue::L(vec![text("Ada Marsh")]);
    older_row(&client, &[("assignments", theirs.clone())]).await;
    let refused = charters.assign(&nobody, &[berth("bo", "captain")]).await;
    assert!(matches!(refused, Err(Error::CorruptItem { .. })), "{refused:?}");
    assert_eq!(row(&client).await["assignments"], theirs);
}

#[tokio::test]
async fn a_list_of_another_tool_stays_beside_ours() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let charters = charters(client.clone()).await.with_assignments("berths");
    let theirs = AttributeValue::L(vec![text("Ada Marsh")]);
    older_row(&client, &[("assignments", theirs.clone())]).await;
    let old = read(&charters, "old-1").await.unwrap();
    let assigned = charters.assign(&old, &[berth("ada", "captain")]).await.unwrap();
    assert_eq!(row(&client).await["assignments"], theirs);
    let nobody = charters.assign(&assigned, &[]).await.unwrap();
    assert_eq!(nobody.assignments().unwrap(), []);
    assert!(!row(&client).await.contains_key("berths"));
}
