//! The state of a stored row, on which a write depends.

/// Which state of the stored row a value was read from; a write is refused when it has moved on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Version {
    /// Never stored: the write creates the row.
    #[default]
    New,
    /// Stored by a tool that does not number its writes.
    Unnumbered,
    /// The row's number, from 1, one more with each write.
    Number(u64),
}

impl Version {
    /// The row's number; 0 for one that has none.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::New | Self::Unnumbered => 0,
            Self::Number(number) => number,
        }
    }

    /// The number that the next write gives the row.
    #[must_use]
    pub fn next(self) -> u64 {
        self.number().saturating_add(1)
    }
}
