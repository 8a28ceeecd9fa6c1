//! What a mail has come to when the server or the way to it fails.

use std::{sync::Arc, time::Duration};

use jada_auth::ManualClock;
use jada_loopback_issuer::{Gmail as Server, GmailFault, GmailMethod, Loopback, Reply, When};
use jada_mail::{Error, Gmail, Transport};
use serde_json::json;

use super::{FULL, SECRET, Tokens, account, account_at, failure, google, letter, server};

/// What a step came to.
#[derive(Debug, PartialEq)]
enum Outcome {
    Done,
    NotYet(u64),
    InDoubt,
    Refused,
    Blocked,
}

impl Outcome {
    fn of<T>(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(Error::Unavailable { retry_after, .. }) => {
                Self::NotYet(retry_after.unwrap_or_default().as_secs())
            }
            Err(Error::InDoubt { .. }) => Self::InDoubt,
            Err(Error::Refused { .. }) => Self::Refused,
            Err(Error::Blocked { .. }) => Self::Blocked,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// A fault, what a sending comes to by it, and whether it was done all the same.
fn table() -> Vec<(GmailFault, Outcome, bool)> {
    use GmailFault as Fault;
    let mut table = vec![
        (Fault::ResetUnread, Outcome::InDoubt, false),
        (Fault::CloseUnread, Outcome::InDoubt, false),
        (Fault::HalfBody, Outcome::InDoubt, true),
        (Fault::TooManyRequests(None), Outcome::NotYet(60), false),
        (Fault::TooManyRequests(Some(Duration::from_secs(7))), Outcome::NotYet(7), false),
        (Fault::RateLimitExceeded, Outcome::NotYet(60), false),
        (Fault::UserRateLimitExceeded, Outcome::NotYet(60), false),
        // Noon, and 20 hours until 08:00 UTC.
        (Fault::DailyLimitExceeded, Outcome::NotYet(72_000), false),
        (Fault::Unauthorized, Outcome::Done, true),
    ];
    for when in [When::Before, When::After] {
        for fault in [Fault::Reset, Fault::Close, Fault::Hang, Fault::Html] {
            table.push((fault(when), Outcome::InDoubt, when == When::After));
        }
        for status in [500, 503] {
            table.push((Fault::Status(status, when), Outcome::InDoubt, when == When::After));
        }
    }
    table
}

/// An account at noon, that waits no longer than it has to for what will never come.
fn account_under(fault: GmailFault, server: &Server) -> Gmail {
    let clock = Arc::new(ManualClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
    let mut google = google(&server.endpoint(), Tokens::granting(&[FULL]));
    if let GmailFault::Hang(_) = fault {
        google = google.timeout(Duration::from_millis(500));
    }
    Gmail::builder(google.build()).clock(clock).build()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sending_that_fails_is_told_from_one_that_may_have_been_done_and_is_tried_once() {
    for (fault, outcome, done) in table() {
        let server = server();
        server.fail_next(GmailMethod::MessagesSend, fault);
        let sent = Transport::send(&account_under(fault, &server), &letter("a")).await;
        assert_eq!(Outcome::of(&sent), outcome, "{fault:?}");
        assert_eq!(server.sent().len(), usize::from(done), "{fault:?}");
        no_secret(sent.map(drop));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_fails_may_be_left_behind_and_is_made_once() {
    for (fault, outcome, done) in table() {
        let server = server();
        server.fail_next(GmailMethod::DraftsCreate, fault);
        let staged = account_under(fault, &server).stage(&letter("a")).await;
        assert_eq!(Outcome::of(&staged), outcome, "{fault:?}");
        assert_eq!(server.drafts().len(), usize::from(done), "{fault:?}");
        no_secret(staged.map(drop));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_whose_sending_fails_is_there_or_sent() {
    for (fault, outcome, done) in table() {
        let (server, letter) = (server(), letter("a"));
        let gmail = account_under(fault, &server);
        let draft = gmail.stage(&letter).await.unwrap();
        server.fail_next(GmailMethod::DraftsSend, fault);
        let sent = gmail.send_staged(&draft, &letter).await;
        assert_eq!(Outcome::of(&sent), outcome, "{fault:?}");
        assert_eq!(server.sent().len(), usize::from(done), "{fault:?}");
        assert_eq!(server.drafts().len(), usize::from(!done), "{fault:?}");
        let again = gmail.send_staged(&draft, &letter).await.unwrap();
        assert_eq!((again.is_none(), server.sent().len()), (done, 1), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_is_repeated_until_it_is_answered_or_will_not_be_soon() {
    for (fault, outcome, _) in table() {
        let (server, letter) = (server(), letter("a"));
        let gmail = account_under(fault, &server);
        Transport::send(&gmail, &letter).await.unwrap();
        let trace = letter.trace(server.sent()[0].internal_date);
        server.fail_next(GmailMethod::MessagesList, fault);
        server.fail_next(GmailMethod::DraftsList, fault);
        let expected = match (fault, outcome) {
            (GmailFault::DailyLimitExceeded, waits) => waits,
            (GmailFault::TooManyRequests(Some(_)), waits) => waits,
            _ => Outcome::Done,
        };
        let found = gmail.find_sent(&trace).await;
        assert_eq!(Outcome::of(&found), expected, "{fault:?}");
        assert!(found.map_or(true, |found| found.is_some()), "{fault:?}");
        assert_eq!(Outcome::of(&gmail.remove_drafts(&trace).await), expected, "{fault:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_goes_on_answering_for_gmail_is_told() {
    let server = server();
    for _ in 0..4 {
        server.fail_next(GmailMethod::MessagesList, GmailFault::Html(When::Before));
    }
    let gmail = account_under(GmailFault::Html(When::Before), &server);
    let found = gmail.find_sent(&letter("a").trace(jiff::Timestamp::UNIX_EPOCH)).await;
    assert_eq!(Outcome::of(&found), Outcome::NotYet(0));
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let google = google(&format!("http://{port}"), Tokens::granting(&[FULL]));
    let gmail = Gmail::new(google.deadline(Duration::ZERO).build());
    let error = Transport::send(&gmail, &letter("a")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { retry_after: None, .. }), "{error:?}");
    assert!(matches!(failure(&error), jada_auth::Error::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn a_second_401_in_a_row_is_a_verdict() {
    let server = server();
    for _ in 0..2 {
        server.fail_next(GmailMethod::MessagesSend, GmailFault::Unauthorized);
    }
    let sent = Transport::send(&account(&server), &letter("a")).await;
    assert_eq!(Outcome::of(&sent), Outcome::Blocked);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_refusal_is_about_the_mail_or_about_the_account() {
    let google_error = |status: u16, reason: &str| {
        let errors = json!([{ "domain": "global", "reason": reason }]);
        let error = json!({ "code": status, "message": "No.", "errors": errors });
        Reply::new(status).json(&json!({ "error": error }))
    };
    for (reply, outcome) in [
        (google_error(400, "invalidArgument"), Outcome::Refused),
        (google_error(413, "uploadTooLarge"), Outcome::Refused),
        (google_error(404, "notFound"), Outcome::Refused),
        (google_error(400, "failedPrecondition"), Outcome::Blocked),
        (google_error(403, "accessNotConfigured"), Outcome::Blocked),
        (google_error(403, "domainPolicy"), Outcome::Blocked),
        (Reply::new(404).body("text/html", "<html>"), Outcome::Blocked),
        (Reply::new(302).header("Location", "/login"), Outcome::Blocked),
    ] {
        let case = format!("{reply:?}");
        let server = Loopback::start(move |_| reply.clone()).unwrap();
        let sent = Transport::send(&account_at(&server), &letter("a")).await;
        assert_eq!(Outcome::of(&sent), outcome, "{case}");
        assert_eq!(server.requests(), 1, "{case}");
    }
}

#[tokio::test]
async fn an_answer_without_an_id_is_in_doubt() {
    for answer in [json!({}), json!({ "id": 7 }), json!({ "id": "a b", "message": { "id": "x" } })]
    {
        let case = answer.to_string();
        let server = Loopback::start(move |_| Reply::new(200).json(&answer)).unwrap();
        let gmail = account_at(&server);
        let staged = gmail.stage(&letter("a")).await;
        assert_eq!(Outcome::of(&staged), Outcome::InDoubt, "{case}");
        assert_eq!(server.requests(), 1, "{case}");
    }
}

/// Neither in texts nor in `Debug`, of the error and of all that caused it.
fn no_secret(outcome: Result<(), Error>) {
    let Err(error) = outcome else { return };
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        let told = format!("{error} {error:?}");
        assert!(!told.contains(SECRET), "{told}");
        cause = error.source();
    }
}

#[tokio::test]
async fn an_account_does_not_show_its_tokens() {
    let shown = format!("{:?}", account(&server()));
    assert!(shown.starts_with("Gmail {") && !shown.contains(SECRET), "{shown}");
}
