//! Mail that is composed right, and sent exactly once.
//!
//! A [`Message`] is built from validated parts ([`Address`], [`HeaderText`], [`AttachmentName`])
//! and checked once: a message that exists is sendable. No text of a caller's can add a header
//! or a recipient. Its Message-ID and MIME boundaries are derived from its [`IdempotencyKey`],
//! so the same message renders to the same bytes, today and in a retry next week.
//!
//! An [`Outbox`] takes it from there: a folder in which a mail is safe once it is queued, and from
//! which it is sent once, whatever is killed or lost on the way.
//!
//! An HTML body alone gets a text that says the same. Images that it shows go with it
//! ([`InlineImage`]), an answer is threaded by the [`Parent`] it answers, and an [`Invite`] is read
//! by calendars.
//!
//! ```
//! use jada_mail::{Attachment, ContentType, EmlFolder, Message, Outbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let temporary = tempfile::tempdir()?;
//! # let folder = temporary.path().join("outbox");
//! let message = Message::builder("Example Air <billing@example.com>".parse()?)
//!     .to("ada@example.com".parse()?)
//!     .subject("Your statement for May 2026".parse()?)
//!     .text("The statement is attached.\n")
//!     .attachment(Attachment::new("statement.csv".parse()?, ContentType::CSV, "a,b\r\n"))
//!     .date("2026-06-01T06:00:00Z".parse()?)
//!     .idempotency_key("statement-2026-05".parse()?)
//!     .build()?;
//! let outbox = Outbox::new(&folder);
//! outbox.enqueue(&message)?;
//! let drained = outbox.drain(&EmlFolder::new(folder.join("eml"))).await?;
//! assert_eq!(drained.sent[0].as_str(), "statement-2026-05");
//! # Ok(())
//! # }
//! ```
//!
//! # Sending
//!
//! - An [`Outbox`] sends by a [`Transport`]: `Gmail`, or [`EmlFolder`], which writes one `.eml` file
//!   a key, opened by any mail program, and needs no account.
//! - A [`Mailer`] is what a service asks for that just sends: an [`OutboxMailer`], an [`EmlFolder`],
//!   or in tests a [`MemoryMailer`].
//!
//! # Reading
//!
//! [`Received`] is a mail as it was received, from any bytes. [`BookingLayouts`] reads booking
//! confirmations from it, by rules that are data.
//!
//! # Features
//!
//! None is on by default.
//!
//! - `gmail`: `Gmail`, which sends by Gmail's API for an outbox, and searches and reads; pulls in
//!   `jada-auth` with its `http` (hyper, rustls with ring), `tokio`, `base64` and `futures-core`.
//! - `mock`: `MockMailer` and `MockTransport`, for tests that expect a call or a failure; pulls in
//!   `mockall`.
//! - `contract-tests`: the `contract` module, the suite to run against a [`Mailer`] of your own;
//!   pulls in nothing.
//!
//! The repository's examples `send_mail`, `outbox` and `booking_confirmations` show it at work,
//! without any account.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod address;
pub use address::Address;

mod attachment;
pub use attachment::{Attachment, AttachmentName};

mod booking;
pub use booking::{
    Amount, BookingConfirmation, BookingField, BookingLayouts, BookingProblem, BookingStatus,
    FieldFault,
};

mod content_type;
pub use content_type::ContentType;

mod error;
pub use error::Error;

mod files;
#[cfg(feature = "gmail")]
mod gmail;
#[cfg(feature = "gmail")]
pub use gmail::{
    Gmail, GmailBuilder, Mails, MessageRef, Query, QueryTime, Quota, Search, SearchText,
};

mod header_text;
pub use header_text::HeaderText;

mod html_text;

mod idempotency_key;
pub use idempotency_key::IdempotencyKey;

mod inline_image;
pub use inline_image::{ContentId, InlineImage};

mod invite;
pub use invite::{
    EventDescription, EventTime, EventUid, Invite, InviteBuilder, Sequence, WebAddress,
};

mod letter;
pub use letter::{DraftId, Letter, Trace};

mod mailer;
#[cfg(any(test, feature = "mock"))]
pub use mailer::MockMailer;
#[cfg(any(test, feature = "contract-tests"))]
pub use mailer::contract;
pub use mailer::{EmlFolder, Mailer, MemoryMailer, Receipt};

mod message;
pub use message::{Message, MessageBuilder, Parent};

mod message_id;
pub use message_id::MessageId;

mod outbox;
pub use outbox::{
    Damage, Drained, Enqueued, Entry, MailState, Outbox, OutboxBuilder, OutboxMailer, Paused,
    Status,
};
mod received;
pub use received::{Received, ReceivedAddress, ReceivedAttachment};

mod syntax;

mod thread_id;
pub use thread_id::ThreadId;

mod transport;
#[cfg(any(test, feature = "mock"))]
pub use transport::MockTransport;
pub use transport::{Proof, Transport};
