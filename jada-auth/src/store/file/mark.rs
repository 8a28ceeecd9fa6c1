//! The mark that a refresh began, in a small file of its own.

use std::path::Path;

use serde_json::Value;

use super::{Document, Replacement, format, read_private};
use crate::{Error, Pending};

/// A mark as it lies in its file. Its id is what the state names to say that this refresh ended, so
/// that state and mark change at one instant: the rename of the state.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) id: String,
    pub(super) pending: Pending,
}

impl Mark {
    /// Reads the mark. One that does not parse says nothing: it is written whole, so it is no
    /// mark of ours.
    pub(super) fn read(path: &Path, uid: u32) -> Result<Option<Self>, Error> {
        let Some(bytes) = read_private(path, uid)? else { return Ok(None) };
        Ok(Document::parse(path, &bytes).and_then(|document| Self::parse(&document)).ok())
    }

    fn parse(document: &Document) -> Result<Self, Error> {
        let missing = |field| move || document.unusable(field);
        Ok(Self {
            id: document.text("id")?.unwrap_or_default().to_owned(),
            pending: Pending {
                grant: document.parsed("grant")?.ok_or_else(missing("grant"))?,
                at: document.parsed("at")?.ok_or_else(missing("at"))?,
            },
        })
    }

    /// Replaces the mark. It lasts once the folder is synced.
    pub(super) fn write(path: &Path, pending: &Pending) -> Result<(), Error> {
        let mut document = Document::empty(path);
        document.set("id", Some(format!("{:016x}", fastrand::u64(..)).into()));
        document.set("grant", Some(format::fingerprint(pending.grant)));
        document.set("at", Some(format::instant(pending.at)));
        Replacement::create(path)?.publish(&document.bytes()?)
    }

    /// What the mark says of that state; none when the state says that the refresh ended.
    pub(super) fn of(mark: Option<&Self>, state: Option<&Document>) -> Option<Pending> {
        let ended = state.and_then(|state| state.value(ENDED)).and_then(Value::as_str);
        mark.filter(|mark| ended != Some(&mark.id)).map(|mark| mark.pending.clone())
    }

    /// Says in the state that this refresh ended.
    pub(super) fn end(&self, state: &mut Document) {
        state.set(ENDED, Some(self.id.as_str().into()));
    }
}

const ENDED: &str = "jada.ended";
