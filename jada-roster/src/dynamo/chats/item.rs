//! A message as a DynamoDB item, and back.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::charter::CharterId;
use crate::chat::{ChatMessage, ChatMessageId, ChatText};
use crate::dynamo::chats::DynamoChats;
use crate::dynamo::item::{Corrupt, Item, parsed, text, why};
use crate::error::Error;

impl DynamoChats {
    pub(super) fn item(&self, message: &ChatMessage) -> Item {
        let time = format!("{:.9}#{}", message.at(), message.id());
        let texts = [
            (self.charter_key.as_str(), message.charter().to_string()),
            (self.time_key.as_str(), time),
            (AUTHOR, message.author().to_string()),
            (TEXT, message.text().to_string()),
        ];
        texts.map(|(name, text)| (name.to_owned(), AttributeValue::S(text))).into()
    }

    pub(super) fn message(&self, item: &Item) -> Result<ChatMessage, Error> {
        let key = |name: &str| text(item, name).unwrap_or_default();
        let (charter, time) = (key(&self.charter_key), key(&self.time_key));
        let corrupt = |attribute: &str, expected: String| Error::CorruptItem {
            table: self.table.clone(),
            key: format!("{charter} {time}"),
            attribute: attribute.to_owned(),
            expected,
            called: None,
        };
        let said = |Corrupt { attribute, expected }| corrupt(attribute, expected);
        let author = parsed(item, AUTHOR, str::parse).map_err(said)?;
        let text = parsed(item, TEXT, ChatText::new).map_err(said)?;
        let charter =
            CharterId::new(charter).map_err(|error| corrupt(&self.charter_key, why(error)))?;
        let message = place(time).and_then(|place| ChatMessage::of(charter, place, author, text));
        message.map_err(|error| corrupt(&self.time_key, why(error)))
    }
}

/// The instant and the id that a sort key names; without an id it is its own.
fn place(time: &str) -> Result<(Timestamp, ChatMessageId), Error> {
    let (instant, id) = time.split_once('#').unwrap_or((time, time));
    let is_date = [4, 7].map(|at| instant.as_bytes().get(at)) == [Some(&b'-'); 2];
    let at = is_date.then(|| instant.parse().ok()).flatten();
    let at = at.ok_or_else(|| Error::invalid("time", time, INSTANT))?;
    Ok((at, ChatMessageId::new(id)?))
}

const AUTHOR: &str = "author";
const TEXT: &str = "text";
const INSTANT: &str = "an instant with its offset from UTC, such as 2026-05-03T09:00:00Z";
