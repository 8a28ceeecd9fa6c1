//! The same mail by the libraries that it is composed with otherwise, and on Gmail's other way in.

use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_URL_SAFE};
use jada_auth::{Answer, GoogleClient};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart, header::ContentType};
use mail_parser::decoders::html::html_to_text;

use crate::MailParts;

/// Composes the mail by mail-builder alone, in the way its documentation shows: nothing is checked.
/// A text that is missing is made by mail-parser.
#[must_use]
pub fn by_mail_builder(parts: &MailParts) -> Vec<u8> {
    let mut mail = mail_builder::MessageBuilder::new()
        .date(DATE)
        .from(parts.from)
        .to(parts.to)
        .subject(parts.subject)
        .message_id(MESSAGE_ID);
    if let Some(html) = &parts.html {
        mail = mail.html_body(html);
    }
    mail = match (&parts.text, &parts.html) {
        (Some(text), _) => mail.text_body(text),
        (None, html) => mail.text_body(html.as_deref().map(html_to_text).unwrap_or_default()),
    };
    if let Some(bytes) = &parts.attachment {
        mail = mail.attachment("application/pdf", "statement.pdf", &bytes[..]);
    }
    mail.write_to_vec().unwrap()
}

/// Composes the mail by lettre, which wants texts and files of its own: `file` is a copy of the
/// attachment. A text that is missing is made by mail-parser.
#[must_use]
pub fn by_lettre(parts: &MailParts, file: Option<Vec<u8>>) -> Vec<u8> {
    let address = |(name, email)| format!("{name} <{email}>").parse::<Mailbox>().unwrap();
    let mail = lettre::Message::builder()
        .date(UNIX_EPOCH + Duration::from_secs(DATE.unsigned_abs()))
        .from(address(parts.from))
        .to(address(parts.to))
        .subject(parts.subject)
        .message_id(Some(format!("<{MESSAGE_ID}>")));
    let text = match (&parts.text, &parts.html) {
        (Some(text), _) => text.clone(),
        (None, html) => html.as_deref().map(html_to_text).unwrap_or_default(),
    };
    let body = match &parts.html {
        Some(html) => MultiPart::alternative_plain_html(text, html.clone()),
        None => MultiPart::mixed().singlepart(SinglePart::plain(text)),
    };
    let body = match file {
        Some(file) => {
            let content_type = ContentType::parse("application/pdf").unwrap();
            let file = Attachment::new("statement.pdf".to_owned()).body(file, content_type);
            body.singlepart(file)
        }
        None => body,
    };
    mail.multipart(body).unwrap().formatted()
}

/// Sends a rendered mail as `raw`, which is base64 in JSON: what Google's own client libraries do.
pub async fn send_raw(google: &GoogleClient, rendered: &[u8]) -> Answer {
    let mut json = String::with_capacity(rendered.len() * 4 / 3 + 16);
    json.push_str("{\"raw\":\"");
    BASE64_URL_SAFE.encode_string(rendered, &mut json);
    json.push_str("\"}");
    let url = "https://gmail.googleapis.com/gmail/v1/users/me/messages/send";
    google.post(url).body("application/json", json).send().await.unwrap()
}

/// 2026-06-01T06:00:00Z in Unix seconds.
const DATE: i64 = 1_780_293_600;
const MESSAGE_ID: &str = "call-2026-06-07-ada@example.com";
