//! The whole way, from a caller to a file and an issuer: what goes wrong on the wire is told by its
//! type, and the grant survives it wherever a client can see to that.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use jada_auth::{
    AccessToken, Error, FileProblem, FileStore, HttpClient, OAuthClient, RefreshToken,
    SharedProvider, TokenProvider, TokenStore,
};
use jada_loopback_issuer::{Fault, Issuer};
use serde_json::{Value, json};

use crate::support::{private_folder, put, scopes};

/// A grant at a rotating issuer, and the file that it is kept in.
struct Grant {
    folder: tempfile::TempDir,
    issuer: Issuer,
}

impl Grant {
    fn new() -> Self {
        let issuer = Issuer::builder().rotating().scope("mail drive").start().unwrap();
        let grant = Self { folder: private_folder(), issuer };
        put(&grant.path("refresh_token.json"), &json!({ "refresh_token": grant.issuer.consent() }));
        grant
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store(&self) -> FileStore {
        FileStore::new(self.path("token.json")).with_seed(self.path("refresh_token.json"))
    }

    fn provider(&self) -> SharedProvider {
        let client = OAuthClient::new(self.issuer.client_id(), self.issuer.token_uri());
        let client = client.with_secret(self.issuer.client_secret());
        let http = HttpClient::new().with_timeout(Duration::from_millis(400));
        let source = RefreshToken::builder(client).http(http).build().unwrap();
        SharedProvider::builder(source, self.store(), scopes("mail")).build()
    }

    /// One try, whatever the store says.
    async fn ask(&self) -> Result<AccessToken, Error> {
        let provider = self.provider();
        let outcome = provider.refresh().await;
        provider.shutdown().await.unwrap();
        outcome
    }

    async fn asks_and_lives(&self) {
        let token = self.ask().await.unwrap();
        assert!(self.issuer.is_live(token.secret().expose()));
    }
}

#[tokio::test]
async fn what_uses_nothing_up_is_transient_and_the_next_answer_mints() {
    let faults = [
        Fault::Hang,
        Fault::Reset,
        Fault::Html,
        Fault::Answer("{".to_owned()),
        Fault::Huge,
        Fault::retry_after(429, 1),
        Fault::error(503, "temporarily_unavailable"),
        Fault::error(500, "server_error"),
    ];
    for fault in faults {
        let grant = Grant::new();
        grant.asks_and_lives().await;
        let before = grant.store().load().await.unwrap();
        grant.issuer.fail_next(fault.clone());
        let error = grant.ask().await.unwrap_err();
        assert!(matches!(error, Error::Transient { .. }), "{fault:?}: {error:?}");
        let after = grant.store().load().await.unwrap();
        let secret = |token: Option<jada_auth::Secret>| token.unwrap().expose().to_owned();
        let stored = |state: jada_auth::State| secret(state.token.map(|token| token.secret));
        assert_eq!(secret(before.refresh_token.clone()), secret(after.refresh_token.clone()));
        assert_eq!(stored(before), stored(after), "{fault:?}");
        grant.asks_and_lives().await;
        assert_eq!(grant.issuer.requests(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_rotation_is_an_interrupted_rotation() {
    for fault in [Fault::LostAnswer, Fault::Drip] {
        let grant = Grant::new();
        grant.issuer.fail_next(fault.clone());
        let error = grant.ask().await.unwrap_err();
        assert!(matches!(error, Error::Transient { .. }), "{fault:?}: {error:?}");
        let error = grant.ask().await.unwrap_err();
        assert!(matches!(error, Error::RotationInterrupted { .. }), "{fault:?}: {error:?}");
        assert_eq!(grant.issuer.requests(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn what_the_issuer_refuses_for_good_is_asked_once() {
    let grant = Grant::new();
    grant.issuer.revoke_all();
    let provider = grant.provider();
    for _ in 0..3 {
        let error = provider.token(&scopes("mail")).await.unwrap_err();
        assert!(matches!(error, Error::ConsentNeeded { .. }), "{error:?}");
    }
    assert_eq!(grant.issuer.requests(), 1);

    let grant = Grant::new();
    grant.issuer.fail_always(Fault::error(401, "invalid_client"));
    let provider = grant.provider();
    for _ in 0..3 {
        let error = provider.token(&scopes("mail")).await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    }
    assert_eq!(grant.issuer.requests(), 1);
}

#[tokio::test]
async fn an_issuer_that_is_not_there_is_transient() {
    let grant = Grant::new();
    let Grant { folder, issuer } = grant;
    let client = OAuthClient::new(issuer.client_id(), issuer.token_uri());
    drop(issuer);
    let source = RefreshToken::builder(client).build().unwrap();
    let store = FileStore::new(folder.path().join("token.json"));
    let store = store.with_seed(folder.path().join("refresh_token.json"));
    let provider = SharedProvider::builder(source, store, scopes("mail")).build();
    let error = provider.refresh().await.unwrap_err();
    assert!(matches!(error, Error::Transient { .. }), "{error:?}");
}

#[tokio::test]
async fn a_caller_who_gives_up_leaves_the_rotation_on_disk() {
    for round in 0..20 {
        let grant = Grant::new();
        grant.issuer.fail_next(Fault::Gate);
        let provider = grant.provider();
        let patience = Duration::from_millis(20 + 5 * round);
        let given_up = tokio::time::timeout(patience, provider.token(&scopes("mail"))).await;
        assert!(given_up.is_err());
        // The refresh goes on without its caller, and on a slow machine it has not asked yet.
        while grant.issuer.requests() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        grant.issuer.open_gate();
        provider.shutdown().await.unwrap();
        let token = provider.token(&scopes("mail")).await.unwrap();
        assert!(grant.issuer.is_live(token.secret().expose()), "round {round}");
        let state = grant.store().load().await.unwrap();
        assert!(state.pending.is_none() && state.token.is_some());
    }
}

#[tokio::test]
async fn files_in_disorder_are_told_before_anything_is_asked_and_stay_as_they_are() {
    let grant = Grant::new();
    grant.asks_and_lives().await;
    let state = grant.path("token.json");
    let good = fs::read(&state).unwrap();
    type Spoil = fn(&Path);
    let spoil: [(&str, Spoil); 4] = [
        ("mode", |path| mode(path, 0o644)),
        ("empty", |path| fs::write(path, "").unwrap()),
        ("half", |path| fs::write(path, "{\"refresh_token\": \"rt-").unwrap()),
        ("folder", |path| mode(path.parent().unwrap(), 0o755)),
    ];
    for (name, spoil) in spoil {
        spoil(&state);
        let spoiled = fs::read(&state).unwrap();
        let error = grant.provider().token(&scopes("mail")).await.unwrap_err();
        let Error::File { problem, .. } = &error else { panic!("{name}: {error:?}") };
        let expected = match name {
            "mode" => matches!(problem, FileProblem::Mode { mode: 0o644 }),
            "folder" => matches!(problem, FileProblem::Mode { mode: 0o755 }),
            "empty" => *problem == FileProblem::Empty,
            _ => matches!(problem, FileProblem::Malformed { .. }),
        };
        assert!(expected && !error.is_transient(), "{name}: {error:?}");
        assert_eq!(fs::read(&state).unwrap(), spoiled, "{name}");
        mode(grant.folder.path(), 0o700);
        fs::write(&state, &good).unwrap();
        mode(&state, 0o600);
    }
    assert_eq!(grant.issuer.requests(), 1);
    grant.provider().token(&scopes("mail")).await.unwrap();
    assert_eq!(grant.issuer.requests(), 1);
}

fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Consent into the one file while the issuer is being asked for the old grant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_in_the_middle_of_a_refresh_is_never_overwritten() {
    for outcome in [Fault::Gate, Fault::error(400, "invalid_grant")] {
        let grant = Grant::new();
        fs::remove_file(grant.path("refresh_token.json")).unwrap();
        let file = |refresh_token: &str| {
            json!({
                "client_id": grant.issuer.client_id(),
                "client_secret": grant.issuer.client_secret(),
                "token_uri": grant.issuer.token_uri(),
                "refresh_token": refresh_token,
            })
        };
        let state = grant.path("token.json");
        put(&state, &file(&grant.issuer.consent()));
        let consent = grant.issuer.consent();
        let gated = outcome == Fault::Gate;
        grant.issuer.fail_next(outcome);
        let provider = grant.provider();
        if gated {
            let asking = tokio::spawn({
                let provider = provider.clone();
                async move { provider.token(&scopes("mail")).await }
            });
            while grant.issuer.requests() == 0 {
                tokio::task::yield_now().await;
            }
            put(&state, &file(&consent));
            grant.issuer.open_gate();
            asking.await.unwrap().unwrap();
        } else {
            provider.token(&scopes("mail")).await.unwrap_err();
            put(&state, &file(&consent));
        }
        let stored: Value = serde_json::from_slice(&fs::read(&state).unwrap()).unwrap();
        assert_eq!(stored["refresh_token"], consent.as_str());
        let token = grant.provider().token(&scopes("mail")).await.unwrap();
        assert!(grant.issuer.is_live(token.secret().expose()));
    }
}

/// Somebody cleans up, and a second process would lock a file of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_deleted_costs_no_grant() {
    use jada_auth::{Leasing, Pending};
    let grant = Grant::new();
    let Leasing::Taken(mut lease) = grant.store().try_lease().await.unwrap() else {
        panic!("the lease is not free");
    };
    lease.load().await.unwrap();
    fs::remove_file(grant.path("token.json.lock")).unwrap();
    // A sibling refreshes meanwhile.
    grant.asks_and_lives().await;
    let pending = Pending::new(jada_auth::Fingerprint::of(["x"]), jiff::Timestamp::UNIX_EPOCH);
    let error = lease.prepare(Some(&pending)).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    // Whoever had asked before the lock was deleted overwrites no newer refresh token.
    let mut stale = jada_auth::State::default();
    stale.refresh_token = Some("rt-stale".into());
    lease.commit(&stale).await.unwrap();
    drop(lease);
    grant.asks_and_lives().await;
}
