//! What has come of a dispatcher's looks: what was done, and what failed, each by its name.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use futures_util::StreamExt;
use jada_reports::Failure;
use jada_roster::{Advanced, CallRepository, CharterId, Error, Looked, LookedStream};
use serde::Serialize;

use crate::mailed::write_sent;
use crate::unfilled::has_cast_off;

/// What a look did.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Dispatched {
    /// How many calls were looked at.
    pub looked_at: usize,
    /// How many mails were put into the outbox.
    pub mailed: usize,
    /// How many mails were sent.
    pub sent: usize,
    /// The folder in which those are left as files, which mails nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_in: Option<PathBuf>,
    /// Why changes are not followed, so that charters are polled alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degraded: Option<String>,
}

/// What has come of calls since it was last told.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) looked_at: usize,
    pub(crate) mailed: usize,
    /// The calls that failed: they are looked at again each time, until they do not.
    failed: BTreeMap<CharterId, Failure>,
    /// Rows that could not be read, by table and key, until they can be again.
    unread: BTreeMap<(String, String), Failure>,
    /// What the store did not do for now.
    store: Vec<Failure>,
    /// The charters that have cast off unfilled, as far as a look came to that.
    pub(crate) cast_off: Vec<CharterId>,
}

impl Round {
    /// Takes what looks come to, and tells whether all were taken.
    pub(crate) async fn take(&mut self, mut looks: LookedStream<'_>) -> bool {
        let mut are_all = true;
        while let Some(look) = looks.next().await {
            match look {
                Ok(Looked { charter, outcome, .. }) => self.looked(charter, outcome),
                Err(error) => {
                    are_all &= !error.is_transient();
                    self.unread(&error);
                }
            }
        }
        are_all
    }

    fn looked(&mut self, charter: CharterId, outcome: Result<Advanced, Error>) {
        self.looked_at += 1;
        self.failed.remove(&charter);
        match outcome {
            Ok(Advanced { call, mails, unreadable, .. }) => {
                self.mailed += mails;
                unreadable.iter().for_each(|error| self.unread(error));
                if call.as_ref().is_some_and(has_cast_off) {
                    self.cast_off.push(charter);
                }
            }
            // It was deleted meanwhile.
            Err(Error::NotFound { id, .. }) if id == charter.as_str() => {}
            Err(error) => drop(self.failed.insert(charter, Failure::of(&error))),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.looked_at += other.looked_at;
        self.mailed += other.mailed;
        self.failed.extend(other.failed);
        self.unread.extend(other.unread);
        self.store.extend(other.store);
        self.cast_off.extend(other.cast_off);
    }

    /// Notes what could not be read: one row, or what the store did not give.
    pub(crate) fn unread(&mut self, error: &Error) {
        let failure = Failure::of(error);
        let row = match error {
            Error::CorruptItem { table, key, .. } => (table.clone(), key.clone()),
            error if error.is_transient() => return self.store.push(failure),
            error => (String::new(), error.to_string()),
        };
        self.unread.insert(row, failure);
    }

    /// Begins anew with what could not be read: whoever reads all says it again.
    pub(crate) fn forget_unread(&mut self) {
        self.unread.clear();
    }

    /// Reads the rows of charters again that could not be read. Whoever reads the crew says it again of
    /// theirs.
    pub(crate) async fn read_again(&mut self, calls: &dyn CallRepository) {
        for (row, failure) in std::mem::take(&mut self.unread) {
            let is_unread = match CharterId::new(&row.1) {
                _ if row.0.is_empty() => true,
                Ok(id) => match calls.open(&id).await {
                    Ok(opened) => opened.is_some_and(|it| it.charter.assignments().is_err()),
                    Err(_) => true,
                },
                Err(_) => false,
            };
            if is_unread {
                self.unread.insert(row, failure);
            }
        }
    }

    /// The calls that failed, which are to be looked at again.
    pub(crate) fn failed(&self) -> Vec<CharterId> {
        self.failed.keys().cloned().collect()
    }

    /// What failed, each by its name. What heals by itself is one thing, however much of it there is.
    pub(crate) fn failures(&self) -> Vec<(String, Failure)> {
        let calls = self.failed.iter().map(|(id, failure)| {
            let name = if failure.is_transient() { CALLS.into() } else { format!("call/{id}") };
            let mut told = failure.clone();
            told.why = format!("the call for charter `{id}` failed: {}", failure.why);
            (name, told)
        });
        let rows = self
            .unread
            .iter()
            .map(|((table, key), failure)| (format!("row/{table}/{key}"), failure.clone()));
        let store = self.store.iter().map(|failure| ("store".to_owned(), failure.clone()));
        calls.chain(rows).chain(store).collect()
    }

    /// Begins anew, with what failed until it does not.
    pub(crate) fn told(&mut self) {
        let (failed, unread) = (std::mem::take(&mut self.failed), std::mem::take(&mut self.unread));
        *self = Self { failed, unread, ..Self::default() };
    }
}

impl fmt::Display for Dispatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { looked_at, mailed, sent, left_in, degraded } = self;
        write!(f, "{looked_at} calls looked at, {mailed} mails queued, ")?;
        write_sent(f, *sent, left_in.as_ref())?;
        degraded.iter().try_for_each(|why| write!(f, "; changes are not followed: {why}"))
    }
}

const CALLS: &str = "calls";
