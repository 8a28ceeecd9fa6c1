//! What a stream of changes hands over.

use std::fmt;

use crate::charter::CharterId;

/// What is handed over: charters to look at, or word that some may have been missed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Changes {
    /// The rows of these charters were added, changed or deleted; each once, in the order of their
    /// first change, 100 at most.
    Charters(Vec<CharterId>),
    /// Changes may have been missed, so every charter that matters is to be looked at, for instance
    /// month by month. What changes from now on is handed over.
    Missed(Gap),
}

/// Why changes may have been missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Gap {
    /// This table's stream was not followed before, or so long ago that nothing is known of it.
    Begun,
    /// The stream was turned off and on again: what changed between them is in neither.
    Replaced,
    /// Changes were not read for so long that the stream has dropped some: it keeps them for 24
    /// hours.
    Trimmed,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Begun => "the stream of changes was not followed before",
            Self::Replaced => "the stream of changes was turned off and on again",
            Self::Trimmed => "the stream has dropped changes that nobody had read for 24 hours",
        })
    }
}

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Polled {
    /// How many charters were handed over.
    pub charters: usize,
    /// How many times it was said that changes may have been missed.
    pub gaps: usize,
    /// How many shards this worker holds.
    pub shards: usize,
}
