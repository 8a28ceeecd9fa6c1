//! Changes that wait to be brought across: a folder from which nothing is lost.

mod drain;
mod record;
mod status;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jada_auth::{Clock, SystemClock};
use jiff::Timestamp;
use serde::Serialize;

pub use self::drain::Drained;
pub use self::record::Change;
use self::record::Record;
pub use self::status::{QueueStatus, Waiting};
use crate::error::Error;
use crate::folder::Folder;
use crate::watch::pace::Pace;

/// A durable queue of changes, each under the key of what it changes.
///
/// [`push`](Self::push) returns when the change is on disk, and a later change of the same key
/// replaces the one that waits: a change says what the whole of its key is to be, so that the latest
/// is enough. [`drain`](Self::drain) hands them to a handler in the order in which they came. A kill
/// at any instant loses none, and each is applied at least once, so handlers must be idempotent, as
/// `SheetSync::apply` is. (`SheetSync::sync` takes the rows that it is given for all there are: given
/// changes, one that prunes clears everything else.) A deletion is a change as well, such as `null`.
///
/// A change that fails waits, and is tried again after a back-off: through an outage of any length.
/// One that will never be taken, or needed a person [too often](Self::MAX_ATTEMPTS), goes to `dead/` with the reason, until a person
/// [revives](Self::revive) it or a later change of its key comes.
///
/// The folder, of mode 0700, holds one JSON file for each change in `waiting/` and `dead/`. It
/// belongs on a local disk, since its locks hold for one host. Any number of processes push; one
/// drains at a time. File operations are done inline, two syncs for a push.
///
/// ```
/// use jada_reports::{Change, ChangeQueue, Failure};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let temporary = tempfile::tempdir()?;
/// # let folder = temporary.path().join("changes");
/// let queue = ChangeQueue::open(&folder)?;
/// queue.push("C-1", &serde_json::json!({ "guest": "Ann Rivers" }))?;
/// let drained = queue
///     .drain(async |change: Change| {
///         println!("{}: {}", change.key, change.change["guest"]);
///         Ok::<_, Failure>(())
///     })
///     .await?;
/// assert_eq!(drained.applied, ["C-1"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ChangeQueue {
    folder: Folder,
    pace: Pace,
    max_attempts: u32,
    clock: Arc<dyn Clock>,
}

impl ChangeQueue {
    /// The longest pause after a change's first failure, doubling with each up to
    /// [`LONGEST_BACKOFF`](Self::LONGEST_BACKOFF), half of it at random: 30 s.
    pub const BACKOFF: Duration = Duration::from_secs(30);

    /// The longest pause of our own: an hour.
    pub const LONGEST_BACKOFF: Duration = Duration::from_secs(3600);

    /// How often a change is tried that fails by what a person must mend: 50 times, which takes about
    /// two days. What time heals does not count, so that an outage gives nothing up.
    pub const MAX_ATTEMPTS: u32 = 50;

    /// The queue in this folder, which is created where it is missing.
    ///
    /// # Errors
    /// [`Error::File`] for the folder; one that others can look into is refused.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::builder(folder).open()
    }

    /// As [`open`](Self::open), with settings of your own.
    pub fn builder(folder: impl Into<PathBuf>) -> ChangeQueueBuilder {
        ChangeQueueBuilder(Self {
            folder: Folder::new(folder.into()),
            pace: Pace { interval: Self::LONGEST_BACKOFF, backoff: Self::BACKOFF, at: None },
            max_attempts: Self::MAX_ATTEMPTS,
            clock: Arc::new(SystemClock),
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Adds what `key`, any text, is to be. When it returns the change is on disk, in place of an
    /// earlier one of that key, whether that waits or is dead.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be written: the queue is as it was. [`Error::Busy`], worth a
    /// retry, when another process keeps the lock.
    pub fn push(&self, key: &str, change: &impl Serialize) -> Result<(), Error> {
        let now = self.now();
        let mut record = Record::new(key, change, now)?;
        let mut lock = self.folder.lock(LOCK)?;
        record.order = record::next_order(&mut lock, now)?;
        self.folder.replace(&record.path(WAITING), &record.to_json()?)?;
        self.folder.remove(&record.path(DEAD))
    }

    /// A number that grows with each change that comes to wait, pushed by whichever process or
    /// revived; 0 before the first. Whoever drains as changes come looks whether it has grown.
    ///
    /// # Errors
    /// [`Error::File`] and [`Error::Busy`], of which the latter is worth a retry.
    pub fn latest(&self) -> Result<u64, Error> {
        record::last_order(&mut self.folder.lock(LOCK)?)
    }

    /// Lets a dead change wait again, behind those that do, as if it had never been tried. If a later
    /// one of its key waits, that stands.
    ///
    /// # Errors
    /// [`Error::NoSuchChange`], [`Error::File`] and [`Error::Busy`], of which the last is worth a
    /// retry.
    pub fn revive(&self, key: &str) -> Result<(), Error> {
        let mut lock = self.folder.lock(LOCK)?;
        let dead = record::path(DEAD, key);
        let record = self.read(&dead)?.ok_or_else(|| self.no_such(key))?;
        if self.read(&record.path(WAITING))?.is_none() {
            let revived = record.revived(record::next_order(&mut lock, self.now())?);
            self.folder.replace(&revived.path(WAITING), &revived.to_json()?)?;
        }
        self.folder.remove(&dead)
    }

    /// Gives a dead change up.
    ///
    /// # Errors
    /// As for [`revive`](Self::revive).
    pub fn discard(&self, key: &str) -> Result<(), Error> {
        let _lock = self.folder.lock(LOCK)?;
        let dead = record::path(DEAD, key);
        self.read(&dead)?.ok_or_else(|| self.no_such(key))?;
        self.folder.remove(&dead)
    }

    fn no_such(&self, key: &str) -> Error {
        Error::NoSuchChange { key: key.to_owned(), folder: self.folder().to_owned() }
    }

    fn read(&self, name: &str) -> Result<Option<Record>, Error> {
        let json = self.folder.read(name)?;
        json.map(|json| Record::from_json(&self.folder.join(name), &json)).transpose()
    }

    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }
}

/// What a [`ChangeQueue`] is built from.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct ChangeQueueBuilder(ChangeQueue);

impl ChangeQueueBuilder {
    /// Pauses for at most this long after a change's first failure, instead of
    /// [`BACKOFF`](ChangeQueue::BACKOFF).
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.0.pace.backoff = backoff;
        self
    }

    /// Gives a change up that was tried this often, 1 or more, instead of
    /// [`MAX_ATTEMPTS`](ChangeQueue::MAX_ATTEMPTS).
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.0.max_attempts = attempts.max(1);
        self
    }

    /// Tells the time by `clock` instead of that of this machine.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// Opens the queue, and creates its folder where that is missing.
    ///
    /// # Errors
    /// As for [`ChangeQueue::open`].
    pub fn open(self) -> Result<ChangeQueue, Error> {
        self.0.folder.create(&[WAITING, DEAD])?;
        Ok(self.0)
    }
}

const WAITING: &str = "waiting";
const DEAD: &str = "dead";
/// Held for milliseconds, while a record is written; it notes the last order.
const LOCK: &str = ".lock";
/// Held while the queue is drained.
const DRAIN: &str = ".drain";
