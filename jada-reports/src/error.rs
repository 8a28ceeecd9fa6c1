//! What can go wrong with a statement, sorted by what mends it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jada_roster::{CharterId, Month};
use jiff::civil::Date;

/// A boxed cause, so that no dependency's error type is part of this API.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a statement was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A rules file that does not say what it must. A person mends the file.
    #[error("{file}:{line}: {what}")]
    Rules {
        /// The name the file was given by.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what was expected.
        what: String,
    },
    /// A tax rate that is no fraction from 0 to 1.
    #[error(
        "rate `{found}` is not valid: expected a decimal fraction from 0 to 1, such as 0.0775 for 7.75 %"
    )]
    Rate {
        /// The text that was found.
        found: String,
    },
    /// The month's charters are not all in the one currency that the statement is to be in.
    #[error("{month} has charters in {}, but a statement is in one currency{}", .found.join(", "), wanted(.expected))]
    Currencies {
        /// The month.
        month: Month,
        /// Every currency among its charters.
        found: Vec<String>,
        /// The currency that the rules name.
        expected: Option<String>,
    },
    /// A charter of another month was given.
    #[error("charter `{id}` sails on {date}, which is not in {month}")]
    OutsideMonth {
        /// Which charter.
        id: CharterId,
        /// Its date.
        date: Date,
        /// The statement's month.
        month: Month,
    },
    /// A charter was given twice.
    #[error("charter `{id}` was given twice")]
    GivenTwice {
        /// Which charter.
        id: CharterId,
    },
    /// The statement's own sums disagree. This is a defect; do not publish.
    #[error("the statement does not reconcile: {what}")]
    DoesNotReconcile {
        /// Which sums.
        what: String,
    },
    /// A sum of money beyond what can be counted, or shown in a cell.
    #[error("an amount is out of range")]
    Amount {
        /// The cause.
        source: BoxError,
    },
    /// More rows than a worksheet holds.
    #[error("{rows} rows do not fit into a worksheet, which holds 1,048,576")]
    TooManyRows {
        /// How many there would be.
        rows: usize,
    },
    /// A renderer failed.
    #[error("the {artefact} could not be rendered")]
    Render {
        /// What was being rendered.
        artefact: &'static str,
        /// The cause.
        source: BoxError,
    },
    /// A file could not be read or written. Mend the path, its permissions, or the disk.
    #[error("{} could not be {action}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried, as a participle.
        action: &'static str,
        /// The cause.
        source: BoxError,
    },
}

impl Error {
    /// Whether the failure heals without a human. None does: a statement waits for nothing.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Rules { .. }
            | Self::Rate { .. }
            | Self::Currencies { .. }
            | Self::OutsideMonth { .. }
            | Self::GivenTwice { .. }
            | Self::DoesNotReconcile { .. }
            | Self::Amount { .. }
            | Self::TooManyRows { .. }
            | Self::Render { .. }
            | Self::File { .. } => false,
        }
    }

    /// How long to wait before the next attempt; never, as long as no failure is transient.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        None
    }

    pub(crate) fn file(path: &Path, action: &'static str, source: impl Into<BoxError>) -> Self {
        Self::File { path: path.to_owned(), action, source: source.into() }
    }

    pub(crate) fn amount(source: jada_roster::Error) -> Self {
        Self::Amount { source: Box::new(source) }
    }
}

fn wanted(expected: &Option<String>) -> String {
    expected.as_ref().map(|code| format!(", and the rules say {code}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_failure_is_worth_a_retry() {
        let month: Month = "2026-05".parse().unwrap();
        let id = CharterId::new("C-1").unwrap();
        let errors = [
            Error::Rules { file: "r".into(), line: 1, what: "x".into() },
            Error::Rate { found: "7.75".into() },
            Error::Currencies { month, found: vec!["EUR".into()], expected: Some("USD".into()) },
            Error::OutsideMonth { id: id.clone(), date: month.first_day(), month },
            Error::GivenTwice { id },
            Error::DoesNotReconcile { what: "x".into() },
            Error::Amount { source: "cause".into() },
            Error::TooManyRows { rows: 2_000_000 },
            Error::Render { artefact: "workbook", source: "cause".into() },
            Error::file(Path::new("a"), "written", "cause"),
        ];
        for error in errors {
            assert!(!error.is_transient() && error.retry_after().is_none(), "{error}");
            assert!(!error.to_string().contains("cause"), "{error}");
        }
    }
}
