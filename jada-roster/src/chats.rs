//! Where the threads of charters are kept: one trait, its contract, and what every backend shares.

#[cfg(feature = "contract-tests")]
pub(crate) mod contract;
pub(crate) mod memory;

use std::fmt;

use async_trait::async_trait;
use futures_core::stream::BoxStream;
use jiff::Timestamp;

use crate::charter::CharterId;
use crate::chat::ChatMessage;
use crate::error::Error;

/// Messages in the order in which they were said, read page by page as the stream is polled;
/// dropping it stops.
pub type ChatStream = BoxStream<'static, Result<ChatMessage, Error>>;

/// Where the threads of charters are kept, each message for itself.
///
/// A thread is for operations: what it says of money is written as it is said. Crew read
/// `crew-events` and nothing else.
///
/// Every backend keeps this contract, and the suite behind the feature `contract-tests` checks it:
///
/// - **Once.** A message that is posted again, after an answer that was lost, is there once.
/// - **All.** Of two that are said at one instant both are kept.
/// - **Order.** A thread comes by instant, then by id, each time the same.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait CharterChats: fmt::Debug + Send + Sync {
    /// Adds a message to its charter's thread, which begins with the first. One round trip.
    ///
    /// Whether there is such a charter is not looked at.
    ///
    /// # Errors
    /// [`Error::Invalid`] when another message of this charter, instant and id is there, and says
    /// something else. [`Error::Unavailable`] is worth a retry with the same message; one that was
    /// posted after all is recognised.
    async fn post(&self, message: &ChatMessage) -> Result<(), Error>;

    /// The whole thread of a charter, strongly consistent; empty where nobody has said anything.
    ///
    /// The stream yields [`Error::CorruptItem`] for a row that cannot be read, and goes on;
    /// [`Error::Unavailable`], worth a retry, ends it.
    fn thread(&self, charter: &CharterId) -> ChatStream;

    /// What was said at this instant or later; else as [`thread`](Self::thread).
    ///
    /// The instant is that of the message: one that is posted late, or by a clock that is slow,
    /// stands where it was said. Whoever asks again and again asks since some time before the last
    /// that they have, and tells by the ids what is new.
    fn since(&self, charter: &CharterId, at: Timestamp) -> ChatStream;
}

/// Compiles only while the trait can be a trait object.
const _: fn(&dyn CharterChats) = |_| {};
