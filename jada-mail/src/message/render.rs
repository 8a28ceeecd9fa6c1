//! Renders a message as RFC 5322 bytes by `mail-builder`.
//!
//! multipart/mixed ( multipart/alternative ( text, HTML ), attachments ); a level that would hold
//! one part is left out.

use mail_builder::{
    MessageBuilder,
    headers::{content_type::ContentType, date::Date, message_id::MessageId as IdHeader, raw::Raw},
    mime::{BodyPart, MimePart},
};

use super::{Message, digest, encode};
use crate::Attachment;

pub(super) fn render(message: &Message) -> Vec<u8> {
    let mut builder = MessageBuilder::new()
        .date(Date::new(message.date.as_second()))
        .header("From", encode::addresses(std::slice::from_ref(&message.from)));
    for (name, recipients) in [("To", &message.to), ("Cc", &message.cc)] {
        if !recipients.is_empty() {
            builder = builder.header(name, encode::addresses(recipients));
        }
    }
    let mut bytes = Vec::new();
    builder
        .header("Subject", encode::subject(&message.subject))
        .message_id(IdHeader::new(message.message_id.as_str()))
        .body(body(message))
        .serialize(&mut bytes);
    bytes
}

fn body(message: &Message) -> MimePart<'_> {
    let boundary = Boundary::of(message);
    let text = message.text().map(|text| MimePart::new("text/plain", text));
    let html = message.html().map(|html| MimePart::new("text/html", html));
    let bodies: Vec<_> = text.into_iter().chain(html).collect();
    let body = boundary.enclose("alternative", bodies);
    let attachments = message.attachments.iter().map(attachment);
    boundary.enclose("mixed", std::iter::once(body).chain(attachments).collect())
}

/// An attachment is always base64. `mail-builder` sends a text one as 7bit when it can, with
/// any lone CR or NUL it holds; a raw Content-Type keeps it from knowing.
fn attachment(attachment: &Attachment) -> MimePart<'_> {
    let content_type = attachment.content_type();
    let is_utf8 = content_type.is_text() && std::str::from_utf8(attachment.bytes()).is_ok();
    let charset = if is_utf8 { "; charset=utf-8" } else { "" };
    MimePart::raw(BodyPart::Binary(attachment.bytes().into()))
        .header("Content-Type", Raw::new(format!("{content_type}{charset}")))
        .header("Content-Disposition", encode::disposition(attachment.name()))
}

/// The end of every boundary of one message.
struct Boundary(String);

impl Boundary {
    /// Derives a boundary from the key. It begins with `=_`, which neither quoted-printable nor
    /// base64 can hold; a body that is sent as it is may, so those are searched for it.
    fn of(message: &Message) -> Self {
        let digest = digest(&message.idempotency_key);
        let bodies = [message.text(), message.html()];
        let mut attempt = 0_u64;
        loop {
            let end = format!("_{}_{attempt}", &digest[..32]);
            if !bodies.iter().flatten().any(|body| body.contains(&end)) {
                return Self(end);
            }
            attempt += 1;
        }
    }

    /// Makes a multipart of `parts`, or returns the only one.
    fn enclose<'x>(&self, subtype: &str, mut parts: Vec<MimePart<'x>>) -> MimePart<'x> {
        if parts.len() == 1 {
            return parts.swap_remove(0);
        }
        let content_type = ContentType::new(format!("multipart/{subtype}"))
            .attribute("boundary", format!("=_{subtype}{}", self.0));
        MimePart::new(content_type, parts)
    }
}
