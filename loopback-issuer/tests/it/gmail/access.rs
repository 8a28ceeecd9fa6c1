//! Who may do what, and how much of it.

use std::time::Duration;

use jada_loopback_issuer::{Gmail, GmailFault, GmailMethod, When};
use serde_json::json;

use super::{
    ME, RFC822, ask, create_draft, drafted, get, mail, post, refusal, refused, send_draft,
};

/// The status of a call of each method by this token.
fn statuses(gmail: &Gmail, token: &str) -> Vec<u16> {
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let of = |line: &str, headers: &str, body: &str| {
        ask(gmail, line, &format!("{bearer}{headers}"), body).unwrap().status
    };
    CALLS.iter().map(|(line, body)| of(&line.replace("ME", ME), RFC822, body)).collect()
}

/// Ids are unknown: 404 is what comes of it where the scopes are enough.
const CALLS: [(&str, &str); 9] = [
    ("POST /uploadME/drafts?uploadType=media", "To: a@example.com\r\n\r\n"),
    ("POST ME/drafts/send", "{\"id\":\"r-1\"}"),
    ("DELETE ME/drafts/r-1", ""),
    ("GET ME/drafts/r-1", ""),
    ("GET ME/drafts", ""),
    ("POST /uploadME/messages/send?uploadType=media", "To: a@example.com\r\n\r\n"),
    ("GET ME/messages", ""),
    ("GET ME/messages/1/attachments/1", ""),
    ("GET ME/profile", ""),
];

#[test]
fn each_scope_allows_what_googles_reference_says() {
    let gmail = Gmail::builder();
    let scopes = ["compose", "modify", "readonly", "send", "metadata"];
    let gmail = scopes.iter().fold(gmail, |gmail, scope| {
        gmail.token(scope, [&*format!("https://www.googleapis.com/auth/gmail.{scope}")])
    });
    let gmail = gmail.token("full", ["https://mail.google.com/"]).start().unwrap();
    for (token, expected) in [
        ("compose", [200, 404, 404, 404, 200, 200, 403, 403, 200]),
        ("modify", [200, 404, 404, 404, 200, 200, 200, 404, 200]),
        ("readonly", [403, 403, 403, 404, 200, 403, 200, 404, 200]),
        ("send", [403, 403, 403, 403, 403, 200, 403, 403, 403]),
        ("metadata", [403, 403, 403, 403, 403, 403, 200, 403, 200]),
        ("full", [200, 404, 404, 404, 200, 200, 200, 404, 200]),
        ("nobody", [401; 9]),
    ] {
        assert_eq!(statuses(&gmail, token), expected, "{token}");
    }
}

#[test]
fn a_refusal_is_in_googles_form() {
    let send = "https://www.googleapis.com/auth/gmail.send";
    let gmail = Gmail::builder().token("sender", [send]).start().unwrap();
    let line = format!("GET {ME}/messages");
    let unknown = ask(&gmail, &line, "", "").unwrap();
    assert_eq!(refusal(&unknown), refused(401, "authError"));
    let error = &unknown.json()["error"];
    assert_eq!(error["status"], "UNAUTHENTICATED");
    assert_eq!(error["errors"][0]["location"], "Authorization");
    let lacking = ask(&gmail, &line, "Authorization: Bearer sender\r\n", "").unwrap();
    assert_eq!(refusal(&lacking), refused(403, "insufficientPermissions"));
    assert_eq!(lacking.json()["error"]["status"], "PERMISSION_DENIED");
    assert_eq!(gmail.units(), 0);
}

#[test]
fn a_token_that_carries_metadata_may_neither_search_nor_see_more() {
    let scope = |name| format!("https://www.googleapis.com/auth/gmail.{name}");
    let scopes = [&*scope("metadata"), &*scope("readonly")];
    let gmail = Gmail::builder().token("good", scopes).start().unwrap();
    let id = gmail.deliver(mail("a"));
    assert_eq!(refusal(&get(&gmail, "messages?q=in:inbox")), refused(403, "forbidden"));
    assert_eq!(refusal(&get(&gmail, &format!("messages/{id}"))), refused(403, "forbidden"));
    assert_eq!(get(&gmail, "messages?labelIds=INBOX").status, 200);
    assert_eq!(get(&gmail, &format!("messages/{id}?format=metadata")).status, 200);
}

#[test]
fn somebody_elses_mailbox_is_not_served() {
    let gmail = Gmail::builder().address("ann@example.com").start().unwrap();
    let of = |user: &str| {
        let line = format!("GET /gmail/v1/users/{user}/profile");
        super::ask_well(&gmail, &line, "", "").unwrap()
    };
    assert_eq!(of("me").text("emailAddress"), "ann@example.com");
    assert_eq!(of("ann%40example.com").status, 200);
    assert_eq!(refusal(&of("bo@example.org")), refused(403, "forbidden"));
    assert_eq!(refusal(&get(&gmail, "settings")), refused(404, "notFound"));
}

#[test]
fn what_is_done_costs_its_units() {
    let gmail = Gmail::start().unwrap();
    let id = drafted(&gmail, "a");
    send_draft(&gmail, &id).unwrap();
    get(&gmail, "drafts");
    get(&gmail, "profile");
    assert_eq!(gmail.units(), 10 + 100 + 5 + 1);
    assert_eq!(send_draft(&gmail, &id).unwrap().status, 404);
    assert_eq!(gmail.units(), 216, "a failure costs too");
    gmail.fail_next(GmailMethod::Profile, GmailFault::Status(503, When::Before));
    gmail.fail_next(GmailMethod::Profile, GmailFault::Status(503, When::After));
    get(&gmail, "profile");
    assert_eq!(gmail.units(), 216);
    get(&gmail, "profile");
    assert_eq!(gmail.units(), 217);
    assert_eq!((gmail.calls(GmailMethod::Profile), gmail.requests()), (2, 7));
}

#[test]
fn a_limit_holds_within_its_window_and_not_beyond() {
    let gmail = Gmail::builder().limit(20, Duration::from_secs(3600)).start().unwrap();
    let create = || create_draft(&gmail, &mail("a")).unwrap();
    assert_eq!([create().status, create().status], [200, 200]);
    assert_eq!(refusal(&create()), refused(429, "rateLimitExceeded"));
    assert_eq!((gmail.drafts().len(), gmail.units()), (2, 20));

    let gmail = Gmail::builder().limit(1, Duration::from_nanos(1)).start().unwrap();
    assert_eq!([(); 2].map(|()| get(&gmail, "profile").status), [200, 200]);
}

#[test]
fn the_bytes_of_bodies_are_counted() {
    let gmail = Gmail::start().unwrap();
    create_draft(&gmail, &mail("a")).unwrap();
    assert_eq!(gmail.body_bytes(), mail("a").len() as u64);
    let json = json!({ "raw": "x" });
    assert_eq!(post(&gmail, "messages/send", &json).unwrap().status, 400);
    assert_eq!(gmail.body_bytes(), (mail("a").len() + json.to_string().len()) as u64);
}
