//! The crew against its contract, on every backend, and DynamoDB's own corners.

mod crash;
mod faults;
mod lists;
mod older_tools;
mod quiet;
mod regions;
mod removal;
mod sweep;
pub(crate) mod tables;

use std::time::Duration;

use aws_sdk_dynamodb::types::TimeToLiveStatus;
use futures_util::future::join_all;
use jada_roster::{
    CrewTables, DynamoRoster, EmbeddedEngine, Error, MemoryRoster, MockRosterRepository,
    RosterRepository, roster_repository_contract,
};

use tokio::time::Instant;

use self::tables::{assert_whole, claims, id, person, renamed};
use crate::faults::Faulty;

#[tokio::test]
async fn a_roster_in_memory_keeps_the_contract() {
    let roster = MemoryRoster::new();
    roster_repository_contract(&roster).await;
    roster_repository_contract(&roster).await;
}

#[tokio::test]
async fn a_roster_on_dynamodb_in_memory_keeps_the_contract() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = tables::roster(client.clone()).await;
    roster_repository_contract(&roster).await;
    roster_repository_contract(&roster).await;
    assert_eq!(assert_whole(&client).await, 0);
    assert_eq!(tables::scan(&client, "crew-keys").await, [], "the suite leaves nothing behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_on_dynamodb_in_a_file_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("crew.db")).unwrap();
    let roster = tables::roster(engine.client()).await;
    roster_repository_contract(&roster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_concurrent_adds_of_one_person_one_stays_and_no_claim_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("crew.db")).unwrap();
    let client = engine.client();
    let roster = tables::roster(client.clone()).await;
    let add = |number: usize| {
        let roster = roster.clone();
        tokio::spawn(async move { roster.add(&renamed(&person(0), id(number))).await })
    };
    let (mut stay, mut refused) = (Vec::new(), 0);
    for added in join_all((0..200).map(add)).await {
        match added.unwrap() {
            Ok(member) => stay.push(member),
            Err(Error::Duplicate { .. }) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((stay.len(), refused), (1, 199));
    assert_eq!(assert_whole(&client).await, 1);
    let owners: Vec<_> = claims(&client).await.into_values().collect();
    assert_eq!(owners, [stay[0].id().as_str(); 2]);
}

#[tokio::test(start_paused = true)]
async fn two_hundred_adds_of_one_person_that_all_conflict_come_to_an_end() {
    let faulty = Faulty::new().contended(Duration::from_millis(5));
    let roster = tables::roster(faulty.client()).await;
    let adds = (0..200).map(|number| {
        let (roster, member) = (&roster, renamed(&person(0), id(number)));
        async move { roster.add(&member).await }
    });
    let begun = Instant::now();
    let (stay, refused): (Vec<_>, Vec<_>) =
        join_all(adds).await.into_iter().partition(Result::is_ok);
    assert_eq!((stay.len(), refused.len()), (1, 199));
    for refusal in refused {
        let refusal = refusal.unwrap_err();
        assert!(matches!(refusal, Error::Duplicate { .. }), "{refusal:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(faulty.count("TransactWriteItems") > 400, "they have met");
    assert_eq!(assert_whole(&faulty.engine().client()).await, 1);
}

#[tokio::test]
async fn a_mock_is_a_roster() {
    let mut mock = MockRosterRepository::new();
    mock.expect_add().times(1).returning(|member| {
        Err(Error::Duplicate { field: jada_roster::UniqueField::Email, owner: member.id().clone() })
    });
    let roster: &dyn RosterRepository = &mock;
    let refused = roster.add(&person(1)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "another crew member (`c-00001`) has this e-mail address already"
    );
}

#[tokio::test]
async fn the_tables_are_created_once_by_the_names_they_are_given() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let names = CrewTables::default()
        .with_roster("people")
        .with_keys("people-keys")
        .with_legacy_index("link-index", "link");
    let roster = DynamoRoster::new(client.clone()).with_tables(names);
    for _ in 0..2 {
        roster.ensure_tables().await.unwrap();
    }
    roster_repository_contract(&roster).await;
    let tables = client.list_tables().send().await.unwrap().table_names.unwrap();
    assert_eq!(tables, ["people", "people-keys"]);
    let people = client.describe_table().table_name("people").send().await.unwrap().table.unwrap();
    let index = &people.global_secondary_indexes()[0];
    assert_eq!(index.index_name(), Some("link-index"));
    assert_eq!(index.key_schema()[0].attribute_name(), "link");
    let ttl = client.describe_time_to_live().table_name("people-keys").send().await.unwrap();
    let ttl = ttl.time_to_live_description.unwrap();
    assert_eq!(ttl.attribute_name(), Some("ttl"));
    assert_eq!(ttl.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));
}

#[tokio::test]
async fn a_missing_table_is_named() {
    let roster = DynamoRoster::new(EmbeddedEngine::in_memory().unwrap().client());
    let missing = roster.find(&id(1)).await.unwrap_err();
    assert!(
        matches!(&missing, Error::TableMissing { table } if table == "crew-roster"),
        "{missing:?}"
    );
    assert!(matches!(roster.add(&person(1)).await, Err(Error::TableMissing { .. })));
}
