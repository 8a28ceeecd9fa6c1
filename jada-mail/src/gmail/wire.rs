//! Gmail's answers, as far as they are read.

use jiff::Timestamp;
use serde::Deserialize;

use crate::{Letter, Receipt, ThreadId};

/// A [message](https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#Message)
/// without its content.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mail {
    pub(super) id: String,
    pub(super) thread_id: Option<String>,
    #[serde(default)]
    label_ids: Vec<String>,
    internal_date: Option<String>,
    #[serde(default)]
    payload: Payload,
}

impl Mail {
    pub(super) fn receipt(self, letter: &Letter) -> Receipt {
        self.receipt_for(letter.message_id().clone())
    }

    pub(super) fn receipt_for(self, message_id: crate::MessageId) -> Receipt {
        let thread_id = self.thread_id.and_then(|id| id.parse::<ThreadId>().ok());
        Receipt::new(message_id, self.id).in_thread(thread_id)
    }

    pub(super) fn has_label(&self, label: &str) -> bool {
        self.label_ids.iter().any(|it| it == label)
    }

    /// When the server accepted it: a UTC instant, from milliseconds since 1970.
    pub(super) fn accepted_at(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.internal_date.as_ref()?.parse().ok()?).ok()
    }

    /// The values of a header.
    pub(super) fn header(&self, name: &str) -> impl Iterator<Item = &str> {
        let same = move |header: &&Header| header.name.eq_ignore_ascii_case(name);
        self.payload.headers.iter().filter(same).map(|header| header.value.trim())
    }
}

#[derive(Default, Deserialize)]
struct Payload {
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) message: Mail,
}

/// The names of mails or drafts, page by page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    /// Absent where there is none.
    #[serde(default, alias = "messages", alias = "drafts")]
    pub(super) found: Vec<Named>,
    pub(super) next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    pub(super) id: String,
    /// A mail's.
    pub(super) thread_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    pub(super) email_address: String,
}
