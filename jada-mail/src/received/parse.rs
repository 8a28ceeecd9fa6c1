//! Reads a mail with `mail-parser`.

use std::borrow::Cow;

use jiff::Timestamp;
use mail_parser::{
    Addr, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};

use super::{Received, ReceivedAddress, ReceivedAttachment, opaque};
use crate::{AttachmentName, Error, MessageId, html_text::text_of};

pub(super) fn parse(bytes: &[u8]) -> Result<Received, Error> {
    let not_a_mail = |expected| Error::NotAMail { bytes: bytes.len(), expected };
    let texts = header_texts(bytes);
    if !texts.iter().any(|(name, _)| is_of_a_mail(name)) {
        return Err(not_a_mail(SOME_HEADER));
    }
    let hidden = opaque::hidden(bytes).ok_or_else(|| not_a_mail(FEWER_PARTS))?;
    let parser = MessageParser::default();
    let top = parser.parse_headers(bytes).ok_or_else(|| not_a_mail(SOME_HEADER))?;
    let mail = parser.parse(&hidden).ok_or_else(|| not_a_mail(SOME_HEADER))?;
    let html = html(&mail);
    Ok(Received {
        id: None,
        thread_id: None,
        message_id: top.message_id().and_then(MessageId::received),
        in_reply_to: ids(top.in_reply_to()),
        references: ids(top.references()),
        from: addresses(top.from()).into_iter().next(),
        reply_to: addresses(top.reply_to()),
        to: addresses(top.to()),
        cc: addresses(top.cc()),
        subject: one_line(top.subject().unwrap_or_default()),
        date: date(&top),
        headers: texts,
        text: text(&mail, html.as_deref()),
        html,
        attachments: mail.attachments().map(attachment).collect(),
    })
}

/// Every header of the mail as text, whatever its own grammar.
fn header_texts(bytes: &[u8]) -> Vec<(String, String)> {
    let parser = MessageParser::new().header_text(HeaderName::Subject).default_header_text();
    let mail = parser.parse_headers(bytes).unwrap_or_default();
    let part = mail.parts.into_iter().next().unwrap_or_default();
    let pair = |header: mail_parser::Header<'_>| {
        (header.name().to_owned(), one_line(header.value.as_text().unwrap_or_default()))
    };
    part.headers.into_iter().map(pair).collect()
}

fn is_of_a_mail(name: &str) -> bool {
    ["Date", "From", "Message-ID", "Received", "Sender", "Subject", "To"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

fn ids(value: &HeaderValue<'_>) -> Vec<MessageId> {
    let ids = value.as_text_list().unwrap_or_default();
    ids.iter().filter_map(|id| MessageId::received(id)).collect()
}

fn addresses(value: Option<&mail_parser::Address<'_>>) -> Vec<ReceivedAddress> {
    let address = |addr: &Addr<'_>| {
        let email = one_line(addr.address().unwrap_or_default());
        ReceivedAddress::new(addr.name().map(one_line), email)
    };
    value.into_iter().flat_map(|list| list.iter()).map(address).collect()
}

fn date(mail: &Message<'_>) -> Option<Timestamp> {
    let date = mail.date().filter(|date| date.is_valid())?;
    Timestamp::from_second(date.to_timestamp()).ok()
}

/// The text parts, one after the other; if there is nothing in them, a twin of the HTML.
fn text(mail: &Message<'_>, html: Option<&str>) -> String {
    let text = bodies(mail.text_bodies(), |body| match body {
        PartType::Text(text) => Some(text),
        _ => None,
    });
    match html {
        Some(html) if text.trim().is_empty() => text_of(html),
        _ => text,
    }
}

fn html(mail: &Message<'_>) -> Option<String> {
    let html = bodies(mail.html_bodies(), |body| match body {
        PartType::Html(html) => Some(html),
        _ => None,
    });
    Some(html).filter(|html| !html.is_empty())
}

fn bodies<'a>(
    parts: impl Iterator<Item = &'a MessagePart<'a>>,
    wanted: impl Fn(&'a PartType<'a>) -> Option<&'a Cow<'a, str>>,
) -> String {
    let texts = parts.filter_map(|part| wanted(&part.body)).map(|text| lf(&opaque::shown(text)));
    texts.collect::<Vec<_>>().join("\n")
}

fn attachment(part: &MessagePart<'_>) -> ReceivedAttachment {
    let content_id = part.content_id().map(|id| one_line(&opaque::shown(id)));
    ReceivedAttachment {
        name: part.attachment_name().and_then(file_name),
        content_type: content_type(part),
        inline: match part.content_disposition() {
            Some(disposition) => disposition.is_inline(),
            None => content_id.is_some(),
        },
        content_id,
        bytes: opaque::shown_bytes(part.contents()).into(),
    }
}

fn content_type(part: &MessagePart<'_>) -> String {
    let Some(content_type) = part.content_type() else {
        return "text/plain".to_owned();
    };
    let subtype = content_type.subtype().unwrap_or_default();
    let content_type = format!("{}/{subtype}", content_type.ctype());
    one_line(&opaque::shown(&content_type)).to_ascii_lowercase()
}

/// What follows the last folder in `name`, made a valid name if there is one in it.
fn file_name(name: &str) -> Option<AttachmentName> {
    let name = opaque::shown(name.rsplit(['/', '\\']).next()?);
    let name = one_line(&name);
    let fits = |(at, c): &(usize, char)| at + c.len_utf8() <= LONGEST_NAME;
    let name: String = name.char_indices().take_while(fits).map(|(_, c)| c).collect();
    name.trim().parse().ok()
}

/// `text` without control characters, which an encoded word may hold, and without space around it.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}

fn lf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

const SOME_HEADER: &str = "header fields such as From, Date or Subject";
const FEWER_PARTS: &str = "at most 1,000 parts that hold other parts";
/// Bytes of a file name that common file systems allow.
const LONGEST_NAME: usize = 255;
