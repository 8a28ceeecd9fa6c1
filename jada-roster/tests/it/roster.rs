//! The crew against its contract, on every backend, and DynamoDB's own corners.

mod crash;
mod faults;
mod lists;
mod older_tools;
mod quiet;
mod regions;
mod removal;
mod sweep;
mod tables;

use futures_util::future::join_all;
use jada_roster::{
    DynamoRoster, EmbeddedEngine, Error, MemoryRoster, MockRosterRepository, RosterRepository,
    roster_repository_contract,
};

use self::tables::{assert_whole, claims, id, person, renamed};

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
async fn a_missing_table_is_named() {
    let roster = DynamoRoster::new(EmbeddedEngine::in_memory().unwrap().client());
    let missing = roster.find(&id(1)).await.unwrap_err();
    assert!(
        matches!(&missing, Error::TableMissing { table } if table == "crew-roster"),
        "{missing:?}"
    );
    assert!(matches!(roster.add(&person(1)).await, Err(Error::TableMissing { .. })));
}
