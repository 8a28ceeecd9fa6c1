//! Waiting for another region, which is another engine here.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use jada_roster::{CrewMember, EmbeddedEngine, Error, Role, RosterRepository};
use tokio::time::{Instant, sleep};

use super::tables::{person, roster, scan};
use crate::faults::{Fault, Faulty};

/// Copies the table of the crew as it is, as a global table does after a while.
async fn replicate(home: &Client, replica: &Client) {
    let rows = scan(home, "crew-roster").await;
    for old in scan(replica, "crew-roster").await {
        let id = old["crew_id"].clone();
        replica.delete_item().table_name("crew-roster").key("crew_id", id).send().await.unwrap();
    }
    for row in rows {
        let put = replica.put_item().table_name("crew-roster").set_item(Some(row));
        put.send().await.unwrap();
    }
}

/// Replicates after a while, as the test waits.
fn replicate_after(wait: Duration, home: &Client, replica: &Client) {
    let (home, replica) = (home.clone(), replica.clone());
    tokio::spawn(async move {
        sleep(wait).await;
        replicate(&home, &replica).await;
    });
}

fn is_late(result: &Result<(), Error>, member: &CrewMember) -> bool {
    matches!(result, Err(error @ Error::NotReplicated { table, key })
        if table == "crew-roster" && key == member.id().as_str() && error.is_transient())
}

#[tokio::test(start_paused = true)]
async fn another_region_is_waited_for_until_it_agrees_or_the_deadline() {
    let home = EmbeddedEngine::in_memory().unwrap().client();
    let replica = Faulty::new();
    let crew = roster(home.clone()).await;
    roster(replica.client()).await;
    let (wait, deadline) = (Duration::from_secs(2), Duration::from_secs(5));
    let there = replica.engine().client();

    let added = crew.add(&person(1)).await.unwrap();
    let begun = Instant::now();
    let late = crew.verify_replicated(&added, &replica.client(), deadline).await;
    assert!(is_late(&late, &added), "{late:?}");
    assert_eq!(begun.elapsed(), deadline);

    replicate_after(wait, &home, &there);
    crew.verify_replicated(&added, &replica.client(), deadline).await.unwrap();
    crew.verify_replicated(&added, &replica.client(), Duration::ZERO).await.unwrap();

    let updated = crew.update(&added.clone().with_role(Role::Captain)).await.unwrap();
    let late = crew.verify_replicated(&updated, &replica.client(), deadline).await;
    assert!(is_late(&late, &updated), "{late:?}");
    crew.verify_replicated(&added, &replica.client(), deadline).await.expect("the earlier state");
    replicate_after(wait, &home, &there);
    crew.verify_replicated(&updated, &replica.client(), deadline).await.unwrap();
    crew.verify_replicated(&added, &replica.client(), deadline).await.expect("a later one does");

    crew.remove(&updated).await.unwrap();
    let late = crew.verify_replicated(&updated, &replica.client(), deadline).await;
    assert!(is_late(&late, &updated), "{late:?}");
    replicate_after(wait, &home, &there);
    crew.verify_replicated(&updated, &replica.client(), deadline).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_region_that_cannot_be_reached_for_a_while_is_asked_again() {
    let home = EmbeddedEngine::in_memory().unwrap().client();
    let replica = Faulty::new();
    let crew = roster(home.clone()).await;
    let added = crew.add(&person(1)).await.unwrap();
    let deadline = Duration::from_secs(60);
    let missing = crew.verify_replicated(&added, &replica.client(), deadline).await;
    assert!(matches!(missing, Err(Error::TableMissing { .. })), "{missing:?}");

    roster(replica.client()).await;
    replicate(&home, &replica.engine().client()).await;
    replica.next("GetItem", &[Fault::Fail; 12]);
    crew.verify_replicated(&added, &replica.client(), deadline).await.unwrap();
    replica.next("GetItem", &[Fault::Fail; 10_000]);
    let late = crew.verify_replicated(&added, &replica.client(), deadline).await;
    assert!(is_late(&late, &added), "{late:?}");
}
