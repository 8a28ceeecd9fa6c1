//! Where calls are kept: on the rows of their charters.

pub(crate) mod memory;

use std::fmt;

use async_trait::async_trait;
use futures_core::stream::BoxStream;
use jiff::Timestamp;

use crate::call::{Call, Phase};
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::month::Month;
use crate::status::{Kind, Status};

/// Ids of charters whose calls want looking at, read page by page as the stream is polled.
pub type CallStream = BoxStream<'static, Result<CharterId, Error>>;

/// Where calls are kept: each on the row of its charter, so that one write moves both.
///
/// Every backend keeps this contract, and the suite behind the feature `contract-tests` checks it:
///
/// - **Versions.** A write names the state of the row that it was made from; one that has moved on is
///   refused, whoever wrote it: the office, an import, another dispatcher.
/// - **Interruption.** A write is done wholly or not at all; one whose answer was lost is recognised.
/// - **Nothing is overlooked.** What is due, or owes a mail, is listed by [`due`](Self::due) from the
///   instant of its write on, give or take the lag of an index.
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
    /// [`Error::VersionConflict`]: read it again. [`Error::NotFound`]; [`Error::Unavailable`] is worth
    /// a retry; a write that was done after all is recognised.
    async fn write(
        &self,
        charter: &Charter,
        call: &Call,
        assignments: &[Assignment],
    ) -> Result<CalledCharter, Error>;

    /// The charters whose calls are due by an instant, or owe mails, from the longest due on.
    fn due(&self, by: Timestamp) -> CallStream;

    /// The charters of a month whose calls are not as their bookings ask: confirmed and not called
    /// for, called for and moved, or called for and no longer confirmed. This is how they are found
    /// without a stream of changes.
    fn astray(&self, month: Month) -> CallStream;
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

/// Whether the call of a charter is not as its booking asks.
///
/// A day is told from the call, and other hours are not: those are a column of the input's own, and
/// whoever steps through the call sees them.
pub(crate) fn is_astray(charter: &Charter, call: Option<&Call>) -> bool {
    let wants_crew = charter.status() == Status::Confirmed && *charter.kind() != Kind::Training;
    match call {
        None => wants_crew,
        Some(call) if call.phase() == Phase::CalledOff => wants_crew,
        Some(_) if charter.status() == Status::Completed => false,
        Some(call) => !wants_crew || call.sailing().date != charter.date(),
    }
}

/// Compiles only while the trait can be a trait object.
const _: fn(&dyn CallRepository) = |_| {};
