//! What can go wrong, sorted by what mends it.

use std::time::Duration;

use crate::charter::CharterId;
use crate::import::Conflict;
use crate::import::bad_row::BadRow;

/// A boxed cause, so that no dependency's error type is part of this API.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why an operation on charters failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value that is not what its type demands. A person mends the value.
    #[error("{what} `{found}` is not valid: expected {expected}")]
    Invalid {
        /// What the value was to be, in the domain's words.
        what: &'static str,
        /// The text that was found, shortened.
        found: String,
        /// What would have been accepted.
        expected: String,
    },
    /// A file that cannot be read as a table of charters at all, so that no row of it is trusted.
    #[error("{file}:{line}:{column}: expected {expected}")]
    UnreadableFile {
        /// The name the file was given by.
        file: String,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// What would have been accepted.
        expected: String,
    },
    /// Rows of a file that cannot be read. Nothing was imported; a person mends the rows.
    #[error("{} cannot be read", count(.rows.len(), "row", "rows"))]
    BadRows {
        /// Every such row.
        rows: Vec<BadRow>,
    },
    /// Rows of one `charter_id` that say different things. Nothing was written.
    #[error("{}", conflicts_line(.conflicts))]
    Conflicts {
        /// Every charter that two sources disagree about.
        conflicts: Vec<Conflict>,
    },
    /// Someone else wrote the charter since it was read. Read it again, then decide.
    #[error("charter `{id}` was changed by someone else since it was read")]
    VersionConflict {
        /// Which charter.
        id: CharterId,
    },
    /// A stored row that cannot be read. A person mends the row.
    #[error(
        "table `{table}`, row `{key}`: attribute `{attribute}` cannot be read: expected {expected}"
    )]
    CorruptItem {
        /// The table's name.
        table: String,
        /// The row's partition key.
        key: String,
        /// Which attribute.
        attribute: String,
        /// What would have been accepted.
        expected: String,
    },
    /// The table is not there. `ensure_table` creates it.
    #[error("table `{table}` does not exist; `ensure_table` creates it")]
    TableMissing {
        /// The table's name.
        table: String,
    },
    /// The store was still busy when the retries ended. Worth a retry later.
    #[error("table `{table}`: {} charters were left unprocessed when the retries ended", .ids.len())]
    Unprocessed {
        /// The table's name.
        table: String,
        /// What was not done; the rest was.
        ids: Vec<CharterId>,
    },
    /// The store could not be reached, or was too busy. Worth a retry.
    #[error("table `{table}`: {operation} got no answer from the store")]
    Unavailable {
        /// The table's name.
        table: String,
        /// The operation, as DynamoDB names it.
        operation: &'static str,
        /// The cause.
        source: BoxError,
    },
    /// The store answered and refused. Permissions, credentials or the request are at fault.
    #[error("table `{table}`: {operation} was refused by the store")]
    Refused {
        /// The table's name.
        table: String,
        /// The operation, as DynamoDB names it.
        operation: &'static str,
        /// The cause.
        source: BoxError,
    },
    /// The embedded engine could not open its file.
    #[error("database `{path}` cannot be opened: {mend}")]
    Database {
        /// The file.
        path: String,
        /// What mends it.
        mend: String,
        /// The cause.
        source: BoxError,
    },
    /// An amount outside the range that [`Money`](crate::Money) holds.
    #[error("the amount is out of range: a sum reaches beyond 92 quadrillion units")]
    AmountOutOfRange,
    /// Two amounts of different currencies were to be added or compared.
    #[error("amounts in {left} and {right} cannot be combined")]
    CurrencyMismatch {
        /// The currency of the first.
        left: String,
        /// The currency of the other.
        right: String,
    },
}

impl Error {
    /// Whether the failure heals without a human, so that trying again later makes sense.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::VersionConflict { .. } | Self::Unprocessed { .. } | Self::Unavailable { .. } => {
                true
            }
            Self::Invalid { .. }
            | Self::UnreadableFile { .. }
            | Self::BadRows { .. }
            | Self::Conflicts { .. }
            | Self::CorruptItem { .. }
            | Self::TableMissing { .. }
            | Self::Refused { .. }
            | Self::Database { .. }
            | Self::AmountOutOfRange
            | Self::CurrencyMismatch { .. } => false,
        }
    }

    /// How long to wait before the next attempt, where the store says so.
    ///
    /// DynamoDB sends no `Retry-After`; a busy table is asked again after a second.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unprocessed { .. } | Self::Unavailable { .. } => Some(Duration::from_secs(1)),
            Self::VersionConflict { .. } => Some(Duration::ZERO),
            Self::Invalid { .. }
            | Self::UnreadableFile { .. }
            | Self::BadRows { .. }
            | Self::Conflicts { .. }
            | Self::CorruptItem { .. }
            | Self::TableMissing { .. }
            | Self::Refused { .. }
            | Self::Database { .. }
            | Self::AmountOutOfRange
            | Self::CurrencyMismatch { .. } => None,
        }
    }

    pub(crate) fn invalid(what: &'static str, found: &str, expected: impl Into<String>) -> Self {
        Self::Invalid { what, found: shorten(found), expected: expected.into() }
    }
}

fn conflicts_line(conflicts: &[Conflict]) -> String {
    let charters = count(conflicts.len(), "charter is", "charters are");
    let mut line = format!("{charters} told in two ways");
    for (index, conflict) in conflicts.iter().take(SHOWN_CONFLICTS).enumerate() {
        line.push_str(if index == 0 { ": " } else { "; " });
        line.push_str(&conflict.to_string());
    }
    if conflicts.len() > SHOWN_CONFLICTS {
        line.push_str("; ...");
    }
    line
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// At most 60 characters, control characters escaped: what an error may echo.
pub(crate) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(ECHOED).flat_map(escape_control).collect();
    if text.chars().nth(ECHOED).is_some() {
        short.push('…');
    }
    short
}

fn escape_control(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}

const ECHOED: usize = 60;
const SHOWN_CONFLICTS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_says_whether_a_retry_is_worth_it() {
        let id = CharterId::new("a").unwrap();
        let cause = || -> BoxError { "cause".into() };
        let table = || "t".to_owned();
        let cases = [
            (Error::invalid("month", "x", "y"), false, None),
            (
                Error::UnreadableFile { file: table(), line: 1, column: 1, expected: table() },
                false,
                None,
            ),
            (Error::BadRows { rows: Vec::new() }, false, None),
            (Error::Conflicts { conflicts: Vec::new() }, false, None),
            (Error::VersionConflict { id: id.clone() }, true, Some(Duration::ZERO)),
            (
                Error::CorruptItem {
                    table: table(),
                    key: table(),
                    attribute: table(),
                    expected: table(),
                },
                false,
                None,
            ),
            (Error::TableMissing { table: table() }, false, None),
            (
                Error::Unprocessed { table: table(), ids: vec![id] },
                true,
                Some(Duration::from_secs(1)),
            ),
            (
                Error::Unavailable { table: table(), operation: "Query", source: cause() },
                true,
                Some(Duration::from_secs(1)),
            ),
            (Error::Refused { table: table(), operation: "Query", source: cause() }, false, None),
            (Error::Database { path: table(), mend: table(), source: cause() }, false, None),
            (Error::AmountOutOfRange, false, None),
            (Error::CurrencyMismatch { left: "USD".into(), right: "EUR".into() }, false, None),
        ];
        for (error, transient, after) in cases {
            assert_eq!(error.is_transient(), transient, "{error}");
            assert_eq!(error.retry_after(), after, "{error}");
        }
    }

    #[test]
    fn an_error_does_not_repeat_its_source() {
        let error =
            Error::Unavailable { table: "t".into(), operation: "Query", source: "no route".into() };
        assert!(!error.to_string().contains("no route"));
    }

    #[test]
    fn echoed_text_is_short_and_printable() {
        assert_eq!(shorten("a\u{7}b"), "a\\u{7}b");
        assert_eq!(shorten(&"x".repeat(61)).chars().count(), 61);
        assert_eq!(shorten(&"x".repeat(60)).chars().count(), 60);
    }
}
