//! A mail as it is stored, and as a test sees it.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use mail_parser::{Address, HeaderName, HeaderValue, MessageParser};

/// A mail that Gmail has sent.
///
/// Its `Debug` shows of the bytes no more than their length.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentMail {
    /// Gmail's id of the message.
    pub id: String,
    /// Gmail's id of the conversation.
    pub thread_id: String,
    /// The bytes as they were sent, with the Message-ID that they went out with.
    pub raw: Arc<[u8]>,
    /// When it was sent: a UTC instant, in milliseconds.
    pub internal_date: Timestamp,
    /// What its header `X-Jada-Reference` says.
    pub reference: Option<String>,
}

/// A draft that is there, or was until somebody deleted it.
///
/// Its `Debug` shows of the bytes no more than their length.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DraftMail {
    /// Gmail's id of the draft.
    pub id: String,
    /// Gmail's id of the message in it.
    pub message_id: String,
    /// Gmail's id of the conversation.
    pub thread_id: String,
    /// The bytes as they are stored.
    pub raw: Arc<[u8]>,
    /// What its header `X-Jada-Reference` says.
    pub reference: Option<String>,
}

impl fmt::Debug for SentMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentMail")
            .field("id", &self.id)
            .field("thread_id", &self.thread_id)
            .field("raw", &format_args!("{} bytes", self.raw.len()))
            .field("internal_date", &self.internal_date)
            .field("reference", &self.reference)
            .finish()
    }
}

impl fmt::Debug for DraftMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DraftMail")
            .field("id", &self.id)
            .field("message_id", &self.message_id)
            .field("thread_id", &self.thread_id)
            .field("raw", &format_args!("{} bytes", self.raw.len()))
            .field("reference", &self.reference)
            .finish()
    }
}

/// A mail in the mailbox.
pub(super) struct Mail {
    pub(super) id: String,
    pub(super) thread_id: String,
    /// Of the draft that it is in.
    pub(super) draft_id: Option<String>,
    pub(super) labels: Vec<&'static str>,
    pub(super) raw: Arc<[u8]>,
    pub(super) internal_date: Timestamp,
    /// A mail that came later has a greater one.
    pub(super) number: u64,
    /// From then on it is listed, and found.
    pub(super) indexed: Instant,
    pub(super) index: Index,
}

impl Mail {
    pub(super) fn is(&self, label: &str) -> bool {
        self.labels.iter().any(|it| it.eq_ignore_ascii_case(label))
    }

    pub(super) fn sent(&self) -> SentMail {
        SentMail {
            id: self.id.clone(),
            thread_id: self.thread_id.clone(),
            raw: Arc::clone(&self.raw),
            internal_date: self.internal_date,
            reference: self.index.reference.clone(),
        }
    }

    pub(super) fn draft(&self) -> Option<DraftMail> {
        Some(DraftMail {
            id: self.draft_id.clone()?,
            message_id: self.id.clone(),
            thread_id: self.thread_id.clone(),
            raw: Arc::clone(&self.raw),
            reference: self.index.reference.clone(),
        })
    }

    /// For the log.
    pub(super) fn reference(&self) -> &str {
        self.index.reference.as_deref().unwrap_or("-")
    }
}

/// What a mail is found by; texts in [words].
#[derive(Default)]
pub(super) struct Index {
    /// Without its brackets.
    pub(super) message_id: Option<String>,
    /// The Message-IDs that it answers.
    pub(super) answers: Vec<String>,
    pub(super) reference: Option<String>,
    pub(super) from: Vec<String>,
    /// To, Cc and Bcc.
    pub(super) to: Vec<String>,
    pub(super) subject: Vec<String>,
    pub(super) text: Vec<String>,
    pub(super) attachments: usize,
}

impl Index {
    pub(super) fn of(raw: &[u8]) -> Self {
        let Some(mail) = MessageParser::default().parse(raw) else { return Self::default() };
        let texts = (0..mail.text_body_count()).filter_map(|number| mail.body_text(number));
        let answers = [mail.in_reply_to(), mail.references()];
        let reference = mail.header_raw(HeaderName::Other("X-Jada-Reference".into()));
        Self {
            message_id: mail.message_id().map(str::to_owned),
            answers: answers.into_iter().flat_map(ids).collect(),
            reference: reference.map(|it| it.trim().to_owned()),
            from: mail.from().map(people).unwrap_or_default(),
            to: [mail.to(), mail.cc(), mail.bcc()].into_iter().flatten().flat_map(people).collect(),
            subject: mail.subject().map(words).unwrap_or_default(),
            text: texts.flat_map(|text| words(&text)).collect(),
            attachments: mail.attachment_count(),
        }
    }
}

/// The runs of letters and digits, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn people(address: &Address<'_>) -> Vec<String> {
    let texts = address.iter().flat_map(|person| [person.name(), person.address()]);
    texts.flatten().flat_map(words).collect()
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value.as_text_list() {
        Some(ids) => ids.iter().map(|id| id.to_string()).collect(),
        None => value.as_text().map(str::to_owned).into_iter().collect(),
    }
}
