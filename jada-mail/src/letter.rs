//! A mail as it goes over the wire, and what it is found by afterwards.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;

use crate::{Error, IdempotencyKey, Message, MessageId, ThreadId};

/// A rendered mail: its bytes, and what a [`Transport`](crate::Transport) has to know of them.
///
/// Made of a [`Message`], or read back from an [`Outbox`](crate::Outbox). A clone shares the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    key: IdempotencyKey,
    message_id: MessageId,
    thread_id: Option<ThreadId>,
    bytes: Bytes,
}

impl Letter {
    /// Renders `message`.
    pub fn of(message: &Message) -> Self {
        Self {
            key: message.idempotency_key().clone(),
            message_id: message.message_id().clone(),
            thread_id: message.thread_id().cloned(),
            bytes: message.render().into(),
        }
    }

    pub(crate) fn from_parts(
        key: IdempotencyKey,
        message_id: MessageId,
        thread_id: Option<ThreadId>,
        bytes: Bytes,
    ) -> Self {
        Self { key, message_id, thread_id, bytes }
    }

    /// The caller's name for this mail.
    pub fn idempotency_key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// The Message-ID in its header.
    pub fn message_id(&self) -> &MessageId {
        &self.message_id
    }

    /// The conversation that it belongs to, if it answers a mail that was read from Gmail.
    pub fn thread_id(&self) -> Option<&ThreadId> {
        self.thread_id.as_ref()
    }

    /// The RFC 5322 bytes; a clone of them costs nothing.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What this mail is found by, if it was sent or drafted since.
    pub fn trace(&self, since: Timestamp) -> Trace {
        Trace::new(self.message_id.clone(), since)
    }
}

/// Shows the size, never the bytes.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("key", &self.key)
            .field("message_id", &self.message_id)
            .field("thread_id", &self.thread_id)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .finish()
    }
}

/// What a mail is found by among those that were sent, or among the drafts.
///
/// A server may have replaced the Message-ID; the header
/// [`X-Jada-Reference`](Self::REFERENCE_HEADER), which every mail of ours carries, it leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// The Message-ID as it was composed.
    pub message_id: MessageId,
    /// When it was first tried: a UTC instant. An older mail is another one, of the same key.
    pub since: Timestamp,
    /// The address of a recipient in its `To`, where that is known: with it, fewer mails have to be
    /// looked at.
    pub recipient: Option<String>,
    /// A draft that is not meant, when drafts are looked for.
    pub keep: Option<DraftId>,
}

impl Trace {
    /// The header whose value is [`reference`](Self::reference).
    pub const REFERENCE_HEADER: &'static str = "X-Jada-Reference";

    /// Names a mail by its Message-ID, for a [`Transport`](crate::Transport) that is tested.
    pub fn new(message_id: MessageId, since: Timestamp) -> Self {
        Self { message_id, since, recipient: None, keep: None }
    }

    /// What the header says: the Message-ID up to its @, the same for the same key.
    pub fn reference(&self) -> &str {
        self.message_id.left()
    }

    /// The same mail, to this address of its `To`.
    #[must_use]
    pub fn sent_to(mut self, recipient: Option<String>) -> Self {
        self.recipient = recipient;
        self
    }

    /// The same mail, with a draft that is not meant.
    #[must_use]
    pub fn keeping(mut self, draft: Option<DraftId>) -> Self {
        self.keep = draft;
        self
    }
}

/// A server's own name for a draft; 1 to 200 printable characters without space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DraftId(String);

impl DraftId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for DraftId {
    type Err = Error;

    /// Checks an id.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a text of another form; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        crate::syntax::opaque_id("the id of a draft", text).map(Self)
    }
}

impl fmt::Display for DraftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
