//! What the spool knows of one mail, as it is kept on disk: JSON, one file a mail.

use std::{fmt, path::Path, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{DraftId, Error, IdempotencyKey, Message, MessageId, Receipt, ThreadId, syntax::hex};

/// What became of a mail in an [`Outbox`](crate::Outbox) so far; each is a folder of the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MailState {
    /// It waits to be sent, and was not sent so far.
    Queued,
    /// A step of its sending is under way, or lost its answer and is looked into.
    Sending,
    /// Whether it was sent cannot be told: a person decides.
    Unknown,
    /// It was refused, given up, or dropped by a person: it is not sent, or not sent again, unless a
    /// person says so.
    Failed,
    /// It was sent.
    Sent,
}

impl MailState {
    /// In the order in which a mail moves on.
    pub(super) const ALL: [Self; 5] =
        [Self::Queued, Self::Sending, Self::Unknown, Self::Failed, Self::Sent];

    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Sent => "sent",
        }
    }
}

impl fmt::Display for MailState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.folder())
    }
}

/// The step of a sending that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
    /// The mail is being put among the drafts: nothing went out.
    Stage,
    /// The draft is being sent.
    Release,
    /// The mail is being sent in one step.
    Send,
}

/// Why a mail is left alone for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reason {
    /// Our own back-off, which a person may overrule.
    BackOff,
    /// The server asked for it.
    RetryAfter,
    /// What was sent just now cannot be found yet.
    Index,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wait {
    pub(super) until: Timestamp,
    pub(super) reason: Reason,
}

impl Wait {
    /// `hurry` overrules what is our own. A wait that is longer than `longest` was set by a clock
    /// that has gone back since, and does not count.
    pub(super) fn holds(&self, now: Timestamp, hurry: Hurry, longest: Duration) -> bool {
        let left = self.until.duration_since(now);
        let possible = left.is_positive() && left.unsigned_abs() <= longest;
        possible && !(hurry == Hurry::Now && self.reason == Reason::BackOff)
    }
}

/// Whether a person asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hurry {
    /// In its time.
    Patient,
    /// Now: our own back-off does not count.
    Now,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    #[serde(with = "text")]
    pub(super) key: IdempotencyKey,
    #[serde(with = "text")]
    pub(super) message_id: MessageId,
    #[serde(with = "text::optional", default, skip_serializing_if = "Option::is_none")]
    pub(super) thread_id: Option<ThreadId>,
    /// For people who look at a list of mails.
    pub(super) subject: String,
    pub(super) to: Vec<String>,
    pub(super) bytes: u64,
    sha256_without_date: String,
    /// For an invitation, which says its date a second time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256_undated: Option<String>,
    pub(super) enqueued_at: Timestamp,
    pub(super) state: MailState,
    /// Since when it is in this state.
    pub(super) since: Timestamp,
    pub(super) attempts: u32,
    /// The transport by which its sending was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) via: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<Step>,
    /// When the first step of this sending was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) began_at: Option<Timestamp>,
    /// The draft that is sent, and no other.
    #[serde(with = "text::optional", default, skip_serializing_if = "Option::is_none")]
    pub(super) draft: Option<DraftId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) wait: Option<Wait>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
    /// When a person gave it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) dropped_at: Option<Timestamp>,
    /// When its sender took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn_at: Option<Timestamp>,
    /// Where it went, once it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

impl Record {
    pub(super) fn new(message: &Message, rendered: &[u8], now: Timestamp) -> Self {
        let recipients = message.to().iter().chain(message.cc());
        Self {
            version: VERSION,
            key: message.idempotency_key().clone(),
            message_id: message.message_id().clone(),
            thread_id: message.thread_id().cloned(),
            subject: message.subject().as_str().to_owned(),
            to: recipients.map(|address| address.email().to_owned()).collect(),
            bytes: rendered.len() as u64,
            sha256_without_date: sha256_without_date(rendered),
            sha256_undated: sha256_undated(message),
            enqueued_at: now,
            state: MailState::Queued,
            since: now,
            attempts: 0,
            via: None,
            step: None,
            began_at: None,
            draft: None,
            wait: None,
            why: None,
            dropped_at: None,
            withdrawn_at: None,
            location: None,
        }
    }

    /// Puts it into `state`, where it is from `now` on unless it was there before.
    pub(super) fn enter(&mut self, state: MailState, now: Timestamp) {
        if self.state != state {
            (self.state, self.since) = (state, now);
        }
        self.step = None;
        self.wait = None;
    }

    pub(super) fn sent(&mut self, receipt: &Receipt, now: Timestamp) {
        self.enter(MailState::Sent, now);
        (self.draft, self.why) = (None, None);
        self.location = Some(receipt.location.clone());
        if receipt.thread_id.is_some() {
            self.thread_id.clone_from(&receipt.thread_id);
        }
    }

    /// What the mailer answered, if it is sent.
    pub(super) fn receipt(&self) -> Option<Receipt> {
        let location = self.location.as_ref().filter(|_| self.state == MailState::Sent)?;
        let receipt = Receipt::new(self.message_id.clone(), location);
        Some(receipt.in_thread(self.thread_id.clone()))
    }

    /// Whether anything of its sending stands at a server.
    pub(super) fn is_begun(&self) -> bool {
        self.step.is_some() || self.draft.is_some() || self.state == MailState::Unknown
    }

    /// Whether these bytes are what was queued, but for its `Date`.
    pub(super) fn is_of(&self, rendered: &[u8]) -> bool {
        self.sha256_without_date == sha256_without_date(rendered)
    }

    /// Whether this mail is what was queued, but for its date.
    pub(super) fn is_of_message(&self, message: &Message, rendered: &[u8]) -> bool {
        match &self.sha256_undated {
            Some(undated) => sha256_undated(message).as_ref() == Some(undated),
            None => self.is_of(rendered),
        }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        to_json(self)
    }

    /// Reads what stands in `path`, which is of `key`.
    pub(super) fn from_json(json: &[u8], path: &Path, key: &IdempotencyKey) -> Result<Self, Error> {
        let record: Self = from_json(json, path)?;
        let wrong = |what: &str| Err(Error::damaged(path, what));
        match record {
            Self { version, .. } if version > VERSION => wrong("it is of a newer version"),
            Self { key: ref of, .. } if of != key => wrong("it is of another mail"),
            record => Ok(record),
        }
    }
}

/// A draft of ours that may be left behind at a server, since an answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Leftover {
    #[serde(with = "text")]
    pub(super) message_id: MessageId,
    pub(super) via: String,
    /// When the first step of that sending was taken.
    pub(super) began_at: Timestamp,
    /// Before that it may not be found.
    pub(super) not_before: Timestamp,
}

/// The mails by one transport are left alone by every process for a while, whatever their own
/// waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pause {
    pub(super) wait: Wait,
    pub(super) why: String,
}

/// As late as a timestamp can be, where that is beyond it.
pub(super) fn after(now: Timestamp, pause: Duration) -> Timestamp {
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}

pub(super) fn to_json(value: &impl Serialize) -> Vec<u8> {
    // Nothing of ours has a key that is no text, which is all that could fail.
    let mut json = serde_json::to_vec_pretty(value).unwrap_or_default();
    json.push(b'\n');
    json
}

pub(super) fn from_json<T: for<'a> Deserialize<'a>>(json: &[u8], path: &Path) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|error| Error::damaged(path, error.to_string()))
}

/// The SHA-256 of an invitation as of a date that is always the same.
fn sha256_undated(message: &Message) -> Option<String> {
    let invitation = message.invite().map(|_| message.dated(Timestamp::UNIX_EPOCH));
    invitation.map(|undated| hex(&Sha256::digest(undated.render())))
}

/// The SHA-256 of a rendered mail but for its `Date`: a mail that is composed again a minute later
/// is the same.
fn sha256_without_date(rendered: &[u8]) -> String {
    let head = rendered.windows(4).position(|at| at == b"\r\n\r\n").unwrap_or(rendered.len());
    let begin = match rendered.starts_with(DATE) {
        true => Some(0),
        false => rendered[..head].windows(DATE.len() + 2).position(is_date).map(|at| at + 2),
    };
    let begin = begin.unwrap_or(head);
    let end = rendered[begin..head].iter().position(|byte| *byte == b'\n').unwrap_or(0) + begin;
    hex(&Sha256::new().chain_update(&rendered[..begin]).chain_update(&rendered[end..]).finalize())
}

fn is_date(window: &[u8]) -> bool {
    window.starts_with(b"\r\n") && window.ends_with(DATE)
}

const DATE: &[u8] = b"Date: ";
const VERSION: u32 = 1;

/// A server that asks for more is asked again tomorrow.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// Newtypes as text, checked when they are read.
mod text {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<T: Display, S: Serializer>(it: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(it)
    }

    pub(super) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }

    pub(super) mod optional {
        use super::{Deserialize, Deserializer, Display, Error, FromStr, Serializer};

        pub(in super::super) fn serialize<T: Display, S: Serializer>(
            it: &Option<T>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            match it {
                Some(it) => to.collect_str(it),
                None => to.serialize_none(),
            }
        }

        pub(in super::super) fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
        where
            T: FromStr<Err: Display>,
            D: Deserializer<'de>,
        {
            let text = Option::<String>::deserialize(from)?;
            text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
        }
    }
}
