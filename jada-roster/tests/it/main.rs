//! The repositories against their contract, and DynamoDB's own corners.

#![expect(clippy::unwrap_used, reason = "a failed expectation is the verdict")]

mod availability;
mod calls;
mod changes;
mod chats;
mod crew_call;
mod crew_import;
mod dynamo;
mod events;
mod faults;
mod import;
mod links;
mod log;
mod mock;
mod open_links;
mod portal;
mod roster;
mod scrub;
mod season;
mod streams;
mod tab;

use jada_roster::{DynamoCharters, EmbeddedEngine, MemoryCharters, charter_repository_contract};

#[tokio::test]
async fn the_memory_repository_keeps_the_contract() {
    charter_repository_contract(&MemoryCharters::new()).await;
}

#[tokio::test]
async fn dynamodb_in_memory_keeps_the_contract() {
    let charters = DynamoCharters::new(EmbeddedEngine::in_memory().unwrap().client());
    charters.ensure_table().await.unwrap();
    charter_repository_contract(&charters).await;
}

#[tokio::test]
async fn dynamodb_in_a_file_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("charters.db")).unwrap();
    let charters = DynamoCharters::new(engine.client());
    charters.ensure_table().await.unwrap();
    charter_repository_contract(&charters).await;
}

/// How much of a sweep is run: all of it where `JADA_SWEEP=full` asks for it.
fn sweep(some: u32, all: u32) -> u32 {
    if std::env::var("JADA_SWEEP").is_ok_and(|sweep| sweep == "full") { all } else { some }
}
