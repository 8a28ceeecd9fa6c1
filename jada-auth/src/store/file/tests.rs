//! What only the inside can ask: another owner, a broken file under a lease, what is left behind.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    FileProblem, Fingerprint, Lease, MemoryStore, OAuthClient, Pending, StoredToken,
    token_store_contract,
};

#[tokio::test]
async fn the_memory_store_keeps_the_contract() {
    let store = MemoryStore::new();
    token_store_contract(|| store.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_store_keeps_the_contract() {
    let folder = private_folder();
    let path = folder.path().join("my token.json");
    token_store_contract(|| FileStore::new(&path)).await;
}

#[tokio::test]
async fn the_file_store_keeps_the_contract_on_one_thread() {
    let folder = private_folder();
    let path = folder.path().join("token.json");
    token_store_contract(|| FileStore::new(&path).with_lock(folder.path().join(".lock"))).await;
}

#[tokio::test]
async fn a_foreign_owner_is_named_with_the_command_that_mends_it() {
    let (folder, store) = store();
    let (me, other) = (effective_uid(), effective_uid() + 1);
    let foreign = FileStore { owner: Some(other), ..store.clone() };
    let error = foreign.load().await.unwrap_err();
    assert_problem(&error, folder.path(), FileProblem::Owner { uid: me });
    let mend = if me == 0 { format!("as user {me} ") } else { format!("chown {me} ") };
    assert!(error.to_string().contains(&mend), "{error}");

    put(store.path(), &json!({"token": "t"}));
    let error = read_private(store.path(), other).unwrap_err();
    assert_problem(&error, store.path(), FileProblem::Owner { uid: me });
    let error = private::open_lock(&store.lock, other).unwrap_err();
    assert_problem(&error, &store.lock, FileProblem::Owner { uid: me });
}

#[tokio::test]
async fn a_file_broken_under_a_lease_is_replaced_by_the_new_state() {
    let (_folder, store) = store();
    put(store.path(), &json!({"token": "old", "theirs": {"kept": true}}));
    let mut lease = take(&store).await;
    let mut state = lease.load().await.unwrap();
    fs::write(store.path(), "{\"tok").unwrap();
    state.token = Some(StoredToken::new("new"));
    lease.commit(&state).await.unwrap();
    let written = value(store.path());
    assert_eq!((&written["token"], &written["theirs"]["kept"]), (&json!("new"), &json!(true)));
}

#[tokio::test]
async fn a_broken_file_that_no_lease_has_loaded_is_left() {
    let (_folder, store) = store();
    fs::write(store.path(), "{\"tok").unwrap();
    private_mode(store.path());
    let mut lease = take(&store).await;
    let error = lease.commit(&State::default()).await.unwrap_err();
    assert_problem(&error, store.path(), FileProblem::Malformed { line: 1, column: 5 });
    assert_eq!(fs::read_to_string(store.path()).unwrap(), "{\"tok");
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_never_replaced() {
    let (_folder, store) = store();
    let mut lease = take(&store).await;
    let state = lease.load().await.unwrap();
    let newer = json!({"jada": {"version": 2, "other": "form"}});
    put(store.path(), &newer);
    let version = FileProblem::Field { field: "jada.version" };
    assert_problem(&lease.commit(&state).await.unwrap_err(), store.path(), version);
    assert_problem(&store.load().await.unwrap_err(), store.path(), version);
    assert_eq!(value(store.path()), newer);
}

#[tokio::test]
async fn a_mark_that_says_nothing_stops_nobody() {
    let (_folder, store) = store();
    for torn in ["", "{\"gra", "{}", "{\"grant\": \"x\", \"at\": \"y\"}"] {
        fs::write(store.mark(), torn).unwrap();
        private_mode(&store.mark());
        assert_eq!(store.load().await.unwrap().pending, None);
    }
    let mut lease = take(&store).await;
    lease.prepare(Some(&pending())).await.unwrap();
    assert_eq!(store.load().await.unwrap().pending, Some(pending()));
}

#[tokio::test]
async fn a_mark_that_comes_back_after_a_crash_is_over() {
    let (_folder, store) = store();
    let mut lease = take(&store).await;
    lease.prepare(Some(&pending())).await.unwrap();
    let mark = fs::read(store.mark()).unwrap();
    lease.commit(&State::default()).await.unwrap();
    assert!(!store.mark().exists());
    fs::write(store.mark(), mark).unwrap();
    private_mode(&store.mark());
    assert_eq!(store.load().await.unwrap().pending, None);
}

#[tokio::test]
async fn preparing_reserves_bytes_and_what_is_left_is_removed() {
    let (folder, store) = store();
    let stale = beside(store.path(), ".", ".tmp");
    fs::write(&stale, "left by a dead process").unwrap();
    put(store.path(), &json!({"theirs": "x".repeat(30_000)}));
    let mut lease = take(&store).await;
    lease.prepare(Some(&pending())).await.unwrap();
    let reserved = fs::metadata(&stale).unwrap();
    assert!(reserved.len() > 60_000, "{}", reserved.len());
    assert_eq!(reserved.permissions().mode() & 0o777, 0o600);
    assert!(std::os::unix::fs::MetadataExt::blocks(&reserved) * 512 > 60_000, "no hole");
    drop(lease);
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["token.json", "token.json.lock", "token.json.pending"]);
}

#[tokio::test]
async fn a_lease_that_only_tried_leaves_nothing() {
    let (folder, store) = store();
    let mut lease = take(&store).await;
    lease.prepare(None).await.unwrap();
    assert!(beside(store.path(), ".", ".tmp").exists());
    drop(lease);
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["token.json.lock"]);
}

#[tokio::test]
async fn a_public_client_is_written_as_google_auth_wants_it() {
    let (_folder, store) = store();
    put(store.path(), &json!({"client_secret": "of another", "client_id": "other"}));
    let mut lease = take(&store).await;
    let client = Some(OAuthClient::new("public", "https://issuer.example/token"));
    lease.commit(&State { client, ..State::default() }).await.unwrap();
    let written = value(store.path());
    assert_eq!(written["type"], "authorized_user");
    assert_eq!((&written["client_id"], &written["client_secret"]), (&json!("public"), &json!("")));
    assert!(store.load().await.unwrap().client.unwrap().secret.is_none());
}

#[tokio::test]
async fn the_work_of_a_dropped_future_keeps_the_lock() {
    let (_folder, store) = store();
    for generation in 1..50 {
        let mut lease = loop {
            match store.try_lease().await.unwrap() {
                Leasing::Taken(lease) => break lease,
                Leasing::Held(_) => tokio::task::yield_now().await,
            }
        };
        // The commit that nobody waited for ended before its lock did.
        let mut state = lease.load().await.unwrap();
        assert_eq!(state.generation, generation - 1);
        state.generation = generation;
        let mut commit = std::pin::pin!(lease.commit(&state));
        let waker = std::task::Waker::noop();
        let _ = commit.as_mut().poll(&mut std::task::Context::from_waker(waker));
    }
}

#[test]
fn debug_shows_no_secret() {
    let (_folder, store) = store();
    put(store.path(), &json!({"token": "s3cr3t", "refresh_token": "s3cr3t"}));
    let loaded = read::load(&store).unwrap();
    assert!(!format!("{loaded:?} {store:?}").contains("s3cr3t"));
}

fn private_folder() -> TempDir {
    let mut builder = tempfile::Builder::new();
    builder.permissions(fs::Permissions::from_mode(0o700)).tempdir().unwrap()
}

fn store() -> (TempDir, FileStore) {
    let folder = private_folder();
    let store = FileStore::new(folder.path().join("token.json"));
    (folder, store)
}

async fn take(store: &FileStore) -> Box<dyn Lease> {
    match store.try_lease().await.unwrap() {
        Leasing::Taken(lease) => lease,
        Leasing::Held(holder) => panic!("{holder} has it"),
    }
}

fn pending() -> Pending {
    Pending { grant: Fingerprint::of(["grant"]), at: "2026-05-01T12:00:00Z".parse().unwrap() }
}

fn put(path: &Path, value: &Value) {
    fs::write(path, value.to_string()).unwrap();
    private_mode(path);
}

fn private_mode(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn value(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn assert_problem(error: &Error, at: &Path, expected: FileProblem) {
    let Error::File { path, problem, .. } = error else { panic!("{error:?}") };
    assert_eq!((path.as_path(), *problem), (at, expected), "{error}");
}
