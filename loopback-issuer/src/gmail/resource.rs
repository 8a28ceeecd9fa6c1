//! A message as JSON, in the format that was asked for.

mod payload;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use mail_parser::MessageParser;
use serde_json::{Value, json};

use super::mail::Mail;
use crate::google::refusal::Refusal;
use crate::loopback::Head;

/// How much of a message is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Minimal,
    Metadata,
    Full,
    Raw,
}

impl Format {
    pub(super) fn of(head: &Head) -> Result<Self, Refusal> {
        let format = head.query("format").unwrap_or("full").to_ascii_lowercase();
        Ok(match format.as_str() {
            "minimal" => Self::Minimal,
            "metadata" => Self::Metadata,
            "full" => Self::Full,
            "raw" => Self::Raw,
            _ => return Err(Refusal::invalid(format!("Invalid value at 'format': {format}"))),
        })
    }

    /// Whether it tells no more than a holder of `gmail.metadata` may know.
    pub(super) fn is_metadata(self) -> bool {
        matches!(self, Self::Minimal | Self::Metadata)
    }
}

/// What a list tells of a message.
pub(super) fn entry(mail: &Mail) -> Value {
    json!({ "id": mail.id, "threadId": mail.thread_id })
}

/// What is answered to whoever stored it.
pub(super) fn stored(mail: &Mail) -> Value {
    json!({ "id": mail.id, "threadId": mail.thread_id, "labelIds": mail.labels })
}

/// Of the headers these alone, where the format is [`Metadata`](Format::Metadata) and there are
/// some.
pub(super) fn message(mail: &Mail, format: Format, headers: &[&str]) -> Value {
    let mut message = stored(mail);
    message["sizeEstimate"] = mail.raw.len().into();
    message["historyId"] = mail.number.to_string().into();
    message["internalDate"] = mail.internal_date.as_millisecond().to_string().into();
    let parsed = MessageParser::default().parse(&*mail.raw).unwrap_or_default();
    message["snippet"] = parsed.body_preview(SNIPPET).unwrap_or_default().into();
    match format {
        Format::Minimal => {}
        Format::Raw => message["raw"] = URL_SAFE.encode(&mail.raw).into(),
        Format::Metadata => message["payload"] = payload::headers_alone(&parsed, headers),
        Format::Full => message["payload"] = payload::tree(&parsed, &mail.id),
    }
    message
}

/// Size and content of an attachment.
pub(super) fn attachment(mail: &Mail, id: &str) -> Result<Value, Refusal> {
    let parsed = MessageParser::default().parse(&*mail.raw).unwrap_or_default();
    let content = payload::attachment(&parsed, &mail.id, id).ok_or_else(Refusal::not_found)?;
    Ok(json!({ "size": content.len(), "data": URL_SAFE.encode(content) }))
}

const SNIPPET: usize = 200;
