//! What becomes of a call when the server or the way to it fails: which kind of error it is, what
//! is tried again, and that a POST is never sent twice.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use http::Method;
use jada_auth::{Error, GoogleClient};
use jada_loopback_issuer::{Delivery, Loopback, OnAccept, OnHead, Reply};
use serde_json::Value;

use super::{answering, client, first, good, google_error, told};

/// How a POST fails.
#[derive(Debug, PartialEq)]
enum Kind {
    Api { status: u16, retry_after: Option<u64> },
    Connect,
    Ambiguous,
    Decode,
}

impl Kind {
    fn of(error: &Error) -> Self {
        match error {
            Error::Api { status, retry_after, .. } => {
                Self::Api { status: *status, retry_after: retry_after.map(|it| it.as_secs()) }
            }
            Error::Connect { .. } => Self::Connect,
            Error::Ambiguous { .. } => Self::Ambiguous,
            Error::Decode { .. } => Self::Decode,
            other => panic!("{other:?}"),
        }
    }
}

fn api(status: u16, retry_after: Option<u64>) -> Kind {
    Kind::Api { status, retry_after }
}

/// What may be the first answer, how a POST fails by it, and whether a GET fares better in time.
fn table() -> Vec<(Reply, Kind, bool)> {
    let date = "Fri, 01 May 2026 12:00:00 GMT";
    let later = "Fri, 01 May 2026 12:00:07 GMT";
    let limited = || google_error(429, "rateLimitExceeded");
    let dated = limited().header("Date", date).header("Retry-After", later);
    let drip = Delivery::Drip(Duration::from_millis(100));
    vec![
        (limited(), api(429, None), true),
        (limited().header("Retry-After", "0"), api(429, Some(0)), true),
        (limited().header("Retry-After", "7"), api(429, Some(7)), false),
        (dated, api(429, Some(7)), false),
        (google_error(403, "rateLimitExceeded"), api(403, None), true),
        (google_error(403, "userRateLimitExceeded"), api(403, None), true),
        (google_error(403, "dailyLimitExceeded"), api(403, None), false),
        (google_error(403, "forbidden"), api(403, None), false),
        (google_error(400, "invalid"), api(400, None), false),
        (google_error(404, "notFound"), api(404, None), false),
        (google_error(500, "backendError"), api(500, None), true),
        (Reply::new(502).body("text/html", "<html>"), api(502, None), true),
        (google_error(503, "backendError"), api(503, None), true),
        (google_error(503, "x").delivered(Delivery::HalfBody), api(503, None), true),
        (google_error(501, "notImplemented"), api(501, None), false),
        (good().delivered(Delivery::Hang), Kind::Ambiguous, true),
        (good().delivered(Delivery::Reset), Kind::Ambiguous, true),
        (good().delivered(Delivery::Close), Kind::Ambiguous, true),
        (good().delivered(Delivery::HalfHead), Kind::Ambiguous, true),
        (good().delivered(Delivery::HalfBody), Kind::Ambiguous, true),
        (good().delivered(drip), Kind::Ambiguous, true),
        (good().delivered(Delivery::Endless), Kind::Decode, false),
        (good().body("text/plain", vec![b'x'; 70_000]), Kind::Decode, false),
    ]
}

fn impatient() -> GoogleClient {
    let client = client().timeout(Duration::from_millis(400));
    client.deadline(Duration::from_secs(5)).build()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_failure_of_a_post_is_of_the_right_kind_and_it_is_sent_once() {
    for (reply, kind, _) in table() {
        let (case, server) = (format!("{reply:?}"), first(reply));
        let call = impatient().post(server.uri("/x?key=s3cr3t")).json(&1).answer_limit(65_536);
        let error = call.fetch::<Value>().await.unwrap_err();
        assert_eq!(Kind::of(&error), kind, "{case}");
        let refused = matches!(kind, Kind::Api { status, .. } if status < 500 || status == 501);
        assert_eq!(error.may_have_been_executed(), !refused, "{case}: {error}");
        let heals = matches!(kind, Kind::Api { status: 429, .. })
            || case.contains("403") && error.to_string().contains("LimitExceeded");
        assert_eq!(error.is_transient(), heals, "{case}: {error}");
        assert_eq!(server.requests(), 1, "{case}");
        assert!(!told(&error).contains("s3cr3t"), "{}", told(&error));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_repeatable_is_tried_again_where_that_helps() {
    let methods = [Method::GET, Method::PUT, Method::DELETE, Method::POST];
    for (number, (reply, kind, heals)) in table().into_iter().enumerate() {
        let (case, server) = (format!("{reply:?}"), first(reply));
        let call = impatient().call(methods[number % 4].clone(), server.uri("/x"));
        let outcome = call.repeatable().answer_limit(65_536).fetch::<Value>().await;
        match (outcome, heals) {
            (Ok(_), true) => assert_eq!(server.requests(), 2, "{case}"),
            (Err(error), false) => {
                assert_eq!((Kind::of(&error), server.requests()), (kind, 1), "{case}");
            }
            (outcome, _) => panic!("{case}: {outcome:?}"),
        }
    }
}

#[tokio::test]
async fn a_reset_before_anyone_read_the_request_may_still_come_from_who_did() {
    let unread = [OnHead::ResetUnread, OnHead::CloseUnread, OnHead::ResetAfter(1)];
    for case in unread.map(|it| format!("{it:?}")) {
        let server = failing_unread(case.clone());
        let error = impatient().post(server.uri("/x")).json(&"body").send().await.unwrap_err();
        assert_eq!((Kind::of(&error), server.requests()), (Kind::Ambiguous, 0), "{case}");
        assert_eq!(server.connections(), 1, "{case}");
        let server = failing_unread(case.clone());
        impatient().get(server.uri("/x")).send().await.unwrap();
        assert_eq!(server.requests(), 1, "{case}");
    }
}

/// Fails the first connection's request in that way.
fn failing_unread(case: String) -> Loopback {
    let builder = Loopback::builder().on_head(move |head| match &*case {
        _ if head.connection() > 0 => OnHead::Read,
        "ResetUnread" => OnHead::ResetUnread,
        "CloseUnread" => OnHead::CloseUnread,
        _ => OnHead::ResetAfter(1),
    });
    builder.start(|_| good()).unwrap()
}

#[tokio::test]
async fn without_a_connection_nothing_is_sent_and_a_post_may_be_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/x", listener.local_addr().unwrap());
    drop(listener);
    let google = client().deadline(Duration::ZERO).build();
    let error = google.post(&*uri).json(&1).send().await.unwrap_err();
    assert_eq!(Kind::of(&error), Kind::Connect);
    assert!(error.is_transient() && !error.may_have_been_executed());
    assert_eq!(
        error.to_string(),
        format!(
            "POST {uri} was not sent, for want of a connection: check the address and the network"
        )
    );
}

#[tokio::test]
async fn a_server_that_comes_back_in_time_gets_the_post_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/x", listener.local_addr().unwrap());
    drop(listener);
    let google = client().deadline(Duration::from_secs(30)).build();
    let posting = tokio::spawn(google.post(&*uri).json(&1).send());
    // It has been refused at least once by now: its task ran until it paused.
    tokio::task::yield_now().await;
    let back = tokio::task::spawn_blocking(move || {
        let address = uri.trim_start_matches("http://").trim_end_matches("/x");
        let listener = TcpListener::bind(address).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        // A second connection would be refused from now on, and fail the call.
        drop(listener);
        let mut seen = vec![0; 4096];
        let read = std::io::Read::read(&mut stream, &mut seen).unwrap();
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        std::io::Write::write_all(&mut stream, answer).unwrap();
        String::from_utf8_lossy(&seen[..read]).starts_with("POST /x ")
    });
    let (posted, back) = tokio::join!(tokio::time::timeout(Duration::from_secs(60), posting), back);
    assert_eq!(posted.unwrap().unwrap().unwrap().status(), 200);
    assert!(back.unwrap());
}

#[tokio::test]
async fn a_connection_that_is_reset_at_once_is_told_by_what_was_sent() {
    let server = Loopback::builder().on_accept(|_| OnAccept::Reset).start(|_| good()).unwrap();
    let google = client().deadline(Duration::ZERO).build();
    let error = google.post(server.uri("/x")).json(&1).send().await.unwrap_err();
    assert!(matches!(Kind::of(&error), Kind::Connect | Kind::Ambiguous), "{error:?}");
    assert_eq!((server.requests(), server.connections()), (0, 1));
}

#[tokio::test]
async fn connections_that_the_server_closed_while_they_were_idle_cost_no_get_and_double_no_post() {
    let server = answering(|_, _| good());
    let google = impatient();
    for _ in 0..20 {
        google.get(server.uri("/x")).send().await.unwrap();
        server.disconnect_idle();
        let before = server.requests();
        let posted = google.post(server.uri("/x")).json(&1).send().await;
        match posted {
            Ok(_) => assert_eq!(server.requests(), before + 1),
            Err(error) => {
                assert_eq!(Kind::of(&error), Kind::Ambiguous);
                assert_eq!(server.requests(), before);
            }
        }
        server.disconnect_idle();
        google.get(server.uri("/x")).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_get_waits_as_long_as_the_server_asks() {
    let server = first(google_error(429, "rateLimitExceeded").header("Retry-After", "1"));
    let started = Instant::now();
    client().build().get(server.uri("/x")).send().await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_failure_that_lasts_is_told_after_the_deadline() {
    let server = answering(|_, _| google_error(503, "backendError"));
    let google = client().deadline(Duration::from_millis(300)).build();
    let error = google.get(server.uri("/x")).send().await.unwrap_err();
    assert_eq!(Kind::of(&error), api(503, None));
    assert!(error.is_transient());
    assert!(server.requests() > 2, "{}", server.requests());
}

#[tokio::test]
async fn a_call_that_is_dropped_ends_its_connection() {
    let server = answering(|_, _| good().delivered(Delivery::Hang));
    let google = client().build();
    let (arrived, waited) = (server.uri("/x"), Duration::from_secs(10));
    let calling = tokio::spawn(google.post(arrived).json(&1).send());
    let server = tokio::task::spawn_blocking(move || {
        assert!(server.wait_for_requests(1, waited));
        server
    });
    let server = server.await.unwrap();
    calling.abort();
    assert!(calling.await.unwrap_err().is_cancelled());
    // The server's thread ends when the client goes away; dropping the server waits for it.
    drop(server);
}

#[tokio::test]
async fn a_refusal_after_a_try_in_doubt_may_be_of_what_that_try_did() {
    for status in [404, 409, 412] {
        let server = answering(move |number, _| match number {
            0 => good().delivered(Delivery::Reset),
            _ => google_error(status, "conflict"),
        });
        let call = client().build().post(server.uri("/x")).json(&1).repeatable();
        let error = call.send().await.unwrap_err();
        assert_eq!(Kind::of(&error), api(status, None));
        assert!(error.may_have_been_executed() && told(&error).contains("look first"), "{error}");
    }
}

#[tokio::test]
async fn what_a_server_repeats_of_a_request_is_not_told() {
    let echo = |request: &jada_loopback_issuer::Request| {
        let escaped = r#"{"error":{"message":"TARGET by s3cr3t\u002dgood"}}"#;
        Reply::new(400).body("application/json", escaped.replace("TARGET", request.target()))
    };
    let server = answering(move |_, request| echo(request));
    let call = client().build().get(server.uri("/x?upload_id=s3cr3t-address"));
    let error = call.send().await.unwrap_err();
    assert!(error.to_string().contains("/x?upload_id=[hidden] by [hidden]"), "{error}");
}
