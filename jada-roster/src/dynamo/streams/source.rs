//! A stream as DynamoDB serves it: its shards, and their records.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodbstreams::types::{self, Record, ShardIteratorType};
use tracing::warn;

use crate::charter::CharterId;
use crate::dynamo::charters::item::ID;
use crate::dynamo::failure::failed;
use crate::dynamo::table::described;
use crate::error::Error;

/// Where a table's changes come from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) dynamo: aws_sdk_dynamodb::Client,
    pub(super) streams: aws_sdk_dynamodbstreams::Client,
    pub(super) table: String,
}

/// A stream, and those of its shards that are kept.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) stream: String,
    pub(super) shards: Vec<Shard>,
}

/// A part of a stream, whose records are in order. One that has ended has children.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    pub(super) id: String,
    pub(super) parent: Option<String>,
}

/// Some records of a shard, none of them perhaps.
#[derive(Debug)]
pub(super) struct Page {
    /// Each once.
    pub(super) charters: Vec<CharterId>,
    /// The sequence number of the last record.
    pub(super) last: Option<String>,
    /// Where the next page begins; none at the end of the shard.
    pub(super) next: Option<String>,
}

pub(super) type Fetched<T> = Result<T, Stale>;

/// Why there are no records although the stream is well.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stale {
    /// The iterator was not used for 15 minutes.
    Expired,
    /// The records that were asked for are no longer kept.
    Trimmed,
}

impl Source {
    /// The stream that is on, with its shards.
    pub(super) async fn describe(&self) -> Result<Described, Error> {
        let stream = self.stream().await?;
        let (mut shards, mut start) = (Vec::new(), None);
        loop {
            let request = self.streams.describe_stream().stream_arn(&stream);
            let answer = request.set_exclusive_start_shard_id(start).send().await;
            let answer = answer.map_err(|error| self.failed("DescribeStream", error))?;
            let Some(page) = answer.stream_description else { break };
            shards.extend(page.shards.into_iter().flatten().filter_map(Shard::of));
            start = page.last_evaluated_shard_id;
            if start.is_none() {
                break;
            }
        }
        Ok(Described { stream, shards })
    }

    async fn stream(&self) -> Result<String, Error> {
        let table = described(&self.dynamo, &self.table).await?;
        let is_on = table.stream_specification().is_some_and(|stream| stream.stream_enabled());
        let stream = table.latest_stream_arn.filter(|_| is_on);
        stream.ok_or_else(|| Error::StreamOff { table: self.table.clone() })
    }

    /// Where the records of a shard begin, behind one that was handled, or from the first that is
    /// kept.
    pub(super) async fn iterator(
        &self,
        stream: &str,
        shard: &str,
        after: Option<&str>,
    ) -> Result<Fetched<String>, Error> {
        const OPERATION: &str = "GetShardIterator";
        let kind = match after {
            Some(_) => ShardIteratorType::AfterSequenceNumber,
            None => ShardIteratorType::TrimHorizon,
        };
        let request = self.streams.get_shard_iterator().stream_arn(stream).shard_id(shard);
        let request = request.shard_iterator_type(kind).set_sequence_number(after.map(Into::into));
        match self.sorted(OPERATION, request.send().await)? {
            Err(stale) => Ok(Err(stale)),
            Ok(answer) => match answer.shard_iterator {
                Some(iterator) => Ok(Ok(iterator)),
                None => Err(self.unavailable(OPERATION, "there is no iterator in the answer")),
            },
        }
    }

    /// At most 100 records.
    pub(super) async fn records(&self, iterator: &str) -> Result<Fetched<Page>, Error> {
        let request = self.streams.get_records().shard_iterator(iterator).limit(AT_MOST);
        let answer = self.sorted("GetRecords", request.send().await)?;
        Ok(answer.map(|answer| self.page(answer.records(), answer.next_shard_iterator.clone())))
    }

    fn page(&self, records: &[Record], next: Option<String>) -> Page {
        let (mut charters, mut last) = (Vec::new(), None);
        for change in records.iter().filter_map(Record::dynamodb) {
            last = change.sequence_number.clone().or(last);
            let id = change.keys().and_then(|keys| keys.get(ID)?.as_s().ok());
            match CharterId::new(id.map(String::as_str).unwrap_or_default()) {
                Ok(id) if charters.contains(&id) => {}
                Ok(id) => charters.push(id),
                // Whatever that row is, no repository here reads it as a charter.
                Err(error) => warn!(target: TARGET, table = self.table, %error, "skipped a change"),
            }
        }
        Page { charters, last, next }
    }

    /// An answer, or what its refusal means.
    fn sorted<T, E>(
        &self,
        operation: &'static str,
        answer: Result<T, SdkError<E>>,
    ) -> Result<Fetched<T>, Error>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match answer {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => match error.code() {
                Some("ExpiredIteratorException") => Ok(Err(Stale::Expired)),
                Some("TrimmedDataAccessException") => Ok(Err(Stale::Trimmed)),
                _ => Err(self.failed(operation, error)),
            },
        }
    }

    /// The table was there a moment ago: a stream or shard that is not is new, or has just gone.
    fn failed<E>(&self, operation: &'static str, error: SdkError<E>) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        if error.code() == Some("ResourceNotFoundException") {
            return self.unavailable(operation, "the stream or its shard is not there");
        }
        failed(operation, &self.table, error)
    }

    pub(super) fn unavailable(&self, operation: &'static str, why: &'static str) -> Error {
        Error::Unavailable { table: self.table.clone(), operation, source: why.into() }
    }
}

impl Shard {
    fn of(shard: types::Shard) -> Option<Self> {
        Some(Self { id: shard.shard_id?, parent: shard.parent_shard_id })
    }
}

/// What is handed over at a time, and comes again at most when a worker dies.
const AT_MOST: i32 = 100;
pub(super) const TARGET: &str = "jada_roster::streams";
