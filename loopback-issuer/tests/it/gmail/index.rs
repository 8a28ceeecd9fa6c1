//! What is listed, when, and in what pages.

use std::time::{Duration, Instant};

use jada_loopback_issuer::Gmail;

use super::{create_draft, drafted, fields, get, mail, refusal, refused, send_draft};

fn listed(gmail: &Gmail, path: &str, name: &str) -> Vec<String> {
    fields(&get(gmail, path).json()[name], "id")
}

#[test]
fn a_lag_hides_from_lists_what_its_id_finds() {
    let gmail = Gmail::builder().index_lag(Duration::from_secs(3600)).start().unwrap();
    let draft = drafted(&gmail, "a");
    let sent = send_draft(&gmail, &drafted(&gmail, "b")).unwrap().text("id");
    for path in ["drafts", "drafts?q=rfc822msgid:a@example.com"] {
        assert_eq!(listed(&gmail, path, "drafts"), [""; 0]);
    }
    for path in ["messages", "messages?q=rfc822msgid:b@example.com", "messages?labelIds=SENT"] {
        assert_eq!(listed(&gmail, path, "messages"), [""; 0]);
    }
    assert_eq!(get(&gmail, &format!("drafts/{draft}")).status, 200);
    assert_eq!(get(&gmail, &format!("messages/{sent}")).status, 200);
    let delivered = gmail.deliver(mail("c"));
    assert_eq!(listed(&gmail, "messages", "messages"), [delivered]);
}

#[test]
fn a_lag_is_over_when_its_time_is() {
    let lag = Duration::from_millis(60);
    let gmail = Gmail::builder().index_lag(lag).start().unwrap();
    let since = Instant::now();
    let sent = send_draft(&gmail, &drafted(&gmail, "a")).unwrap().text("id");
    while listed(&gmail, "messages?q=rfc822msgid:a@example.com", "messages").is_empty() {
        assert!(since.elapsed() < Duration::from_secs(20), "{}", gmail.log());
    }
    assert!(since.elapsed() >= lag);
    assert_eq!(listed(&gmail, "messages", "messages"), [sent]);
}

#[test]
fn a_draft_that_is_gone_is_not_listed() {
    let gmail = Gmail::start().unwrap();
    let draft = drafted(&gmail, "a");
    assert_eq!(listed(&gmail, "drafts?q=rfc822msgid:a@example.com", "drafts"), [&*draft]);
    gmail.delete_draft(&draft);
    assert_eq!(listed(&gmail, "drafts", "drafts"), [""; 0]);
    assert_eq!(get(&gmail, "drafts").json(), serde_json::json!({ "resultSizeEstimate": 0 }));
}

#[test]
fn a_draft_is_a_message_too() {
    let gmail = Gmail::start().unwrap();
    let created = create_draft(&gmail, &mail("a")).unwrap().json();
    let id = created["message"]["id"].as_str().unwrap();
    assert_eq!(listed(&gmail, "messages?q=rfc822msgid:a@example.com", "messages"), [id]);
    assert_eq!(listed(&gmail, "messages?q=in:sent", "messages"), [""; 0]);
    let entry = &get(&gmail, "drafts").json()["drafts"][0];
    assert_eq!((&entry["id"], &entry["message"]["id"]), (&created["id"], &id.into()));
}

#[test]
fn pages_lead_from_the_newest_to_the_oldest_whatever_arrives_meanwhile() {
    let gmail = Gmail::start().unwrap();
    let mut all: Vec<_> = (0..7).map(|it| gmail.deliver(mail(&format!("m{it}")))).collect();
    all.reverse();
    let (mut seen, mut token) = (Vec::new(), String::new());
    for size in [3, 3, 1] {
        let page = get(&gmail, &format!("messages?maxResults=3&pageToken={token}")).json();
        gmail.deliver(mail("late"));
        let ids = fields(&page["messages"], "id");
        assert_eq!(ids.len(), size);
        seen.extend(ids);
        token = page["nextPageToken"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!((seen, &*token), (all, ""));
    let bad = get(&gmail, "messages?pageToken=x");
    assert_eq!(refusal(&bad), refused(400, "invalidArgument"));
}

#[test]
fn a_page_ends_with_a_list_that_it_fills() {
    let gmail = Gmail::start().unwrap();
    drafted(&gmail, "a");
    drafted(&gmail, "b");
    let page = get(&gmail, "drafts?maxResults=2").json();
    assert_eq!((page["drafts"].as_array().unwrap().len(), &page["nextPageToken"]), (2, &().into()));
    assert_eq!(page["resultSizeEstimate"], 2);
}

#[test]
fn a_mail_has_the_date_at_which_it_arrived() {
    let gmail = Gmail::start().unwrap();
    let young = gmail.deliver_at(mail("a"), "2026-05-03T00:00:00Z".parse().unwrap());
    let old = gmail.deliver_at(mail("b"), "2026-05-01T00:00:00Z".parse().unwrap());
    assert_eq!(listed(&gmail, "messages", "messages"), [young, old.clone()]);
    let message = get(&gmail, &format!("messages/{old}?format=minimal"));
    assert_eq!(message.text("internalDate"), "1777593600000");
}
