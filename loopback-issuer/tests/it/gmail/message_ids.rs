//! What becomes of a Message-ID, and how a mail is found all the same.

use jada_loopback_issuer::{Gmail, MessageIds};

use super::{drafted, fields, get, send_draft};

/// The mail as it was sent, as text.
fn sent(gmail: &Gmail, name: &str) -> String {
    let id = drafted(gmail, name);
    send_draft(gmail, &id).unwrap();
    String::from_utf8(gmail.sent().last().unwrap().raw.to_vec()).unwrap()
}

fn found(gmail: &Gmail, query: &str) -> usize {
    fields(&get(gmail, &format!("messages?q={query}")).json()["messages"], "id").len()
}

const MINE: &str = "Message-ID: <a@example.com>\r\n";
const TRACE: &str = "X-Google-Original-Message-ID: <a@example.com>\r\n";
const QUERY: &str = "rfc822msgid:%3Ca@example.com%3E";

#[test]
fn an_id_that_is_kept_is_found() {
    let gmail = Gmail::start().unwrap();
    assert!(sent(&gmail, "a").contains(MINE));
    assert_eq!(found(&gmail, QUERY), 1);
}

#[test]
fn an_id_that_is_replaced_is_not_found_and_may_leave_a_trace() {
    for (ids, traces) in [(MessageIds::Replaced, 1), (MessageIds::ReplacedSilently, 0)] {
        let gmail = Gmail::builder().message_ids(ids).start().unwrap();
        let sent = sent(&gmail, "a");
        assert!(sent.contains("Message-ID: <CA") && sent.contains("@mail.gmail.com>\r\n"));
        assert!(sent.contains("X-Jada-Reference: a\r\n"), "{sent}");
        assert_eq!(sent.matches(TRACE).count(), traces, "{sent}");
        assert_eq!(sent.replace(TRACE, "").matches("a@example.com>").count(), 0, "{sent}");
        assert_eq!(found(&gmail, QUERY), 0);
        assert_eq!(gmail.sent()[0].reference.as_deref(), Some("a"));
    }
}

#[test]
fn a_seed_mixes_what_becomes_of_ids() {
    let fates = |seed| {
        let gmail = Gmail::builder().seed(seed).message_ids(MessageIds::Mixed).start().unwrap();
        let fate = |sent: String| (sent.contains(&format!("\n{MINE}")), sent.contains(TRACE));
        (0..30).map(|_| fate(sent(&gmail, "a"))).collect::<Vec<_>>()
    };
    let first = fates(1);
    assert_eq!(first, fates(1));
    assert_ne!(first, fates(2));
    for fate in [(true, false), (false, true), (false, false)] {
        assert!(first.contains(&fate), "{first:?}");
    }
}
