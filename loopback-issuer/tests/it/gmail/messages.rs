//! Messages as they are read: formats, parts, attachments, conversations.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use jada_loopback_issuer::Gmail;
use serde_json::{Value, json};

use super::{drafted, fields, get, mail, post, refusal, refused};

/// With a subject and a file name that are encoded, and a part within a part.
fn confirmation() -> String {
    format!(
        "From: =?utf-8?Q?J=C3=BCrgen?= <bookings@example.com>\r\nTo: me@example.com\r\n\
         Subject: =?utf-8?Q?Booking_f=C3=BCr?=\r\n =?utf-8?Q?_zwei?=\r\nX-Layout: two\r\n\
         Message-ID: <c@example.com>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\n\
         --o\r\nContent-Type: multipart/alternative; boundary=\"i\"\r\n\r\n\
         --i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nTwo guests\r\n\
         --i\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Two guests</p>\r\n--i--\r\n\
         --o\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n\
         Content-Disposition: attachment; filename=\"a.pdf\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--o--\r\n",
        STANDARD.encode(PDF)
    )
}

const PDF: &[u8] = b"%PDF-1.7 \xff\x00\xfe";

fn names(headers: &Value) -> Vec<String> {
    fields(headers, "name")
}

#[test]
fn a_format_tells_as_much_as_was_asked_for() {
    let gmail = Gmail::start().unwrap();
    let id = gmail.deliver(confirmation());
    let of = |query: &str| get(&gmail, &format!("messages/{id}{query}")).json();

    let minimal = of("?format=minimal");
    assert_eq!(minimal["labelIds"], json!(["INBOX", "UNREAD"]));
    assert_eq!(minimal["sizeEstimate"], confirmation().len());
    assert_eq!(minimal["snippet"], "Two guests");
    assert_eq!((&minimal["payload"], &minimal["raw"]), (&Value::Null, &Value::Null));

    let raw = of("?format=RAW");
    let bytes = URL_SAFE.decode(raw["raw"].as_str().unwrap()).unwrap();
    assert_eq!(bytes, confirmation().as_bytes());
    assert_eq!(raw["payload"], Value::Null);

    let some = of("?format=metadata&metadataHeaders=subject&metadataHeaders=X-Layout");
    let headers = &some["payload"]["headers"];
    assert_eq!(names(headers), ["Subject", "X-Layout"]);
    assert_eq!(fields(headers, "value"), ["Booking für zwei", "two"]);
    assert_eq!(some["payload"]["parts"], Value::Null);
    let all = of("?format=metadata");
    assert_eq!(names(&all["payload"]["headers"]).len(), 7);
    assert_eq!(all["payload"]["headers"][0]["value"], "Jürgen <bookings@example.com>");

    let wrong = get(&gmail, &format!("messages/{id}?format=whole"));
    assert_eq!(refusal(&wrong), refused(400, "invalidArgument"));
    assert_eq!(refusal(&get(&gmail, "messages/0")), refused(404, "notFound"));
}

#[test]
fn a_full_message_is_a_tree_whose_attachments_are_fetched_apart() {
    let gmail = Gmail::start().unwrap();
    let id = gmail.deliver(confirmation());
    let payload = &get(&gmail, &format!("messages/{id}")).json()["payload"];
    assert_eq!(payload["mimeType"], "multipart/mixed");
    let [alternative, pdf] = &payload["parts"].as_array().unwrap()[..] else {
        panic!("{payload}");
    };
    assert_eq!(fields(&alternative["parts"], "partId"), ["0.0", "0.1"]);
    assert_eq!(fields(&alternative["parts"], "mimeType"), ["text/plain", "text/html"]);
    let text = alternative["parts"][0]["body"]["data"].as_str().unwrap();
    assert_eq!(URL_SAFE.decode(text).unwrap(), b"Two guests");

    assert_eq!((&pdf["partId"], &pdf["filename"]), (&"1".into(), &"a.pdf".into()));
    assert_eq!((&pdf["body"]["size"], &pdf["body"]["data"]), (&PDF.len().into(), &Value::Null));
    let attachment = pdf["body"]["attachmentId"].as_str().unwrap();
    let fetched = get(&gmail, &format!("messages/{id}/attachments/{attachment}"));
    assert_eq!(fetched.json()["size"], PDF.len());
    assert_eq!(URL_SAFE.decode(fetched.text("data")).unwrap(), PDF);
    let other = gmail.deliver(confirmation());
    for path in [
        format!("messages/{id}/attachments/x"),
        format!("messages/{other}/attachments/{attachment}"),
    ] {
        assert_eq!(refusal(&get(&gmail, &path)), refused(404, "notFound"));
    }
}

#[test]
fn a_draft_is_read_in_the_same_formats() {
    let gmail = Gmail::start().unwrap();
    let id = drafted(&gmail, "a");
    let draft = get(&gmail, &format!("drafts/{id}?format=raw")).json();
    let bytes = URL_SAFE.decode(draft["message"]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(bytes, mail("a").as_bytes());
    let draft = get(&gmail, &format!("drafts/{id}?format=metadata")).json();
    assert!(
        names(&draft["message"]["payload"]["headers"]).contains(&"X-Jada-Reference".to_owned())
    );
}

#[test]
fn a_mail_that_answers_another_is_in_its_conversation() {
    let gmail = Gmail::start().unwrap();
    let first = gmail.deliver(mail("a"));
    let answer = format!("In-Reply-To: <a@example.com>\r\n{}", mail("b"));
    let second = gmail.deliver(answer);
    let third =
        gmail.deliver(format!("References: <x@example.com>\r\n <b@example.com>\r\n{}", mail("c")));
    let thread = |id| get(&gmail, &format!("messages/{id}?format=minimal")).text("threadId");
    assert_eq!([thread(second), thread(third)], [first.clone(), first.clone()]);
    let apart = gmail.deliver(mail("d"));
    assert_eq!(thread(apart.clone()), apart);

    let raw = URL_SAFE.encode(mail("e"));
    let sent = post(&gmail, "messages/send", &json!({ "raw": raw, "threadId": first })).unwrap();
    assert_eq!(sent.text("threadId"), first);
    let lost = post(&gmail, "messages/send", &json!({ "raw": raw, "threadId": "0" })).unwrap();
    assert_eq!(refusal(&lost), refused(404, "notFound"));
    assert_eq!(gmail.sent().len(), 1);
}

#[test]
fn a_profile_counts_messages_and_conversations() {
    let gmail = Gmail::start().unwrap();
    gmail.deliver(mail("a"));
    gmail.deliver(format!("In-Reply-To: <a@example.com>\r\n{}", mail("b")));
    drafted(&gmail, "c");
    let profile = get(&gmail, "profile").json();
    assert_eq!(profile["emailAddress"], "me@example.com");
    assert_eq!((&profile["messagesTotal"], &profile["threadsTotal"]), (&json!(3), &json!(2)));
}
