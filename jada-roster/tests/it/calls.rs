//! Calls against their contract, and on a store that is not at its best.

use jada_roster::{DynamoCharters, EmbeddedEngine, MemoryCharters, call_repository_contract};

#[tokio::test]
async fn calls_in_memory_keep_the_contract() {
    call_repository_contract(&MemoryCharters::new()).await;
}

#[tokio::test]
async fn calls_on_dynamodb_keep_the_contract() {
    let charters = DynamoCharters::new(EmbeddedEngine::in_memory().unwrap().client());
    charters.ensure_call_index().await.unwrap();
    call_repository_contract(&charters).await;
}
