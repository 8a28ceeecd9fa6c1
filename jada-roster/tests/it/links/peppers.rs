//! Peppers that a table knows of: none is lost without a word.

use aws_sdk_dynamodb::Client;
use futures_util::future::join_all;
use jada_roster::{
    CrewTables, DynamoLinks, DynamoRoster, EmbeddedEngine, Error, LinkRefusal, LinkSpec,
    MagicLinks, Peppers, RosterRepository,
};

use super::tables::{back, member, portal, refusal};
use crate::faults::{Fault, Faulty};

async fn table() -> Client {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    DynamoRoster::new(client.clone()).ensure_tables().await.unwrap();
    client
}

fn links(client: &Client, peppers: &Peppers) -> DynamoLinks {
    DynamoLinks::builder(client.clone(), peppers.clone()).build().unwrap()
}

fn mend(failed: Result<impl std::fmt::Debug, Error>) -> String {
    match failed {
        Err(Error::Peppers { mend, .. }) => mend,
        other => panic!("{other:?}"),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_lost_file_is_an_error_before_another_takes_its_place() {
    let (client, tables) = (table().await, CrewTables::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets").join(Peppers::FILE_NAME);
    let first = DynamoLinks::peppers(&client, &tables, &file, None).await.unwrap();
    links(&client, &first).open().await.unwrap();
    let again = DynamoLinks::peppers(&client, &tables, &file, None).await.unwrap();
    links(&client, &again).open().await.expect("a second start");

    let saved = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let failed = mend(DynamoLinks::peppers(&client, &tables, &file, None).await);
    assert!(failed.contains("links exist that were made under pepper `A`"), "{failed}");
    assert!(!file.exists(), "no other file takes its place");

    let other = Peppers::open_or_create(&file).unwrap();
    let failed = mend(links(&client, &other).open().await);
    assert!(failed.contains("`A`") && failed.contains("restore it from a backup"), "{failed}");
    std::fs::write(&file, saved).unwrap();
    let restored = DynamoLinks::peppers(&client, &tables, &file, None).await.unwrap();
    links(&client, &restored).open().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn rotated_peppers_open_old_links_and_retired_ones_are_given_up() {
    let (client, tables) = (table().await, CrewTables::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets").join(Peppers::FILE_NAME);
    let roster = DynamoRoster::new(client.clone());
    let ann = roster.add(&member(1)).await.unwrap();
    let (standing, single) = (LinkSpec::standing(portal()), LinkSpec::single_use(portal()));

    let peppers = DynamoLinks::peppers(&client, &tables, &file, None).await.unwrap();
    let before = links(&client, &peppers);
    before.open().await.unwrap();
    let old = before.issue(ann.id(), &standing).await.unwrap();
    let rotated = Peppers::rotate(&file).unwrap();
    let after = links(&client, &rotated);
    after.open().await.unwrap();
    let new = after.issue(ann.id(), &single).await.unwrap();
    assert_eq!((&old.text.expose()[..1], &new.text.expose()[..1]), ("A", "B"));
    after.verify(&back(&old)).await.expect("it was made under the older pepper");
    assert_eq!(refusal(before.consume(&back(&new)).await), LinkRefusal::UnknownPepper);
    after.consume(&back(&new)).await.unwrap();
    let failed = mend(before.open().await);
    assert!(failed.contains("pepper `B`"), "who has not read the file since: {failed}");

    let retired = Peppers::retire(&file, peppers.current().id()).unwrap();
    let last = links(&client, &retired);
    let failed = mend(last.open().await);
    let lost = peppers.current().fingerprint();
    assert!(failed.contains(&format!("pepper `A` (fingerprint {lost})")), "{failed}");
    let forgotten = last.forget_missing_peppers().await.unwrap();
    assert_eq!(forgotten, [peppers.current().id()]);
    last.open().await.unwrap();
    assert_eq!(last.forget_missing_peppers().await.unwrap(), []);
    assert_eq!(refusal(last.verify(&back(&old)).await), LinkRefusal::UnknownPepper);
    let replaced = last.rotate(ann.id(), &standing, std::time::Duration::ZERO).await.unwrap();
    last.verify(&back(&replaced)).await.expect("the member gets another");
}

#[tokio::test]
async fn of_hosts_that_start_at_once_with_peppers_of_their_own_one_is_first() {
    let client = table().await;
    let hosts: Vec<_> = (0..8).map(|_| links(&client, &Peppers::generate().unwrap())).collect();
    let opened = join_all(hosts.iter().map(DynamoLinks::open)).await;
    assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 1);
    for failed in opened.into_iter().filter(Result::is_err) {
        assert!(mend(failed).contains("pepper `A`"));
    }

    let client = table().await;
    let shared = Peppers::generate().unwrap();
    let processes: Vec<_> = (0..8).map(|_| links(&client, &shared)).collect();
    for opened in join_all(processes.iter().map(DynamoLinks::open)).await {
        opened.expect("processes of one host have the same");
    }
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_is_a_start() {
    let faulty = Faulty::new();
    DynamoRoster::new(faulty.client()).ensure_tables().await.unwrap();
    let links = links(&faulty.client(), &Peppers::generate().unwrap());
    faulty.next("UpdateItem", &[Fault::LoseAnswer, Fault::LoseAnswer]);
    links.open().await.unwrap();
    faulty.requests();
    links.open().await.unwrap();
    assert_eq!(faulty.requests(), ["GetItem"], "later starts read alone");
}

#[tokio::test]
async fn a_table_that_is_missing_is_named() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let missing = links(&client, &Peppers::generate().unwrap()).open().await.unwrap_err();
    assert!(matches!(&missing, Error::TableMissing { table } if table == "crew-keys"), "{missing}");
}

#[tokio::test]
async fn giving_links_up_whose_answer_was_lost_says_which_peppers_are_gone() {
    let faulty = Faulty::new().forgetful();
    DynamoRoster::new(faulty.client()).ensure_tables().await.unwrap();
    let gone = Peppers::generate().unwrap();
    links(&faulty.client(), &gone).open().await.unwrap();
    let links = links(&faulty.client(), &Peppers::generate().unwrap());
    faulty.next("UpdateItem", &[Fault::LoseAnswer, Fault::LoseAnswer]);
    assert_eq!(links.forget_missing_peppers().await.unwrap(), [gone.current().id()]);
    assert!(!faulty.has_more());
    links.open().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn peppers_of_one_name_are_told_apart_and_several_are_several() {
    let client = table().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets").join(Peppers::FILE_NAME);
    Peppers::open_or_create(&file).unwrap();
    let both = Peppers::rotate(&file).unwrap();
    links(&client, &both).open().await.unwrap();
    let failed = mend(links(&client, &Peppers::generate().unwrap()).open().await);
    assert!(failed.contains("made under peppers `A` (fingerprint "), "{failed}");
    assert!(failed.contains(&format!("`B` (fingerprint {})", both.current().fingerprint())));
}
