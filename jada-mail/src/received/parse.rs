//! Reads a mail with `mail-parser`.

use jiff::Timestamp;
use mail_parser::{
    Addr, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};

use super::{Received, ReceivedAddress, ReceivedAttachment};
use crate::{AttachmentName, Error, MessageId};

pub(super) fn parse(bytes: &[u8]) -> Result<Received, Error> {
    let not_a_mail = || Error::NotAMail { bytes: bytes.len() };
    let mail = MessageParser::default().parse(bytes).ok_or_else(not_a_mail)?;
    let headers = headers(bytes);
    if !headers.iter().any(|(name, _)| is_of_a_mail(name)) {
        return Err(not_a_mail());
    }
    Ok(Received {
        id: None,
        thread_id: None,
        message_id: mail.message_id().and_then(|id| id.parse().ok()),
        in_reply_to: ids(mail.in_reply_to()),
        references: ids(mail.references()),
        from: addresses(mail.from()).into_iter().next(),
        reply_to: addresses(mail.reply_to()),
        to: addresses(mail.to()),
        cc: addresses(mail.cc()),
        subject: one_line(mail.subject().unwrap_or_default()),
        date: date(&mail),
        headers,
        text: text(&mail),
        html: html(&mail),
        attachments: mail.attachments().map(|part| attachment(part, bytes)).collect(),
    })
}

/// Every header of the mail as text, whatever its own grammar.
fn headers(bytes: &[u8]) -> Vec<(String, String)> {
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
    ids.iter().filter_map(|id| id.parse().ok()).collect()
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

fn text(mail: &Message<'_>) -> String {
    let texts = (0..mail.text_body_count()).filter_map(|at| mail.body_text(at));
    texts.map(|text| lf(&text)).collect::<Vec<_>>().join("\n")
}

fn html(mail: &Message<'_>) -> Option<String> {
    let html = |part: &MessagePart<'_>| match &part.body {
        PartType::Html(html) => Some(lf(html)),
        _ => None,
    };
    let parts: Vec<_> = mail.html_bodies().filter_map(html).collect();
    Some(parts.join("\n")).filter(|_| !parts.is_empty())
}

fn attachment(part: &MessagePart<'_>, mail: &[u8]) -> ReceivedAttachment {
    let bytes = match &part.body {
        PartType::Message(nested) if part.encoding != mail_parser::Encoding::None => {
            &nested.raw_message
        }
        PartType::Message(_) => {
            let range = part.offset_body as usize..part.offset_end as usize;
            mail.get(range).unwrap_or_default()
        }
        _ => part.contents(),
    };
    let disposition = part.content_disposition();
    let content_id = part.content_id().map(one_line);
    ReceivedAttachment {
        name: part.attachment_name().and_then(file_name),
        content_type: content_type(part),
        inline: match disposition {
            Some(disposition) => disposition.is_inline(),
            None => content_id.is_some(),
        },
        content_id,
        bytes: bytes.to_vec().into(),
    }
}

fn content_type(part: &MessagePart<'_>) -> String {
    let Some(content_type) = part.content_type() else {
        return "text/plain".to_owned();
    };
    let subtype = content_type.subtype().unwrap_or_default();
    one_line(&format!("{}/{subtype}", content_type.ctype())).to_ascii_lowercase()
}

/// What follows the last folder in `name`, made a valid name if there is one in it.
fn file_name(name: &str) -> Option<AttachmentName> {
    let name = one_line(name.rsplit(['/', '\\']).next()?);
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

/// Bytes of a file name that common file systems allow.
const LONGEST_NAME: usize = 255;
