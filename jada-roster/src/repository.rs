//! Where charters are kept: one trait, its contract, and what every backend shares.

#[cfg(feature = "contract-tests")]
pub(crate) mod contract;
pub(crate) mod memory;

use std::fmt;

use async_trait::async_trait;
use futures_core::stream::BoxStream;
use jiff::civil::Date;

use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::filter::Filter;
use crate::month::Month;

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
    /// The stream yields [`Error::CorruptItem`] for a row that cannot be read, and goes on;
    /// [`Error::Unavailable`], worth a retry, ends it.
    fn month(&self, month: Month, filter: &Filter) -> CharterStream;

    /// Those of the named charters that are stored, each once, in no order, strongly consistent.
    ///
    /// # Errors
    /// [`Error::CorruptItem`]; [`Error::Unavailable`] and [`Error::Unprocessed`] are worth a retry.
    async fn find(&self, ids: &[CharterId]) -> Result<Vec<Charter>, Error>;

    /// Writes each charter if the stored row is still in the state that its version names. A charter
    /// may stand in a call once.
    ///
    /// # Errors
    /// [`Error::VersionConflict`]: read it again. [`Error::Unavailable`] is worth a retry; a write
    /// that was done after all is recognised.
    async fn save(&self, charters: &[Charter]) -> Result<(), Error>;

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
