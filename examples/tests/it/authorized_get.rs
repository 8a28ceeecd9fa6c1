//! `authorized_get` as an operator runs it, against an issuer and an API on loopback.

use jada_loopback_issuer::{Loopback, Reply};
use serde_json::{Value, json};

use crate::tokens::Secrets;

#[test]
fn what_the_server_answers_is_printed_as_it_is() {
    let secrets = Secrets::new();
    let ended = secrets.run("authorized_get", &secrets.issuer.whoami_uri());
    assert_eq!((ended.status, &*ended.stderr), (0, ""), "{}", ended.stderr);
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(answer["scope"], "mail drive");

    let bytes = Loopback::start(|_| Reply::new(200).body("x/y", *b"\0a\nb")).unwrap();
    assert_eq!(secrets.run("authorized_get", &bytes.uri("/x")).stdout, "\0a\nb");
}

#[test]
fn a_token_that_the_server_rejects_is_replaced_once() {
    let secrets = Secrets::new();
    secrets.token("");
    let mut state = secrets.state();
    let stale = state["token"].as_str().unwrap().to_owned();
    // A token that was minted within the minute is not replaced.
    state["jada"]["minted_at"] = json!("2026-01-01T00:00:00Z");
    secrets.write("google_token.json", &state);
    let api = Loopback::start(move |request| match request.bearer() {
        Some(token) if token == stale => Reply::new(401).json(&json!({ "error": "stale" })),
        _ => Reply::new(200).json(&json!({ "ok": true })),
    });
    let api = api.unwrap();
    let ended = secrets.run("authorized_get", &api.uri("/x"));
    assert_eq!((ended.status, &*ended.stdout), (0, "{\"ok\":true}"), "{}", ended.stderr);
    assert_eq!((api.requests(), secrets.issuer.requests()), (2, 2));
}

#[test]
fn what_is_wrong_is_told_on_one_line_and_by_the_status() {
    let secrets = Secrets::new();
    let refusal = |status, reason: &str| {
        let errors = json!([{ "reason": reason }]);
        let reply = Reply::new(status).header("Retry-After", "120");
        reply.json(&json!({ "error": { "message": "No.", "errors": errors } }))
    };
    let api = Loopback::start(move |request| match request.path() {
        "/missing" => Reply::new(404),
        "/busy" => refusal(503, "backendError"),
        "/always" => Reply::new(401),
        _ => Reply::new(200).body("text/plain", vec![b'x'; 2 * 1024 * 1024]),
    });
    let api = api.unwrap();
    let cases = [
        (api.uri("/missing?key=s3cr3t"), 1, "answered 404: check the address"),
        (api.uri("/busy"), 3, "answered 503 (backendError): No.: try again in 120 s"),
        (api.uri("/always"), 1, "see whether the account may call this API"),
        (format!("--limit 1 {}", api.uri("/large")), 1, "larger than 1048576 bytes"),
        ("http://gmail.googleapis.com/".to_owned(), 1, "write an https URL"),
    ];
    for (words, status, expected) in cases {
        let ended = secrets.run("authorized_get", &words);
        let lines = ended.stderr.lines().count();
        assert_eq!((ended.status, &*ended.stdout, lines), (status, "", 1), "{}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert!(!ended.stderr.contains("s3cr3t"), "{}", ended.stderr);
    }
    secrets.issuer.revoke_all();
    let mut state = secrets.state();
    state["expiry"] = json!("2026-01-01T00:00:00Z");
    secrets.write("google_token.json", &state);
    let ended = secrets.run("authorized_get", &api.uri("/x"));
    assert_eq!(ended.status, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("run `reauth`"), "{}", ended.stderr);
}

#[test]
fn an_endpoint_of_the_environment_is_asked_instead() {
    let secrets = Secrets::new();
    let api = Loopback::start(|request| Reply::new(200).json(&json!(request.target()))).unwrap();
    let address = "https://gmail.googleapis.com/gmail/v1/users/me/profile?fields=a";
    let run = |endpoint: &str| {
        secrets.run_with("authorized_get", address, &[("JADA_GOOGLE_ENDPOINT", endpoint)])
    };
    let ended = run(&api.uri("/proxy"));
    assert_eq!(ended.stdout, "\"/proxy/gmail/v1/users/me/profile?fields=a\"", "{}", ended.stderr);
    let ended = run("http://proxy.example");
    assert_eq!(ended.status, 1);
    assert!(ended.stderr.contains("JADA_GOOGLE_ENDPOINT"), "{}", ended.stderr);
}
