//! Each fault, and on which side of it the deed is.

use std::io::{self, ErrorKind};
use std::time::Duration;

use jada_loopback_issuer::{Gmail, GmailFault, GmailMethod, When};

use super::{
    GOOD, ME, RFC822, ask, create_draft, drafted, get, mail, refusal, refused, send_draft,
};
use crate::client::{Client, Reply};

/// A draft is sent, and the fault befalls that.
fn sending_under(fault: GmailFault) -> (Gmail, io::Result<Reply>) {
    let gmail = Gmail::start().unwrap();
    let draft = drafted(&gmail, "a");
    gmail.fail_next(GmailMethod::DraftsSend, fault);
    let reply = send_draft(&gmail, &draft);
    assert!(gmail.log().contains(&format!("[{fault:?}]")), "{}", gmail.log());
    (gmail, reply)
}

/// How many were sent, and how many drafts there are.
fn counts(gmail: &Gmail) -> (usize, usize) {
    (gmail.sent().len(), gmail.drafts().len())
}

fn kind(reply: io::Result<Reply>) -> ErrorKind {
    reply.err().unwrap().kind()
}

const NOT_DONE: (usize, usize) = (0, 1);
const DONE: (usize, usize) = (1, 0);

#[test]
fn an_answer_is_lost_before_or_after_the_deed() {
    for (fault, error, counted) in [
        (GmailFault::ResetUnread, ErrorKind::ConnectionReset, NOT_DONE),
        (GmailFault::CloseUnread, ErrorKind::UnexpectedEof, NOT_DONE),
        (GmailFault::Reset(When::Before), ErrorKind::ConnectionReset, NOT_DONE),
        (GmailFault::Reset(When::After), ErrorKind::ConnectionReset, DONE),
        (GmailFault::Close(When::Before), ErrorKind::UnexpectedEof, NOT_DONE),
        (GmailFault::Close(When::After), ErrorKind::UnexpectedEof, DONE),
        (GmailFault::HalfBody, ErrorKind::UnexpectedEof, DONE),
    ] {
        let (gmail, reply) = sending_under(fault);
        assert_eq!((kind(reply), counts(&gmail)), (error, counted), "{fault:?}");
    }
}

#[test]
fn an_error_comes_before_or_after_the_deed() {
    for status in [500, 503] {
        for (when, counted) in [(When::Before, NOT_DONE), (When::After, DONE)] {
            let (gmail, reply) = sending_under(GmailFault::Status(status, when));
            assert_eq!(refusal(&reply.unwrap()), refused(status, "backendError"));
            assert_eq!(counts(&gmail), counted);
        }
    }
}

#[test]
fn a_page_comes_in_place_of_an_answer() {
    for (when, counted) in [(When::Before, NOT_DONE), (When::After, DONE)] {
        let (gmail, reply) = sending_under(GmailFault::Html(when));
        let reply = reply.unwrap();
        assert_eq!((reply.status, reply.body.starts_with(b"<!doctype html>")), (200, true));
        assert_eq!(counts(&gmail), counted);
    }
}

#[test]
fn a_refusal_says_why_and_nothing_is_done() {
    let soon = Some(Duration::from_secs(1));
    for (fault, status, reason, wait) in [
        (GmailFault::TooManyRequests(None), 429, "rateLimitExceeded", None),
        (GmailFault::TooManyRequests(soon), 429, "rateLimitExceeded", Some("1")),
        (GmailFault::RateLimitExceeded, 403, "rateLimitExceeded", None),
        (GmailFault::UserRateLimitExceeded, 403, "userRateLimitExceeded", None),
        (GmailFault::DailyLimitExceeded, 403, "dailyLimitExceeded", None),
        (GmailFault::Unauthorized, 401, "authError", None),
    ] {
        let (gmail, reply) = sending_under(fault);
        let reply = reply.unwrap();
        assert_eq!(refusal(&reply), refused(status, reason));
        let domain = if status == 401 { "global" } else { "usageLimits" };
        assert_eq!(reply.json()["error"]["errors"][0]["domain"], domain);
        assert_eq!((reply.header("Retry-After"), counts(&gmail)), (wait, NOT_DONE));
    }
}

#[test]
fn a_token_dies_of_a_401_and_another_of_its_name_is_good() {
    let gmail = Gmail::start().unwrap();
    gmail.fail_next(GmailMethod::Profile, GmailFault::Unauthorized);
    let profile = |token: &str| {
        let bearer = format!("Authorization: Bearer {token}\r\n");
        ask(&gmail, &format!("GET {ME}/profile"), &bearer, "").unwrap().status
    };
    assert_eq!(profile("good"), 401);
    assert_eq!(profile("good"), 401, "it is dead");
    assert_eq!(profile("good-2"), 200);
    assert_eq!(profile("goodness"), 401, "that is another name");
}

#[test]
fn a_token_that_is_new_does_not_die_by_chance() {
    let gmail = Gmail::builder().faults(1.0).mix([GmailFault::Unauthorized]).start().unwrap();
    for token in ["good", "good-1-2"] {
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let profile = || ask(&gmail, &format!("GET {ME}/profile"), &bearer, "").unwrap().status;
        assert_eq!([(); 6].map(|()| profile()), [200, 200, 200, 200, 200, 401], "{token}");
    }
}

#[test]
fn a_request_that_hangs_holds_nobody_up() {
    for (when, counted) in [(When::Before, NOT_DONE), (When::After, DONE)] {
        let gmail = Gmail::start().unwrap();
        let draft = drafted(&gmail, "a");
        gmail.fail_next(GmailMethod::DraftsSend, GmailFault::Hang(when));
        let mut hanging = Client::of_gmail(&gmail);
        let body = format!("{{\"id\":\"{draft}\"}}");
        let line = format!("POST {ME}/drafts/send");
        hanging.send(&line, GOOD, &body);
        assert!(gmail.wait_for_requests(2, Duration::from_secs(20)));
        assert_eq!(get(&gmail, "profile").status, 200);
        assert_eq!(counts(&gmail), counted);
        drop(gmail);
        assert!(hanging.reply().is_err());
    }
}

#[test]
fn faults_befall_their_method_in_the_order_given_until_they_are_forgotten() {
    let gmail = Gmail::start().unwrap();
    for status in [500, 502, 504] {
        gmail.fail_next(GmailMethod::DraftsCreate, GmailFault::Status(status, When::Before));
    }
    assert_eq!(get(&gmail, "profile").status, 200);
    let create = || create_draft(&gmail, &mail("a")).unwrap().status;
    assert_eq!([create(), create()], [500, 502]);
    gmail.heal();
    assert_eq!(create(), 200);
}

/// What a seed does to drafts that are created and sent, each by one attempt.
fn log(seed: u64) -> String {
    let mix = GmailFault::MIX.iter().copied();
    let mix = mix.filter(|fault| !matches!(fault, GmailFault::Hang(_)));
    let gmail = Gmail::builder().seed(seed).faults(0.5).mix(mix).start().unwrap();
    let bearer = |number| format!("Authorization: Bearer good-{number}\r\n");
    for number in 0..100 {
        let headers = format!("{}{RFC822}", bearer(number / 9));
        let line = format!("POST /upload{ME}/drafts?uploadType=media");
        let _lost = ask(&gmail, &line, &headers, mail(&format!("m{number}")));
        for draft in gmail.drafts() {
            let body = format!("{{\"id\":\"{}\"}}", draft.id);
            let line = format!("POST {ME}/drafts/send");
            let _lost = ask(&gmail, &line, &bearer(number / 9), &body);
        }
    }
    assert!(gmail.sent().len() > 10, "{}", gmail.log());
    gmail.log()
}

#[test]
fn a_seed_does_the_same_again() {
    let first = log(7);
    assert_eq!(first, log(7));
    assert_ne!(first, log(8));
    for fault in GmailFault::MIX {
        let is_there = first.contains(&format!("[{fault:?}]"));
        assert_eq!(is_there, !matches!(fault, GmailFault::Hang(_)), "{fault:?}: {first}");
    }
}
