//! Mails that are found, page by page, and read.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jada_loopback_issuer::{GmailFault, GmailMethod, Loopback, Reply};
use jada_mail::{Error, MessageRef, Query};
use serde_json::json;

use super::{account, account_at, failure, server};

/// So many mails, the oldest first: their ids.
fn delivered(server: &jada_loopback_issuer::Gmail, mails: usize) -> Vec<String> {
    let noon: jiff::Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let deliver = |number: usize| {
        let at = noon + Duration::from_secs(number as u64 * 60);
        server.deliver_at(mail(number), at)
    };
    (0..mails).map(deliver).collect()
}

fn mail(number: usize) -> String {
    format!(
        "From: Bookings <no-reply@booking.example>\r\nTo: me@example.com\r\n\
         Subject: Booking {number}\r\nDate: Fri, 1 May 2026 12:00:00 +0000\r\n\
         Message-ID: <{number}@booking.example>\r\n\r\nNumber {number}\r\n"
    )
}

#[tokio::test]
async fn pages_are_asked_for_when_the_one_before_has_been_taken() {
    let server = server();
    let mut ids = delivered(&server, 25);
    ids.reverse();
    let lists = || server.calls(GmailMethod::MessagesList);
    let mut found = account(&server).search(&Query::new()).page_size(10);
    assert_eq!(lists(), 0);
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(found.next().await.unwrap().unwrap().id(), id);
        assert_eq!(lists(), number / 10 + 1);
    }
    assert!(found.next().await.is_none());
    assert!(found.next().await.is_none());
    assert_eq!((lists(), server.calls(GmailMethod::MessagesGet)), (3, 0));
}

#[tokio::test]
async fn a_stream_that_is_dropped_asks_no_more() {
    let server = server();
    let ids = delivered(&server, 25);
    let mut mails = account(&server).search(&Query::new()).page_size(10).mails();
    let mail = mails.next().await.unwrap().unwrap();
    assert_eq!((mail.subject(), mail.id()), ("Booking 24", Some(&*ids[24])));
    drop(mails);
    let calls = [GmailMethod::MessagesList, GmailMethod::MessagesGet];
    assert_eq!(calls.map(|method| server.calls(method)), [1, 1]);
}

#[tokio::test]
async fn a_mail_is_read_with_the_names_that_the_server_gave_it() {
    let server = server();
    let id = &delivered(&server, 1)[0];
    let gmail = account(&server);
    let query = Query::new().from("booking.example".parse().unwrap());
    let found = gmail.search(&query).next().await.unwrap().unwrap();
    assert_eq!(gmail.raw(&found).await.unwrap(), mail(0).as_bytes());
    let read = gmail.fetch(&found).await.unwrap();
    assert_eq!((read.id(), read.thread_id()), (Some(&**id), Some(found.thread_id())));
    assert_eq!(read.text().trim_end(), "Number 0");
}

#[tokio::test]
async fn a_query_finds_what_it_says() {
    let server = server();
    let ids = delivered(&server, 5);
    let gmail = account(&server);
    let minute = |number: i64| jiff::Timestamp::from_second(1_777_636_800 + number * 60).unwrap();
    for (query, found) in [
        (Query::new().after(minute(2)).before(minute(4)), &ids[2..4]),
        (Query::new().subject("booking 3".parse().unwrap()), &ids[3..4]),
        (Query::new().subject("\"Booking\" \"3\"".parse().unwrap()), &ids[3..4]),
        (Query::new().phrase("number 1".parse().unwrap()), &ids[1..2]),
        (Query::new().rfc822_message_id("4@booking.example".parse().unwrap()), &ids[4..]),
        (Query::new().to("me@example.com".parse().unwrap()).in_sent(), &[]),
        (Query::new().not(Query::new().label("INBOX".parse().unwrap())), &[]),
        (Query::new().phrase("x\" OR from:\"booking.example".parse().unwrap()), &[]),
        (Query::new().raw("subject:2"), &ids[2..3]),
        (Query::new().has_attachment(), &[]),
    ] {
        let mut search = gmail.search(&query);
        let mut held = Vec::new();
        while let Some(mail) = search.next().await {
            held.insert(0, mail.unwrap().id().to_owned());
        }
        assert_eq!(held, found, "{query}");
    }
}

#[tokio::test]
async fn a_query_arrives_as_it_is_written() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let arrived = seen.clone();
    let server = Loopback::start(move |request| {
        arrived.lock().unwrap().push(request.query("q").map(str::to_owned));
        Reply::new(200).json(&json!({ "resultSizeEstimate": 0 }))
    });
    let server = server.unwrap();
    let query = Query::new().subject("50% off & more: #1 + ü".parse().unwrap());
    for query in [&query, &Query::new()] {
        assert!(account_at(&server).search(query).next().await.is_none());
    }
    assert_eq!(
        *seen.lock().unwrap(),
        [Some("subject:\"50% off & more: #1 + ü\"".to_owned()), None]
    );
}

#[tokio::test]
async fn an_error_ends_a_search_and_says_whether_another_is_worth_while() {
    let server = server();
    delivered(&server, 25);
    let mut found = account(&server).search(&Query::new()).page_size(10);
    for _ in 0..10 {
        found.next().await.unwrap().unwrap();
    }
    server.fail_next(GmailMethod::MessagesList, GmailFault::DailyLimitExceeded);
    let error = found.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Unavailable { retry_after: Some(_), .. }), "{error:?}");
    assert!(found.next().await.is_none());
}

#[tokio::test]
async fn a_query_that_gmail_does_not_understand_is_refused() {
    let server = server();
    let error = account(&server).search(&Query::new().raw("what:ever")).next().await;
    let error = error.unwrap().unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert!(failure(&error).to_string().contains("what:ever"), "{error:?}");
}

#[tokio::test]
async fn a_mail_that_was_deleted_since_is_left_out_and_refused_by_name() {
    let server = Loopback::start(|request| match request.segments()[..] {
        [.., "messages"] => Reply::new(200).json(&json!({ "messages": [
            { "id": "gone", "threadId": "gone" }, { "id": "odd", "threadId": "odd" },
            { "id": "there", "threadId": "there" },
        ] })),
        [.., "gone"] => {
            let errors = json!([{ "reason": "notFound" }]);
            let error = json!({ "code": 404, "message": "Not found.", "errors": errors });
            Reply::new(404).json(&json!({ "error": error }))
        }
        [.., "odd"] => Reply::new(200).json(&json!({ "raw": "" })),
        _ => Reply::new(200).json(&json!({ "raw": "U3ViamVjdDogSGVsbG8NCg0KSGVsbG8NCg" })),
    });
    let server = server.unwrap();
    let gmail = account_at(&server);
    let mut mails = gmail.search(&Query::new()).mails();
    let odd = mails.next().await.unwrap().unwrap_err();
    assert!(matches!(odd, Error::NotAMail { .. }), "{odd:?}");
    assert_eq!(mails.next().await.unwrap().unwrap().subject(), "Hello");
    assert!(mails.next().await.is_none());

    let gone = MessageRef::new("gone", "gone".parse().unwrap()).unwrap();
    let error = gmail.fetch(&gone).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_of_twenty_five_megabytes_is_read() {
    let server = server();
    let raw = [mail(0).into_bytes(), b"x".repeat(25_000_000)].concat();
    server.deliver(&raw);
    let gmail = account(&server);
    let found = gmail.search(&Query::new()).next().await.unwrap().unwrap();
    assert!(gmail.raw(&found).await.unwrap() == raw);
}
