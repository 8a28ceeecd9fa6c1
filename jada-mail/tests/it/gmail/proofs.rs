//! What became of a mail: found among those that were sent, and its drafts removed.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jada_loopback_issuer::{
    Gmail as Server, GmailFault, GmailMethod, Loopback, MessageIds, Reply, When,
};
use jada_mail::{Trace, Transport};
use jiff::Timestamp;
use serde_json::json;

use super::{FULL, SECRET, account, account_at, letter};

const IDS: [MessageIds; 3] = [MessageIds::Kept, MessageIds::Replaced, MessageIds::ReplacedSilently];

fn server_with(ids: MessageIds) -> Server {
    Server::builder().token(SECRET, [FULL]).message_ids(ids).start().unwrap()
}

#[tokio::test]
async fn a_mail_that_was_sent_is_found_whatever_became_of_its_message_id() {
    for ids in IDS {
        let server = server_with(ids);
        let (gmail, before) = (account(&server), Timestamp::now());
        for key in ["a", "b", "c"] {
            Transport::send(&gmail, &letter(key)).await.unwrap();
        }
        let found = gmail.find_sent(&letter("b").trace(before)).await.unwrap().unwrap();
        assert_eq!(found.location, server.sent()[1].id, "{ids:?}");
        assert_eq!(found.thread_id.unwrap().as_str(), server.sent()[1].thread_id, "{ids:?}");
        assert_eq!(&found.message_id, letter("b").message_id(), "{ids:?}");
        assert_eq!(gmail.find_sent(&letter("d").trace(before)).await.unwrap(), None, "{ids:?}");
    }
}

#[tokio::test]
async fn a_kept_message_id_is_found_without_a_walk() {
    let server = server_with(MessageIds::Kept);
    let (gmail, before) = (account(&server), Timestamp::now());
    for key in ["a", "b", "c"] {
        Transport::send(&gmail, &letter(key)).await.unwrap();
    }
    gmail.find_sent(&letter("a").trace(before)).await.unwrap().unwrap();
    let calls = [GmailMethod::MessagesList, GmailMethod::MessagesGet];
    assert_eq!(calls.map(|method| server.calls(method)), [1, 1]);
}

#[tokio::test]
async fn a_draft_is_no_mail_that_was_sent() {
    for ids in IDS {
        let server = server_with(ids);
        let (gmail, letter) = (account(&server), letter("a"));
        let trace = letter.trace(Timestamp::now());
        let draft = gmail.stage(&letter).await.unwrap();
        assert_eq!(gmail.find_sent(&trace).await.unwrap(), None, "{ids:?}");
        gmail.send_staged(&draft, &letter).await.unwrap().unwrap();
        assert!(gmail.find_sent(&trace).await.unwrap().is_some(), "{ids:?}");
    }
}

#[tokio::test]
async fn a_mail_that_was_sent_long_before_is_another_of_the_same_key() {
    for ids in IDS {
        let server = server_with(ids);
        let (gmail, letter) = (account(&server), letter("a"));
        Transport::send(&gmail, &letter).await.unwrap();
        let at = server.sent()[0].internal_date;
        let trace = |seconds| letter.trace(at + Duration::from_secs(seconds));
        assert!(gmail.find_sent(&trace(3_599)).await.unwrap().is_some(), "{ids:?}");
        assert_eq!(gmail.find_sent(&trace(3_602)).await.unwrap(), None, "{ids:?}");
    }
}

#[tokio::test]
async fn a_mail_that_is_not_indexed_yet_is_not_found_yet() {
    let server = Server::builder().token(SECRET, [FULL]).index_lag(Duration::from_secs(3_600));
    let server = server.start().unwrap();
    let (gmail, letter) = (account(&server), letter("a"));
    Transport::send(&gmail, &letter).await.unwrap();
    assert_eq!(gmail.find_sent(&letter.trace(Timestamp::now())).await.unwrap(), None);
}

#[tokio::test]
async fn a_mail_in_the_trash_counts_and_one_that_is_still_a_draft_does_not() {
    for (labels, counts) in [
        (json!(["SENT", "TRASH"]), true),
        (json!(["SENT", "INBOX", "UNREAD"]), true),
        (json!(["SENT", "DRAFT"]), false),
        (json!(["INBOX"]), false),
        (json!([]), false),
    ] {
        let (id, labelled) = (letter("a").message_id().clone(), labels.clone());
        let server = Loopback::start(move |request| match request.segments()[..] {
            [.., "messages"] => {
                assert_eq!(request.query("includeSpamTrash"), Some("true"));
                assert_eq!(request.query("labelIds"), Some("SENT"));
                Reply::new(200).json(&json!({ "messages": [{ "id": "m", "threadId": "t" }] }))
            }
            [.., "messages", "m"] => {
                assert_eq!(request.query("format"), Some("metadata"));
                let headers = json!([{ "name": "Message-Id", "value": format!("<{id}>") }]);
                Reply::new(200).json(&json!({ "id": "m", "threadId": "t", "labelIds": labelled,
                    "internalDate": "1777636800000", "payload": { "headers": headers } }))
            }
            _ => panic!("{request:?}"),
        });
        let server = server.unwrap();
        let trace = letter("a").trace("2026-05-01T12:00:00Z".parse().unwrap());
        let found = account_at(&server).find_sent(&trace).await.unwrap();
        assert_eq!(found.is_some(), counts, "{labels}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_ends_after_five_hundred_mails() {
    let server = Loopback::start(move |request| match request.segments()[..] {
        [.., "messages"] => {
            let page: u32 = request.query("pageToken").map_or(0, |page| page.parse().unwrap());
            let is_by_id = request.query("q").unwrap().starts_with("rfc822msgid:");
            let mails = (0..100).map(|n| json!({ "id": format!("m{page}-{n}"), "threadId": "t" }));
            let mails: Vec<_> = mails.filter(|_| !is_by_id).collect();
            let next = (!is_by_id).then(|| (page + 1).to_string());
            Reply::new(200).json(&json!({ "messages": mails, "nextPageToken": next }))
        }
        _ => Reply::new(200).json(&json!({ "id": "m", "threadId": "t", "labelIds": ["SENT"] })),
    });
    let server = server.unwrap();
    let trace = letter("a").trace(Timestamp::now());
    assert_eq!(account_at(&server).find_sent(&trace).await.unwrap(), None);
    assert_eq!(server.requests(), 1 + 5 + 500);
}

#[tokio::test]
async fn drafts_that_were_left_behind_are_removed_and_the_kept_one_stays() {
    for ids in IDS {
        let server = server_with(ids);
        let (gmail, letter) = (account(&server), letter("a"));
        let trace = letter.trace(Timestamp::now());
        let other = gmail.stage(&super::letter("b")).await.unwrap();
        let mut drafts = Vec::new();
        for _ in 0..3 {
            drafts.push(gmail.stage(&letter).await.unwrap());
        }
        let keep = trace.clone().keeping(Some(drafts[1].clone()));
        assert_eq!(gmail.remove_drafts(&keep).await.unwrap(), 2, "{ids:?}");
        assert_eq!(ids_of(&server), [other.as_str(), drafts[1].as_str()], "{ids:?}");
        assert_eq!(gmail.remove_drafts(&keep).await.unwrap(), 0, "{ids:?}");
        assert_eq!(gmail.remove_drafts(&trace).await.unwrap(), 1, "{ids:?}");
        assert_eq!(ids_of(&server), [other.as_str()], "{ids:?}");
    }
}

fn ids_of(server: &Server) -> Vec<String> {
    server.drafts().into_iter().map(|draft| draft.id).collect()
}

#[tokio::test]
async fn a_draft_that_was_sent_from_gmails_pages_is_never_deleted() {
    for labels in [json!(["SENT"]), json!(["SENT", "DRAFT"]), json!([])] {
        let reference = Trace::new(letter("a").message_id().clone(), Timestamp::now());
        let reference = reference.reference().to_owned();
        let server = Loopback::start(move |request| match request.segments()[..] {
            [.., "drafts"] => Reply::new(200)
                .json(&json!({ "drafts": [{ "id": "r-1", "message": { "id": "m" } }] })),
            [.., "drafts", "r-1"] if request.method() == "GET" => {
                let headers = json!([{ "name": "X-Jada-Reference", "value": reference }]);
                let message =
                    json!({ "id": "m", "labelIds": labels, "payload": { "headers": headers } });
                Reply::new(200).json(&json!({ "id": "r-1", "message": message }))
            }
            _ => panic!("{request:?}"),
        });
        let server = server.unwrap();
        let trace = letter("a").trace(Timestamp::now());
        assert_eq!(account_at(&server).remove_drafts(&trace).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_draft_that_was_sent_from_gmails_pages_is_no_draft_any_more() {
    let message = json!({ "code": 400, "message": "Message not a draft",
        "errors": [{ "reason": "invalidArgument" }] });
    let server = Loopback::start(move |_| Reply::new(400).json(&json!({ "error": message })));
    let server = server.unwrap();
    let draft = "r-1".parse().unwrap();
    let sent = account_at(&server).send_staged(&draft, &letter("a")).await.unwrap();
    assert_eq!(sent, None);
}

/// Of two drafts that were left behind, the index may know one, and the other not or by another id.
#[tokio::test]
async fn a_draft_that_is_found_by_its_id_does_not_hide_another_that_is_not() {
    let reference = Trace::new(letter("a").message_id().clone(), Timestamp::now());
    let reference = reference.reference().to_owned();
    let deleted = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&deleted);
    let draft = |id: &str| json!({ "id": id, "message": { "id": "m" } });
    let server = Loopback::start(move |request| match request.segments()[..] {
        [.., "drafts"] if request.query("q").is_some() => {
            Reply::new(200).json(&json!({ "drafts": [draft("r-1")] }))
        }
        [.., "drafts"] => Reply::new(200).json(&json!({ "drafts": [draft("r-1"), draft("r-2")] })),
        [.., "drafts", id] if request.method() == "GET" => {
            let headers = json!([{ "name": "X-Jada-Reference", "value": reference }]);
            let message =
                json!({ "id": "m", "labelIds": ["DRAFT"], "payload": { "headers": headers } });
            Reply::new(200).json(&json!({ "id": id, "message": message }))
        }
        [.., "drafts", id] => {
            log.lock().unwrap().push(id.to_owned());
            Reply::new(204)
        }
        _ => panic!("{request:?}"),
    });
    let server = server.unwrap();
    account_at(&server).remove_drafts(&letter("a").trace(Timestamp::now())).await.unwrap();
    assert_eq!(*deleted.lock().unwrap(), ["r-1", "r-2"]);
}

#[tokio::test]
async fn a_mail_is_looked_for_among_those_to_its_recipient_before_all_others() {
    let reference = letter("a").trace(Timestamp::now()).reference().to_owned();
    let server = Loopback::start(move |request| match request.segments()[..] {
        [.., "messages"] if request.query("q").unwrap().starts_with("rfc822msgid:") => {
            Reply::new(200).json(&json!({}))
        }
        [.., "messages"] => {
            let query = request.query("q").unwrap();
            assert!(query.contains("ada@example.com"), "{query}");
            Reply::new(200).json(&json!({ "messages": [{ "id": "m", "threadId": "t" }] }))
        }
        _ => {
            let headers = json!([{ "name": "X-Jada-Reference", "value": reference }]);
            Reply::new(200).json(&json!({ "id": "m", "threadId": "t", "labelIds": ["SENT"],
                "payload": { "headers": headers } }))
        }
    });
    let trace = letter("a").trace(Timestamp::now()).sent_to(Some("ada@example.com".to_owned()));
    assert!(account_at(&server.unwrap()).find_sent(&trace).await.unwrap().is_some());
}

/// As a proxy answers, which has deleted nothing.
#[tokio::test]
async fn a_page_of_html_is_no_word_that_a_draft_was_deleted() {
    let server = server_with(MessageIds::Kept);
    let (gmail, letter) = (account(&server), letter("a"));
    let trace = letter.trace(Timestamp::now());
    gmail.stage(&letter).await.unwrap();
    server.fail_next(GmailMethod::DraftsDelete, GmailFault::Html(When::Before));
    let _told = gmail.remove_drafts(&trace).await.unwrap_err();
    assert_eq!(server.drafts().len(), 1);
    assert_eq!(gmail.remove_drafts(&trace).await.unwrap(), 1);
}
