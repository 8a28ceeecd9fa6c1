//! How many rows of a statement a rendering shows.

/// How many rows of each table a rendering shows; the sums are always those of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lines {
    /// Every row.
    #[default]
    All,
    /// The first rows, and then how many are left out.
    AtMost(usize),
}

impl Lines {
    /// The rows shown and the number of those left out.
    pub(crate) fn of<T>(self, rows: &[T]) -> (&[T], usize) {
        let shown = match self {
            Self::All => rows.len(),
            Self::AtMost(most) => rows.len().min(most),
        };
        (&rows[..shown], rows.len() - shown)
    }
}
