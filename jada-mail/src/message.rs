//! A mail that is ready to be sent.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    Address, Attachment, HeaderText, IdempotencyKey, InlineImage, Invite, MessageId, ThreadId,
    syntax::hex,
};

mod builder;
mod encode;
mod images;
mod parent;
mod render;

pub use builder::MessageBuilder;
pub use parent::Parent;

/// A mail that is ready to be sent: a message that exists is sendable.
///
/// Its Message-ID is derived from the [`IdempotencyKey`] and the sender's domain, and its `Date`
/// is the caller's, so [`render`](Self::render) yields the same bytes every time.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    from: Address,
    to: Vec<Address>,
    cc: Vec<Address>,
    subject: HeaderText,
    text: Option<String>,
    html: Option<String>,
    inline_images: Vec<InlineImage>,
    attachments: Vec<Attachment>,
    invite: Option<Invite>,
    date: Timestamp,
    idempotency_key: IdempotencyKey,
    message_id: MessageId,
    in_reply_to: Option<MessageId>,
    references: Vec<MessageId>,
    thread_id: Option<ThreadId>,
}

impl Message {
    /// How many bytes the bodies, the inline images and the attachments may have together:
    /// 26,214,400, which is [Gmail's limit](https://support.google.com/mail/answer/6584).
    pub const LIMIT: u64 = 26_214_400;

    /// Begins a message from `from`.
    pub fn builder(from: Address) -> MessageBuilder {
        MessageBuilder::new(from)
    }

    /// Returns the sender.
    pub fn from(&self) -> &Address {
        &self.from
    }

    /// Returns the recipients of the `To` header, in order. May be empty if there is a `Cc`.
    pub fn to(&self) -> &[Address] {
        &self.to
    }

    /// Returns the recipients of the `Cc` header, in order.
    pub fn cc(&self) -> &[Address] {
        &self.cc
    }

    /// Returns the subject.
    pub fn subject(&self) -> &HeaderText {
        &self.subject
    }

    /// Returns the plain text body, its lines ending in CRLF: as it was given, or the twin that
    /// was made from the HTML. None where only an HTML body was given, and it has no words.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Returns the HTML body, its lines ending in CRLF.
    pub fn html(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// Returns the images that the HTML body shows, in order.
    pub fn inline_images(&self) -> &[InlineImage] {
        &self.inline_images
    }

    /// Returns the attachments, in order. The `invite.ics` of an invitation is not among them.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// Returns the invitation.
    pub fn invite(&self) -> Option<&Invite> {
        self.invite.as_ref()
    }

    /// Returns the instant of the `Date` header, which shows it in UTC to the second.
    pub fn date(&self) -> Timestamp {
        self.date
    }

    /// Returns the caller's name for this mail.
    pub fn idempotency_key(&self) -> &IdempotencyKey {
        &self.idempotency_key
    }

    /// Returns the Message-ID: the SHA-256 of the key in hexadecimal, @, the sender's domain.
    pub fn message_id(&self) -> &MessageId {
        &self.message_id
    }

    /// Returns the Message-ID of the mail that this one answers.
    pub fn in_reply_to(&self) -> Option<&MessageId> {
        self.in_reply_to.as_ref()
    }

    /// Returns the mails before this one in its conversation, oldest first, at most 20.
    pub fn references(&self) -> &[MessageId] {
        &self.references
    }

    /// Returns the conversation that this mail belongs to on the server, if it answers one.
    pub fn thread_id(&self) -> Option<&ThreadId> {
        self.thread_id.as_ref()
    }

    /// The same mail of another date.
    pub(crate) fn dated(&self, date: Timestamp) -> Self {
        Self { date, ..self.clone() }
    }

    /// Renders the mail as RFC 5322 bytes: ASCII lines ending in CRLF, the same bytes every time.
    pub fn render(&self) -> Vec<u8> {
        render::render(self)
    }
}

/// Shows the sizes of bodies and attachments, never their content.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("from", &self.from)
            .field("to", &self.to)
            .field("cc", &self.cc)
            .field("subject", &self.subject)
            .field("text", &self.text.as_deref().map(Size))
            .field("html", &self.html.as_deref().map(Size))
            .field("inline_images", &self.inline_images)
            .field("attachments", &self.attachments)
            .field("invite", &self.invite.as_ref().map(Invite::uid))
            .field("date", &self.date)
            .field("idempotency_key", &self.idempotency_key)
            .field("message_id", &self.message_id)
            .field("in_reply_to", &self.in_reply_to)
            .field("thread_id", &self.thread_id)
            .finish()
    }
}

struct Size<'a>(&'a str);

impl fmt::Debug for Size<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// The SHA-256 of the key, 64 hexadecimal digits.
fn digest(key: &IdempotencyKey) -> String {
    hex(&Sha256::digest(key.as_str()))
}
