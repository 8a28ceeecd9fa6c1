//! Resumable uploads under random faults: the right bytes or a typed error, never a hole.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use fastrand::Rng;
use http::Method;
use jada_auth::{
    AccessToken, Answer, Clock, Error, GoogleClient, Health, Scopes, SystemClock, TokenProvider,
    UploadProgress,
};
use jada_loopback_issuer::{Delivery, Loopback, Reply};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, task::JoinSet};

use super::{
    google_error, told,
    upload_server::{FaultRate, GOOD, UploadServer},
};
use crate::support::{scopes, sweep};

/// One upload as a seed draws it.
#[derive(Clone, Debug)]
struct Case {
    seed: u64,
    length: usize,
    chunk_size: usize,
    from: From,
    method: Method,
    rate: FaultRate,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum From {
    Bytes,
    ReaderOfKnownLength,
    ReaderOfUnknownLength,
}

impl Case {
    fn draw(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let lengths = [0, 1, QUANTUM - 1, QUANTUM, QUANTUM + 1, 3 * QUANTUM, 5 * QUANTUM + 77];
        let from = [From::Bytes, From::ReaderOfKnownLength, From::ReaderOfUnknownLength];
        let rate = FaultRate::of([0.1, 0.3, 0.5][rng.usize(..3)]);
        Self {
            seed,
            length: lengths[rng.usize(..lengths.len())],
            chunk_size: QUANTUM * rng.usize(1..=3),
            from: from[rng.usize(..3)],
            method: if rng.bool() { Method::POST } else { Method::PUT },
            rate: if rng.bool() { rate } else { rate.without_expiry() },
        }
    }

    fn content(&self) -> Vec<u8> {
        (0..self.length).map(|at| (at / 251 + at) as u8).collect()
    }

    async fn run(&self, server: &UploadServer) -> Result<Answer, Error> {
        // Time enough for a dozen faults in a row, whatever the jitter makes of their pauses.
        let google = builder().deadline(Duration::from_secs(600)).build();
        let content = self.content();
        let upload = google.upload(Method::POST, server.uri()).chunk_size(self.chunk_size);
        let upload = upload.metadata(&json!({ "name": "a.bin" }));
        let upload = if self.method == Method::PUT { upload.repeatable() } else { upload };
        let length = content.len() as u64;
        match self.from {
            From::Bytes => upload.bytes("x/y", content).await,
            From::ReaderOfKnownLength => upload.reader("x/y", &content[..], Some(length)).await,
            From::ReaderOfUnknownLength => upload.reader("x/y", &content[..], None).await,
        }
    }
}

/// Each seed is an upload, and the faults that befall it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_right_or_a_typed_error_whatever_befalls_it() {
    let seeds = sweep(60, 2000) as u64;
    let (mut running, mut done) = (JoinSet::new(), 0);
    for seed in 0..seeds {
        if running.len() >= 16 {
            done += usize::from(running.join_next().await.unwrap().unwrap());
        }
        running.spawn(one(Case::draw(seed)));
    }
    while let Some(ended) = running.join_next().await {
        done += usize::from(ended.unwrap());
    }
    // Those that have a right to fail are few.
    assert!(done * 10 >= seeds as usize * 8, "{done} of {seeds}");
}

/// Whether it was done.
async fn one(case: Case) -> bool {
    let server = UploadServer::start(case.seed, case.rate);
    let outcome = case.run(&server).await;
    let files = tokio::task::block_in_place(|| server.files());
    let report = || format!("{case:?}\n{outcome:?}\n{}", server.log());
    match &outcome {
        Ok(answer) => {
            assert_eq!(files.len(), 1, "{}", report());
            let (metadata, bytes) = &files[0];
            assert!(*bytes == case.content(), "{}", report());
            assert_eq!(metadata["name"], "a.bin");
            let file: Value = answer.json().unwrap();
            assert_eq!(file["size"], case.length.to_string(), "{}", report());
            true
        }
        Err(error) => {
            assert!(may_fail(&case, error), "{}", report());
            // Who is told to upload it again does not make a second file by that.
            let again = error.is_transient() && case.method == Method::POST;
            assert!(!again || files.is_empty(), "{}", report());
            assert!(files.iter().all(|(_, bytes)| *bytes == case.content()), "{}", report());
            false
        }
    }
}

/// What is read once cannot be sent again from the start; a server may forget session after session; a session that expires, or whose token
/// is rejected twice, after the last byte was sent may have taken it; and two 401s are one too many.
fn may_fail(case: &Case, error: &Error) -> bool {
    match error {
        Error::Transient { .. } => case.from != From::Bytes && told(error).contains("read again"),
        Error::Api { status: 401 | 404 | 410, .. } => true,
        Error::Ambiguous { repeatable: false, .. } => {
            let told = told(error);
            let cause = ["404", "410", "401"].iter().any(|status| told.contains(status));
            case.method == Method::POST && cause
        }
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_is_told_on_the_way_and_at_the_end() {
    let server = UploadServer::start(1, FaultRate::NONE);
    let told = Arc::new(Mutex::new(Vec::new()));
    let content = vec![7; 2 * QUANTUM + 9];
    let tell = |progress: UploadProgress| told.lock().unwrap().push(progress);
    let google = google();
    let upload = google.upload(Method::POST, server.uri()).chunk_size(1).progress(tell);
    upload.reader("x/y", &content[..], None).await.unwrap();
    let told: Vec<_> = told.lock().unwrap().iter().map(|it| (it.stored, it.total)).collect();
    let quantum = QUANTUM as u64;
    let whole = content.len() as u64;
    assert_eq!(told, [(quantum, None), (2 * quantum, None), (whole, Some(whole))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_another_length_than_was_said_makes_nothing() {
    for (stated, expected) in [(99, "longer than the 99 bytes"), (101, "ends after 100 bytes")] {
        let server = UploadServer::start(1, FaultRate::NONE);
        let upload = google().upload(Method::POST, server.uri());
        let error = upload.reader("x/y", &[7; 100][..], Some(stated)).await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert!(told(&error).contains(expected), "{}", told(&error));
        assert!(server.files().is_empty());
    }
}

/// What servers may say that cannot be.
#[tokio::test]
async fn nonsense_from_the_server_is_an_error_and_never_a_success() {
    let unsafe_place = Reply::new(200).header("Location", "http://a.example/x");
    let table = [
        ("POST", Reply::new(200), "no place to send to"),
        ("POST", unsafe_place, "no place to send to"),
        ("PUT", Reply::new(200).json(&json!({})), "complete before it was all sent"),
        ("PUT", resume("bytes=0-99999999"), "confirms bytes that were not sent"),
        ("PUT", resume("bytes=5-9"), "confirms bytes that were not sent"),
        ("PUT", resume("0-9"), "confirms bytes that were not sent"),
    ];
    for (to, nonsense, expected) in table {
        let case = format!("{nonsense:?} to {to}");
        let server = server(move |host, method, _| match method {
            _ if method == to => nonsense.clone(),
            "POST" => begin(host),
            _ => Reply::new(500),
        });
        let upload = google().upload(Method::POST, server.uri("/upload")).chunk_size(QUANTUM);
        let error = upload.bytes("x/y", vec![7; 2 * QUANTUM]).await.unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{case}: {error:?}");
        assert!(told(&error).contains(expected), "{case}: {}", told(&error));
    }
}

#[tokio::test]
async fn a_server_that_stores_nothing_more_is_given_up_in_time() {
    let server = server(|host, method, _| match method {
        "POST" => begin(host),
        _ => Reply::new(308),
    });
    let google = builder().deadline(Duration::from_millis(300)).build();
    let upload = google.upload(Method::POST, server.uri("/upload")).chunk_size(QUANTUM);
    let error = upload.bytes("x/y", vec![7; QUANTUM + 1]).await.unwrap_err();
    assert!(matches!(error, Error::Transient { .. }), "{error:?}");
    assert!(told(&error).contains("stores no more than 0 bytes"), "{}", told(&error));
}

#[tokio::test]
async fn an_upload_that_is_begun_anew_is_not_taken_for_one_that_stalls() {
    let stored = AtomicUsize::new(0);
    let server = server(move |host, method, number| match method {
        "POST" => {
            stored.store(0, Ordering::SeqCst);
            begin(host)
        }
        // Once, when three quarters are stored.
        _ if number == 31 => Reply::new(404),
        _ => match stored.fetch_add(1, Ordering::SeqCst) + 1 {
            40 => Reply::new(200).json(&json!({})),
            chunks => resume(&format!("bytes=0-{}", chunks * QUANTUM - 1)),
        },
    });
    let google = builder().backoff(Duration::from_millis(500)).deadline(Duration::from_secs(2));
    let upload = google.build().upload(Method::POST, server.uri("/upload")).chunk_size(QUANTUM);
    upload.bytes("x/y", vec![7; 40 * QUANTUM]).await.unwrap();
    assert_eq!(server.requests(), 1 + 31 + 1 + 40);
}

#[tokio::test]
async fn a_server_that_forgets_each_session_is_not_asked_for_ever() {
    let server = server(|host, method, _| match method {
        "POST" => begin(host),
        _ => Reply::new(404),
    });
    let upload = google().upload(Method::POST, server.uri("/upload"));
    let error = upload.bytes("x/y", vec![7; 10]).await.unwrap_err();
    assert!(matches!(error, Error::Api { status: 404, .. }) && !error.is_transient(), "{error:?}");
    assert_eq!(server.requests(), 8);
}

#[tokio::test]
async fn an_upload_begun_anew_after_doubt_does_not_take_a_conflict_for_a_refusal() {
    let server = server(|host, method, number| match (method, number) {
        ("POST", 0) => begin(host),
        ("POST", _) => google_error(409, "conflict"),
        (_, 1) => Reply::new(200).json(&json!({})).delivered(Delivery::Close),
        _ => Reply::new(404),
    });
    let upload = google().upload(Method::POST, server.uri("/upload")).repeatable();
    let error = upload.bytes("x/y", vec![7; 10]).await.unwrap_err();
    assert!(matches!(error, Error::Api { status: 409, after_doubt: true, .. }), "{error:?}");
    assert!(error.may_have_been_executed() && told(&error).contains("look first"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_as_large_as_can_be_are_taken() {
    let server = UploadServer::start(1, FaultRate::NONE);
    let google = builder().deadline(Duration::MAX).timeout(Duration::MAX).build();
    let upload = google.upload(Method::POST, server.uri()).chunk_size(usize::MAX);
    upload.reader("x/y", &[7; 100_000][..], None).await.unwrap();
    let upload = google.upload(Method::POST, server.uri());
    upload.bytes("x/y", vec![7; 100_000]).await.unwrap();
    assert!(tokio::task::block_in_place(|| server.files()).iter().all(|it| it.1.len() == 100_000));
}

#[tokio::test]
async fn a_slow_reader_does_not_use_up_the_deadline() {
    let server = server(|host, method, number| match (method, number) {
        ("POST", _) => begin(host),
        (_, 1) => google_error(503, "backendError"),
        (_, 2) => Reply::new(308),
        _ => Reply::new(200).json(&json!({})),
    });
    let google = builder().deadline(Duration::from_millis(200)).build();
    let (reader, mut writer) = tokio::io::duplex(64);
    let writing = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(400)).await;
        writer.write_all(b"0123456789").await
    });
    google.upload(Method::POST, server.uri("/upload")).reader("x/y", reader, None).await.unwrap();
    writing.await.unwrap().unwrap();
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn an_endpoint_replaces_the_host_of_a_session_too() {
    let server = server(|_, method, _| match method {
        "POST" => Reply::new(200).header("Location", "https://www.example.com/session?upload_id=1"),
        _ => Reply::new(200).json(&json!({})),
    });
    let endpoint = jada_auth::ApiUrl::parse(&server.uri("")).unwrap();
    let google = builder().endpoint(endpoint).build();
    let upload = google.upload(Method::POST, "https://www.googleapis.com/upload/drive/v3/files");
    upload.bytes("x/y", vec![7; 10]).await.unwrap();
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_refusal_on_the_way_is_told_at_once() {
    let server = server(|host, method, _| match method {
        "POST" => begin(host),
        _ => google_error(403, "storageQuotaExceeded"),
    });
    let upload = google().upload(Method::POST, server.uri("/upload"));
    let error = upload.bytes("x/y", vec![7; 10]).await.unwrap_err();
    let Error::Api { status: 403, reason, .. } = &error else { panic!("{error:?}") };
    assert_eq!((reason.as_deref(), server.requests()), (Some("storageQuotaExceeded"), 2));
}

#[tokio::test]
async fn a_session_elsewhere_is_not_shown_the_token() {
    let elsewhere = Loopback::start(|request| {
        assert_eq!(request.bearer(), None);
        Reply::new(200).json(&json!({ "id": "7" }))
    });
    let elsewhere = elsewhere.unwrap();
    let place = elsewhere.uri("/session?upload_id=s3cr3t");
    let server = server(move |_, _, _| Reply::new(200).header("Location", &place));
    let upload = google().upload(Method::POST, server.uri("/upload"));
    upload.bytes("x/y", vec![7; 10]).await.unwrap();
    assert_eq!((server.requests(), elsewhere.requests()), (1, 1));
}

/// A server whose nth request, counted from 0, is answered by host and method.
fn server(answer: impl Fn(&str, &str, usize) -> Reply + Send + Sync + 'static) -> Loopback {
    let count = AtomicUsize::new(0);
    let answer = move |request: &jada_loopback_issuer::Request| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        if request.method() == "POST" {
            assert_eq!(request.query("uploadType"), Some("resumable"));
        }
        answer(request.header("host").unwrap(), request.method(), number)
    };
    Loopback::start(answer).unwrap()
}

fn begin(host: &str) -> Reply {
    Reply::new(200).header("Location", &format!("http://{host}/session?upload_id=s3cr3t"))
}

fn resume(range: &str) -> Reply {
    Reply::new(308).header("Range", range)
}

fn builder() -> jada_auth::GoogleClientBuilder {
    let token = AccessToken::builder(GOOD, SystemClock.now()).build().unwrap();
    GoogleClient::builder(Undying(token), scopes("")).backoff(Duration::from_millis(5))
}

fn google() -> GoogleClient {
    builder().build()
}

/// Has one token, whatever servers say of it: their 401s are part of the game.
#[derive(Debug)]
struct Undying(AccessToken);

#[async_trait]
impl TokenProvider for Undying {
    fn cached(&self, _: &Scopes) -> Option<AccessToken> {
        Some(self.0.clone())
    }

    async fn token(&self, _: &Scopes) -> Result<AccessToken, Error> {
        Ok(self.0.clone())
    }

    async fn invalidate(&self, _: &AccessToken) {}

    fn health(&self) -> Health {
        Health::good()
    }
}

const QUANTUM: usize = 256 * 1024;
