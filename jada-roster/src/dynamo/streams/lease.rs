//! Leases on the shards of a stream: taken, renewed and given up, each by one conditional write.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jada_auth::Clock;

use crate::dynamo::batch::Batch;
use crate::dynamo::failure::failed;
use crate::dynamo::item::{Item, text};
use crate::dynamo::keys::KEY;
use crate::dynamo::streams::lease_row::{
    CHECKPOINT, COUNTER, Checkpoint, Lease, OWNER, READ_AT, RENEWED_AT, STREAM, TTL, lease_key,
    stream_key, value_of,
};
use crate::dynamo::streams::source::Described;
use crate::error::Error;

/// The leases of one worker.
#[derive(Clone, Debug)]
pub(super) struct Leases {
    pub(super) client: Client,
    /// The table of the leases.
    pub(super) keys: String,
    /// The table whose stream it is.
    pub(super) table: String,
    /// For whom it is followed, where that is not the only one.
    pub(super) consumer: Option<String>,
    /// No other worker has the same: whose lease it is, is what this says.
    pub(super) owner: String,
    pub(super) clock: Arc<dyn Clock>,
}

/// What is stored about a stream.
#[derive(Debug)]
pub(super) struct Known {
    /// The stream that was followed last.
    pub(super) followed: Option<String>,
    /// Of shards, and of parents that are no longer kept.
    pub(super) leases: BTreeMap<String, Lease>,
}

/// What a write does to a lease.
#[derive(Clone, Copy, Debug)]
enum Write<'a> {
    /// From the state in which it was seen.
    Take(&'a Lease),
    /// Where there was no row; what is before this instant was handled.
    Begin(i64),
    Renew,
    /// And all that had come was handled.
    Read,
    Move(&'a Checkpoint),
    Release,
}

impl Leases {
    /// All that is stored about a stream and its shards, strongly consistent.
    pub(super) async fn read(&self, described: &Described) -> Result<Known, Error> {
        let shards = described.shards.iter();
        let ids = shards.flat_map(|shard| [Some(&shard.id), shard.parent.as_ref()]).flatten();
        let ids: BTreeSet<&String> = ids.collect();
        let key = |id: &str| self.key(&described.stream, id);
        let keys = ids.iter().map(|id| key(id)).chain([self.stream_key()]);
        let batch = Batch { client: &self.client, table: &self.keys, key: KEY, projection: None };
        let rows = batch.get(keys).await?;
        let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (self.key_text(&row), row)).collect();
        let lease = |id: &&String| {
            let row = rows.get(&key(id))?;
            Some(self.lease(row).map(|lease| ((*id).clone(), lease)))
        };
        let followed = rows.get(&self.stream_key()).and_then(|row| text(row, STREAM));
        Ok(Known {
            followed: followed.map(str::to_owned),
            leases: ids.iter().filter_map(lease).collect::<Result<_, _>>()?,
        })
    }

    /// Notes which stream is followed from now on.
    pub(super) async fn follow(&self, stream: &str) -> Result<(), Error> {
        let put = self.client.put_item().table_name(&self.keys);
        let put = put.item(KEY, AttributeValue::S(self.stream_key()));
        let put = put.item(STREAM, AttributeValue::S(stream.to_owned())).send().await;
        put.map(drop).map_err(|error| failed("PutItem", &self.keys, error))
    }

    /// Takes a lease that is as it was seen; none when another was faster.
    pub(super) async fn take(
        &self,
        stream: &str,
        shard: &str,
        seen: &Lease,
    ) -> Result<Option<Lease>, Error> {
        self.write(stream, shard, Write::Take(seen)).await
    }

    /// As [`take`](Self::take), where there was none; what came before an instant was handled.
    pub(super) async fn begin(
        &self,
        stream: &str,
        shard: &str,
        read_at: i64,
    ) -> Result<Option<Lease>, Error> {
        self.write(stream, shard, Write::Begin(read_at)).await
    }

    /// The lease if it is still ours, which it is for another life then.
    pub(super) async fn renew(&self, stream: &str, shard: &str) -> Result<Option<Lease>, Error> {
        self.write(stream, shard, Write::Renew).await
    }

    /// As [`renew`](Self::renew); and all that had come by now was handled.
    pub(super) async fn renew_read(
        &self,
        stream: &str,
        shard: &str,
    ) -> Result<Option<Lease>, Error> {
        self.write(stream, shard, Write::Read).await
    }

    /// Notes how far a shard was read, while the lease is ours; whether it still is. At the end of
    /// the shard the lease is given up with it.
    ///
    /// A request that arrives after those that followed it puts the checkpoint back: then some comes
    /// again, and nothing is left out.
    pub(super) async fn move_to(
        &self,
        stream: &str,
        shard: &str,
        checkpoint: &Checkpoint,
    ) -> Result<bool, Error> {
        Ok(self.write(stream, shard, Write::Move(checkpoint)).await?.is_some())
    }

    /// Gives a lease up, if it is still ours.
    pub(super) async fn release(&self, stream: &str, shard: &str) -> Result<(), Error> {
        self.write(stream, shard, Write::Release).await.map(drop)
    }

    /// The lease as it is now; none when the row is in another state than the write is for.
    async fn write(
        &self,
        stream: &str,
        shard: &str,
        write: Write<'_>,
    ) -> Result<Option<Lease>, Error> {
        let key = AttributeValue::S(self.key(stream, shard));
        let request = self
            .client
            .update_item()
            .table_name(&self.keys)
            .key(KEY, key)
            .update_expression(write.update())
            .condition_expression(write.condition())
            .set_expression_attribute_names(Some(write.names()))
            .set_expression_attribute_values(Some(self.values(write)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(done) => self.lease(&done.attributes.unwrap_or_default()).map(Some),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(unmet)) => {
                    // One that we have taken: the answer to an earlier attempt was lost.
                    let row = unmet.item.clone().unwrap_or_default();
                    let is_ours = text(&row, OWNER) == Some(&self.owner);
                    is_ours.then(|| self.lease(&row)).transpose()
                }
                _ => Err(failed("UpdateItem", &self.keys, error)),
            },
        }
    }

    fn values(&self, write: Write<'_>) -> Item {
        let now = self.clock.now().wall;
        let number = |number: i64| AttributeValue::N(number.to_string());
        let seen = match write {
            Write::Take(seen) => Some(AttributeValue::N(seen.counter.to_string())),
            _ => None,
        };
        let checkpoint = match write {
            Write::Move(checkpoint) => value_of(checkpoint),
            _ => None,
        };
        let read_at = match write {
            Write::Begin(read_at) => Some(number(read_at)),
            Write::Move(_) | Write::Read => Some(number(now.as_millisecond())),
            Write::Take(_) | Write::Renew | Write::Release => None,
        };
        let values = [
            (":owner", Some(AttributeValue::S(self.owner.clone()))),
            (":one", Some(number(1))),
            (":at", Some(number(now.as_millisecond()))),
            (":ttl", Some(number(now.as_second() + WEEK))),
            (":seen", seen),
            (":checkpoint", checkpoint),
            (":read", read_at),
        ];
        values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    fn lease(&self, row: &Item) -> Result<Lease, Error> {
        Lease::of(row).map_err(|corrupt| corrupt.of(&self.keys, self.key_text(row)))
    }

    fn stream_key(&self) -> String {
        stream_key(self.consumer.as_deref(), &self.table)
    }

    fn key(&self, stream: &str, shard: &str) -> String {
        lease_key(self.consumer.as_deref(), &self.table, stream, shard)
    }

    fn key_text(&self, row: &Item) -> String {
        text(row, KEY).unwrap_or_default().to_owned()
    }
}

impl Write<'_> {
    fn update(self) -> String {
        let (set, remove) = match self {
            Self::Take(_) => (", #owner = :owner", ""),
            Self::Begin(_) => (", #owner = :owner, #read = :read", ""),
            Self::Renew => ("", ""),
            Self::Read => (", #read = :read", ""),
            Self::Move(Checkpoint::Start) => (", #read = :read", " REMOVE #checkpoint"),
            Self::Move(Checkpoint::After(_)) => (", #checkpoint = :checkpoint, #read = :read", ""),
            Self::Move(Checkpoint::End) => {
                (", #checkpoint = :checkpoint, #read = :read", " REMOVE #owner")
            }
            Self::Release => ("", " REMOVE #owner"),
        };
        format!("SET #at = :at, #ttl = :ttl{set}{remove} ADD #counter :one")
    }

    fn condition(self) -> &'static str {
        match self {
            Self::Begin(_) => "attribute_not_exists(#counter)",
            Self::Take(_) => "#counter = :seen",
            Self::Renew | Self::Read | Self::Move(_) | Self::Release => "#owner = :owner",
        }
    }

    fn names(self) -> HashMap<String, String> {
        let checkpoint = matches!(self, Self::Move(_)).then_some(("#checkpoint", CHECKPOINT));
        let is_read = matches!(self, Self::Begin(_) | Self::Read | Self::Move(_));
        let read_at = is_read.then_some(("#read", READ_AT));
        let names = [("#owner", OWNER), ("#counter", COUNTER), ("#at", RENEWED_AT), ("#ttl", TTL)];
        let names = names.into_iter().chain(checkpoint).chain(read_at);
        names.map(|(placeholder, name)| (placeholder.to_owned(), name.to_owned())).collect()
    }
}

/// Seconds after which a row that nobody writes may be swept away.
const WEEK: i64 = 7 * 24 * 60 * 60;
