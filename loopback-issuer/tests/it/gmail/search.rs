//! The language of the search box.

use jada_loopback_issuer::Gmail;
use serde_json::json;

use super::{drafted, fields, get, mail, post, refusal, refused};

/// A mailbox, and what is found there: by their names, the newest first.
struct Box {
    gmail: Gmail,
    names: Vec<(String, &'static str)>,
}

impl Box {
    fn new() -> Self {
        let gmail = Gmail::start().unwrap();
        let names = MAILS.iter().map(|(name, at, mail)| {
            let mail = mail.replace('\n', "\r\n");
            (gmail.deliver_at(mail, at.parse().unwrap()), *name)
        });
        let names = names.collect();
        Self { gmail, names }
    }

    fn find(&self, query: &str) -> Vec<&str> {
        let query = query.replace('%', "%25").replace(' ', "%20").replace('"', "%22");
        let list = get(&self.gmail, &format!("messages?q={query}")).json();
        let name = |id: &String| self.names.iter().find(|(it, _)| it == id).unwrap().1;
        fields(&list["messages"], "id").iter().map(name).collect()
    }
}

const MAILS: [(&str, &str, &str); 3] = [
    (
        "old",
        "2026-04-30T23:59:59Z",
        "From: Click Boats <bookings@boats.example>\nTo: me@example.com\n\
         Subject: Booking confirmed: Ann Lee\nMessage-ID: <1@boats.example>\n\nParty of four.\n",
    ),
    (
        "new",
        "2026-05-01T00:00:00Z",
        "From: bookings@boats.example\nCc: Ops <ops@example.com>\n\
         Subject: =?utf-8?Q?Booking_best=C3=A4tigt?=\nMessage-ID: <2@boats.example>\n\n\
         Confirmed for two.\n",
    ),
    (
        "file",
        "2026-05-02T12:00:00Z",
        "From: Ann Lee <ann@example.org>\nTo: me@example.com\nSubject: Licence\n\
         Message-ID: <3@example.org>\nContent-Type: multipart/mixed; boundary=b\n\n\
         --b\n\nHere it is\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\
         Content-Disposition: attachment; filename=a.png\n\nAAAA\n--b--\n",
    ),
];

#[test]
fn each_term_finds_what_it_means() {
    let mailbox = Box::new();
    for (query, found) in [
        ("", &["file", "new", "old"][..]),
        ("rfc822msgid:2@boats.example", &["new"]),
        ("rfc822msgid:<2@boats.example>", &["new"]),
        ("rfc822msgid:2@boats", &[]),
        ("from:boats.example", &["new", "old"]),
        ("from:bookings@boats.example", &["new", "old"]),
        ("from:\"ann lee\"", &["file"]),
        ("from:ann lee", &[]),
        ("to:ops@example.com", &["new"]),
        ("to:me", &["file", "old"]),
        ("from:me", &[]),
        ("subject:booking", &["new", "old"]),
        ("subject:\"Booking confirmed\"", &["old"]),
        ("subject:\"confirmed booking\"", &[]),
        ("subject:bestätigt", &["new"]),
        ("confirmed", &["new", "old"]),
        ("CONFIRMED booking", &["new", "old"]),
        ("confirm", &[]),
        ("\"party of\"", &["old"]),
        ("\"of party\"", &[]),
        ("has:attachment", &["file"]),
        ("-has:attachment", &["new", "old"]),
        ("booking -two", &["old"]),
        ("-\"party of\" -licence", &["new"]),
        ("after:2026/05/01", &["file", "new"]),
        ("after:2026-5-1 before:2026/05/02", &["new"]),
        ("before:2026/05/01", &["old"]),
        ("after:1777593600", &["file", "new"]),
        ("after:1777593601", &["file"]),
        ("in:inbox from:ann", &["file"]),
        ("in:sent", &[]),
        ("label:unread in:anywhere", &["file", "new", "old"]),
        ("-in:inbox", &[]),
    ] {
        assert_eq!(mailbox.find(query), found, "{query}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    let gmail = Gmail::start().unwrap();
    for query in ["larger:5M", "a%20OR%20b", "(a%20b)", "{a%20b}", "after:monday", "from:", "has:x"]
    {
        let reply = get(&gmail, &format!("messages?q={query}"));
        assert_eq!(refusal(&reply), refused(400, "invalidArgument"), "{query}");
    }
}

#[test]
fn sent_mails_drafts_and_what_arrived_are_told_apart() {
    let gmail = Gmail::start().unwrap();
    let inbox = gmail.deliver(mail("a"));
    let draft = drafted(&gmail, "b");
    let raw = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE, mail("c"));
    let sent = post(&gmail, "messages/send", &json!({ "raw": raw })).unwrap().text("id");
    let found = |query: &str| fields(&get(&gmail, query).json()["messages"], "id");
    assert_eq!(found("messages?q=in:sent"), [&*sent]);
    assert_eq!(found("messages?labelIds=SENT"), [&*sent]);
    assert_eq!(found("messages?q=in:inbox"), [&*inbox]);
    assert_eq!(found("messages?labelIds=INBOX&labelIds=UNREAD"), [&*inbox]);
    assert_eq!(found("messages?labelIds=INBOX&labelIds=SENT"), [""; 0]);
    assert_eq!(found("messages?q=in:drafts").len(), 1);
    assert_eq!(fields(&get(&gmail, "drafts?q=subject:b").json()["drafts"], "id"), [draft]);
    assert_eq!(get(&gmail, "drafts?q=subject:c").json()["drafts"], json!(null));
}
