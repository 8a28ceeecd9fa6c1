//! Keys as text, for those who read what an outbox tells as JSON.

use serde::Serializer;

use crate::IdempotencyKey;

pub(super) fn list<S: Serializer>(keys: &[IdempotencyKey], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(keys.iter().map(IdempotencyKey::as_str))
}

pub(super) fn one<S: Serializer>(key: &IdempotencyKey, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(key.as_str())
}
