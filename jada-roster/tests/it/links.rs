//! Magic links against their contract, on every backend, and DynamoDB's own corners.

mod digests;
mod faults;
mod limits;
mod logs;
mod older_tools;
mod peppers;
#[cfg(unix)]
mod processes;
mod races;
mod regions;
mod round_trips;
pub(crate) mod tables;

use std::sync::Arc;

use jada_auth::ManualClock;
use jada_roster::{AttemptLimit, EmbeddedEngine, MemoryLinks, MemoryRoster, magic_links_contract};

use self::tables::{NOW, Tables};

#[tokio::test]
async fn links_in_memory_keep_the_contract() {
    let (roster, clock) = (MemoryRoster::new(), Arc::new(ManualClock::new(NOW)));
    let links = MemoryLinks::new(&roster).unwrap();
    let links = links.with_clock(clock.clone()).compact(AttemptLimit::default());
    magic_links_contract(&links, &roster, &clock).await;
    magic_links_contract(&links, &roster, &clock).await;
}

#[tokio::test]
async fn links_on_dynamodb_in_memory_keep_the_contract() {
    let tables = Tables::new(EmbeddedEngine::in_memory().unwrap().client()).await;
    magic_links_contract(&tables.links, &tables.roster, &tables.clock).await;
    magic_links_contract(&tables.links, &tables.roster, &tables.clock).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_on_dynamodb_in_a_file_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("crew.db")).unwrap();
    let tables = Tables::new(engine.client()).await;
    magic_links_contract(&tables.links, &tables.roster, &tables.clock).await;
}
