//! The folder of secrets in each of its layouts, as the programs that read it find it.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use jada_auth::{
    Credential, Error, FileProblem, FileStore, Fingerprint, Layout, Leasing, OAuthClient, Secret,
    SecretsDir, State, TokenStore,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::file_store::{run, run_mend};

#[tokio::test]
async fn a_client_a_seed_and_a_state_are_one_credential() {
    let (_folder, secrets) = folder();
    put(&secrets, CLIENT, &json!({"installed": {"client_id": "id", "client_secret": "s3cr3t"}}));
    secrets.save_refresh_token(&Secret::new("1//s3cr3t")).unwrap();
    let (client, store, layout) = authorized_user(&secrets);
    assert_eq!((client.id.as_str(), layout), ("id", Layout::SeedAndState));
    assert_eq!(client.token_uri, "https://oauth2.googleapis.com/token");
    assert_eq!(store.path(), secrets.path().join(STATE));
    let state = store.load().await.unwrap();
    assert_eq!(state.refresh_token.as_ref().unwrap().expose(), "1//s3cr3t");
    commit(&store, &state).await;
    assert!(secrets.path().join(STATE).exists() && secrets.path().join(LOCK).exists());
    assert_eq!(authorized_user(&secrets).2, Layout::SeedAndState);
}

#[test]
fn a_state_alone_names_its_client() {
    let (_folder, secrets) = folder();
    let issuer = "http://127.0.0.1:7/token";
    put(&secrets, STATE, &json!({"client_id": "of the state", "token_uri": issuer}));
    let (client, _, layout) = authorized_user(&secrets);
    assert_eq!((client.id.as_str(), layout), ("of the state", Layout::SeedAndState));
    assert_eq!(client.token_uri, issuer);
    put(&secrets, CLIENT, &json!({"web": {"client_id": "of the file"}}));
    assert_eq!(authorized_user(&secrets).0.id, "of the file");
}

#[test]
fn without_any_client_the_missing_file_is_named_and_where_to_get_it() {
    let (_folder, secrets) = folder();
    put(&secrets, STATE, &json!({"token": "s3cr3t"}));
    for _ in 0..2 {
        let error = secrets.read().unwrap_err();
        assert_problem(&error, &secrets.path().join(CLIENT), FileProblem::Missing);
        for mend in ["console.cloud.google.com/apis/credentials", "GOOGLE_CLIENT_ID"] {
            assert!(error.to_string().contains(mend), "{error}");
        }
        fs::remove_file(secrets.path().join(STATE)).unwrap_or_default();
    }
}

#[tokio::test]
async fn one_file_holds_all() {
    let (_folder, secrets) = folder();
    put(&secrets, ONE_FILE, &json!({"client_id": "id", "refresh_token": "1//r"}));
    let (client, store, layout) = authorized_user(&secrets);
    assert_eq!((client.id.as_str(), layout), ("id", Layout::OneFile));
    let state = store.load().await.unwrap();
    commit(&store, &state).await;
    assert_eq!(value(&secrets, ONE_FILE)["jada"]["version"], 1);
    assert!(secrets.path().join(LOCK).exists());

    put(&secrets, ONE_FILE, &json!({"refresh_token": "1//r"}));
    let field = FileProblem::Field { field: "client_id" };
    assert_problem(&secrets.read().unwrap_err(), &secrets.path().join(ONE_FILE), field);
}

#[tokio::test]
async fn what_gcloud_left_is_read_and_never_written() {
    let (_folder, secrets) = folder();
    let left = json!({"type": "authorized_user", "client_id": "id", "client_secret": "hush",
                      "refresh_token": "1//r", "quota_project_id": "p"});
    put(&secrets, GCLOUD, &left);
    let (client, store, layout) = authorized_user(&secrets);
    assert_eq!((client.id.as_str(), layout), ("id", Layout::Gcloud));
    let mut state = store.load().await.unwrap();
    assert_eq!(state.refresh_token.as_ref().unwrap().expose(), "1//r");
    state.refresh_token = Some(Secret::new("1//rotated"));
    commit(&store, &state).await;
    assert_eq!(value(&secrets, GCLOUD), left);
    assert_eq!(value(&secrets, STATE)["refresh_token"], "1//rotated");
    assert_eq!(authorized_user(&secrets).2, Layout::Gcloud);

    put(&secrets, GCLOUD, &json!({"type": "external_account", "audience": "a"}));
    let field = FileProblem::Field { field: "type" };
    let error = secrets.read().unwrap_err();
    assert_problem(&error, &secrets.path().join(GCLOUD), field);
    assert!(error.to_string().contains("gcloud auth application-default login"), "{error}");
}

#[tokio::test]
async fn a_service_accounts_key_comes_as_it_was_written() {
    for (name, expected) in [(KEY, Layout::ServiceAccount), (GCLOUD, Layout::Gcloud)] {
        let (_folder, secrets) = folder();
        put(&secrets, name, &key());
        let credential = secrets.read().unwrap();
        assert!(!format!("{credential:?}").contains("s3cr3t"));
        let Credential::ServiceAccount { key: text, path, layout, .. } = credential else {
            panic!("{credential:?}")
        };
        assert_eq!((path, layout), (secrets.path().join(name), expected));
        assert_eq!(text.expose(), key().to_string());
        let store = secrets.service_account_store(Fingerprint::of(["identity"]));
        commit(&store, &State::default()).await;
        assert!(secrets.state_path(Fingerprint::of(["identity"])).exists());
        assert!(secrets.path().join(LOCK).exists());
    }
}

#[test]
fn a_key_without_what_it_needs_is_refused() {
    for field in ["type", "client_email", "private_key"] {
        let (_folder, secrets) = folder();
        let mut broken = key();
        broken[field] = json!("");
        put(&secrets, KEY, &broken);
        let problem = FileProblem::Field { field };
        let error = secrets.read().unwrap_err();
        assert_problem(&error, &secrets.path().join(KEY), problem);
        assert!(!format!("{error:?} {error}").contains("s3cr3t"));
    }
}

#[test]
fn what_google_gives_out_is_brought_back_from_there_and_not_by_consent() {
    let cases: [(&str, &str, &str); 7] = [
        (CLIENT, "{\"installed\": {", CONSOLE),
        (CLIENT, "\"s3cr3t\"", CONSOLE),
        (CLIENT, "{\"installed\": {\"client_secret\": \"s3cr3t\"}}", CONSOLE),
        (KEY, "{\"type\": ", CONSOLE),
        (KEY, "", CONSOLE),
        (KEY, "{\"type\": \"service_account\", \"client_email\": \"a@x\"}", CONSOLE),
        (GCLOUD, "[]", "gcloud auth application-default login"),
    ];
    for (name, text, mend) in cases {
        let (_folder, secrets) = folder();
        fs::write(secrets.path().join(name), text).unwrap();
        set_mode(&secrets.path().join(name), 0o600);
        let error = secrets.read().unwrap_err().to_string();
        assert!(error.contains(mend) && error.contains("nothing was changed"), "{error}");
        assert!(!error.contains("reauth") && !error.contains("s3cr3t"), "{error}");
        let found = secrets.survey().into_iter().find(|found| found.path.ends_with(name));
        assert_eq!(found.unwrap().problem.unwrap(), error);
    }
}

#[test]
fn what_lies_in_the_file_of_another_form_is_moved_by_the_command_that_is_named() {
    let client = || json!({"installed": {"client_id": "id", "client_secret": "s3cr3t"}});
    let user = json!({"type": "authorized_user", "client_id": "id", "refresh_token": "1//r"});
    let cases = [
        (ONE_FILE, key(), KEY),
        (ONE_FILE, client(), CLIENT),
        (KEY, client(), CLIENT),
        (KEY, user, ONE_FILE),
        (CLIENT, key(), KEY),
        (GCLOUD, client(), CLIENT),
    ];
    for (name, content, home) in cases {
        let (_folder, secrets) = folder();
        put(&secrets, name, &content);
        let error = secrets.read().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
        run_mend(&error);
        assert_eq!(value(&secrets, home), content);
        secrets.read().unwrap();

        put(&secrets, name, &content);
        let told = secrets.survey().into_iter().find(|found| found.path.ends_with(name)).unwrap();
        let told = told.problem.unwrap();
        assert!(told.contains(home) && !told.contains(&format!("{home}`")), "{told}");
        run(told.split("run `").nth(1).unwrap().split('`').next().unwrap());
        secrets.read().unwrap();
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_key() {
    let (_folder, secrets) = folder();
    fs::write(secrets.path().join(KEY), format!("\u{feff}{}", key())).unwrap();
    set_mode(&secrets.path().join(KEY), 0o600);
    let Credential::ServiceAccount { key: text, .. } = secrets.read().unwrap() else {
        panic!("it is a key")
    };
    assert_eq!(text.expose(), key().to_string());
}

#[tokio::test]
async fn a_broken_state_of_a_keys_tokens_has_only_to_go() {
    let (_folder, secrets) = folder();
    put(&secrets, KEY, &key());
    let store = secrets.service_account_store(Fingerprint::of(["identity"]));
    fs::write(store.path(), "{").unwrap();
    set_mode(store.path(), 0o600);
    let error = store.load().await.unwrap_err();
    assert!(!error.to_string().contains("reauth"), "{error}");
    run_mend(&error);
    store.load().await.unwrap();
}

#[test]
fn a_secret_is_not_sent_in_the_clear() {
    let issuer = "http://issuer.example/token";
    let fields = json!({"client_id": "id", "refresh_token": "1//r", "type": "authorized_user",
                        "token_uri": issuer});
    let mut service = key();
    service["token_uri"] = json!(issuer);
    let wrapped = json!({"installed": fields});
    let cases = [
        (CLIENT, &wrapped),
        (STATE, &fields),
        (ONE_FILE, &fields),
        (GCLOUD, &fields),
        (KEY, &service),
    ];
    for (name, content) in cases {
        let (_folder, secrets) = folder();
        put(&secrets, name, content);
        let problem = FileProblem::Field { field: "token_uri" };
        assert_problem(&secrets.read().unwrap_err(), &secrets.path().join(name), problem);
    }
}

#[test]
fn two_layouts_at_once_are_an_error_that_names_both() {
    let (_folder, secrets) = folder();
    put(&secrets, SEED, &json!({"refresh_token": "1//r"}));
    put(&secrets, ONE_FILE, &json!({"client_id": "id"}));
    let error = secrets.read().unwrap_err();
    assert_problem(&error, &secrets.path().join(ONE_FILE), FileProblem::Ambiguous);
    assert!(error.to_string().contains(SEED) && error.to_string().contains(ONE_FILE), "{error}");
}

#[test]
fn what_others_may_reach_is_refused_in_every_layout() {
    for (name, content) in each_layout() {
        let (_folder, secrets) = folder();
        put(&secrets, name, &content);
        let path = secrets.path().join(name);
        set_mode(&path, 0o640);
        let error = secrets.read().unwrap_err();
        assert_problem(&error, &path, FileProblem::Mode { mode: 0o640 });
        let mend = format!("run `chmod 600 {}`", path.display());
        assert!(error.to_string().ends_with(&mend), "{error}");
        fs::rename(&path, secrets.path().join("elsewhere")).unwrap();
        symlink(secrets.path().join("elsewhere"), &path).unwrap();
        assert_problem(&secrets.read().unwrap_err(), &path, FileProblem::Symlink);

        set_mode(secrets.path(), 0o750);
        let error = secrets.read().unwrap_err();
        assert_problem(&error, secrets.path(), FileProblem::Mode { mode: 0o750 });
        let mend = format!("run `chmod 700 {}`", secrets.path().display());
        assert!(error.to_string().ends_with(&mend), "{error}");
        set_mode(secrets.path(), 0o700);
    }
}

#[test]
fn a_folder_is_made_for_its_owner_alone_and_its_parents_as_usual() {
    let parent = tempfile::tempdir().unwrap();
    let above = parent.path().join("above");
    let secrets = SecretsDir::new(above.join("my secrets"));
    let missing = secrets.read().unwrap_err();
    assert_problem(&missing, secrets.path(), FileProblem::Missing);
    let mend = format!("mkdir -m 700 -p '{}'", secrets.path().display());
    assert!(missing.to_string().contains(&mend), "{missing}");

    secrets.create().unwrap();
    assert_eq!(mode(secrets.path()), 0o700);
    assert_eq!(mode(&above), mode(&usual(parent.path())));
    secrets.create().unwrap();
    set_mode(secrets.path(), 0o755);
    let error = secrets.create().unwrap_err();
    assert_problem(&error, secrets.path(), FileProblem::Mode { mode: 0o755 });
    assert_eq!(mode(secrets.path()), 0o755, "its owner mends it");

    fs::write(parent.path().join("file"), "").unwrap();
    symlink("none", parent.path().join("link")).unwrap();
    let cases = [
        ("file/secrets", "file", FileProblem::NotAFolder),
        ("file/below/secrets", "file", FileProblem::NotAFolder),
        ("link", "link", FileProblem::DanglingLink),
        ("link/", "link", FileProblem::DanglingLink),
        ("link/secrets", "link", FileProblem::DanglingLink),
        ("link/below/secrets", "link", FileProblem::DanglingLink),
    ];
    for (path, named, problem) in cases {
        let secrets = SecretsDir::new(parent.path().join(path));
        for error in [secrets.create().unwrap_err(), secrets.read().unwrap_err()] {
            assert_problem(&error, &parent.path().join(named), problem);
        }
    }
    let file = SecretsDir::new(parent.path().join("file"));
    assert_problem(&file.create().unwrap_err(), file.path(), FileProblem::NotAFolder);
}

#[test]
fn a_refresh_token_is_left_beside_what_others_wrote() {
    let (_folder, secrets) = folder();
    let old = json!({"refresh_token": "1//old", "account": "ops@x.example", "token": "ya29.old",
                     "scopes": ["mail"], "expiry": "2026-05-01T12:00:00Z", "note": "kept"});
    put(&secrets, SEED, &old);
    secrets.save_refresh_token(&Secret::new("1//new")).unwrap();
    // Whose the new one is nobody said.
    let expected = json!({"refresh_token": "1//new", "note": "kept"});
    assert_eq!(value(&secrets, SEED), expected);
    assert_eq!(mode(&secrets.path().join(SEED)), 0o600);
    assert_eq!(fs::read_dir(secrets.path()).unwrap().count(), 1, "nothing else is left");

    fs::write(secrets.path().join(SEED), "{\"refr").unwrap();
    secrets.save_refresh_token(&Secret::new("1//newer")).unwrap();
    assert_eq!(value(&secrets, SEED), json!({"refresh_token": "1//newer"}));
}

#[test]
fn a_refresh_token_is_left_in_no_folder_of_another_layout_or_of_others() {
    let (_folder, secrets) = folder();
    put(&secrets, ONE_FILE, &json!({"client_id": "id"}));
    let save = || secrets.save_refresh_token(&Secret::new("1//s3cr3t")).unwrap_err();
    assert_problem(&save(), &secrets.path().join(ONE_FILE), FileProblem::Ambiguous);
    fs::remove_file(secrets.path().join(ONE_FILE)).unwrap();
    put(&secrets, SEED, &json!({}));
    set_mode(&secrets.path().join(SEED), 0o644);
    let mode = FileProblem::Mode { mode: 0o644 };
    assert_problem(&save(), &secrets.path().join(SEED), mode);
    set_mode(secrets.path(), 0o711);
    assert_problem(&save(), secrets.path(), FileProblem::Mode { mode: 0o711 });
    assert_eq!(value(&secrets, SEED), json!({}));
}

#[test]
fn a_survey_tells_of_every_file_and_shows_no_secret() {
    let (_folder, secrets) = folder();
    for (name, content) in each_layout() {
        put(&secrets, name, &content);
    }
    put(&secrets, STATE, &json!({"token": "s3cr3t", "jada": {"version": 9}}));
    put(&secrets, LOCK, &json!({}));
    set_mode(&secrets.path().join(KEY), 0o644);
    put(&secrets, SEED, &json!({}));
    fs::write(secrets.path().join(SEED), "{\"refresh_token\": \"s3cr3t").unwrap();
    let state = secrets.state_path(Fingerprint::of(["x"]));
    fs::write(&state, "").unwrap();
    set_mode(&state, 0o600);

    let survey = secrets.survey();
    let of = |name: &str| {
        let path = secrets.path().join(name);
        survey.iter().find(|finding| finding.path == path).unwrap()
    };
    for whole in ["", CLIENT, ONE_FILE, GCLOUD, LOCK] {
        let finding = of(whole);
        assert_eq!((finding.found, &finding.problem), (true, &None), "{whole}");
    }
    for (name, problem) in [
        (STATE, "upgrade"),
        (KEY, "run `chmod 600 "),
        (SEED, "is malformed at line 1, column 25"),
        (state.file_name().unwrap().to_str().unwrap(), "is empty"),
    ] {
        let told = of(name).problem.as_ref().unwrap();
        assert!(told.contains(problem), "{told}");
    }
    assert_eq!(of(KEY).mode, Some(0o644));
    assert_eq!(of(KEY).owner, Some(fs::metadata(&state).unwrap().uid()));

    let lines: Vec<_> = survey.iter().map(ToString::to_string).collect();
    assert!(lines.iter().any(|line| line.contains("` is in order: mode 0600, user ")), "{lines:?}");

    let json = serde_json::to_value(&survey).unwrap();
    let told = format!("{json} {survey:?} {secrets:?} {lines:?}");
    assert!(!told.contains("s3cr3t"), "{told}");
    let key = json.as_array().unwrap().iter().find(|finding| finding["mode"] == "0644").unwrap();
    assert_eq!(key["path"], secrets.path().join(KEY).to_str().unwrap());

    fs::remove_dir_all(secrets.path()).unwrap();
    for finding in secrets.survey() {
        assert!(!finding.found && finding.problem.is_none(), "{finding:?}");
        assert_eq!(finding.to_string(), format!("`{}` is not there", finding.path.display()));
    }
}

#[test]
fn a_credential_shows_no_secret() {
    for (name, content) in each_layout() {
        let (_folder, secrets) = folder();
        put(&secrets, name, &content);
        let told = format!("{:?}", secrets.read().unwrap());
        assert!(!told.contains("s3cr3t"), "{told}");
    }
}

fn each_layout() -> [(&'static str, Value); 4] {
    let client = json!({"client_id": "id", "client_secret": "s3cr3t", "refresh_token": "s3cr3t",
                        "type": "authorized_user"});
    [
        (CLIENT, json!({"installed": client})),
        (ONE_FILE, client.clone()),
        (GCLOUD, client),
        (KEY, key()),
    ]
}

fn key() -> Value {
    json!({"type": "service_account", "client_email": "a@p.iam.gserviceaccount.com",
           "private_key": "-----BEGIN s3cr3t-----\n", "client_id": "1"})
}

fn authorized_user(secrets: &SecretsDir) -> (OAuthClient, FileStore, Layout) {
    match secrets.read().unwrap() {
        Credential::AuthorizedUser { client, store, layout, .. } => (client, store, layout),
        other => panic!("{other:?}"),
    }
}

async fn commit(store: &FileStore, state: &State) {
    let Leasing::Taken(mut lease) = store.try_lease().await.unwrap() else { panic!("it is free") };
    lease.load().await.unwrap();
    lease.commit(state).await.unwrap();
}

fn folder() -> (TempDir, SecretsDir) {
    let folder = tempfile::tempdir().unwrap();
    let secrets = SecretsDir::new(folder.path().join("secrets"));
    secrets.create().unwrap();
    (folder, secrets)
}

fn put(secrets: &SecretsDir, name: &str, value: &Value) {
    let path = secrets.path().join(name);
    fs::write(&path, value.to_string()).unwrap();
    set_mode(&path, 0o600);
}

fn value(secrets: &SecretsDir, name: &str) -> Value {
    serde_json::from_slice(&fs::read(secrets.path().join(name)).unwrap()).unwrap()
}

/// A folder as this process makes it when nobody says how.
fn usual(parent: &Path) -> PathBuf {
    let usual = parent.join("usual");
    fs::create_dir(&usual).unwrap();
    usual
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn assert_problem(error: &Error, at: &Path, expected: FileProblem) {
    let Error::File { path, problem, .. } = error else { panic!("{error:?}") };
    assert_eq!((path.as_path(), *problem), (at, expected), "{error}");
}

const CONSOLE: &str = "https://console.cloud.google.com/apis/credentials";
const CLIENT: &str = "gmail_credentials.json";
const GCLOUD: &str = "application_default_credentials.json";
const KEY: &str = "service_account.json";
const LOCK: &str = ".lock";
const ONE_FILE: &str = "unified_token.json";
const SEED: &str = "refresh_token.json";
const STATE: &str = "google_token.json";
