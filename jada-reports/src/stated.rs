//! What is put out: the statement of a month, or of a year.

use jiff::civil::Date;

use crate::statement::Statement;
use crate::year::YearStatement;

/// The statement of a month, or of a year.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Stated<'a> {
    /// Of a month.
    Month(&'a Statement),
    /// Of a year.
    Year(&'a YearStatement),
}

impl<'a> Stated<'a> {
    /// The period as files are named by it: `2026-05`, or `2026`.
    #[must_use]
    pub fn period(self) -> String {
        match self {
            Self::Month(statement) => statement.month().to_string(),
            Self::Year(year) => year.year().to_string(),
        }
    }

    /// The period as people say it: `May 2026`, or `2026`.
    #[must_use]
    pub fn title(self) -> String {
        match self {
            Self::Month(statement) => statement.month().title(),
            Self::Year(year) => year.year().to_string(),
        }
    }

    /// The statements of its months, in order.
    #[must_use]
    pub fn months(self) -> &'a [Statement] {
        match self {
            Self::Month(statement) => std::slice::from_ref(statement),
            Self::Year(year) => year.months(),
        }
    }

    /// SHA-256 of what it says: see [`Statement::canonical_sha256`] and
    /// [`YearStatement::canonical_sha256`].
    #[must_use]
    pub fn canonical_sha256(self) -> String {
        match self {
            Self::Month(statement) => statement.canonical_sha256(),
            Self::Year(year) => year.canonical_sha256(),
        }
    }

    #[cfg_attr(not(feature = "mail"), expect(dead_code, reason = "a mail alone is dated by it"))]
    pub(crate) fn last_day(self) -> Date {
        match self {
            Self::Month(statement) => statement.month().last_day(),
            Self::Year(year) => {
                year.months().last().map_or(Date::MAX, |month| month.month().last_day())
            }
        }
    }
}

impl<'a> From<&'a Statement> for Stated<'a> {
    fn from(statement: &'a Statement) -> Self {
        Self::Month(statement)
    }
}

impl<'a> From<&'a YearStatement> for Stated<'a> {
    fn from(year: &'a YearStatement) -> Self {
        Self::Year(year)
    }
}
