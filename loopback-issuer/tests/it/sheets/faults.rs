//! Each fault, and on which side of it the deed is.

use std::io::{self, ErrorKind};
use std::time::Duration;

use jada_loopback_issuer::{Sheets, SheetsFault, SheetsMethod, When};
use serde_json::json;

use super::{book, cells, get, refusal, try_update};
use crate::client::Reply;

/// A cell is written, and the fault befalls that: whether it was.
fn writing_under(fault: SheetsFault) -> (io::Result<Reply>, bool) {
    let sheets = book().start().unwrap();
    sheets.fail_next(SheetsMethod::BatchUpdate, fault);
    let reply = write(&sheets);
    assert!(sheets.log().contains(&format!("[{fault:?}]")), "{}", sheets.log());
    (reply, sheets.tab("Ann's").unwrap().cell(0, 0).value == "x".into())
}

fn write(sheets: &Sheets) -> io::Result<Reply> {
    let cells = cells(0, 0, &[json!({ "stringValue": "x" })]);
    try_update(sheets, &json!({ "requests": [cells], "includeSpreadsheetInResponse": true }))
}

#[test]
fn an_answer_is_lost_before_or_after_the_deed() {
    for (fault, error, done) in [
        (SheetsFault::ResetUnread, ErrorKind::ConnectionReset, false),
        (SheetsFault::Reset(When::Before), ErrorKind::ConnectionReset, false),
        (SheetsFault::Reset(When::After), ErrorKind::ConnectionReset, true),
        (SheetsFault::Close(When::Before), ErrorKind::UnexpectedEof, false),
        (SheetsFault::Close(When::After), ErrorKind::UnexpectedEof, true),
        (SheetsFault::HalfBody, ErrorKind::UnexpectedEof, true),
    ] {
        let (reply, was_done) = writing_under(fault);
        assert_eq!((reply.err().unwrap().kind(), was_done), (error, done), "{fault:?}");
    }
}

#[test]
fn an_answer_comes_that_is_none() {
    for (fault, status, done) in [
        (SheetsFault::Html(When::Before), 200, false),
        (SheetsFault::Html(When::After), 200, true),
        (SheetsFault::HalfJson, 200, true),
        (SheetsFault::Status(503, When::Before), 503, false),
        (SheetsFault::Status(500, When::After), 500, true),
    ] {
        let (reply, was_done) = writing_under(fault);
        let reply = reply.unwrap();
        assert_eq!((reply.status, was_done), (status, done), "{fault:?}");
        let is_json = serde_json::from_slice::<serde_json::Value>(&reply.body).is_ok();
        assert_eq!(is_json, status != 200, "{fault:?}");
    }
}

#[test]
fn a_refusal_says_why_and_nothing_is_done() {
    for (fault, status, wait) in [
        (SheetsFault::TooManyRequests(Some(Duration::from_secs(2))), 429, Some("2")),
        (SheetsFault::TooManyRequests(None), 429, None),
        (SheetsFault::RateLimitExceeded, 403, None),
        (SheetsFault::QuotaExceeded, 403, None),
        (SheetsFault::Unauthorized, 401, None),
    ] {
        let (reply, was_done) = writing_under(fault);
        let reply = reply.unwrap();
        refusal(&reply, status);
        assert_eq!((reply.header("Retry-After"), was_done), (wait, false), "{fault:?}");
    }
}

#[test]
fn faults_befall_their_method_until_they_are_forgotten() {
    let sheets = book().start().unwrap();
    for _ in 0..2 {
        sheets.fail_next(SheetsMethod::BatchUpdate, SheetsFault::Status(503, When::Before));
    }
    assert_eq!((get(&sheets, "").status, write(&sheets).unwrap().status), (200, 503));
    sheets.heal();
    assert_eq!(write(&sheets).unwrap().status, 200);
}

/// What a seed does to cells that are written, each by one attempt.
fn log(seed: u64) -> String {
    let sheets = book().seed(seed).faults(0.5).start().unwrap();
    (0..200).for_each(|_| drop(write(&sheets)));
    sheets.log()
}

#[test]
fn a_seed_does_the_same_again() {
    let first = log(7);
    assert_eq!(first, log(7));
    assert_ne!(first, log(8));
}
