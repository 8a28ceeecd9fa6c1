//! Calls wait for their quota.

use std::time::Duration;

use jada_mail::{Gmail, Quota, Transport};

use super::{FULL, Tokens, google, letter, server};

#[tokio::test]
async fn a_call_waits_for_what_a_clone_has_used() {
    let server = server();
    let google = google(&server.endpoint(), Tokens::granting(&[FULL])).build();
    // One mail at once, and 400 units a minute.
    let gmail = Gmail::builder(google).quota(Quota::per_minute(500)).build();
    Transport::send(&gmail, &letter("a")).await.unwrap();
    let clone = gmail.clone();
    tokio::time::pause();
    let sending = tokio::spawn(async move { Transport::send(&clone, &letter("b")).await });
    tokio::time::advance(Duration::from_secs(14)).await;
    assert!(!sending.is_finished());
    assert_eq!(server.requests(), 1);
    tokio::time::advance(Duration::from_secs(1)).await;
    tokio::time::resume();
    sending.await.unwrap().unwrap();
    assert_eq!(server.sent().len(), 2);
}
