//! What a sync did.

use std::fmt;

use serde::Serialize;

use super::brief::Few;

/// What a sync found and did. A sync that is `Ok` left the tab as its rows want it. It names every
/// row: for a journal there is its [`brief`](Self::brief).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SyncReport {
    /// The keys of rows that the tab did not have, in the order of the input.
    pub added: Vec<String>,
    /// The rows of which cells were written, in the order of the input.
    pub changed: Vec<ChangedRow>,
    /// How many rows were in the tab as they should be.
    pub unchanged: usize,
    /// The keys that are in the tab and not in the input, from top to bottom, and whose rows are
    /// left as they are. Of a part of the rows, these are keys that were to be removed, and whose
    /// rows hold something of others.
    pub vanished: Vec<String>,
    /// The keys of vanished rows whose cells were cleared, from top to bottom.
    pub removed: Vec<String>,
    /// The A1 addresses of key cells that are blank beside cells of ours that are not.
    pub keyless: Vec<String>,
    /// The A1 addresses of cells that are not ours, which a write hit while rows were moved, and
    /// which have been given back what they held.
    pub restored: Vec<String>,
    /// How many cells were written.
    pub cells: usize,
    /// How many requests were made, tries within one not counted.
    pub requests: usize,
}

/// A row of which cells were written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChangedRow {
    /// Its key.
    pub key: String,
    /// The names of the columns.
    pub columns: Vec<String>,
}

impl SyncReport {
    /// Whether the tab was written to.
    pub fn is_changed(&self) -> bool {
        self.cells > 0 || !self.removed.is_empty()
    }

    /// Adds what a later sync of the same tab found and did.
    pub fn add(&mut self, later: Self) {
        self.added.extend(later.added);
        self.changed.extend(later.changed);
        self.unchanged += later.unchanged;
        self.vanished.extend(later.vanished);
        self.removed.extend(later.removed);
        // Of the whole tab, as it is by then.
        self.keyless = later.keyless;
        self.restored.extend(later.restored);
        self.cells += later.cells;
        self.requests += later.requests;
    }
}

impl fmt::Display for SyncReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { added, changed, unchanged, vanished, removed, .. } = self;
        let (added, changed, removed) = (added.len(), changed.len(), removed.len());
        write!(f, "{added} added, {changed} changed, {unchanged} unchanged, {removed} removed")?;
        if !vanished.is_empty() {
            write!(f, ", {} in the tab alone: {}", vanished.len(), Few::of(vanished))?;
        }
        if !self.keyless.is_empty() {
            write!(f, "; without a key: {}", Few::of(&self.keyless))?;
        }
        if !self.restored.is_empty() {
            write!(f, "; given back what they held: {}", Few::of(&self.restored))?;
        }
        Ok(())
    }
}
