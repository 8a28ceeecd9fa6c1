//! What can go wrong with a statement, sorted by what mends it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jada_mail::MailState;
use jada_roster::{CharterId, Month};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::failure::Failure;

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
    /// Statements that do not make a year. A person looks at what was handed in.
    #[error("{year} {what}")]
    Year {
        /// The year.
        year: i16,
        /// What is missing, or stands twice.
        what: String,
    },
    /// A style file that does not say what it must. A person mends the file.
    #[error("{file}:{line}: {what}")]
    Style {
        /// The name the file was given by.
        file: String,
        /// Counted from 1.
        line: usize,
        /// The key, what is wrong with it, and what was expected.
        what: String,
    },
    /// A workbook that cannot be read for its style. A person saves it anew, or names another.
    #[error("workbook `{file}` cannot be read for its style: {what}")]
    StyleWorkbook {
        /// The name the file was given by.
        file: String,
        /// What is wrong.
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
    /// Google did not do what was asked. Whether that heals by itself, the cause knows.
    #[error("{doing} failed")]
    Google {
        /// What was asked, such as "reading the tab `Bookings`".
        doing: String,
        /// The cause.
        source: Box<jada_auth::Error>,
    },
    /// What Google keeps is not what it was given. A person looks; nothing was taken for done.
    #[error("{what} does not hold what was written: {found}")]
    NotAsWritten {
        /// Which file or tab.
        what: String,
        /// What differs.
        found: String,
    },
    /// A file that cannot be put into its folder on Drive as it is. A person mends the folder.
    #[error("`{file}` {what}")]
    Drive {
        /// Its name.
        file: String,
        /// What is wrong, and what mends it.
        what: String,
    },
    /// Whoever would own the file has no room for it. A person frees some, or names another folder.
    #[error(
        "`{file}` finds no room in the folder `{folder}`: a service account has no storage of its \
         own, so name a folder of a shared drive, or let it act for a user; a person frees some"
    )]
    NoStorage {
        /// Its name.
        file: String,
        /// The id of its folder.
        folder: String,
        /// What Google said.
        source: Box<jada_auth::Error>,
    },
    /// The workbook is larger than a mail may be, and there is no link to go in its place.
    #[error(
        "the workbook has {bytes} bytes, and {limit} can be mailed: upload it, and its link goes in \
         its place"
    )]
    TooLargeToMail {
        /// How many bytes it has.
        bytes: u64,
        /// How many can be attached.
        limit: u64,
    },
    /// This very statement was mailed before to others, or is about to be. A person decides.
    #[error("{}", mailed_before(.key, .to, *.state))]
    MailedBefore {
        /// The key of the mail.
        key: String,
        /// To whom it is addressed.
        to: Vec<String>,
        /// What became of it so far.
        state: MailState,
    },
    /// The outbox did not take the mail, or cannot tell what became of it. Whether that heals by
    /// itself, the cause knows.
    #[error("the mail of the statement could not be kept")]
    Mail {
        /// The cause.
        source: Box<jada_mail::Error>,
    },
    /// A tab that cannot be synced as it is. A person mends the tab, or the name of it.
    #[error("tab `{tab}`: {what}")]
    Tab {
        /// Its name.
        tab: String,
        /// What is wrong, with its A1 address where it has one, and what mends it.
        what: String,
    },
    /// Columns that no tab can have. A person mends the input.
    #[error("the columns to be synced do not fit a tab: {what}")]
    Columns {
        /// What is wrong.
        what: String,
    },
    /// The rows to be synced contradict each other. A person mends the input.
    #[error("row `{key}`: {what}")]
    Row {
        /// The key of the row.
        key: String,
        /// What is wrong.
        what: String,
    },
    /// The tab was changed by others in each round. Worth a retry.
    #[error("tab `{tab}` was changed by others in each of {rounds} rounds")]
    TabContended {
        /// Its name.
        tab: String,
        /// How often it was read and written.
        rounds: u32,
    },
    /// Another process is at work in the folder. Worth a retry.
    #[error("{} is in use by {holder}", .folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
        /// Who holds it, such as `process 4242, since 2026-05-01T12:00:00Z`.
        holder: String,
    },
    /// A job that is watched fails since then. The failure says who has to act.
    #[error("{job} fails since {since:.0}, {last_good}: {}", .failure)]
    Failing {
        /// The job's name.
        job: String,
        /// When the first of these runs began: a UTC instant.
        since: Timestamp,
        /// When it was good last, such as `last good run 18 h ago`.
        last_good: String,
        /// Why the last run failed, and what mends it.
        failure: Box<Failure>,
    },
    /// A job that is watched was good for the last time too long ago, and nothing says why: see
    /// whether its process runs.
    #[error("{job} is stale, {last_good}: see whether its process runs{}", .next)]
    Stale {
        /// The job's name.
        job: String,
        /// When it was good last, such as `last good run 18 h ago`.
        last_good: String,
        /// What else is known, such as `; it was to run at 2026-05-01T12:00:00Z`; may be empty.
        next: String,
    },
    /// A job that is watched does well, but its alerts do not get through: nobody would hear of its
    /// next failure. A person looks, whatever the failure says of who has to act.
    #[error("nobody is alerted of {job}: {}", .failure)]
    Unalerted {
        /// The job's name.
        job: String,
        /// Why an alert did not get through, and what mends it.
        failure: Box<Failure>,
    },
    /// The folder holds the state of another job. A person names a folder of its own.
    #[error("`{}` is the state of `{found}`, not of `{job}`: name another folder", .folder.display())]
    OtherJob {
        /// The folder.
        folder: PathBuf,
        /// The job that was to run.
        job: String,
        /// The one whose state it is.
        found: String,
    },
    /// There is no such change in the queue. A person mends the key.
    #[error("there is no change `{key}` among the dead of {}", .folder.display())]
    NoSuchChange {
        /// The key that was looked for.
        key: String,
        /// The queue's folder.
        folder: PathBuf,
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
    /// Whether the failure heals without a human: only those of Google can.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Google { source, .. } => source.is_transient(),
            Self::TabContended { .. } | Self::Busy { .. } => true,
            Self::Failing { failure, .. } => failure.is_transient(),
            Self::Mail { source } => source.is_transient(),
            // Time may heal it, but nobody would hear that it does not.
            Self::Unalerted { .. }
            | Self::NotAsWritten { .. }
            | Self::Drive { .. }
            | Self::NoStorage { .. }
            | Self::TooLargeToMail { .. }
            | Self::MailedBefore { .. }
            | Self::OtherJob { .. }
            | Self::Tab { .. }
            | Self::Columns { .. }
            | Self::Row { .. }
            | Self::Rules { .. }
            | Self::Rate { .. }
            | Self::Currencies { .. }
            | Self::OutsideMonth { .. }
            | Self::GivenTwice { .. }
            | Self::DoesNotReconcile { .. }
            | Self::Year { .. }
            | Self::Style { .. }
            | Self::StyleWorkbook { .. }
            | Self::Amount { .. }
            | Self::TooManyRows { .. }
            | Self::Render { .. }
            | Self::Stale { .. }
            | Self::NoSuchChange { .. }
            | Self::File { .. } => false,
        }
    }

    /// How long to wait before the next attempt, where Google says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Google { source, .. } => source.retry_after(),
            Self::TabContended { .. } | Self::Busy { .. } => Some(Duration::from_secs(1)),
            Self::Failing { failure, .. } => failure.retry_after,
            Self::Mail { source } => source.retry_after(),
            Self::Unalerted { .. }
            | Self::NotAsWritten { .. }
            | Self::Drive { .. }
            | Self::NoStorage { .. }
            | Self::TooLargeToMail { .. }
            | Self::MailedBefore { .. }
            | Self::OtherJob { .. }
            | Self::Tab { .. }
            | Self::Columns { .. }
            | Self::Row { .. }
            | Self::Rules { .. }
            | Self::Rate { .. }
            | Self::Currencies { .. }
            | Self::OutsideMonth { .. }
            | Self::GivenTwice { .. }
            | Self::DoesNotReconcile { .. }
            | Self::Year { .. }
            | Self::Style { .. }
            | Self::StyleWorkbook { .. }
            | Self::Amount { .. }
            | Self::TooManyRows { .. }
            | Self::Render { .. }
            | Self::Stale { .. }
            | Self::NoSuchChange { .. }
            | Self::File { .. } => None,
        }
    }

    /// Whether nothing changes until a person consents again.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        match self {
            Self::Google { source, .. } => source.needs_consent(),
            Self::Failing { failure, .. } | Self::Unalerted { failure, .. } => {
                failure.needs_consent()
            }
            _ => false,
        }
    }

    pub(crate) fn file(path: &Path, action: &'static str, source: impl Into<BoxError>) -> Self {
        Self::File { path: path.to_owned(), action, source: source.into() }
    }

    pub(crate) fn amount(source: jada_roster::Error) -> Self {
        Self::Amount { source: Box::new(source) }
    }
}

/// One that is not sent yet can still be kept from it.
fn mailed_before(key: &str, to: &[String], state: MailState) -> String {
    let to = to.join(", ");
    match state {
        MailState::Sent => format!(
            "this statement was mailed before, as `{key}` to {to}: forward that mail to whoever \
             lacks it"
        ),
        MailState::Queued => format!(
            "a mail of this statement, `{key}` to {to}, is {state}: `outbox drop {key}` gives it \
             up, and then this can be mailed to others"
        ),
        _ => format!(
            "a mail of this statement, `{key}` to {to}, is {state}, and may have arrived: \
             `outbox drop {key}` gives it up, and then this can be mailed to others"
        ),
    }
}

fn wanted(expected: &Option<String>) -> String {
    expected.as_ref().map(|code| format!(", and the rules say {code}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_failure_of_a_statement_is_worth_a_retry() {
        let month: Month = "2026-05".parse().unwrap();
        let id = CharterId::new("C-1").unwrap();
        let errors = [
            Error::Rules { file: "r".into(), line: 1, what: "x".into() },
            Error::Rate { found: "7.75".into() },
            Error::Currencies { month, found: vec!["EUR".into()], expected: Some("USD".into()) },
            Error::OutsideMonth { id: id.clone(), date: month.first_day(), month },
            Error::GivenTwice { id },
            Error::DoesNotReconcile { what: "x".into() },
            Error::Year { year: 2026, what: "x".into() },
            Error::Style { file: "s".into(), line: 1, what: "x".into() },
            Error::StyleWorkbook { file: "w".into(), what: "x".into() },
            Error::Amount { source: "cause".into() },
            Error::TooManyRows { rows: 2_000_000 },
            Error::NotAsWritten { what: "file `a`".into(), found: "x".into() },
            Error::Drive { file: "a".into(), what: "x".into() },
            Error::TooLargeToMail { bytes: 2, limit: 1 },
            Error::MailedBefore {
                key: "a".into(),
                to: vec!["a@example.com".into()],
                state: MailState::Queued,
            },
            Error::Tab { tab: "Bookings".into(), what: "x".into() },
            Error::Columns { what: "x".into() },
            Error::Row { key: "C-1".into(), what: "x".into() },
            Error::Render { artefact: "workbook", source: "cause".into() },
            Error::Stale { job: "sync".into(), last_good: "x".into(), next: String::new() },
            Error::OtherJob { folder: "s".into(), job: "a".into(), found: "b".into() },
            Error::NoSuchChange { key: "C-1".into(), folder: "q".into() },
            Error::file(Path::new("a"), "written", "cause"),
        ];
        for error in errors {
            assert!(!error.is_transient() && error.retry_after().is_none(), "{error}");
            assert!(!error.to_string().contains("cause"), "{error}");
        }
    }

    #[test]
    fn a_job_that_fails_heals_as_its_last_run_does() {
        let (job, last_good) = ("sync".to_owned(), "never good".to_owned());
        let of = |failure: Failure| {
            let (job, last_good) = (job.clone(), last_good.clone());
            let since = Timestamp::UNIX_EPOCH;
            Error::Failing { job, since, last_good, failure: Box::new(failure) }
        };
        let wait = Duration::from_secs(9);
        let error = of(Failure::transient("no route").with_retry_after(wait));
        assert!(error.is_transient() && error.retry_after() == Some(wait));
        let error = of(Failure::needs_person("no tab"));
        assert!(!error.is_transient() && !error.needs_consent());
        let failure = Box::new(Failure::transient("busy").with_retry_after(wait));
        let unalerted = Error::Unalerted { job: job.clone(), failure };
        assert!(!unalerted.is_transient() && unalerted.retry_after().is_none(), "a person looks");
        let busy = Error::Busy { folder: "q".into(), holder: "process 1".into() };
        assert!(busy.is_transient() && busy.retry_after().is_some());
    }

    #[test]
    fn a_failure_of_google_heals_as_its_cause_does() {
        let second = Some(Duration::from_secs(1));
        let contended = Error::TabContended { tab: "Bookings".into(), rounds: 3 };
        assert!(contended.is_transient() && contended.retry_after() == second);
        let refused = jada_auth::Scopes::new(["two words"]).unwrap_err();
        let google = Error::Google { doing: "reading".into(), source: Box::new(refused) };
        let full = jada_auth::Scopes::new(["two words"]).unwrap_err();
        let (file, folder) = ("a".to_owned(), "f".to_owned());
        let full = Error::NoStorage { file, folder, source: Box::new(full) };
        assert!(!full.is_transient() && full.retry_after().is_none());
        assert!(
            !google.is_transient() && !google.needs_consent() && google.retry_after().is_none()
        );
    }
}
