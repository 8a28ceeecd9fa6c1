//! Where charters are kept: one trait, its contract, and what every backend shares.

#[cfg(feature = "contract-tests")]
pub(crate) mod contract;
pub(crate) mod memory;

use std::fmt;
use std::iter::successors;
use std::ops::RangeInclusive;

use async_trait::async_trait;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::charter::assignment::{self, Assignment};
use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::filter::Filter;
use crate::month::Month;
use crate::status::Status;
use crate::version::Version;

/// The charters of a month, read page by page as the stream is polled; dropping it stops.
pub type CharterStream = BoxStream<'static, Result<Charter, Error>>;

/// Where charters are kept.
///
/// Every backend keeps this contract, and the suite behind the feature `contract-tests` checks it:
///
/// - **Versions.** A write names the state it was made from; one that has moved on is refused.
///   Attributes of a row that this crate does not know survive a write.
/// - **Interruption.** Up to 100 charters of one call are written wholly or not at all. A call
///   dropped between two such groups leaves the first written; doing it again is safe.
/// - **Order.** A month comes by date, then by id.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait CharterRepository: fmt::Debug + Send + Sync {
    /// The charters of a month whose rows meet the filter.
    ///
    /// The stream yields [`Error::CorruptItem`] for a row that cannot be read, and goes on; a row of
    /// which that is true of [`Charter::assignments`] alone is a charter all the same;
    /// [`Error::Unavailable`], worth a retry, ends it.
    fn month(&self, month: Month, filter: &Filter) -> CharterStream;

    /// The charters of these days, as [`month`](Self::month) gives those of its own.
    ///
    /// A backend that can reads no others; this reads whole months. One that the index shows under
    /// another day may be missing: [`unindexed`](Self::unindexed) finds it.
    fn days(&self, days: RangeInclusive<Date>) -> CharterStream {
        let months = months_of(&days).map(|month| self.month(month, &Filter::everything()));
        let months: Vec<CharterStream> = months.collect();
        let is_here = move |charter: &Result<Charter, Error>| {
            let is_here = charter.as_ref().map_or(true, |charter| days.contains(&charter.date()));
            std::future::ready(is_here)
        };
        stream::iter(months).flatten().filter(is_here).boxed()
    }

    /// Those of the named charters that are stored, each once, in no order, strongly consistent.
    ///
    /// # Errors
    /// [`Error::CorruptItem`]; [`Error::Unavailable`] and [`Error::Unprocessed`] are worth a retry.
    async fn find(&self, ids: &[CharterId]) -> Result<Vec<Charter>, Error>;

    /// Writes each charter if the stored row is still in the state that its version names. A charter
    /// may stand in a call once.
    ///
    /// Who sails is left as it is stored. The status may become any other: the booking system that a
    /// charter comes from knows where the booking stands. For a person or a program that decides,
    /// there is [`change_status`](Self::change_status).
    ///
    /// # Errors
    /// [`Error::VersionConflict`]: read it again. [`Error::Unavailable`] is worth a retry; a write
    /// that was done after all is recognised.
    async fn save(&self, charters: &[Charter]) -> Result<(), Error>;

    /// Moves a booking from where it stood when it was read to another status, and gives back what
    /// is stored now. One round trip.
    ///
    /// # Errors
    /// [`Error::Transition`] for a step that [`Status::may_become`] does not know, staying included;
    /// [`Error::VersionConflict`]: read it again; [`Error::NotFound`]; [`Error::Invalid`] for a
    /// charter that was never stored; [`Error::CorruptItem`]. [`Error::Unavailable`] is worth a
    /// retry; a write that was done after all is recognised.
    async fn change_status(&self, charter: &Charter, to: Status) -> Result<Charter, Error>;

    /// Replaces who sails on a charter, and as what, and gives back what is stored now. One round
    /// trip.
    ///
    /// The order is kept. Two may have the same berth: which are needed, and how often, is for
    /// whoever assigns.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a member who stands twice, for more than 100, and for a charter that
    /// was never stored; [`Error::CorruptItem`] before anything is written, where
    /// [`Charter::assignments`] cannot be read; the rest as [`change_status`](Self::change_status).
    async fn assign(&self, charter: &Charter, assignments: &[Assignment])
    -> Result<Charter, Error>;

    /// Rows that the month index does not show, or shows under another day than theirs.
    ///
    /// Reads the whole table.
    ///
    /// # Errors
    /// [`Error::Unavailable`] is worth a retry.
    async fn unindexed(&self) -> Result<Vec<Unindexed>, Error>;

    /// Gives every such row its index keys, each on the condition that its date is still the same.
    ///
    /// # Errors
    /// [`Error::Unavailable`] is worth a retry; what was mended stays mended.
    async fn reindex(&self) -> Result<Reindexed, Error>;
}

/// A row that the month index does not show where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unindexed {
    /// The row's key, as stored.
    pub key: String,
    /// Its day, when that can be read.
    pub date: Option<Date>,
}

/// What [`CharterRepository::reindex`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reindexed {
    /// Rows that have their index keys now.
    pub mended: usize,
    /// Rows without a readable date, by key. A person mends these.
    pub unreadable: Vec<String>,
}

/// Compiles only while the trait can be a trait object.
const _: fn(&dyn CharterRepository) = |_| {};

/// The months in which these days lie.
pub(crate) fn months_of(days: &RangeInclusive<Date>) -> impl Iterator<Item = Month> + use<> {
    let last = *days.end();
    let first = (!days.is_empty()).then(|| days.start().first_of_month());
    let firsts = successors(first, |first| first.checked_add(1.month()).ok());
    firsts.take_while(move |first| *first <= last).filter_map(|first| Month::of(first).ok())
}

/// The charter as [`CharterRepository::change_status`] stores it.
pub(crate) fn with_status(charter: &Charter, to: Status) -> Result<Charter, Error> {
    let next = next_state(charter)?.with_status(to);
    if charter.status().may_become(to) {
        return Ok(next);
    }
    let (charter, from) = (charter.id().to_string(), charter.status());
    Err(Error::Transition { charter, from, to })
}

/// The charter as [`CharterRepository::assign`] stores it.
pub(crate) fn with_assignments(
    charter: &Charter,
    assignments: &[Assignment],
) -> Result<Charter, Error> {
    assignment::check(assignments)?;
    charter.assignments()?;
    Ok(next_state(charter)?.with_crew(Ok(assignments.to_vec())))
}

fn next_state(charter: &Charter) -> Result<Charter, Error> {
    if charter.version() == Version::New {
        let expected = "one that was read from a repository";
        return Err(Error::invalid(CHARTER, charter.id().as_str(), expected));
    }
    Ok(charter.clone().with_version(Version::Number(charter.version().next())))
}

/// What a charter is called in errors.
pub(crate) const CHARTER: &str = "charter";
