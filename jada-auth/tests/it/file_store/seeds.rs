//! Seeds that consent leaves: adopted once, never skipped, and of one account.

use std::{fs, path::Path, time::Duration};

use jada_auth::{Error, FileProblem, Fingerprint, Secret, StoredToken, TokenStore};
use serde_json::{Value, json};

use super::{assert_problem, put, refresh_token, run, run_mend, seeded, set_mode, take, value};

#[tokio::test]
async fn a_seed_is_adopted_once() {
    let (folder, store) = seeded();
    let seed = folder.path().join("refresh_token.json");
    put(&seed, &json!({"refresh_token": "1//seed", "by": "consent"}));
    let mut lease = take(&store).await;
    let mut state = lease.load().await.unwrap();
    assert_eq!(refresh_token(&state), "1//seed");
    state.refresh_token = Some(Secret::new("1//rotated"));
    state.token = Some(StoredToken::new("t"));
    lease.commit(&state).await.unwrap();
    assert_eq!(refresh_token(&store.load().await.unwrap()), "1//rotated");
    let written = value(store.path());
    assert_eq!(written["jada"]["seed"], Fingerprint::of(["1//seed"]).to_string());
    fs::remove_file(&seed).unwrap();
    assert_eq!(refresh_token(&store.load().await.unwrap()), "1//rotated");
}

#[tokio::test]
async fn new_consent_makes_the_old_grant_forgotten() {
    let (folder, store) = seeded();
    let print = Fingerprint::of(["x"]).to_string();
    put(
        store.path(),
        &json!({
            "client_id": "id", "refresh_token": "1//old", "token": "t",
            "jada": {
                "generation": 9, "seed": print, "identity": print, "renewed_by": print,
                "dead": {"grant": print, "code": "invalid_grant", "heals": "by_consent",
                         "at": "2026-05-01T12:00:00Z"},
                "not_before": {"from": "2026-05-01T12:00:00Z", "until": "2026-05-01T12:01:00Z",
                               "attempts": 2, "code": "http 503", "heals": "by_itself"},
            },
        }),
    );
    let before = store.load().await.unwrap();
    assert!(before.dead.is_some() && before.not_before.is_some() && before.identity.is_some());
    put(&folder.path().join("refresh_token.json"), &json!({"refresh_token": "1//new"}));
    let state = store.load().await.unwrap();
    assert_eq!((refresh_token(&state), state.generation), ("1//new", 9));
    assert!(state.dead.is_none() && state.not_before.is_none() && state.token.is_none());
    assert!(state.identity.is_none() && state.renewed_by.is_none());
    assert!(state.client.is_none(), "consent may have been to another client");
}

#[tokio::test]
async fn a_state_that_another_tool_wrote_after_the_seed_was_adopted_counts() {
    let (folder, store) = seeded();
    let seed = folder.path().join("refresh_token.json");
    let at = |path: &Path, seconds: u64| {
        let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    };
    // As google-auth writes it: without what this crate knows.
    put(store.path(), &json!({"client_id": "id", "refresh_token": "1//rotated", "token": "t"}));
    put(&seed, &json!({"refresh_token": "1//seed"}));
    at(&seed, 1000);
    at(store.path(), 2000);
    assert_eq!(refresh_token(&store.load().await.unwrap()), "1//rotated");
    at(&seed, 3000);
    assert_eq!(refresh_token(&store.load().await.unwrap()), "1//seed");

    // Once it is adopted it is known by its fingerprint, whatever the files' times.
    let mut lease = take(&store).await;
    let mut state = lease.load().await.unwrap();
    state.refresh_token = Some(Secret::new("1//next"));
    lease.commit(&state).await.unwrap();
    at(&seed, 9_000_000_000);
    assert_eq!(refresh_token(&store.load().await.unwrap()), "1//next");
}

#[tokio::test]
async fn consent_during_a_refresh_wins_the_next_time() {
    let (folder, store) = seeded();
    let seed = folder.path().join("refresh_token.json");
    put(&seed, &json!({"refresh_token": "1//first"}));
    let mut lease = take(&store).await;
    let mut state = lease.load().await.unwrap();
    put(&seed, &json!({"refresh_token": "1//second"}));
    state.refresh_token = Some(Secret::new("1//rotated"));
    lease.commit(&state).await.unwrap();
    assert_eq!(refresh_token(&lease.load().await.unwrap()), "1//second");
}

#[tokio::test]
async fn a_seed_that_cannot_be_read_is_never_skipped() {
    let (folder, store) = seeded();
    let seed = folder.path().join("refresh_token.json");
    put(store.path(), &json!({"refresh_token": "1//old"}));
    fs::write(&seed, "{\"refresh").unwrap();
    set_mode(&seed, 0o600);
    let malformed = FileProblem::Malformed { line: 1, column: 9 };
    assert_problem(&store.load().await.unwrap_err(), &seed, malformed);
    for useless in [json!({}), json!({"refresh_token": ""}), json!({"refresh_token": 7})] {
        put(&seed, &useless);
        let field = FileProblem::Field { field: "refresh_token" };
        assert_problem(&store.load().await.unwrap_err(), &seed, field);
    }
    set_mode(&seed, 0o604);
    let mode = FileProblem::Mode { mode: 0o604 };
    assert_problem(&store.load().await.unwrap_err(), &seed, mode);
}

#[tokio::test]
async fn a_seed_that_cannot_be_used_is_to_have_its_form_or_to_go() {
    for kept in [json!({"refresh_token": "1//kept"}), json!({"token": "t"})] {
        let (folder, store) = seeded();
        let seed = folder.path().join("refresh_token.json");
        let forms = [
            ("\"1//s3cr3t\"", FileProblem::NotAnObject),
            ("1//s3cr3t\n", FileProblem::NotAnObject),
            ("[\"1//s3cr3t\"]", FileProblem::NotAnObject),
            ("{\"token\": 1}", FileProblem::Field { field: "refresh_token" }),
        ];
        put(store.path(), &kept);
        for (text, problem) in forms {
            fs::write(&seed, text).unwrap();
            set_mode(&seed, 0o600);
            let error = store.load().await.unwrap_err();
            assert_problem(&error, &seed, problem);
            let told = error.to_string();
            assert!(told.contains(r#"`{"refresh_token": "…"}`"#), "{told}");
            assert!(!format!("{told} {error:?}").contains("s3cr3t"), "{error:?}");
            assert_eq!(told.contains("reauth"), kept.get("refresh_token").is_none(), "{told}");
            run_mend(&error);
            let state = store.load().await.unwrap();
            let found = state.refresh_token.as_ref().map(Secret::expose);
            assert_eq!(found, kept["refresh_token"].as_str(), "else there is nothing but consent");
        }
    }
}

#[tokio::test]
async fn a_state_of_another_account_is_not_served() {
    for (mended_by, kept) in [("google_token", "1//seed"), ("refresh_token", "1//kept")] {
        let (folder, store) = seeded();
        let seed = folder.path().join("refresh_token.json");
        put(&seed, &json!({"refresh_token": "1//seed", "account": "Ops@x.example"}));
        let adopted = Fingerprint::of(["1//seed"]).to_string();
        let state = |account: &Value| {
            json!({"refresh_token": "1//kept", "token": "t", "account": account,
                   "jada": {"seed": adopted}})
        };
        for same in [json!("ops@X.example"), json!(""), json!(null), json!(7)] {
            put(store.path(), &state(&same));
            assert_eq!(refresh_token(&store.load().await.unwrap()), "1//kept", "{same}");
        }
        put(store.path(), &state(&json!("other@x.example")));
        let before = fs::read(store.path()).unwrap();
        let mut lease = take(&store).await;
        for error in [store.load().await.unwrap_err(), lease.load().await.unwrap_err()] {
            let Error::OtherIdentity { store: named, identity, .. } = &error else {
                panic!("{error:?}")
            };
            assert_eq!((named, identity.as_str()), (&store.name(), "the account Ops@x.example"));
            assert!(error.to_string().contains("other@x.example"), "{error}");
        }
        drop(lease);
        assert_eq!(fs::read(store.path()).unwrap(), before);
        let error = store.load().await.unwrap_err().to_string();
        let mend = error.split('`').find(|part| {
            part.starts_with("mv") && { part.ends_with(&format!("{mended_by}.json.old")) }
        });
        run(mend.unwrap());
        assert_eq!(refresh_token(&store.load().await.unwrap()), kept);
    }
}

#[tokio::test]
async fn new_consent_brings_its_own_account() {
    for (account, expected) in
        [(json!("new@x.example"), json!("new@x.example")), (json!(null), Value::Null)]
    {
        let (folder, store) = seeded();
        let seed = folder.path().join("refresh_token.json");
        put(&seed, &json!({"refresh_token": "1//new", "account": account}));
        let old = Fingerprint::of(["1//old"]).to_string();
        put(
            store.path(),
            &json!({"refresh_token": "1//old", "account": "old@x.example",
                                  "theirs": 1, "jada": {"seed": old}}),
        );
        for _ in 0..2 {
            let mut lease = take(&store).await;
            let mut state = lease.load().await.unwrap();
            assert_eq!(refresh_token(&state), "1//new");
            state.generation += 1;
            lease.commit(&state).await.unwrap();
            state.generation += 1;
            lease.commit(&state).await.unwrap();
            let written = value(store.path());
            assert_eq!((&written["account"], &written["theirs"]), (&expected, &json!(1)));
        }
    }
}
