//! `access_token` and `token_doctor` as an operator runs them, against an issuer on loopback.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jada_auth::SecretsDir;
use jada_loopback_issuer::{Fault, Issuer, IssuerBuilder};
use serde_json::{Value, json};

use crate::program::{Ended, example, run_example};

pub(crate) struct Secrets {
    folder: tempfile::TempDir,
    pub(crate) issuer: Issuer,
}

impl Secrets {
    pub(crate) fn new() -> Self {
        Self::granting("mail drive")
    }

    /// A folder of secrets for a grant of these scopes.
    pub(crate) fn granting(scopes: &str) -> Self {
        Self::of(Issuer::builder().rotating().scope(scopes))
    }

    /// A folder of secrets for a grant by this issuer.
    pub(crate) fn of(issuer: IssuerBuilder) -> Self {
        let issuer = issuer.start().unwrap();
        let secrets = Self { folder: tempfile::tempdir().unwrap(), issuer };
        mode(secrets.folder.path(), 0o700);
        secrets.write("gmail_credentials.json", &secrets.client());
        secrets.consent();
        secrets
    }

    fn client(&self) -> Value {
        json!({ "installed": {
            "client_id": self.issuer.client_id(),
            "client_secret": self.issuer.client_secret(),
            "token_uri": self.issuer.token_uri(),
        }})
    }

    /// A person consents, or consents again.
    pub(crate) fn consent(&self) {
        let secrets = SecretsDir::new(self.folder.path());
        secrets.save_refresh_token(&self.issuer.consent().into()).unwrap();
    }

    pub(crate) fn folder(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, value: &Value) {
        fs::write(self.path(name), value.to_string()).unwrap();
        mode(&self.path(name), 0o600);
    }

    pub(crate) fn state(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("google_token.json")).unwrap()).unwrap()
    }

    /// The token that is there is good no longer.
    pub(crate) fn expire(&self) {
        if self.path("google_token.json").exists() {
            let mut state = self.state();
            state["expiry"] = json!("2026-01-01T00:00:00Z");
            self.write("google_token.json", &state);
        }
    }

    /// Every secret that is in the folder now.
    pub(crate) fn all(&self) -> Vec<String> {
        let files = ["google_token.json", "refresh_token.json", "gmail_credentials.json"];
        let read = files.iter().filter_map(|name| fs::read(self.path(name)).ok());
        let objects: Vec<Value> = read.map(|json| serde_json::from_slice(&json).unwrap()).collect();
        let parts = objects.iter().flat_map(|object| [object, &object["installed"]]);
        let names = ["token", "refresh_token", "client_secret"];
        let values = parts.flat_map(|part| names.map(|name| &part[name]));
        values.filter_map(|value| Some(value.as_str()?.to_owned())).collect()
    }

    pub(crate) fn run(&self, example: &str, words: &str) -> Ended {
        self.run_with(example, words, &[])
    }

    pub(crate) fn run_with(
        &self,
        example: &str,
        words: &str,
        environment: &[(&str, &str)],
    ) -> Ended {
        let folder = self.folder.path().to_str().unwrap();
        let words = format!("--secrets-dir {folder} --scope mail {words}");
        run_example(example, &words, self.folder.path(), environment)
    }

    pub(crate) fn token(&self, words: &str) -> Value {
        self.run("access_token", &format!("--json {words}")).summary()
    }

    /// The one line of a run that failed with that status, of both examples.
    fn line(&self, status: i32) -> String {
        let ended = self.run("access_token", "");
        assert_eq!((ended.status, ended.stdout.as_str()), (status, ""), "{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        let doctor = self.run("token_doctor", "");
        let told = (doctor.status, doctor.stderr.lines().count());
        assert_eq!(told, (status, 1), "{}", doctor.stdout);
        ended.stderr
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_token_is_refreshed_once_and_then_found_on_disk() {
    let secrets = Secrets::new();
    let first = secrets.token("");
    assert_eq!((&first["origin"], &first["generation"]), (&json!("refreshed"), &json!(1)));
    assert!(first["expires_in"].as_i64().unwrap() > 3500, "{first}");
    assert!(first.get("token").is_none());
    let second = secrets.token("--print-token");
    assert_eq!(second["origin"], "disk");
    assert!(secrets.issuer.is_live(second["token"].as_str().unwrap()));
    let again = secrets.run("access_token", "--repeat 2 --every 0");
    assert_eq!(again.status, 0);
    let origins: Vec<_> = again.stdout.lines().map(|it| it.contains("(memory)")).collect();
    assert_eq!(origins, [false, true], "{}", again.stdout);
    assert_eq!(secrets.issuer.requests(), 1);
    let printed = secrets.run("access_token", "--print-token").stdout;
    assert_eq!(printed.lines().last(), second["token"].as_str());
}

#[test]
fn the_doctor_shows_a_folder_that_is_well_and_asks_when_told_to() {
    let secrets = Secrets::new();
    let diagnosis = secrets.run("token_doctor", "--json").summary();
    assert_eq!((&diagnosis["problem"], &diagnosis["live"]), (&Value::Null, &Value::Null));
    assert_eq!(secrets.issuer.requests(), 0);
    let diagnosis = secrets.run("token_doctor", "--json --live").summary();
    assert_eq!(diagnosis["live"], "minted a token");
    assert_eq!(diagnosis["grant"]["scopes_granted"], json!(["drive", "mail"]));
    let table = secrets.run("token_doctor", "");
    assert_eq!(table.status, 0, "{}", table.stderr);
    assert!(table.stdout.contains("verdict        well"), "{}", table.stdout);
    assert!(table.stdout.contains("gmail_credentials.json"), "{}", table.stdout);
    assert_eq!(secrets.issuer.requests(), 1);
}

#[test]
fn what_needs_consent_is_status_2_and_names_reauth() {
    let secrets = Secrets::new();
    secrets.issuer.revoke_all();
    for _ in 0..3 {
        let line = secrets.line(2);
        assert!(line.contains("`reauth`") && line.contains("invalid_grant"), "{line}");
    }
    assert_eq!(secrets.issuer.requests(), 1);
    // The doctor always asks when told to, and consent heals.
    assert_eq!(secrets.run("token_doctor", "--live").status, 2);
    assert_eq!(secrets.issuer.requests(), 2);
    secrets.consent();
    assert_eq!(secrets.token("")["origin"], "refreshed");

    let secrets = Secrets::new();
    fs::remove_file(secrets.path("refresh_token.json")).unwrap();
    let line = secrets.line(2);
    assert!(line.contains("`reauth`") && line.contains("no refresh token"), "{line}");
    assert_eq!(secrets.issuer.requests(), 0);
}

#[test]
fn an_interrupted_rotation_is_status_2_and_says_so() {
    let secrets = Secrets::new();
    secrets.issuer.fail_next(Fault::LostAnswer);
    let line = secrets.line(2);
    assert!(line.contains("interrupted") && line.contains("`reauth`"), "{line}");
    assert!(secrets.line(2).contains("interrupted"));
    assert_eq!(secrets.issuer.requests(), 2);
}

#[test]
fn an_outage_is_status_3_within_40_seconds_and_10_requests() {
    let secrets = Secrets::new();
    secrets.issuer.fail_always(Fault::error(503, "temporarily_unavailable"));
    let started = Instant::now();
    let ended = secrets.run("access_token", "");
    assert_eq!(ended.status, 3, "{}", ended.stderr);
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
    assert!((2..=10).contains(&secrets.issuer.requests()), "{}", secrets.issuer.requests());
    assert!(ended.stderr.contains("127.0.0.1") && ended.stderr.contains("temporarily_unavailable"));
    assert!(ended.stderr.contains("try again"), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn a_retry_after_of_minutes_is_answered_at_once_and_binds_siblings() {
    let secrets = Secrets::new();
    secrets.issuer.fail_next(Fault::retry_after(429, 300));
    let started = Instant::now();
    for _ in 0..3 {
        let ended = secrets.run("access_token", "");
        assert_eq!(ended.status, 3, "{}", ended.stderr);
        assert!(ended.stderr.contains("try again in "), "{}", ended.stderr);
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(secrets.issuer.requests(), 1);
}

#[test]
fn a_client_that_is_refused_is_status_1_and_heals_when_it_is_mended() {
    let secrets = Secrets::new();
    let mut client = secrets.client();
    client["installed"]["client_secret"] = json!("wrong");
    secrets.write("gmail_credentials.json", &client);
    for _ in 0..2 {
        let line = secrets.line(1);
        let folder = secrets.folder.path().display().to_string();
        assert!(line.contains("invalid_client") && line.contains(&folder), "{line}");
    }
    assert_eq!(secrets.issuer.requests(), 1);
    secrets.write("gmail_credentials.json", &secrets.client());
    assert_eq!(secrets.token("")["origin"], "refreshed");
}

#[test]
fn a_folder_or_file_in_disorder_is_status_1_with_the_command_that_mends_it() {
    let secrets = Secrets::new();
    secrets.token("");
    let before = secrets.state();
    let state = secrets.path("google_token.json");

    mode(&state, 0o644);
    let line = secrets.line(1);
    assert!(line.contains("0644") && line.contains("`chmod 600 "), "{line}");
    mode(&state, 0o600);

    mode(secrets.folder.path(), 0o755);
    let line = secrets.line(1);
    assert!(line.contains("0755") && line.contains("`chmod 700 "), "{line}");
    mode(secrets.folder.path(), 0o700);

    let moved = secrets.path("elsewhere");
    fs::rename(&state, &moved).unwrap();
    symlink(&moved, &state).unwrap();
    assert!(secrets.line(1).contains("symbolic link"));
    fs::rename(&moved, &state).unwrap();

    for broken in ["", "{\"refresh_token\": \"rt-"] {
        fs::write(&state, broken).unwrap();
        let line = secrets.line(1);
        assert!(line.contains("google_token.json"), "{line}");
        assert_eq!(fs::read_to_string(&state).unwrap(), broken);
    }
    secrets.write("google_token.json", &before);
    assert_eq!(secrets.token("")["origin"], "disk");
    assert_eq!(secrets.issuer.requests(), 1);
}

#[test]
fn a_token_of_another_client_is_status_1_and_left_as_it_is() {
    let secrets = Secrets::new();
    secrets.token("");
    let before = secrets.state();
    let mut client = secrets.client();
    client["installed"]["client_id"] = json!("another.apps.example.com");
    secrets.write("gmail_credentials.json", &client);
    let line = secrets.line(1);
    assert!(line.contains("another.apps.example.com"), "{line}");
    assert_eq!(secrets.state(), before);
}

#[test]
fn usage_is_status_1_and_help_is_0() {
    let secrets = Secrets::new();
    for example in ["access_token", "token_doctor"] {
        let ended = secrets.run(example, "--no-such-flag");
        assert_eq!((ended.status, ended.stdout.as_str()), (1, ""));
        let help = secrets.run(example, "--help");
        assert_eq!(help.status, 0);
        assert!(help.stdout.contains("--secrets-dir"), "{}", help.stdout);
    }
    for words in ["--no-such-flag", "--repeat 0", "--every soon", "--scope sm\u{f6}r"] {
        let ended = secrets.run("access_token", words);
        assert_eq!((ended.status, ended.stderr.lines().count()), (1, 1), "{}", ended.stderr);
    }
}

#[test]
fn a_signal_in_the_middle_of_a_refresh_loses_nothing() {
    let secrets = Secrets::new();
    secrets.issuer.fail_next(Fault::Gate);
    let folder = secrets.folder.path().to_str().unwrap().to_owned();
    let mut child = std::process::Command::new(example("access_token"))
        .args(["--secrets-dir", &folder])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    assert!(secrets.issuer.wait_for_requests(1, Duration::from_secs(20)));
    let kill = format!("kill -TERM {}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    secrets.issuer.open_gate();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert_eq!(secrets.token("")["origin"], "disk");
    assert_eq!(secrets.issuer.requests(), 1);
}

#[test]
fn a_mended_configuration_heals_without_a_pause() {
    let secrets = Secrets::new();
    secrets.issuer.fail_next(Fault::error(400, "invalid_request"));
    let line = secrets.line(1);
    assert!(line.contains("invalid_request"), "{line}");
    let mut client = secrets.client();
    client["installed"]["client_secret"] = json!("mended");
    secrets.write("gmail_credentials.json", &client);
    let line = secrets.line(1);
    assert!(line.contains("invalid_client"), "{line}");
    secrets.write("gmail_credentials.json", &secrets.client());
    // The pause of the very first failure spoke of this client, and still binds.
    assert_eq!(secrets.run("token_doctor", "--live").status, 0);
    assert_eq!(secrets.token("")["origin"], "disk");
}

#[test]
fn a_lock_of_others_is_the_doctor_s_business_too() {
    let secrets = Secrets::new();
    secrets.write(".lock", &json!({}));
    mode(&secrets.path(".lock"), 0o644);
    let line = secrets.line(1);
    assert!(line.contains(".lock") && line.contains("`chmod 600 "), "{line}");
    assert_eq!(secrets.issuer.requests(), 0);
}

#[test]
fn a_folder_that_is_not_there_is_status_1_and_names_mkdir() {
    let secrets = Secrets::new();
    let missing = secrets.path("missing");
    let words = format!("--secrets-dir {}", missing.display());
    let ended = run_example("access_token", &words, secrets.folder.path(), &[]);
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("mkdir"), "{}", ended.stderr);
}

#[test]
fn the_environment_names_the_folder_and_tracing_goes_to_stderr() {
    let secrets = Secrets::new();
    let folder = secrets.folder.path().to_str().unwrap();
    let environment = [("JADA_SECRETS_DIR", folder), ("RUST_LOG", "jada_auth=debug")];
    let ended = run_example("access_token", "--json", secrets.folder.path(), &environment);
    assert_eq!(ended.summary()["origin"], "refreshed");
    assert!(ended.stderr.contains("asking the issuer"), "{}", ended.stderr);
    let state = secrets.state();
    for secret in [&state["token"], &state["refresh_token"], &state["client_secret"]] {
        assert!(!ended.stderr.contains(secret.as_str().unwrap()), "{}", ended.stderr);
    }
}

#[test]
fn a_subject_without_a_key_is_status_1() {
    let secrets = Secrets::new();
    let ended = secrets.run("access_token", "--subject ops@example.com");
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("service_account.json"), "{}", ended.stderr);
}

#[test]
fn scopes_that_were_not_granted_are_named() {
    let secrets = Secrets::new();
    let ended = secrets.run("access_token", "--scope sheets");
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("lacks the scopes `sheets`"), "{}", ended.stderr);
}

#[test]
fn one_file_holds_the_client_the_grant_and_the_state() {
    let secrets = Secrets::new();
    fs::remove_file(secrets.path("refresh_token.json")).unwrap();
    fs::remove_file(secrets.path("gmail_credentials.json")).unwrap();
    let unified = json!({
        "client_id": secrets.issuer.client_id(),
        "client_secret": secrets.issuer.client_secret(),
        "token_uri": secrets.issuer.token_uri(),
        "refresh_token": secrets.issuer.consent(),
        "token": "stale",
        "expiry": null,
        "x_ours": 7,
    });
    secrets.write("unified_token.json", &unified);
    assert_eq!(secrets.token("")["origin"], "refreshed");
    assert_eq!(secrets.token("")["origin"], "disk");
    let state = fs::read(secrets.path("unified_token.json")).unwrap();
    let state: Value = serde_json::from_slice(&state).unwrap();
    assert_eq!(state["x_ours"], 7);
    assert_ne!(state["refresh_token"], unified["refresh_token"]);
    assert!(!secrets.path("google_token.json").exists());
}
