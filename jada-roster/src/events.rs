//! Where crew's copies of charters are kept: one trait, its contract, and what every backend shares.

#[cfg(feature = "contract-tests")]
pub(crate) mod contract;
pub(crate) mod memory;
pub(crate) mod publish;

use std::fmt;

use async_trait::async_trait;
use futures_core::stream::BoxStream;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::charter::CharterId;
use crate::charter::hours::Hours;
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::event::view::CrewView;
use crate::month::Month;

/// Copies of charters for crew, read page by page as the stream is polled; dropping it stops.
pub type EventStream = BoxStream<'static, Result<CrewView, Error>>;

/// Where crew's copies of charters are kept, the only thing that code for crew reads of charters.
///
/// Every backend keeps this contract, and the suite behind the feature `contract-tests` checks it:
///
/// - **Whole rows.** A copy replaces whatever stood there for its charter, so that nothing is in the
///   row which is not in the copy: what others wrote there, crew could read.
/// - **Later states win.** A copy of an earlier state of a charter never replaces one of a later, in
///   whatever order they come; but for [`replace`](Self::replace), which names the one that it does.
/// - **Interruption.** Each call that writes is done wholly or not at all, and may be made again.
/// - **Order.** Lists come by date, then by id.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait EventRepository: fmt::Debug + Send + Sync {
    /// Stores a copy, in place of whatever is stored for its charter. One round trip.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where a copy of a later state is stored: read the charter again.
    /// [`Error::Unavailable`] is worth a retry.
    async fn put(&self, view: &CrewView) -> Result<(), Error>;

    /// Stores a copy in place of this one, though that is of a later state: the charter was deleted
    /// and made anew, and its numbers began again. One round trip.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where a copy of a later state is stored that is not of the same
    /// state as `stored`. [`Error::Unavailable`] is worth a retry.
    async fn replace(&self, stored: &CrewView, view: &CrewView) -> Result<(), Error>;

    /// The copy of a charter, strongly consistent.
    ///
    /// # Errors
    /// [`Error::CorruptItem`]; [`Error::Unavailable`] is worth a retry.
    async fn find(&self, id: &CharterId) -> Result<Option<CrewView>, Error>;

    /// Takes a copy away. One that is gone already is no error.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] where a copy of a later state is stored. [`Error::Unavailable`] is
    /// worth a retry.
    async fn remove(&self, view: &CrewView) -> Result<(), Error>;

    /// The copies of a month's charters. What was written a moment ago may be missing yet.
    ///
    /// The stream yields [`Error::CorruptItem`] for a row that cannot be read, and goes on;
    /// [`Error::Unavailable`], worth a retry, ends it.
    fn month(&self, month: Month) -> EventStream;

    /// The charters on which a member sails, from a day on until a year later. One of the day before
    /// that is back on the day itself is among them.
    ///
    /// As [`month`](Self::month) for what was written a moment ago, and for rows that cannot be read.
    fn upcoming(&self, crew: &CrewId, from: Date) -> EventStream;
}

/// Compiles only while the trait can be a trait object.
const _: fn(&dyn EventRepository) = |_| {};

/// The last day that [`EventRepository::upcoming`] looks at. Each month of it is a query for each look
/// at the page, and crew are called for a season at most.
pub(crate) fn horizon(from: Date) -> Date {
    from.saturating_add(1.year())
}

/// The first day of which a charter may still be under way.
pub(crate) fn day_before(from: Date) -> Date {
    from.saturating_sub(1.day())
}

/// Whether a member sails on it, from a day on.
pub(crate) fn is_upcoming(view: &CrewView, crew: &CrewId, from: Date) -> bool {
    let is_back_next_day = view.hours().is_some_and(Hours::ends_next_day);
    let first = if is_back_next_day { day_before(from) } else { from };
    (first..=horizon(from)).contains(&view.date()) && view.berth_of(crew).is_some()
}

/// What a copy is called in errors.
pub(crate) const EVENT: &str = "crew event";
