//! The crew against its contract, on every backend.

use jada_roster::{DynamoRoster, EmbeddedEngine, MemoryRoster, roster_repository_contract};

#[tokio::test]
async fn a_roster_in_memory_keeps_the_contract() {
    let roster = MemoryRoster::new();
    roster_repository_contract(&roster).await;
    roster_repository_contract(&roster).await;
}

#[tokio::test]
async fn a_roster_on_dynamodb_in_memory_keeps_the_contract() {
    let roster = DynamoRoster::new(EmbeddedEngine::in_memory().unwrap().client());
    roster.ensure_tables().await.unwrap();
    roster_repository_contract(&roster).await;
    roster_repository_contract(&roster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_on_dynamodb_in_a_file_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("crew.db")).unwrap();
    let roster = DynamoRoster::new(engine.client());
    roster.ensure_tables().await.unwrap();
    roster_repository_contract(&roster).await;
}
