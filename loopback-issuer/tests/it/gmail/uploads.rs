//! The ways in which a mail comes in.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jada_loopback_issuer::{Gmail, GmailFault, GmailMethod, When};
use serde_json::{Value, json};

use super::{ME, RFC822, ask, ask_well, mail, post, refusal, refused};
use crate::client::Reply;

fn multipart(metadata: &Value, mail: &str) -> String {
    format!(
        "--x y\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n\
         --x y\r\ncontent-type: message/rfc822\r\n\r\n{mail}\r\n--x y--\r\n"
    )
}

fn upload(gmail: &Gmail, path: &str, kind: &str, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    let line = format!("POST /upload{ME}/{path}?uploadType={kind}");
    ask_well(gmail, &line, headers, body).unwrap()
}

/// Begins a resumable upload: its address.
fn begin(gmail: &Gmail, path: &str, metadata: &str) -> String {
    let headers = "X-Upload-Content-Type: message/rfc822\r\n";
    let begun = upload(gmail, path, "resumable", headers, metadata);
    assert_eq!(begun.status, 200);
    begun.header("Location").unwrap().replace(&gmail.endpoint(), "")
}

/// Without a token: the address is leave enough.
fn put(gmail: &Gmail, session: &str, range: &str, body: &[u8]) -> Reply {
    let headers = format!("Content-Range: {range}\r\n");
    ask(gmail, &format!("PUT {session}"), &headers, body).unwrap()
}

/// The status, and the `Range` in the answer.
fn stored(reply: &Reply) -> (u16, Option<&str>) {
    (reply.status, reply.header("Range"))
}

const RELATED: &str = "Content-Type: multipart/related; boundary=\"x y\"\r\n";
const QUANTUM: usize = 256 * 1024;

#[test]
fn each_way_brings_the_same_bytes() {
    let gmail = Gmail::start().unwrap();
    let thread = gmail.deliver(mail("a"));
    let tricky = format!("{}--x y\r\n\r\n--x y-- \r\n\u{fc}", mail("b"));
    let metadata = json!({ "threadId": thread });
    upload(&gmail, "messages/send", "media", RFC822, &tricky);
    let parts = multipart(&metadata, &tricky);
    upload(&gmail, "messages/send", "multipart", RELATED, &parts);
    let session = begin(&gmail, "messages/send", &metadata.to_string());
    let range = format!("bytes 0-{}/{}", tricky.len() - 1, tricky.len());
    assert_eq!(put(&gmail, &session, &range, tricky.as_bytes()).status, 200);
    for raw in [URL_SAFE.encode(&tricky), URL_SAFE_NO_PAD.encode(&tricky)] {
        let json = json!({ "raw": raw, "threadId": thread });
        assert_eq!(post(&gmail, "messages/send", &json).unwrap().status, 200);
    }
    let sent = gmail.sent();
    assert!(sent.iter().all(|it| &*it.raw == tricky.as_bytes()), "{}", gmail.log());
    let in_thread: Vec<bool> = sent.iter().map(|it| it.thread_id == thread).collect();
    assert_eq!(in_thread, [false, true, true, true, true]);
}

#[test]
fn a_draft_wraps_its_metadata() {
    let gmail = Gmail::start().unwrap();
    let thread = gmail.deliver(mail("a"));
    let metadata = json!({ "message": { "threadId": thread } });
    upload(&gmail, "drafts", "media", RFC822, mail("b"));
    upload(&gmail, "drafts", "multipart", RELATED, multipart(&metadata, &mail("b")));
    let session = begin(&gmail, "drafts", &metadata.to_string());
    let done = put(&gmail, &session, "bytes */*", b"");
    assert_eq!(stored(&done), (308, None));
    let length = mail("b").len();
    let range = format!("bytes 0-{}/{length}", length - 1);
    let done = put(&gmail, &session, &range, mail("b").as_bytes());
    assert_eq!(done.json()["message"]["labelIds"], json!(["DRAFT"]));
    let json = json!({ "message": { "raw": URL_SAFE.encode(mail("b")), "threadId": thread } });
    post(&gmail, "drafts", &json).unwrap();
    let drafts = gmail.drafts();
    assert!(drafts.iter().all(|it| &*it.raw == mail("b").as_bytes()));
    let in_thread: Vec<bool> = drafts.iter().map(|it| it.thread_id == thread).collect();
    assert_eq!(in_thread, [false, true, true, true]);
}

#[test]
fn a_resumable_upload_is_taken_in_chunks_and_done_once() {
    let gmail = Gmail::start().unwrap();
    let whole = format!("{}{}", mail("a"), "x".repeat(2 * QUANTUM));
    let (whole, total) = (whole.as_bytes(), whole.len());
    let session = begin(&gmail, "messages/send", "");
    let first = format!("bytes 0-{}/{total}", QUANTUM - 1);
    let reply = put(&gmail, &session, &first, &whole[..QUANTUM]);
    assert_eq!(stored(&reply), (308, Some("bytes=0-262143")));
    let reply = put(&gmail, &session, &format!("bytes */{total}"), b"");
    assert_eq!(stored(&reply), (308, Some("bytes=0-262143")));
    assert_eq!(gmail.sent(), []);

    for (range, body) in [
        (format!("bytes {}-{}/{total}", 2 * QUANTUM, total - 1), &whole[2 * QUANTUM..]),
        (format!("bytes {QUANTUM}-{}/{total}", QUANTUM + 9), &whole[QUANTUM..QUANTUM + 10]),
        (format!("bytes {QUANTUM}-{}/{}", total - 2, total - 1), &whole[QUANTUM..total - 1]),
        ("nonsense".to_owned(), b""),
    ] {
        let reply = put(&gmail, &session, &range, body);
        assert_eq!(refusal(&reply), refused(400, "invalidContentRange"), "{range}");
    }
    let rest = format!("bytes {QUANTUM}-{}/{total}", total - 1);
    let done = put(&gmail, &session, &rest, &whole[QUANTUM..]);
    assert_eq!((done.status, &*gmail.sent()[0].raw), (200, whole));
    for range in [&rest, &*format!("bytes */{total}")] {
        let body = if *range == *rest { &whole[QUANTUM..] } else { b"" };
        let again = put(&gmail, &session, range, body);
        assert_eq!((again.status, again.json()), (200, done.json()));
    }
    assert_eq!((gmail.sent().len(), gmail.units()), (1, 100));
}

#[test]
fn a_lost_answer_to_the_last_chunk_is_asked_for_again() {
    let gmail = Gmail::start().unwrap();
    let session = begin(&gmail, "messages/send", "");
    gmail.fail_next(GmailMethod::UploadSession, GmailFault::Reset(When::After));
    let (mail, headers) = (mail("a"), "Authorization: Bearer good\r\n");
    assert!(ask(&gmail, &format!("PUT {session}"), headers, &mail).is_err());
    let status = put(&gmail, &session, &format!("bytes */{}", mail.len()), b"");
    assert_eq!((status.status, status.text("id")), (200, gmail.sent()[0].id.clone()));
    assert_eq!(gmail.sent().len(), 1);
}

#[test]
fn a_session_wants_its_own_address_and_no_bad_token() {
    let gmail = Gmail::start().unwrap();
    let session = begin(&gmail, "messages/send", "");
    let wrong = session.replace("upload_id=", "upload_id=0");
    assert_eq!(refusal(&put(&gmail, &wrong, "bytes */*", b"")), refused(404, "notFound"));
    let bad = ask(&gmail, &format!("PUT {session}"), "Authorization: Bearer bad\r\n", "").unwrap();
    assert_eq!(refusal(&bad), refused(401, "authError"));
}

#[test]
fn a_mail_that_is_too_large_is_refused_however_it_comes() {
    let gmail = Gmail::start().unwrap();
    let mut most = mail("a").into_bytes();
    most.resize(36_700_160, b'x');
    assert_eq!(upload(&gmail, "messages/send", "media", RFC822, &most).status, 200);
    most.push(b'x');
    let over = upload(&gmail, "messages/send", "media", RFC822, &most);
    assert_eq!(refusal(&over), refused(413, "uploadTooLarge"));
    let headers = "X-Upload-Content-Type: message/rfc822\r\nX-Upload-Content-Length: 36700161\r\n";
    let over = upload(&gmail, "drafts", "resumable", headers, "");
    assert_eq!(refusal(&over), refused(413, "uploadTooLarge"));
    let session = begin(&gmail, "drafts", "");
    let over = put(&gmail, &session, "bytes */36700161", b"");
    assert_eq!(refusal(&over), refused(413, "uploadTooLarge"));
    assert_eq!((gmail.sent().len(), gmail.drafts().len()), (1, 0));
}

#[test]
fn what_is_malformed_is_refused() {
    let gmail = Gmail::start().unwrap();
    let json = "Content-Type: application/json\r\n";
    let good = multipart(&json!({}), &mail("a"));
    for (kind, headers, body, reason) in [
        ("media", json, &*mail("a"), "badContent"),
        ("multipart", RFC822, &good, "badContent"),
        ("multipart", RELATED, &good.replace("message/rfc822", "text/plain"), "badContent"),
        ("multipart", RELATED, &good.replace("--x y--", ""), "badContent"),
        ("multipart", RELATED, &good.replace("{}", "{"), "parseError"),
        ("resumable", RFC822, "{}", "badContent"),
        ("other", RFC822, &mail("a"), "badRequest"),
    ] {
        let reply = upload(&gmail, "drafts", kind, headers, body);
        assert_eq!(refusal(&reply), refused(400, reason), "{kind}");
    }
    for (body, reason) in
        [(json!({}), "invalidArgument"), (json!({ "raw": "*" }), "invalidArgument")]
    {
        let reply = post(&gmail, "messages/send", &body).unwrap();
        assert_eq!(refusal(&reply), refused(400, reason));
    }
    let nobody = post(&gmail, "messages/send", &json!({ "raw": "QQ==" })).unwrap();
    assert_eq!(refusal(&nobody), refused(400, "invalidArgument"));
    assert_eq!((gmail.sent(), gmail.drafts()), (vec![], vec![]));
}
