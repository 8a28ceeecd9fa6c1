//! Where calls are kept: on the rows of their charters.

#[cfg(feature = "contract-tests")]
pub(crate) mod contract;
pub(crate) mod memory;

use std::fmt;

use async_trait::async_trait;
use futures_core::stream::BoxStream;
use jiff::Timestamp;

use crate::call::Call;
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::month::Month;

/// Ids of charters whose calls want looking at, read page by page as the stream is polled.
pub type DueStream = BoxStream<'static, Result<CharterId, Error>>;

/// Charters and their calls, read page by page as the stream is polled.
pub type CallStream = BoxStream<'static, Result<CalledCharter, Error>>;

/// Where calls are kept: each on the row of its charter, so that one write moves both.
///
/// Every backend keeps this contract, and the suite behind the feature `contract-tests` checks it:
///
/// - **Versions.** A write names the state of the row that it was made from; one that has moved on is
///   refused, whoever wrote it: the office, an import, another dispatcher.
/// - **Interruption.** A write is done wholly or not at all; one whose answer was lost is recognised.
/// - **Nothing is overlooked.** What is due, or owes a mail, is listed by [`due`](Self::due) from the
///   instant of its write on, give or take the lag of an index.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait CallRepository: fmt::Debug + Send + Sync {
    /// A charter and its call, strongly consistent; none where there is no such charter.
    ///
    /// # Errors
    /// [`Error::CorruptItem`]; [`Error::Unavailable`] is worth a retry.
    async fn open(&self, id: &CharterId) -> Result<Option<CalledCharter>, Error>;

    /// Writes a call, and who sails, onto the charter's row, and gives back what is stored now. One
    /// conditional write.
    ///
    /// # Errors
    /// [`Error::VersionConflict`]: read it again. [`Error::NotFound`]; [`Error::Invalid`] for a row
    /// that would be too large with its call. [`Error::Unavailable`] is worth a retry; a write that was
    /// done after all is recognised.
    async fn write(
        &self,
        charter: &Charter,
        call: &Call,
        assignments: &[Assignment],
    ) -> Result<CalledCharter, Error>;

    /// The charters whose calls are due by an instant, have half a yes, or owe mails, from the
    /// longest due on.
    ///
    /// The stream yields [`Error::CorruptItem`] for a row that cannot be read, and goes on;
    /// [`Error::Unavailable`], worth a retry, ends it.
    fn due(&self, by: Timestamp) -> DueStream;

    /// Of these, the charters of which a berth had nobody left to ask when an index last heard of them. Others
    /// may be among them: a backend that cannot tell lists all that are due.
    fn exhausted(&self, by: Timestamp) -> DueStream {
        self.due(by)
    }

    /// The charters of a month, with their calls. So those are found, without a stream of changes,
    /// whose calls are not as their bookings ask. One that another tool has moved to another month,
    /// and left where an index has it, comes with the month that it is listed under.
    ///
    /// As [`due`](Self::due) for rows that cannot be read.
    fn calls_of(&self, month: Month) -> CallStream;
}

/// A charter, and the call for its crew.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CalledCharter {
    /// The charter, with who sails.
    pub charter: Charter,
    /// Its call, if it was called for.
    pub call: Option<Call>,
}

/// Compiles only while the trait can be a trait object.
const _: fn(&dyn CallRepository) = |_| {};
