//! A change as it lies in the folder.

use std::path::Path;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::artefact::sha256;
use crate::error::{BoxError, Error};
use crate::failure::Failure;
use crate::folder::{Lock, as_json, parsed};

/// A change that is handed to a handler.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// What it changes.
    pub key: String,
    /// What that is to be, as it was pushed.
    pub change: Value,
    /// When it was pushed: a UTC instant.
    pub pushed_at: Timestamp,
    /// How often it was tried and failed.
    pub attempts: u32,
}

impl Change {
    /// Reads what was pushed.
    ///
    /// # Errors
    /// A [`Failure`] of this change alone, by which it goes to the dead, when it is of another shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(&self.change).map_err(|error| {
            Failure::rejected(format!("the change of `{}` cannot be read: {error}", self.key))
        })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) key: String,
    pub(super) change: Value,
    /// Of two changes the later one has the greater.
    pub(super) order: u64,
    pub(super) pushed_at: Timestamp,
    pub(super) attempts: u32,
    /// Of these the ones that failed by what time does not heal.
    #[serde(default)]
    pub(super) strikes: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) not_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Failure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) died_at: Option<Timestamp>,
}

impl Record {
    pub(super) fn new(key: &str, change: &impl Serialize, now: Timestamp) -> Result<Self, Error> {
        let failed = |error| Error::file(Path::new(key), "written", BoxError::from(error));
        Ok(Self {
            key: key.to_owned(),
            change: serde_json::to_value(change).map_err(failed)?,
            order: 0,
            pushed_at: now,
            attempts: 0,
            strikes: 0,
            not_before: None,
            failure: None,
            died_at: None,
        })
    }

    pub(super) fn from_json(path: &Path, json: &[u8]) -> Result<Self, Error> {
        parsed(path, json)
    }

    pub(super) fn to_json(&self) -> Result<Vec<u8>, Error> {
        as_json(Path::new(&self.key), self)
    }

    pub(super) fn path(&self, folder: &str) -> String {
        path(folder, &self.key)
    }

    pub(super) fn to_change(&self) -> Change {
        let Self { key, change, pushed_at, attempts, .. } = self.clone();
        Change { key, change, pushed_at, attempts }
    }

    pub(super) fn revived(self, order: u64) -> Self {
        let Self { key, change, pushed_at, .. } = self;
        let (not_before, failure, died_at) = (None, None, None);
        Self {
            key,
            change,
            order,
            pushed_at,
            attempts: 0,
            strikes: 0,
            not_before,
            failure,
            died_at,
        }
    }
}

/// A key is any text, and the name of its file tells it from all others, also where case does not
/// count; what it begins with is for people.
pub(super) fn path(folder: &str, key: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let mut path = format!("{folder}/");
    path.extend(key.chars().take(SHOWN).map(plain));
    path + "." + &sha256(key.as_bytes())[..32] + ".json"
}

/// By the clock, unless that was set back: then after the last.
pub(super) fn next_order(lock: &mut Lock, now: Timestamp) -> Result<u64, Error> {
    let failed = |error| Error::file(Path::new(super::LOCK), "written", error);
    let last = last_order(lock)?;
    let order = u64::try_from(now.as_nanosecond()).unwrap_or(0).max(last + 1);
    lock.note(order.to_string().as_bytes()).map_err(failed)?;
    Ok(order)
}

/// A note that a crash left half written is none.
pub(super) fn last_order(lock: &mut Lock) -> Result<u64, Error> {
    let failed = |error| Error::file(Path::new(super::LOCK), "read", error);
    Ok(lock.noted().map_err(failed)?.parse().unwrap_or(0))
}

const SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_safe_and_one_keys_own() {
        assert_eq!(path("dead", "C-1"), "dead/C-1.07e9a9696557f5c8f882be06e799bc09.json");
        let keys =
            ["", ".", "..", "a/b", "a_b", "A_B", "../../etc", "é", "con", &"x".repeat(5_000)];
        let names: Vec<_> = keys.map(|key| path("waiting", key).to_lowercase()).to_vec();
        for (at, name) in names.iter().enumerate() {
            let file = name.strip_prefix("waiting/").unwrap();
            assert!(file.is_ascii() && file.len() < 120 && !file.contains('/'), "{file}");
            assert!(!names[..at].contains(name), "{name}");
        }
    }

    #[test]
    fn a_change_of_another_shape_is_rejected_for_itself_alone() {
        let record = Record::new("C-1", &"text", Timestamp::UNIX_EPOCH).unwrap();
        let failure = record.to_change().parse::<u64>().unwrap_err();
        assert_eq!(failure.healed_by, crate::HealedBy::OtherInput);
        assert!(failure.why.contains("`C-1`"), "{failure}");
        assert_eq!(record.to_change().parse::<String>().unwrap(), "text");
    }
}
