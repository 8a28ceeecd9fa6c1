//! Where a mail goes: the trait and its contract.

use async_trait::async_trait;

use crate::{Error, Message, MessageId, ThreadId};

#[cfg(any(test, feature = "contract-tests"))]
pub mod contract;
mod eml_folder;
mod memory;

pub use eml_folder::EmlFolder;
pub use memory::MemoryMailer;

/// Takes mails and sends them or keeps them.
///
/// - **Idempotent by key.** An [`IdempotencyKey`](crate::IdempotencyKey) is one mail: sending a
///   message again, after an answer or after a failure, by this process or another, adds no second
///   one and yields the same receipt. What becomes of *other* content under a key already used
///   (replaced, or left as first sent) is the mailer's to say; it is never a second mail.
/// - **Unchanged.** What goes out is [`Message::render`], byte for byte.
/// - **Done when it returns.** `Ok` means the mail is as safe as the mailer can make it; there is
///   nothing to flush.
/// - **Cancellation.** A dropped future may or may not have sent the mail. Send it again.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Mailer: std::fmt::Debug + Send + Sync {
    /// Sends `message`, once, however often it is called with it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::Unavailable`] or [`Error::Refused`], and of an outbox
    /// [`Error::Waiting`], [`Error::Failed`] and [`Error::Undecided`] too; those worth a retry say so
    /// in [`Error::is_transient`], and a retry is always safe.
    async fn send(&self, message: &Message) -> Result<Receipt, Error>;
}

const _: fn(&dyn Mailer) = |_| {};

/// What a [`Mailer`] answers for a mail it has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The Message-ID as it was composed. Gmail may have put another in its place.
    pub message_id: MessageId,
    /// Where the mail went, in the mailer's own terms: a path, or a service's id for it.
    pub location: String,
    /// The conversation that it is part of, where the service has such.
    pub thread_id: Option<ThreadId>,
}

impl Receipt {
    /// Makes a receipt, for a [`Mailer`] of your own.
    pub fn new(message_id: MessageId, location: impl Into<String>) -> Self {
        Self { message_id, location: location.into(), thread_id: None }
    }

    /// The same, as part of a conversation.
    #[must_use]
    pub fn in_thread(mut self, thread_id: Option<ThreadId>) -> Self {
        self.thread_id = thread_id;
        self
    }
}

#[cfg(test)]
mod tests {
    use std::{error::Error as _, time::Duration};

    use super::*;

    #[tokio::test]
    async fn a_mock_can_play_an_outage() {
        let mut mailer = MockMailer::new();
        mailer.expect_send().times(1).returning(|_| {
            Err(Error::Unavailable {
                retry_after: Some(Duration::from_secs(30)),
                source: "the line is busy".into(),
            })
        });
        let mailer: Box<dyn Mailer> = Box::new(mailer);
        let error = mailer.send(&contract::message("outage")).await.unwrap_err();
        assert!(error.is_transient());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
        assert_eq!(error.source().unwrap().to_string(), "the line is busy");
    }
}
