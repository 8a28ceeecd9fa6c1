//! Leases as rows: who reads a shard, and how far it was read.
//!
//! Rows of `crew-keys`: `stream#<table>` holds `stream`, the one that is followed by its name at AWS.
//! `stream#<table>#<label>#<shard>` holds for a shard `owner`, absent while nobody reads it;
//! `counter`, one more with each write; `checkpoint`, the sequence number of the last record that was
//! handled, absent where there is none, and `end` after the last of all; `renewed_at`; `read_at`, when
//! all that had come was last handled, as far as anybody knows; and `ttl`, a week after the last write.
//! Whoever follows it as a consumer of its own has the like under `stream/<consumer>#<table>`.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::dynamo::item::{Corrupt, Item, text};

/// A lease as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) owner: Option<String>,
    pub(super) counter: u64,
    pub(super) checkpoint: Checkpoint,
    /// Milliseconds since 1970, as what follows.
    pub(super) renewed_at: i64,
    pub(super) read_at: i64,
}

/// How far a shard was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Checkpoint {
    /// Not at all: it begins at the first record that is kept.
    Start,
    /// Up to the record of this sequence number.
    After(String),
    /// To its end.
    End,
}

impl Lease {
    pub(super) fn of(row: &Item) -> Result<Self, Corrupt> {
        let renewed_at = number(row, RENEWED_AT)?;
        let read_at = row.get(READ_AT).map_or(Ok(renewed_at), |_| number(row, READ_AT))?;
        Ok(Self {
            owner: text(row, OWNER).map(str::to_owned),
            counter: number(row, COUNTER)?,
            checkpoint: match text(row, CHECKPOINT) {
                None => Checkpoint::Start,
                Some(END) => Checkpoint::End,
                Some(sequence) => Checkpoint::After(sequence.to_owned()),
            },
            renewed_at,
            read_at,
        })
    }

    /// Whether nobody has read the shard for so long that the stream may have dropped some of it.
    pub(super) fn is_neglected(&self, now: Timestamp) -> bool {
        is_long_ago(self.renewed_at, now)
    }
}

/// Whether a stream may have dropped by now what came at an instant, in milliseconds since 1970.
pub(super) fn is_long_ago(at: i64, now: Timestamp) -> bool {
    now.as_millisecond().saturating_sub(at) >= NEGLECTED
}

fn number<T: std::str::FromStr>(row: &Item, attribute: &'static str) -> Result<T, Corrupt> {
    let number = row.get(attribute).and_then(|value| value.as_n().ok()?.parse().ok());
    number.ok_or_else(|| Corrupt { attribute, expected: "a whole number".to_owned() })
}

/// The key of the row that says which stream of a table a consumer follows; one without a name is the
/// only one.
pub(super) fn stream_key(consumer: Option<&str>, table: &str) -> String {
    match consumer {
        None => format!("stream#{table}"),
        Some(consumer) => format!("stream/{consumer}#{table}"),
    }
}

/// The key of the lease on a shard. The label tells the streams of a table apart: it is what stands
/// behind the last `/` of a stream's name.
pub(super) fn lease_key(consumer: Option<&str>, table: &str, stream: &str, shard: &str) -> String {
    let label = stream.rsplit('/').next().unwrap_or_default();
    format!("{}#{label}#{shard}", stream_key(consumer, table))
}

pub(super) fn value_of(checkpoint: &Checkpoint) -> Option<AttributeValue> {
    match checkpoint {
        Checkpoint::Start => None,
        Checkpoint::After(sequence) => Some(AttributeValue::S(sequence.clone())),
        Checkpoint::End => Some(AttributeValue::S(END.to_owned())),
    }
}

pub(super) const STREAM: &str = "stream";
pub(super) const OWNER: &str = "owner";
pub(super) const COUNTER: &str = "counter";
pub(super) const CHECKPOINT: &str = "checkpoint";
pub(super) const RENEWED_AT: &str = "renewed_at";
pub(super) const READ_AT: &str = "read_at";
pub(super) const TTL: &str = "ttl";
/// No sequence number: those are digits.
const END: &str = "end";
/// 20 hours: a stream keeps 24, and clocks of two hosts differ.
const NEGLECTED: i64 = 20 * 60 * 60 * 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(attributes: &[(&str, AttributeValue)]) -> Item {
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn a_lease_is_read_from_its_row() {
        let number = |text: &str| AttributeValue::N(text.to_owned());
        let mut all = row(&[(COUNTER, number("3")), (RENEWED_AT, number("1000"))]);
        let lease = Lease::of(&all).ok().unwrap();
        assert_eq!((lease.owner, lease.counter), (None, 3));
        assert_eq!((lease.renewed_at, lease.read_at), (1_000, 1_000));
        all.insert(READ_AT.to_owned(), number("900"));
        assert_eq!(Lease::of(&all).ok().unwrap().read_at, 900);
        assert_eq!(lease.checkpoint, Checkpoint::Start);
        for checkpoint in [Checkpoint::After("0012".to_owned()), Checkpoint::End] {
            all.insert(CHECKPOINT.to_owned(), value_of(&checkpoint).unwrap());
            assert_eq!(Lease::of(&all).ok().unwrap().checkpoint, checkpoint);
        }
        all.insert(COUNTER.to_owned(), number("many"));
        assert_eq!(Lease::of(&all).err().unwrap().attribute, COUNTER);
    }

    #[test]
    fn a_lease_is_neglected_before_a_stream_drops_what_it_is_about() {
        let checkpoint = Checkpoint::Start;
        let lease = Lease { owner: None, counter: 1, checkpoint, renewed_at: 0, read_at: 0 };
        let hours = |hours: i64| Timestamp::from_second(hours * 60 * 60).unwrap();
        assert!(!lease.is_neglected(hours(19)));
        assert!(lease.is_neglected(hours(20)));
        assert!(!lease.is_neglected(hours(-30)), "a clock that was set back");
    }

    #[test]
    fn two_streams_of_a_table_have_leases_of_their_own() {
        let arn = "arn:aws:dynamodb:us-east-1:0:table/crew-dispatch/stream/2026-05-01T00:00:00.000";
        let key = |consumer| lease_key(consumer, "crew-dispatch", arn, "shardId-1");
        assert_eq!(key(None), "stream#crew-dispatch#2026-05-01T00:00:00.000#shardId-1");
        let reports = key(Some("reports"));
        assert_eq!(reports, "stream/reports#crew-dispatch#2026-05-01T00:00:00.000#shardId-1");
    }
}
