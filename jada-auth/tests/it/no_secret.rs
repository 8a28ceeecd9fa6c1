//! Every way to fail, with everything traced: no secret comes out anywhere.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
    time::Duration,
};

use jada_auth::{
    Error, FileStore, HttpClient, MemoryStore, OAuthClient, RefreshToken, SecretsDir,
    ServiceAccount, SharedProvider, TokenProvider, TokenStore,
};
use jada_loopback_issuer::{Fault, Issuer};
use serde_json::json;

use crate::support::{FrailStore, key_of, private_folder, put, scopes};

const IN_BODY: &str = "s3cr3t-that-an-issuer-echoes";

#[test]
fn no_secret_is_in_any_trace_error_or_debug() {
    let traces = Traces::default();
    let writer = traces.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For all threads: files are written on Tokio's blocking ones.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut told = String::new();
    let mut secrets = vec![IN_BODY.to_owned(), key_line()];
    for fault in faults() {
        runtime.block_on(fail(&fault, &mut told, &mut secrets));
    }
    runtime.block_on(fail_at_home(&mut told, &mut secrets));
    runtime.block_on(spoil_files(&mut told, &mut secrets));
    runtime.block_on(crate::consent::tell(&mut told, &mut secrets));

    let traces = String::from_utf8(traces.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "asking the issuer",
        "waiting for consent",
        "refreshed",
        "adopted",
        "no new token",
        "cannot be stored",
    ] {
        assert!(traces.contains(expected), "nothing was traced of `{expected}`");
    }
    assert!(told.len() > 10_000 && secrets.len() > 60, "{} {}", told.len(), secrets.len());
    for secret in secrets {
        for (place, text) in [("traces", &traces), ("texts", &told)] {
            if let Some(at) = text.find(&secret) {
                let from = text[..at].rfind('\n').unwrap_or(0);
                panic!("a secret is in the {place}: {}", &text[from..at]);
            }
        }
    }
}

fn faults() -> Vec<Option<Fault>> {
    let quoted = |status: u16, content_type: &str, body: String| Fault::Status {
        status,
        headers: vec![("x-echo".to_owned(), IN_BODY.to_owned())],
        content_type: content_type.to_owned(),
        body,
    };
    let error = |code: &str| {
        json!({ "error": code, "error_description": IN_BODY, "access_token": IN_BODY }).to_string()
    };
    let mut faults = vec![None];
    let codes = ["invalid_grant", "invalid_client", "unauthorized_client", "slow_down", IN_BODY];
    faults.extend(codes.map(|code| Some(quoted(400, "application/json", error(code)))));
    for status in [302, 401, 403, 404, 429, 500, 503] {
        faults.push(Some(quoted(status, "text/html", format!("<p>{IN_BODY}</p>"))));
    }
    for answer in [
        json!({ "access_token": format!("{IN_BODY}\n") }),
        json!({ "access_token": IN_BODY, "token_type": IN_BODY }),
        json!({ "access_token": IN_BODY, "expires_in": IN_BODY }),
        json!({ "access_token": IN_BODY, "expires_in": -1, "refresh_token": IN_BODY }),
        json!({ "access_token": 7, "refresh_token": IN_BODY }),
        json!({ "access_token": format!("{IN_BODY}-1"), "scope": "\u{e9}" }),
        json!([IN_BODY]),
    ] {
        faults.push(Some(Fault::answer(answer)));
    }
    faults.push(Some(Fault::Answer(format!("{{\"access_token\":\"{IN_BODY}\""))));
    faults.extend([Fault::Html, Fault::Huge, Fault::Hang, Fault::Drip].map(Some));
    faults.extend([Fault::Reset, Fault::LostAnswer, Fault::HalfBody].map(Some));
    faults.push(Some(Fault::retry_after(429, 600)));
    faults.push(Some(Fault::ClockAhead(Duration::from_secs(86_400))));
    faults
}

/// One provider of each kind fails in that way, and is asked for everything it can tell.
async fn fail(fault: &Option<Fault>, told: &mut String, secrets: &mut Vec<String>) {
    let issuer = Issuer::builder().rotating().scope("mail drive").start().unwrap();
    let folder = private_folder();
    let seed = folder.path().join("refresh_token.json");
    put(&seed, &json!({ "refresh_token": issuer.consent() }));
    if let Some(fault) = fault {
        issuer.fail_always(fault.clone());
    }
    let http = HttpClient::new().with_timeout(Duration::from_millis(300));
    let client = OAuthClient::new(issuer.client_id(), issuer.token_uri());
    let client = client.with_secret(issuer.client_secret());
    let human = RefreshToken::builder(client).http(http.clone()).build().unwrap();
    let store = FileStore::new(folder.path().join("token.json")).with_seed(seed);
    let key =
        ServiceAccount::from_json(key_of(&issuer.token_uri()).to_string()).unwrap().with_http(http);
    let keys = FileStore::new(folder.path().join("key.json"));
    writeln!(told, "{human:?} {store:?} {key:?}").unwrap();
    let sibling = SharedProvider::builder(human.clone(), store.clone(), scopes("mail")).build();
    for provider in [
        SharedProvider::builder(human, store.clone(), scopes("mail")).build(),
        SharedProvider::builder(key, keys.clone(), scopes("mail")).build(),
    ] {
        tell(told, &provider.refresh().await);
        if let Some(token) = provider.cached(&scopes("mail")) {
            provider.invalidate(&token).await;
            tell(told, &provider.token(&scopes("mail")).await);
        }
        // A sibling of this process finds the marks.
        let diagnosis = provider.diagnose().await;
        let json = serde_json::to_string(&diagnosis).unwrap();
        let (health, counters) = (provider.health(), provider.counters());
        writeln!(told, "{provider:?} {health:?} {counters:?} {diagnosis}").unwrap();
        writeln!(told, "{diagnosis:?} {json}").unwrap();
        provider.shutdown().await.unwrap();
    }
    if fault.is_none() {
        tell(told, &sibling.token(&scopes("mail")).await);
    }
    for store in [store, keys] {
        let state = store.load().await.unwrap();
        writeln!(told, "{state:?}").unwrap();
        let token = state.token.map(|token| token.secret);
        secrets.extend(token.into_iter().chain(state.refresh_token).map(|it| it.expose().into()));
    }
    for request in issuer.recorded() {
        writeln!(told, "{request:?}").unwrap();
        secrets.extend([request.refresh_token, request.assertion].into_iter().flatten());
    }
    secrets.push(issuer.client_secret().to_owned());
}

/// What goes wrong on this side of the wire: another client, a stuck sibling, scopes that were not
/// granted, and an answer that cannot be stored.
async fn fail_at_home(told: &mut String, secrets: &mut Vec<String>) {
    let issuer = Issuer::builder().rotating().scope("mail drive").start().unwrap();
    let folder = private_folder();
    let seed = folder.path().join("refresh_token.json");
    put(&seed, &json!({ "refresh_token": issuer.consent() }));
    let store = FileStore::new(folder.path().join("token.json")).with_seed(seed);
    let source = |id: &str| {
        let client = OAuthClient::new(id, issuer.token_uri()).with_secret(issuer.client_secret());
        RefreshToken::builder(client).build().unwrap()
    };
    let ours = source(issuer.client_id());
    let provider = SharedProvider::builder(ours.clone(), store.clone(), scopes("mail")).build();
    tell(told, &provider.token(&scopes("mail")).await);
    tell(told, &provider.token(&scopes("sheets")).await);
    let other = SharedProvider::builder(source("another"), store.clone(), scopes("mail")).build();
    tell(told, &other.token(&scopes("mail")).await);
    let stuck = store.try_lease().await.unwrap();
    tell(told, &provider.refresh().await);
    writeln!(told, "{stuck:?} {:?}", provider.health()).unwrap();
    drop(stuck);

    let frail = FrailStore::new(MemoryStore::with_refresh_token(issuer.consent()));
    frail.fails_to_commit(true);
    let unsaved = SharedProvider::builder(ours, frail.clone(), scopes("mail")).build();
    tell(told, &unsaved.token(&scopes("mail")).await);
    let diagnosis = unsaved.diagnose().await;
    writeln!(told, "{frail:?} {:?} {diagnosis:?} {diagnosis}", unsaved.health()).unwrap();
    tell(told, &unsaved.shutdown().await);
    for state in [store.load().await.unwrap(), frail.load().await.unwrap()] {
        writeln!(told, "{state:?}").unwrap();
        let token = state.token.map(|token| token.secret);
        secrets.extend(token.into_iter().chain(state.refresh_token).map(|it| it.expose().into()));
    }
    secrets.extend(issuer.recorded().into_iter().filter_map(|request| request.refresh_token));
}

/// Each file that holds a secret, broken in each way.
async fn spoil_files(told: &mut String, secrets: &mut Vec<String>) {
    let hidden = "s3cr3t-in-a-file";
    secrets.push(hidden.to_owned());
    let names = [
        ("gmail_credentials.json", ""),
        ("refresh_token.json", ""),
        ("google_token.json", ""),
        ("unified_token.json", "alone"),
        ("application_default_credentials.json", "alone"),
        ("service_account.json", "alone"),
    ];
    let broken = [
        format!("{{\"refresh_token\": \"{hidden}\", \"client_secret\": \"{hidden}\""),
        format!("\"{hidden}\""),
        json!({ "refresh_token": [hidden], "client_id": [hidden], "type": hidden }).to_string(),
        json!({ "private_key": hidden, "type": "service_account", "client_email": "a@b" }).to_string(),
        json!({ "client_id": "c", "client_secret": hidden, "token_uri": format!("ftp://{hidden}") })
            .to_string(),
    ];
    for (name, alone) in names {
        for text in &broken {
            let folder = private_folder();
            if alone.is_empty() {
                let client = json!({ "client_id": "c", "client_secret": hidden });
                put(&folder.path().join("gmail_credentials.json"), &client);
            }
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let secrets_dir = SecretsDir::new(folder.path());
            let diagnosis = secrets_dir.diagnose(&scopes("mail")).await;
            let json = serde_json::to_string(&diagnosis).unwrap();
            writeln!(told, "{diagnosis}\n{diagnosis:?}\n{json}").unwrap();
            writeln!(told, "{secrets_dir:?} {:?}", secrets_dir.read()).unwrap();
            match secrets_dir.provider(scopes("mail")) {
                Ok(provider) => tell(told, &provider.build().token(&scopes("mail")).await),
                Err(error) => tell::<()>(told, &Err(error)),
            }
        }
    }
}

/// All that can be printed of an outcome.
fn tell<T: std::fmt::Debug>(told: &mut String, outcome: &Result<T, Error>) {
    writeln!(told, "{outcome:?}").unwrap();
    let mut error: Option<&dyn std::error::Error> = outcome.as_ref().err().map(|it| it as _);
    while let Some(cause) = error {
        writeln!(told, "{cause} {cause:?} {cause:#?}").unwrap();
        error = cause.source();
    }
}

/// A line from the middle of the key.
fn key_line() -> String {
    include_str!("../data/test-only-key.pem").lines().nth(5).unwrap().to_owned()
}

/// What was traced, by all threads.
#[derive(Clone, Default)]
struct Traces(Arc<Mutex<Vec<u8>>>);

impl Write for Traces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
