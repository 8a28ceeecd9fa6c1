//! The changes of a table of charters, as DynamoDB streams them.

mod builder;
mod change;
#[cfg(feature = "contract-tests")]
pub(crate) mod contract;
mod keep;
mod lease;
mod lease_row;
mod look;
mod read;
mod run;
mod share;
mod source;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_dynamodbstreams::Client;
use jada_auth::Clock;

pub use self::builder::CharterChangesBuilder;
pub use self::change::{Changes, Gap, Polled};
use self::lease::Leases;
use self::share::Watch;
use self::source::Source;
use crate::dynamo::charters::DynamoCharters;
use crate::error::Error;

/// Which charters' rows have changed, one worker's view of the stream of their table.
///
/// Whoever has one is a worker. Workers of one table, in as many processes as there are, share the
/// shards of its stream: each shard is under a lease, a row of `crew-keys` that also says how far it
/// was read. A lease that is not renewed for its [life](CharterChangesBuilder::lease_life), by the
/// clock of whoever watches it, is taken over, and one who holds two more than another gives one up.
///
/// Every change is handed over at least once, and those of one charter in their order: a checkpoint
/// is written after the handler is done, and only while the lease is held. After a failure, a kill or
/// a lease that was taken over the same comes again. What the row says by then counts: the id alone
/// is handed over, and whoever gets it reads the row.
///
/// ```
/// # async fn changes() -> Result<(), jada_roster::Error> {
/// # use jada_roster::{CharterChanges, Changes, DynamoCharters, DynamoRoster, EmbeddedEngine};
/// let engine = EmbeddedEngine::in_memory()?;
/// let charters = DynamoCharters::new(engine.client());
/// charters.ensure_table().await?;
/// charters.ensure_stream().await?;
/// DynamoRoster::new(engine.client()).ensure_tables().await?;
///
/// let mut changes = CharterChanges::builder(&charters, engine.streams_client()).build()?;
/// let polled = changes.poll(|changes| async move {
///     match changes {
///         Changes::Charters(ids) => println!("look at {ids:?}"),
///         Changes::Missed(gap) => println!("{gap}: look at every charter"),
///         _ => {}
///     }
///     Ok(())
/// });
/// println!("{} charters", polled.await?.charters);
/// changes.release().await
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(changes()).unwrap();
/// ```
#[derive(Debug)]
pub struct CharterChanges {
    source: Source,
    leases: Leases,
    clock: Arc<dyn Clock>,
    lease_life: Duration,
    pause: Duration,
    /// The stream that is followed, by its name at AWS.
    stream: String,
    held: BTreeMap<String, Held>,
    watch: Watch,
    /// When the leases were last looked at, and when those that are held were last renewed.
    looked_at: Option<Instant>,
    renewed_at: Option<Instant>,
}

/// A shard under a lease of ours.
#[derive(Debug, Default)]
struct Held {
    /// The sequence number of the last record that was handled; none at the start of the shard.
    checkpoint: Option<String>,
    /// Where the next records are asked for; none when it is to be asked for anew.
    iterator: Option<String>,
    /// When all that had come was last handled, in milliseconds since 1970, by the lease's row.
    read_at: i64,
    /// Whether it was since the lease was renewed.
    is_read: bool,
}

impl CharterChanges {
    /// Begins with the charters, whose client and table are used, and a client for the stream.
    /// Leases are rows of `crew-keys`, which `DynamoRoster::ensure_tables` creates.
    pub fn builder(charters: &DynamoCharters, streams: Client) -> CharterChangesBuilder {
        CharterChangesBuilder::new(charters, streams)
    }

    /// One round: looks after the leases when that is due, and hands over at most 100 changes of
    /// each shard that is held. A charter that changed twice among them is named once.
    ///
    /// When the handler fails, its changes come again with the next round; the other shards go on.
    /// One that would fail for ever on a single charter must note it and return `Ok`, or nothing
    /// behind it is ever reached. While the handler works the leases are renewed.
    ///
    /// A round that is dropped half-way loses nothing.
    ///
    /// # Errors
    /// The first failure of the handler. [`Error::StreamOff`] while the table has no stream: poll it
    /// by month. [`Error::Unavailable`] and [`Error::Unprocessed`], worth a retry, as are changes
    /// that came back from a handler. [`Error::TableMissing`], [`Error::Refused`] without the
    /// permission to read the stream, and [`Error::CorruptItem`] for a lease that cannot be read.
    pub async fn poll<F, Fut>(&mut self, mut handler: F) -> Result<Polled, Error>
    where
        F: FnMut(Changes) -> Fut,
        Fut: Future<Output = Result<(), Error>>,
    {
        let mut polled = Polled::default();
        if self.is_due(self.looked_at) {
            self.look(&mut handler, &mut polled).await?;
        }
        let mut failure = None;
        for shard in self.held.keys().cloned().collect::<Vec<_>>() {
            if self.is_due(self.renewed_at) {
                self.renew().await?;
            }
            if let Err(error) = self.read(&shard, &mut handler, &mut polled).await {
                failure.get_or_insert(error);
            }
        }
        polled.shards = self.held.len();
        failure.map_or(Ok(polled), Err)
    }

    /// Gives up the leases, so that other workers need not wait for them to lapse. Whoever polls
    /// again takes some again.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: what could not be given up lapses.
    pub async fn release(&mut self) -> Result<(), Error> {
        self.looked_at = None;
        while let Some((shard, _)) = self.held.pop_first() {
            self.leases.release(&self.stream, &shard).await?;
        }
        Ok(())
    }

    fn is_due(&self, last: Option<Instant>) -> bool {
        let now = self.clock.now().monotonic;
        last.is_none_or(|last| now.saturating_duration_since(last) >= self.between())
    }

    /// Four times in the life of a lease: it outlives two renewals that fail.
    fn between(&self) -> Duration {
        self.lease_life / 4
    }
}
