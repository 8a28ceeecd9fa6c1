//! A mail as it was received.

use std::fmt;

use jiff::Timestamp;

use crate::{Error, MessageId, ThreadId};

mod address;
mod attachment;
mod opaque;
mod parse;

pub use address::ReceivedAddress;
pub use attachment::ReceivedAttachment;

/// A mail as it was received: read leniently, since it is what it is.
///
/// Headers and bodies are decoded to UTF-8, from the character sets of Europe and from UTF-7 and
/// UTF-16; a byte that has no meaning in its character set becomes U+FFFD. A text of a header is
/// one line without control characters. Nothing of it is to be trusted: anybody may write anything,
/// into `From` too.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    id: Option<String>,
    thread_id: Option<ThreadId>,
    message_id: Option<MessageId>,
    in_reply_to: Vec<MessageId>,
    references: Vec<MessageId>,
    from: Option<ReceivedAddress>,
    reply_to: Vec<ReceivedAddress>,
    to: Vec<ReceivedAddress>,
    cc: Vec<ReceivedAddress>,
    subject: String,
    date: Option<Timestamp>,
    headers: Vec<(String, String)>,
    text: String,
    html: Option<String>,
    attachments: Vec<ReceivedAttachment>,
}

impl Received {
    /// Reads a mail from its RFC 5322 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NotAMail`]; not worth a retry.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        parse::parse(bytes)
    }

    /// Adds what the server calls this mail and its conversation.
    #[must_use]
    pub fn with_server_ids(mut self, id: &str, thread_id: ThreadId) -> Self {
        self.id = Some(id.to_owned());
        self.thread_id = Some(thread_id);
        self
    }

    /// Returns the server's own name for this mail, if it came from a server.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the server's own name for its conversation, if it came from a server.
    pub fn thread_id(&self) -> Option<&ThreadId> {
        self.thread_id.as_ref()
    }

    /// Returns the Message-ID, if it has a valid one.
    pub fn message_id(&self) -> Option<&MessageId> {
        self.message_id.as_ref()
    }

    /// Returns the valid ids of `In-Reply-To`: the mails that it answers, seldom more than one.
    pub fn in_reply_to(&self) -> &[MessageId] {
        &self.in_reply_to
    }

    /// Returns the valid ids of `References`: the mails before it in its conversation, oldest first.
    pub fn references(&self) -> &[MessageId] {
        &self.references
    }

    /// Returns the first address of `From`.
    pub fn from(&self) -> Option<&ReceivedAddress> {
        self.from.as_ref()
    }

    /// Returns the addresses of `Reply-To`: where an answer goes, if not to the sender.
    pub fn reply_to(&self) -> &[ReceivedAddress] {
        &self.reply_to
    }

    /// Returns the addresses of `To`, in order.
    pub fn to(&self) -> &[ReceivedAddress] {
        &self.to
    }

    /// Returns the addresses of `Cc`, in order.
    pub fn cc(&self) -> &[ReceivedAddress] {
        &self.cc
    }

    /// Returns the subject; empty if there is none.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the instant of `Date`: a UTC instant to the second, as the sender's clock had it.
    pub fn date(&self) -> Option<Timestamp> {
        self.date
    }

    /// Returns the value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let same = |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        self.headers.iter().find(same).map(|(_, value)| value.as_str())
    }

    /// Returns the text body, its lines ending in LF; one made of the HTML if there is only that.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the HTML body, its lines ending in LF.
    pub fn html(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// Returns what comes with the mail, in order: files, images of the HTML, other mails.
    pub fn attachments(&self) -> &[ReceivedAttachment] {
        &self.attachments
    }
}

/// Shows the sizes of bodies, never their content, and no header but the usual.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let html = self.html.as_ref().map(String::len);
        f.debug_struct("Received")
            .field("id", &self.id)
            .field("thread_id", &self.thread_id)
            .field("message_id", &self.message_id)
            .field("from", &self.from)
            .field("to", &self.to)
            .field("subject", &self.subject)
            .field("date", &self.date)
            .field("headers", &self.headers.len())
            .field("text", &format_args!("{} bytes", self.text.len()))
            .field("html", &html.map(|length| format!("{length} bytes")))
            .field("attachments", &self.attachments)
            .finish_non_exhaustive()
    }
}
