//! What a call sends, what it gives back, and what it does about a 401.

use std::{sync::Arc, time::Duration};

use jada_auth::{ApiUrl, Error, GoogleClient, Scopes, TokenProvider};
use jada_loopback_issuer::{Reply, Request};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{advance, pause, resume};

use super::{answering, client, first, good, google_error, told, unauthorized};
use crate::support::{Issuer, TokioClock, all, scopes, store, text};

#[tokio::test]
async fn a_call_sends_what_it_was_given_and_the_bearer() {
    let server = answering(|_, request| {
        assert_eq!(request.bearer(), Some("s3cr3t-good"));
        assert_eq!(request.method(), "POST");
        assert_eq!(request.segments(), ["files", "a/b c"]);
        assert_eq!(request.query("fields"), Some("id,name & more"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("x-goog-user-project"), Some("charter"));
        assert_eq!(request.json(), Some(json!({ "name": "May" })));
        assert!(request.header("user-agent").unwrap().starts_with("jada-auth/"));
        Reply::new(201).json(&json!({ "id": "7", "size": 3 })).header("X-Served-By", "loopback")
    });
    let url = ApiUrl::fill(&server.uri("/files/{}"), ["a/b c"]).unwrap();
    let call = client().build().post(url).query("fields", "id,name & more");
    let call = call.header("X-Goog-User-Project", "charter").json(&json!({ "name": "May" }));
    let answer = call.send().await.unwrap();
    assert_eq!((answer.status(), answer.header("x-served-by")), (201, Some("loopback")));

    #[derive(Debug, Deserialize, PartialEq)]
    struct File {
        id: String,
        size: u64,
    }
    assert_eq!(answer.json::<File>().unwrap(), File { id: "7".to_owned(), size: 3 });
}

#[tokio::test]
async fn a_body_goes_out_as_it_is_and_an_empty_answer_is_one() {
    let server = answering(|_, request| {
        let text = (request.header("content-type"), request.body());
        assert_eq!(text, (Some("message/rfc822"), &b"From: a\r\n\r\n\xff"[..]));
        Reply::new(204)
    });
    let call = client().build().call(http::Method::PUT, server.uri("/x"));
    let answer = call.body("message/rfc822", &b"From: a\r\n\r\n\xff"[..]).send().await.unwrap();
    assert_eq!((answer.status(), answer.body().len()), (204, 0));
}

#[tokio::test]
async fn a_body_that_is_empty_has_a_length_where_servers_want_one() {
    let server = answering(|_, request| {
        let wanted = request.method() != "GET" && request.method() != "DELETE";
        assert_eq!(request.header("content-length"), wanted.then_some("0"));
        good()
    });
    for method in ["GET", "DELETE", "POST", "PUT", "PATCH"] {
        let method = method.parse().unwrap();
        client().build().call(method, server.uri("/x")).send().await.unwrap();
    }
}

#[tokio::test]
async fn many_calls_in_turn_use_one_connection() {
    let server = answering(|_, _| good());
    let google = client().build();
    for _ in 0..10 {
        google.get(server.uri("/x")).fetch::<Value>().await.unwrap();
        google.post(server.uri("/x")).json(&1).fetch::<Value>().await.unwrap();
    }
    assert_eq!((server.connections(), server.requests()), (1, 20));
}

#[tokio::test]
async fn an_endpoint_replaces_the_host_of_every_address() {
    let server = answering(|_, request| Reply::new(200).json(&json!(request.target())));
    let endpoint = ApiUrl::parse(&server.uri("/proxy")).unwrap();
    let google = client().endpoint(endpoint).build();
    for (url, target) in [
        ("https://gmail.googleapis.com/gmail/v1/users/me/profile", "/gmail/v1/users/me/profile"),
        ("https://sheets.googleapis.com/v4/x?y=z", "/v4/x?y=z"),
    ] {
        let answered: String = google.get(url).fetch().await.unwrap();
        assert_eq!(answered, format!("/proxy{target}"));
    }
}

#[tokio::test]
async fn sixty_four_401s_at_once_cause_one_refresh_and_64_answers() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let provider = issuer.provider(store(), &clock);
    let stale = text(&provider.token(&all()).await.unwrap()).to_owned();
    a_minute_later().await;
    // No answer before all have asked, so that all are rejected.
    let asked = Arc::new(std::sync::Barrier::new(64));
    let server = answering(move |_, request| {
        if request.bearer() != Some(&stale) {
            return good();
        }
        asked.wait();
        unauthorized()
    });
    let google = GoogleClient::new(provider.clone(), all());
    let calls: Vec<_> = (0..64)
        .map(|number| {
            let (google, url) = (google.clone(), server.uri("/x"));
            let call = if number % 2 == 0 { google.get(url) } else { google.post(url).json(&1) };
            tokio::spawn(call.fetch::<Value>())
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), json!({ "ok": true }));
    }
    assert_eq!((issuer.requests(), server.requests()), (2, 128));
    assert_eq!(provider.counters().rejections, 1);
}

#[tokio::test]
async fn a_second_401_is_the_error_after_exactly_one_retry() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let provider = issuer.provider(store(), &clock);
    provider.token(&all()).await.unwrap();
    a_minute_later().await;
    let server = answering(|_, _| unauthorized());
    let google = GoogleClient::new(provider.clone(), all());
    let error = google.get(server.uri("/x?key=s3cr3t")).send().await.unwrap_err();
    let Error::Api { status: 401, reason, message, .. } = &error else { panic!("{error:?}") };
    assert_eq!(reason.as_deref(), Some("authError"));
    assert_eq!(message.as_deref(), Some("Request had invalid authentication credentials."));
    assert!(!error.is_transient() && !error.may_have_been_executed());
    assert_eq!((server.requests(), issuer.requests()), (2, 2));
    assert!(!told(&error).contains("s3cr3t"), "{}", told(&error));
}

#[tokio::test]
async fn a_token_that_was_rejected_right_after_its_minting_is_not_replaced() {
    let (issuer, clock) = (Issuer::new(), TokioClock::new());
    let google = GoogleClient::new(issuer.provider(store(), &clock), all());
    let server = answering(|_, _| unauthorized());
    let error = google.get(server.uri("/x")).send().await.unwrap_err();
    assert!(matches!(error, Error::FreshTokenRejected { .. }), "{error:?}");
    assert_eq!((server.requests(), issuer.requests()), (1, 1));
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = answering(|_, _| good());
    let google = client().build();
    let google = google.with_scopes(scopes("drive"));
    let error = google.get(server.uri("/x")).send().await.unwrap_err();
    assert!(matches!(error, Error::ScopesMissing { .. }), "{error:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_mistake_in_a_call_is_told_when_it_is_sent_and_nothing_is_sent() {
    let (server, google) = (answering(|_, _| good()), client().build());
    let uri = server.uri("/x");
    let bad = [
        google.get("http://gmail.googleapis.com/"),
        google.get("no address"),
        google.get(&*uri).header("Authorization", "Bearer s3cr3t"),
        google.get(&*uri).header("host", "a.example"),
        google.get(&*uri).header("a b", "c"),
        google.get(&*uri).header("x-a", "b\r\nX-Evil: s3cr3t"),
        google.post(&*uri).json(&std::collections::HashMap::from([([1u8, 2], 3)])),
        google.post(&*uri).body("text/plain\n", "x"),
        google.get(&*uri).query("long", &"x".repeat(70_000)),
    ];
    for call in bad {
        let error = call.send().await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert!(!told(&error).contains("s3cr3t"), "{}", told(&error));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_told_by_place_and_not_by_content() {
    #[derive(Debug, Deserialize)]
    struct Profile {
        #[expect(dead_code, reason = "it is never there")]
        email: String,
    }
    for (reply, expected) in [
        (Reply::new(200).json(&json!({ "email": 7_777 })), "line 1, column 13"),
        (Reply::new(200).json(&json!({ "e": "s3cr3t" })), "missing field `email` at line 1"),
        (Reply::new(200).body("text/html", "<html>s3cr3t"), "it is text/html, and not"),
        (Reply::new(200), "of no stated type"),
        (Reply::new(200).json(&json!("s3cr3t")), "application/json; charset=UTF-8"),
    ] {
        let server = first(reply);
        let error = client().build().get(server.uri("/x")).fetch::<Profile>().await.unwrap_err();
        let told = told(&error);
        assert!(matches!(error, Error::Decode { .. }) && told.contains(expected), "{told}");
        assert!(!told.contains("s3cr3t") && !told.contains("7777"), "{told}");
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn a_server_that_repeats_the_token_is_not_quoted() {
    let refusal = |request: &Request| {
        let message = format!("{} is not liked", request.bearer().unwrap());
        Reply::new(403).json(&json!({ "error": { "message": message } }))
    };
    let server = answering(move |_, request| refusal(request));
    let error = client().build().get(server.uri("/x")).send().await.unwrap_err();
    assert!(matches!(error, Error::Api { status: 403, .. }), "{error:?}");
    assert!(!told(&error).contains("s3cr3t"), "{}", told(&error));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = answering(|_, _| good());
    let server = first(Reply::new(302).header("Location", &elsewhere.uri("/y")));
    let error = client().build().get(server.uri("/x")).send().await.unwrap_err();
    assert!(matches!(error, Error::Api { status: 302, .. }), "{error:?}");
    assert!(error.to_string().contains("redirects are not followed"), "{error}");
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn what_the_server_says_reaches_the_operator_on_one_line() {
    let server = first(google_error(403, "accessNotConfigured"));
    let url = server.uri("/gmail/v1/users/me/profile");
    let error = client().build().get(&*url).send().await.unwrap_err();
    let expected = format!(
        "GET {url} was answered 403 (accessNotConfigured): No.: enable the API in the project that \
         the OAuth client belongs to"
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn nothing_that_is_printed_holds_the_token() {
    let google = client().build();
    let call = google.get("https://a.example/x?key=s3cr3t");
    let printed = format!("{google:?} {call:?} {:?} {:?}", client(), google.provider());
    assert!(!printed.contains("s3cr3t"), "{printed}");
    assert!(google.provider().cached(&Scopes::default()).is_some());
}

/// By all clocks of the provider.
async fn a_minute_later() {
    pause();
    advance(Duration::from_secs(120)).await;
    resume();
}
