//! What an outbox sends through: the steps of a sending, each of which may lose its answer.

use async_trait::async_trait;

use crate::{DraftId, Error, Letter, Receipt, Trace};

/// A way to send rendered mails that an [`Outbox`](crate::Outbox) makes exactly once.
///
/// A transport need not be idempotent: the outbox writes down each step before it is taken, and
/// looks into a lost answer by what [`proof`](Self::proof) allows. What a transport promises is
/// that its failures are told apart:
///
/// - [`Error::Unavailable`]: this step was not done. It is taken again later.
/// - [`Error::InDoubt`]: it may have been done, and nobody knows.
/// - [`Error::Refused`]: it was not done, and never will be with this mail.
/// - [`Error::Blocked`]: it was not done, and no mail's will be until a person mends something.
///
/// A dropped future counts as in doubt.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// A short name for it, such as `gmail`. A mail whose sending was begun by one transport is
    /// not continued by another.
    fn name(&self) -> &str;

    /// By what a lost answer can be looked into, as things stand.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] and [`Error::Blocked`], when that cannot be told.
    async fn proof(&self) -> Result<Proof, Error>;

    /// Sends in one step.
    ///
    /// # Errors
    ///
    /// Each of the four.
    async fn send(&self, letter: &Letter) -> Result<Receipt, Error>;

    /// Puts the mail where it can be sent from by its id. Nothing goes out yet.
    ///
    /// # Errors
    ///
    /// Each of the four; in doubt, a draft may be left behind.
    async fn stage(&self, letter: &Letter) -> Result<DraftId, Error> {
        let _ = letter;
        Err(unsupported("drafts"))
    }

    /// Sends what was staged; `None` when there is no such draft any more: it was sent, or deleted.
    ///
    /// # Errors
    ///
    /// Each of the four.
    async fn send_staged(
        &self,
        draft: &DraftId,
        letter: &Letter,
    ) -> Result<Option<Receipt>, Error> {
        let _ = (draft, letter);
        Err(unsupported("drafts"))
    }

    /// Finds the mail among those that were sent. One that was sent a moment ago may not be found
    /// yet.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] and [`Error::Blocked`].
    async fn find_sent(&self, trace: &Trace) -> Result<Option<Receipt>, Error> {
        let _ = trace;
        Err(unsupported("a search"))
    }

    /// Removes every draft of this mail but the one to [keep](Trace::keep), and tells how many
    /// there were.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] and [`Error::Blocked`].
    async fn remove_drafts(&self, trace: &Trace) -> Result<usize, Error> {
        let _ = trace;
        Err(unsupported("drafts"))
    }
}

const _: fn(&dyn Transport) = |_| {};

/// By what a [`Transport`] tells, after a lost answer, whether a mail was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proof {
    /// It need not tell: to send the same mail again is to send it once.
    Idempotent,
    /// A draft that is still there was not sent, and what was sent can be found.
    DraftsAndSearch,
    /// A draft that is still there was not sent. Whether one that is gone was sent or deleted
    /// stays unknown.
    Drafts,
    /// What was sent can be found. What is not found may be found later.
    Search,
    /// Nothing: a lost answer stays unknown.
    Nothing,
}

impl Proof {
    pub(crate) fn has_drafts(self) -> bool {
        matches!(self, Self::DraftsAndSearch | Self::Drafts)
    }

    pub(crate) fn has_search(self) -> bool {
        matches!(self, Self::DraftsAndSearch | Self::Search)
    }
}

fn unsupported(what: &str) -> Error {
    Error::Blocked { source: format!("this transport has no {what}").into() }
}
