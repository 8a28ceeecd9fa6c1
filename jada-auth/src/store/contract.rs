//! The suite that every [`TokenStore`] runs: call [`token_store_contract`] from a test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test suite fails by panicking, also when another crate runs it"
)]

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{Dead, Lease, Leasing, NotBefore, Pending, State, StoredToken, TokenStore};
use crate::{Error, Fingerprint, Heals, OAuthClient, Secret};

/// Checks a store against the contract of [`TokenStore`].
///
/// Each call of `open` gives another handle on one and the same store, which is empty at first.
/// A store may round [`StoredToken::expires_at`] down to whole seconds, and keep the client when a
/// state without one is committed; else it gives back what it took.
///
/// ```
/// # use jada_auth::{MemoryStore, token_store_contract};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let store = MemoryStore::new();
/// token_store_contract(|| store.clone()).await;
/// # }
/// ```
///
/// # Panics
///
/// On the first promise that is broken, naming it.
pub async fn token_store_contract<S: TokenStore>(open: impl Fn() -> S) {
    a_store_begins_empty(&open()).await;
    one_lease_exists_at_a_time(&open(), &open()).await;
    a_commit_is_seen_by_others(&open(), &open()).await;
    a_mark_lasts_until_a_commit_removes_it(&open(), &open()).await;
    preparing_changes_nothing_else(&open(), &open()).await;
    a_future_that_is_dropped_leaves_the_store_usable(&open(), &open()).await;
    no_change_under_leases_is_lost(&open).await;
}

async fn a_store_begins_empty(store: &dyn TokenStore) {
    let (state, empty) = (store.load().await.unwrap(), State::default());
    assert_eq!(told(&state), told(&empty), "a store that holds nothing loads the default state");
    assert!(!store.name().is_empty(), "a store says where it is");
    let _ = store.warning().await;
}

async fn one_lease_exists_at_a_time(one: &dyn TokenStore, other: &dyn TokenStore) {
    let mut lease = free(one).await;
    for store in [one, other] {
        let second = store.try_lease().await.unwrap();
        assert!(matches!(second, Leasing::Held(_)), "a lease that is held is not given twice");
        store.load().await.expect("a load needs no lease");
    }
    let mut state = lease.load().await.unwrap();
    state.generation += 1;
    lease.commit(&state).await.unwrap();
    assert!(
        matches!(other.try_lease().await.unwrap(), Leasing::Held(_)),
        "a lease lasts after its commit"
    );
    drop(lease);
    let next = other.try_lease().await.unwrap();
    assert!(matches!(next, Leasing::Taken(_)), "a lease ends when it is dropped");
}

async fn a_commit_is_seen_by_others(one: &dyn TokenStore, other: &dyn TokenStore) {
    let mut bare = State { generation: 41, ..State::default() };
    bare.refresh_token = Some(Secret::new("1//rotated"));
    let mut lease = free(one).await;
    for state in [&full(), &bare, &full()] {
        lease.prepare(None).await.unwrap();
        lease.commit(state).await.unwrap();
        let mut expected = state.clone();
        expected.client = full().client;
        for seen in [other.load().await.unwrap(), lease.load().await.unwrap()] {
            let mut seen = seen;
            // A store may keep the client that it has.
            seen.client = seen.client.or(full().client);
            assert_eq!(told(&seen), told(&expected), "a state that is committed is what is loaded");
        }
    }
    lease.commit(&bare).await.expect("a commit needs no preparation");
    lease.commit(&full()).await.expect("a commit may follow another");
    assert_eq!(told(&other.load().await.unwrap()), told(&full()), "the last commit is what counts");
}

async fn a_mark_lasts_until_a_commit_removes_it(one: &dyn TokenStore, other: &dyn TokenStore) {
    let mut lease = free(one).await;
    let mut state = lease.load().await.unwrap();
    for _ in 0..3 {
        // The same mark each time, as under a clock that stands still.
        lease.prepare(Some(&pending("1//old"))).await.unwrap();
        let seen = other.load().await.unwrap().pending;
        assert_eq!(seen, Some(pending("1//old")), "a mark that a refresh began is seen at once");
        state.pending = Some(pending("1//old"));
        lease.commit(&state).await.unwrap();
        let seen = other.load().await.unwrap().pending;
        assert_eq!(seen, Some(pending("1//old")), "a commit that carries the mark leaves it");
        state.pending = None;
        lease.commit(&state).await.unwrap();
        let seen = other.load().await.unwrap().pending;
        assert_eq!(seen, None, "a commit without the mark removes it");
    }
    state.pending = Some(pending("1//other"));
    lease.commit(&state).await.unwrap();
    assert_eq!(
        other.load().await.unwrap().pending,
        Some(pending("1//other")),
        "a commit may bring a mark"
    );
    lease.prepare(Some(&pending("1//new"))).await.unwrap();
    drop(lease);
    let mut lease = free(other).await;
    let mut seen = lease.load().await.unwrap();
    assert_eq!(seen.pending, Some(pending("1//new")), "a mark outlives the lease that left it");
    seen.pending = None;
    lease.commit(&seen).await.unwrap();
}

async fn preparing_changes_nothing_else(one: &dyn TokenStore, other: &dyn TokenStore) {
    let before = told(&one.load().await.unwrap());
    let mut lease = free(one).await;
    lease.prepare(None).await.unwrap();
    lease.prepare(None).await.expect("preparing twice is preparing");
    assert_eq!(told(&other.load().await.unwrap()), before, "preparing leaves the state");
    drop(lease);
    let seen = told(&other.load().await.unwrap());
    assert_eq!(seen, before, "a lease that ends without a commit leaves the state");
}

async fn a_future_that_is_dropped_leaves_the_store_usable(
    one: &dyn TokenStore,
    other: &dyn TokenStore,
) {
    let before = one.load().await.unwrap();
    let after = State { generation: before.generation + 1, ..before.clone() };
    for _ in 0..20 {
        begin(one.load());
        begin(one.try_lease());
        let mut lease = free(other).await;
        begin(lease.load());
        begin(lease.prepare(None));
        begin(lease.commit(&after));
        let seen = lease.load().await.expect("a lease is usable after futures that were dropped");
        assert!(
            [told(&before), told(&after)].contains(&told(&seen)),
            "a commit that was dropped leaves the old state or the new one"
        );
        lease.commit(&before).await.unwrap();
        let seen = told(&one.load().await.unwrap());
        assert_eq!(seen, told(&before), "a commit that was dropped does not undo a later one");
        begin(lease.commit(&before));
    }
    drop(free(one).await);
}

async fn no_change_under_leases_is_lost<S: TokenStore>(open: &impl Fn() -> S) {
    const TASKS: u64 = 8;
    const CHANGES: u64 = 25;
    let before = open().load().await.unwrap().generation;
    let tasks = (0..TASKS).map(|_| {
        let store = Arc::new(open());
        tokio::spawn(async move {
            for _ in 0..CHANGES {
                let mut lease = free(&*store).await;
                let mut state = lease.load().await.unwrap();
                state.generation += 1;
                lease.prepare(None).await.unwrap();
                lease.commit(&state).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("tasks take the lease in turn");
    }
    let after = open().load().await.unwrap().generation;
    assert_eq!(after, before + TASKS * CHANGES, "no change under leases is lost");
}

/// Waits for the lease, as a provider does; whoever has it is about to give it back.
async fn free(store: &dyn TokenStore) -> Box<dyn Lease> {
    let start = Instant::now();
    loop {
        match store.try_lease().await.unwrap() {
            Leasing::Taken(lease) => return lease,
            Leasing::Held(holder) => assert!(
                start.elapsed() < Duration::from_secs(60),
                "a lease ends when it is dropped, and {holder} has it still"
            ),
        }
        tokio::task::yield_now().await;
    }
}

/// Polls once and drops.
fn begin<T>(future: impl Future<Output = Result<T, Error>>) {
    let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
}

/// The state with its secrets, to compare.
fn told(state: &State) -> String {
    let expose = |secret: Option<&Secret>| secret.map(|secret| secret.expose().to_owned());
    let secrets = [
        expose(state.client.as_ref().and_then(|client| client.secret.as_ref())),
        expose(state.refresh_token.as_ref()),
        expose(state.token.as_ref().map(|token| &token.secret)),
    ];
    format!("{state:?} {secrets:?}")
}

fn full() -> State {
    let client = OAuthClient::new("client-1", "https://issuer.example/token").with_secret("hush");
    State {
        client: Some(client),
        refresh_token: Some(Secret::new("1//\"quoted\" \u{e9}")),
        token: Some(StoredToken {
            secret: Secret::new("ya29.contract"),
            minted_at: Some(at("2026-05-01T11:00:00.123456789Z")),
            expires_at: Some(at("2026-05-01T12:00:00Z")),
            scopes: Some("mail drive".parse().unwrap()),
        }),
        generation: u64::MAX >> 1,
        identity: Some(Fingerprint::of(["identity"])),
        renewed_by: Some(Fingerprint::of(["renewed by"])),
        dead: Some(Dead {
            mend: None,
            grant: Fingerprint::of(["dead"]),
            code: "invalid_grant".to_owned(),
            heals: Heals::ByConsent,
            at: at("2026-05-01T12:00:00.5Z"),
        }),
        not_before: Some(NotBefore {
            asked: Some(Fingerprint::of(["asked"])),
            mend: Some("wait".to_owned()),
            from: at("2026-05-01T12:00:00.25Z"),
            until: at("2026-05-01T12:01:00Z"),
            attempts: 3,
            code: "http 503".to_owned(),
            heals: Heals::ByItself,
        }),
        pending: None,
    }
}

fn pending(refresh_token: &str) -> Pending {
    Pending { grant: Fingerprint::of([refresh_token]), at: at("2026-05-01T12:00:00.000000001Z") }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
