//! The tree of a message's
//! [parts](https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#Message.MessagePart).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use mail_parser::parsers::MessageStream;
use mail_parser::{Header, Message, MessagePart, MimeHeaders as _, PartType};
use serde_json::{Value, json};

pub(super) fn headers_alone(message: &Message<'_>, wanted: &[&str]) -> Value {
    let Some(root) = message.parts.first() else { return json!({}) };
    let is_wanted = |header: &&Header<'_>| {
        wanted.is_empty() || wanted.iter().any(|name| name.eq_ignore_ascii_case(header.name()))
    };
    let headers = root.headers.iter().filter(is_wanted);
    let headers: Vec<Value> = headers.map(|it| header(message, it)).collect();
    json!({ "mimeType": mime_type(root), "headers": headers })
}

pub(super) fn tree(message: &Message<'_>, message_id: &str) -> Value {
    part(message, message_id, 0, "")
}

pub(super) fn attachment<'a>(
    message: &'a Message<'_>,
    message_id: &str,
    id: &str,
) -> Option<&'a [u8]> {
    let number = (0..message.parts.len()).find(|it| attachment_id(message_id, *it) == id)?;
    message.parts.get(number).filter(|part| is_attachment(part)).map(MessagePart::contents)
}

fn part(message: &Message<'_>, message_id: &str, number: usize, part_id: &str) -> Value {
    let Some(it) = message.parts.get(number) else { return json!({}) };
    let headers: Vec<Value> = it.headers.iter().map(|it| header(message, it)).collect();
    let mut json = json!({
        "partId": part_id,
        "mimeType": mime_type(it),
        "filename": it.attachment_name().unwrap_or_default(),
        "headers": headers,
    });
    match &it.body {
        PartType::Multipart(children) => {
            let children = children.iter().enumerate().map(|(at, child)| {
                let prefix = if part_id.is_empty() { "" } else { "." };
                part(message, message_id, *child as usize, &format!("{part_id}{prefix}{at}"))
            });
            json["parts"] = children.collect();
            json["body"] = json!({ "size": 0 });
        }
        _ if is_attachment(it) => {
            let id = attachment_id(message_id, number);
            json["body"] = json!({ "attachmentId": id, "size": it.contents().len() });
        }
        _ => {
            let data = URL_SAFE.encode(it.contents());
            json["body"] = json!({ "size": it.contents().len(), "data": data });
        }
    }
    json
}

/// Its value as people read it: in one line, and without encoded words.
fn header(message: &Message<'_>, header: &Header<'_>) -> Value {
    let slice = |from, to| message.raw_message.get(from as usize..to as usize).unwrap_or_default();
    let name = String::from_utf8_lossy(slice(header.offset_field, header.offset_start));
    let value = slice(header.offset_start, header.offset_end);
    let text = MessageStream::new(value).parse_unstructured().into_text();
    let value = text.unwrap_or_else(|| String::from_utf8_lossy(value));
    json!({ "name": name.trim_end_matches(':').trim(), "value": value.trim() })
}

fn mime_type(part: &MessagePart<'_>) -> String {
    match part.content_type() {
        Some(it) => format!("{}/{}", it.ctype(), it.subtype().unwrap_or_default()).to_lowercase(),
        None => "text/plain".to_owned(),
    }
}

fn is_attachment(part: &MessagePart<'_>) -> bool {
    let is_text = matches!(part.body, PartType::Text(_) | PartType::Html(_));
    let is_leaf = !matches!(part.body, PartType::Multipart(_));
    is_leaf && (!is_text || part.attachment_name().is_some())
}

fn attachment_id(message_id: &str, number: usize) -> String {
    format!("ANGjdJ{message_id}_{number}")
}
