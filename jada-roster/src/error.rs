//! What can go wrong, sorted by what mends it.

use std::fmt;
use std::time::Duration;

use crate::crew::id::CrewId;
use crate::import::Conflict;
use crate::import::bad_row::BadRow;

/// A boxed cause, so that no dependency's error type is part of this API.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why an operation on charters, crew or links failed.
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
    /// A file that cannot be read as a table at all, so that no row of it is trusted.
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
    /// A tab of availability, or the workbook that it is in, that cannot be read as a month. Nothing
    /// was taken from it; a person mends it, or declares what is meant.
    #[error("{tab}: {what}")]
    Tab {
        /// Which tab, or which file.
        tab: String,
        /// What is wrong with it, and where.
        what: String,
    },
    /// Google did not do what was asked. Whether that heals by itself, the cause knows.
    #[cfg(feature = "sheets")]
    #[error("{doing} failed")]
    Google {
        /// What was asked, such as "reading the spreadsheet `1aB-c`".
        doing: String,
        /// The cause.
        source: Box<jada_auth::Error>,
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
    /// Someone else wrote the row since it was read. Read it again, then decide.
    #[error("{what} `{id}` was changed by someone else since it was read")]
    VersionConflict {
        /// What the row is, in the domain's words: `charter`, `crew member`.
        what: &'static str,
        /// Which one.
        id: String,
    },
    /// A booking does not go from where it stands to there. A person decides.
    #[error("charter `{charter}` is {from}, and does not become {to}")]
    Transition {
        /// Which charter.
        charter: String,
        /// Where it stands.
        from: crate::status::Status,
        /// Where it was to go.
        to: crate::status::Status,
    },
    /// There is no such row. A person mends the id.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// What was asked for, in the domain's words.
        what: &'static str,
        /// Which one.
        id: String,
    },
    /// Another crew member has this already. Nothing was written; a person decides.
    #[error("another crew member (`{owner}`) has this {field} already")]
    Duplicate {
        /// Which field: it is unique among the crew.
        field: UniqueField,
        /// Who has it.
        owner: CrewId,
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
        /// What the row calls a member of the crew, where that much can be read.
        called: Option<Box<str>>,
    },
    /// The table is not there. `ensure_table` creates it, and `ensure_tables` those of the crew.
    #[error("table `{table}` does not exist; `ensure_table` or `ensure_tables` creates it")]
    TableMissing {
        /// The table's name.
        table: String,
    },
    /// The table has no stream of changes. `ensure_stream` turns one on; until then it is polled by
    /// month.
    #[cfg(feature = "streams")]
    #[error("table `{table}` has no stream of changes; `ensure_stream` turns one on")]
    StreamOff {
        /// The table's name.
        table: String,
    },
    /// The store was still busy when the retries ended. Worth a retry later.
    #[error("table `{table}`: {} rows were left unprocessed when the retries ended", .keys.len())]
    Unprocessed {
        /// The table's name.
        table: String,
        /// The keys of the rows that were not done; the rest was.
        keys: Vec<String>,
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
    /// The system gives no randomness. Worth a retry.
    #[error("the system gives no randomness")]
    Random {
        /// The cause.
        source: BoxError,
    },
    /// The other region does not show the row as the home region has it. Worth a retry.
    #[error("table `{table}`, row `{key}`: the other region did not agree within the deadline")]
    NotReplicated {
        /// The table's name.
        table: String,
        /// The row's partition key; of a link, whose it is.
        key: String,
    },
    /// A magic link that opens nothing. Outsiders get one answer for all reasons.
    #[cfg(feature = "links")]
    #[error("the link is refused: {reason}")]
    LinkRefused {
        /// The true reason, for the audit log alone.
        reason: crate::links::LinkRefusal,
    },
    /// Too many links were tried. Worth a retry after a while.
    #[cfg(feature = "links")]
    #[error("too many links were tried; the next may be tried in {} s", .retry_after.as_secs().max(1))]
    TooManyAttempts {
        /// When the next may be tried.
        retry_after: Duration,
    },
    /// The member has a standing link for this purpose. `rotate` replaces it.
    #[cfg(feature = "links")]
    #[error("crew member `{crew}` has a standing link for `{purpose}`; rotating replaces it")]
    LinkExists {
        /// Whose link.
        crew: CrewId,
        /// What it opens.
        purpose: crate::links::Purpose,
    },
    /// The member has as many open links as one may have, and none is a session. Worth a retry when some have expired.
    #[cfg(feature = "links")]
    #[error("crew member `{crew}` has too many open links; they expire, or are revoked")]
    TooManyLinks {
        /// Whose links.
        crew: CrewId,
    },
    /// The keys under which links are hashed cannot be used. A person mends the file.
    #[cfg(feature = "links")]
    #[error("link peppers `{path}`: {mend}")]
    Peppers {
        /// The file, or where else they were to come from.
        path: String,
        /// What is wrong and what mends it.
        mend: String,
        /// The cause, where there is one.
        source: Option<BoxError>,
    },
    /// A mail of a call could not be composed, or the outbox did not take it. It stays owed; whether
    /// that heals by itself, the cause knows.
    #[cfg(feature = "mail")]
    #[error("the mail `{key}` could not be put into the outbox")]
    Mail {
        /// The key of the mail.
        key: String,
        /// The cause.
        source: Box<jada_mail::Error>,
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
            Self::VersionConflict { .. }
            | Self::Unprocessed { .. }
            | Self::Unavailable { .. }
            | Self::NotReplicated { .. }
            | Self::Random { .. } => true,
            #[cfg(feature = "sheets")]
            Self::Google { source, .. } => source.is_transient(),
            #[cfg(feature = "mail")]
            Self::Mail { source, .. } => source.is_transient(),
            #[cfg(feature = "links")]
            Self::TooManyAttempts { .. } | Self::TooManyLinks { .. } => true,
            #[cfg(feature = "links")]
            Self::LinkRefused { .. } | Self::LinkExists { .. } | Self::Peppers { .. } => false,
            #[cfg(feature = "streams")]
            Self::StreamOff { .. } => false,
            Self::Invalid { .. }
            | Self::Transition { .. }
            | Self::NotFound { .. }
            | Self::Duplicate { .. }
            | Self::UnreadableFile { .. }
            | Self::Tab { .. }
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
    /// DynamoDB sends no `Retry-After`; a busy table is asked again after a second. Google may.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unprocessed { .. }
            | Self::Unavailable { .. }
            | Self::NotReplicated { .. }
            | Self::Random { .. } => Some(Duration::from_secs(1)),
            Self::VersionConflict { .. } => Some(Duration::ZERO),
            #[cfg(feature = "sheets")]
            Self::Google { source, .. } => source.retry_after(),
            #[cfg(feature = "mail")]
            Self::Mail { source, .. } => source.retry_after(),
            #[cfg(feature = "links")]
            Self::TooManyAttempts { retry_after } => Some(*retry_after),
            #[cfg(feature = "links")]
            Self::TooManyLinks { .. } => Some(Duration::from_secs(60)),
            #[cfg(feature = "links")]
            Self::LinkRefused { .. } | Self::LinkExists { .. } | Self::Peppers { .. } => None,
            #[cfg(feature = "streams")]
            Self::StreamOff { .. } => None,
            Self::Invalid { .. }
            | Self::Transition { .. }
            | Self::NotFound { .. }
            | Self::Duplicate { .. }
            | Self::UnreadableFile { .. }
            | Self::Tab { .. }
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

    pub(crate) fn conflict(what: &'static str, id: &impl ToString) -> Self {
        Self::VersionConflict { what, id: id.to_string() }
    }

    pub(crate) fn invalid(what: &'static str, found: &str, expected: impl Into<String>) -> Self {
        Self::Invalid { what, found: shorten(found), expected: expected.into() }
    }
}

/// A field of a crew member that no two of them share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UniqueField {
    /// The id.
    Id,
    /// The e-mail address, in lower case.
    Email,
    /// The phone number.
    Phone,
}

impl fmt::Display for UniqueField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Id => "id",
            Self::Email => "e-mail address",
            Self::Phone => "phone number",
        })
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

pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
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
        let crew = || CrewId::new("a").unwrap();
        let cause = || -> BoxError { "cause".into() };
        let table = || "t".to_owned();
        let cases = [
            (Error::invalid("month", "x", "y"), false, None),
            (
                Error::UnreadableFile { file: table(), line: 1, column: 1, expected: table() },
                false,
                None,
            ),
            (Error::Tab { tab: table(), what: table() }, false, None),
            (Error::BadRows { rows: Vec::new() }, false, None),
            (Error::Conflicts { conflicts: Vec::new() }, false, None),
            (Error::conflict("charter", &"a"), true, Some(Duration::ZERO)),
            (Error::Random { source: cause() }, true, Some(Duration::from_secs(1))),
            (
                Error::Transition {
                    charter: table(),
                    from: crate::status::Status::Completed,
                    to: crate::status::Status::Pending,
                },
                false,
                None,
            ),
            (Error::NotFound { what: "crew member", id: table() }, false, None),
            (Error::Duplicate { field: UniqueField::Phone, owner: crew() }, false, None),
            (
                Error::NotReplicated { table: table(), key: table() },
                true,
                Some(Duration::from_secs(1)),
            ),
            (
                Error::CorruptItem {
                    table: table(),
                    key: table(),
                    attribute: table(),
                    expected: table(),
                    called: None,
                },
                false,
                None,
            ),
            (Error::TableMissing { table: table() }, false, None),
            (
                Error::Unprocessed { table: table(), keys: vec![table()] },
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

    #[cfg(feature = "streams")]
    #[test]
    fn a_stream_that_is_off_is_turned_on_by_a_person() {
        let error = Error::StreamOff { table: "crew-dispatch".to_owned() };
        assert!(!error.is_transient());
        assert_eq!(error.retry_after(), None);
        assert!(error.to_string().contains("`ensure_stream`"));
    }

    #[cfg(feature = "sheets")]
    #[test]
    fn a_failure_of_google_is_worth_a_retry_where_its_cause_is() {
        let of = |source| Error::Google { doing: "reading".into(), source: Box::new(source) };
        let (request, second) = ("GET".to_owned(), Some(Duration::from_secs(1)));
        let busy = jada_auth::Error::Api {
            request: request.clone(),
            status: 429,
            reason: None,
            message: None,
            retry_after: second,
            repeatable: true,
            after_doubt: false,
        };
        let busy = of(busy);
        assert_eq!((busy.is_transient(), busy.retry_after()), (true, second));
        let unsent = of(jada_auth::Error::Connect { request, source: None });
        assert!(unsent.is_transient() && !unsent.to_string().contains("GET"));
        let refused = of(jada_auth::Scopes::new(["two words"]).unwrap_err());
        assert!(!refused.is_transient() && refused.retry_after().is_none());
    }

    #[cfg(feature = "links")]
    #[test]
    fn every_refusal_of_a_link_says_whether_a_retry_is_worth_it() {
        let crew = || CrewId::new("a").unwrap();
        let purpose = crate::links::Purpose::portal();
        let minute = Duration::from_secs(60);
        let reason = crate::links::LinkRefusal::Used;
        let mend = "m".to_owned();
        let cases = [
            (Error::LinkRefused { reason }, false, None),
            (Error::TooManyAttempts { retry_after: minute }, true, Some(minute)),
            (Error::TooManyLinks { crew: crew() }, true, Some(minute)),
            (Error::LinkExists { crew: crew(), purpose }, false, None),
            (Error::Peppers { path: mend.clone(), mend, source: None }, false, None),
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
