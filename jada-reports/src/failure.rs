//! Why a run or a change failed, in words that outlive the process, and who has to act.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::files::folder_of;

/// Why a run of a job, or a change of a queue, failed.
///
/// It is made of an error of these crates by `From`, or of any other by [`of`](Self::of), which
/// finds theirs among its causes, and is an error itself. It holds no secret as long as the error does
/// not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The chain of causes on one line.
    pub why: String,
    /// What it takes until it may succeed.
    pub healed_by: HealedBy,
    /// What mends it, where the cause says so: ``run `reauth` ``.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
    /// What fails side by side, by its names, and what heals each: see [`all`](Self::all).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, HealedBy>,
    /// How long the other side asked to be left alone.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
    /// What was done all the same, for the journal.
    #[serde(skip)]
    pub report: Option<Value>,
}

/// What it takes until something that failed may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HealedBy {
    /// Time alone.
    Time,
    /// A person's consent.
    Consent,
    /// A person who mends something else: a tab, a right, a disk.
    Person,
    /// Other input: this one will never be taken, and says nothing about others.
    OtherInput,
    /// Nothing: it is over, and is told once. The good run after it is no recovery.
    Nothing,
}

impl Failure {
    /// One that heals without a human.
    pub fn transient(why: impl Into<String>) -> Self {
        Self::new(why, HealedBy::Time)
    }

    /// One that a person has to mend.
    pub fn needs_person(why: impl Into<String>) -> Self {
        Self::new(why, HealedBy::Person)
    }

    /// One of this input alone, which will never be taken.
    pub fn rejected(why: impl Into<String>) -> Self {
        Self::new(why, HealedBy::OtherInput)
    }

    /// One that is over, so that nothing mends it.
    pub fn over(why: impl Into<String>) -> Self {
        Self::new(why, HealedBy::Nothing)
    }

    fn new(why: impl Into<String>, healed_by: HealedBy) -> Self {
        let (parts, mend, retry_after, report) = (BTreeMap::new(), None, None, None);
        Self { why: why.into(), healed_by, mend, parts, retry_after, report }
    }

    /// What fails side by side, as one; none where nothing does. Each part has a name that is the same
    /// with each run, such as `mails` or `nobody-left/C-1`: one that is new, or that comes to need a person,
    /// is told though the job fails already, and one that goes on is told no more. Consent is named before a person, and a person
    /// before time.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = (String, Self)>) -> Option<Self> {
        let (names, failures): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let urgent = failures.iter().min_by_key(|failure| urgency(failure.healed_by))?;
        let (healed_by, mend) = (urgent.healed_by, urgent.mend.clone());
        let mut failure = match &failures[..] {
            [one] => one.clone(),
            all => Self { mend, ..Self::new(side_by_side(all), healed_by) },
        };
        failure.parts = names.into_iter().zip(failures.iter().map(|it| it.healed_by)).collect();
        Some(failure)
    }

    /// Says what was done all the same.
    #[must_use]
    pub fn with_report(mut self, report: Value) -> Self {
        self.report = Some(report);
        self
    }

    /// Says what mends it.
    #[must_use]
    pub fn with_mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    /// Says how long the other side asked to be left alone.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// What an error says by its causes: consent, if one of them needs it; time, if one of them is
    /// transient; else a person. One that is a failure is that failure.
    pub fn of(error: &(dyn StdError + 'static)) -> Self {
        if let Some(failure) = error.downcast_ref::<Self>() {
            return failure.clone();
        }
        let mut failure = Self::needs_person(on_one_line(error));
        for cause in causes(error) {
            let told = Told::by(cause);
            failure.healed_by = failure.healed_by.over(told.healed_by);
            failure.mend = failure.mend.or(told.mend);
            failure.retry_after = failure.retry_after.max(told.retry_after);
        }
        failure
    }

    /// Whether it heals without a human.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.healed_by == HealedBy::Time
    }

    /// Whether nothing changes until a person consents.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        self.healed_by == HealedBy::Consent
    }
}

/// Why, and what mends it where that is not said already.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)?;
        match &self.mend {
            Some(mend) if !self.why.contains(mend.as_str()) => write!(f, "; {mend}"),
            _ => Ok(()),
        }
    }
}

impl StdError for Failure {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

impl From<jada_auth::Error> for Failure {
    fn from(error: jada_auth::Error) -> Self {
        Self::of(&error)
    }
}

impl From<jada_mail::Error> for Failure {
    fn from(error: jada_mail::Error) -> Self {
        Self::of(&error)
    }
}

impl From<jada_roster::Error> for Failure {
    fn from(error: jada_roster::Error) -> Self {
        Self::of(&error)
    }
}

impl HealedBy {
    /// The one that decides, of two causes of one failure.
    fn over(self, other: Self) -> Self {
        let rank = |it| match it {
            Self::Consent => 3,
            Self::Time => 2,
            Self::OtherInput => 1,
            Self::Person | Self::Nothing => 0,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// Who has to act on one of several failures, the first of them first.
fn urgency(healed_by: HealedBy) -> u8 {
    match healed_by {
        HealedBy::Consent => 0,
        HealedBy::Person => 1,
        HealedBy::OtherInput => 2,
        HealedBy::Time => 3,
        HealedBy::Nothing => 4,
    }
}

/// All of them on one line, each with what mends it, as far as a person reads.
fn side_by_side(failures: &[Failure]) -> String {
    let mut failures: Vec<_> = failures.iter().collect();
    failures.sort_by_key(|failure| urgency(failure.healed_by));
    let shown: Vec<_> = failures.iter().take(MOST_PARTS).map(ToString::to_string).collect();
    match failures.len().saturating_sub(MOST_PARTS) {
        0 => shown.join("; "),
        more => format!("{}; and {more} more", shown.join("; ")),
    }
}

/// What one cause says.
struct Told {
    healed_by: HealedBy,
    mend: Option<String>,
    retry_after: Option<Duration>,
}

impl Told {
    fn by(cause: &(dyn StdError + 'static)) -> Self {
        let told = |transient, retry_after| Self {
            healed_by: if transient { HealedBy::Time } else { HealedBy::Person },
            mend: None,
            retry_after,
        };
        if let Some(error) = found::<jada_auth::Error>(cause) {
            let told = told(error.is_transient(), error.retry_after());
            let consent = error.needs_consent().then_some(HealedBy::Consent);
            let healed_by = consent.unwrap_or(told.healed_by);
            return Self { healed_by, mend: mend(error), ..told };
        }
        if let Some(Failure { healed_by, mend, retry_after, .. }) = cause.downcast_ref() {
            return Self { healed_by: *healed_by, mend: mend.clone(), retry_after: *retry_after };
        }
        match cause.downcast_ref::<Error>() {
            Some(Error::Row { .. }) => {
                return Self { healed_by: HealedBy::OtherInput, ..told(false, None) };
            }
            Some(error @ Error::File { path, source, .. }) => {
                let mend = source.downcast_ref().and_then(|source| folder_mend(path, source));
                return Self { mend, ..told(error.is_transient(), None) };
            }
            Some(error) => return told(error.is_transient(), error.retry_after()),
            None => {}
        }
        if let Some(error) = cause.downcast_ref::<jada_roster::Error>() {
            return told(error.is_transient(), error.retry_after());
        }
        match found::<jada_mail::Error>(cause) {
            Some(error) => told(error.is_transient(), error.retry_after()),
            None => told(false, None),
        }
    }
}

/// A cause may stand in a box of its own.
fn found<'a, T: StdError + 'static>(cause: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let boxed = || cause.downcast_ref::<Box<T>>().map(|error| &**error);
    cause.downcast_ref().or_else(boxed)
}

fn mend(error: &jada_auth::Error) -> Option<String> {
    use jada_auth::Error as Auth;
    match error {
        Auth::ConsentNeeded { command, .. }
        | Auth::RotationInterrupted { command, .. }
        | Auth::ConsentNotGiven { command, .. } => Some(format!("run `{command}`")),
        Auth::LeaseHeld { mend, .. }
        | Auth::OtherIdentity { mend, .. }
        | Auth::File { mend, .. }
        | Auth::Refused { mend, .. } => Some(mend.clone()),
        Auth::ScopesMissing { missing } => Some(format!("consent to `{missing}` as well")),
        _ => None,
    }
}

/// What lets files be kept in a folder again, where the system says what is wrong with it.
fn folder_mend(path: &Path, error: &io::Error) -> Option<String> {
    let folder = if path.is_dir() { path } else { folder_of(path) };
    let folder = folder.display();
    if path.is_symlink() {
        return Some(format!("put the file itself there: `{}` is a link", path.display()));
    }
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some(format!("free some space on the file system of `{folder}`"))
        }
        ErrorKind::FileTooLarge => {
            Some("raise the limit of a file's size (`ulimit -f`)".to_owned())
        }
        ErrorKind::ReadOnlyFilesystem => {
            Some(format!("mount the file system of `{folder}` for writing"))
        }
        ErrorKind::PermissionDenied => Some(format!("let this user read and write in `{folder}`")),
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            let in_the_way = path.ancestors().find(|above| above.exists() && !above.is_dir())?;
            Some(format!("move `{}` away: there is to be a folder", in_the_way.display()))
        }
        _ => None,
    }
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The chain of causes, without those that repeat what was said.
fn on_one_line(error: &(dyn StdError + 'static)) -> String {
    let mut line = String::new();
    for cause in causes(error) {
        let text = cause.to_string().replace('\n', " ");
        if !line.contains(&text) {
            line.push_str(if line.is_empty() { "" } else { ": " });
            line.push_str(&text);
        }
        line.push_str(&details(cause));
    }
    line
}

/// The first of what a person has to mend, where there is a list of it.
fn details(cause: &(dyn StdError + 'static)) -> String {
    let of = |rows: Vec<String>| match rows.len().saturating_sub(MOST_DETAILS) {
        0 => format!(": {}", rows.join("; ")),
        more => format!(": {}; and {more} more", rows[..MOST_DETAILS].join("; ")),
    };
    match cause.downcast_ref() {
        Some(jada_roster::Error::BadRows { rows }) => {
            of(rows.iter().map(ToString::to_string).collect())
        }
        Some(jada_roster::Error::Conflicts { conflicts }) => {
            of(conflicts.iter().map(ToString::to_string).collect())
        }
        _ => String::new(),
    }
}

const MOST_DETAILS: usize = 3;
const MOST_PARTS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn of_google(source: jada_auth::Error) -> Error {
        Error::Google { doing: "reading the tab `Bookings`".into(), source: Box::new(source) }
    }

    fn consent() -> jada_auth::Error {
        let what = "the grant of ops@example.com".to_owned();
        jada_auth::Error::ConsentNeeded { what, command: "reauth --scope drive".into() }
    }

    #[test]
    fn a_dead_grant_needs_consent_and_names_the_command() {
        let failure = Failure::from(of_google(consent()));
        assert!(failure.needs_consent() && !failure.is_transient());
        assert_eq!(failure.mend.as_deref(), Some("run `reauth --scope drive`"));
        assert_eq!(
            failure.why,
            "reading the tab `Bookings` failed: the grant of ops@example.com needs consent: run \
             `reauth --scope drive`"
        );
        assert_eq!(failure.to_string(), failure.why, "the mend is not said twice");
    }

    #[test]
    fn what_is_transient_keeps_the_wait_that_was_asked_for() {
        let wait = Duration::from_secs(120);
        let failure = Failure::from(of_google(jada_auth::Error::Transient {
            action: "asking".into(),
            retry_after: Some(wait),
            source: None,
        }));
        assert!(failure.is_transient());
        assert_eq!(failure.retry_after, Some(wait));
        let unavailable = jada_roster::Error::Unavailable {
            table: "crew-dispatch".into(),
            operation: "Query",
            source: "no route".into(),
        };
        let failure = Failure::from(unavailable);
        assert!(failure.is_transient() && failure.why.ends_with(": no route"), "{failure}");
    }

    #[test]
    fn a_mail_that_is_blocked_by_the_grant_needs_consent() {
        let blocked = || jada_mail::Error::Blocked { source: Box::new(consent()) };
        assert_eq!(Failure::from(blocked()).healed_by, HealedBy::Consent);
        let of_ours = Error::Mail { source: Box::new(blocked()) };
        assert_eq!(Failure::from(of_ours).healed_by, HealedBy::Consent);
    }

    #[test]
    fn a_row_that_contradicts_itself_says_nothing_about_others() {
        let row = Error::Row { key: "C-1".into(), what: "it is there twice".into() };
        assert_eq!(Failure::from(row).healed_by, HealedBy::OtherInput);
    }

    #[test]
    fn rows_that_cannot_be_read_are_named_as_far_as_that_helps() {
        let header = "charter_id,date,guest,total,currency,status,kind,brand,notes\n";
        let rows = header.to_owned() + &"C,May,,,USD,pending,charter,,\n".repeat(5);
        let reading = jada_roster::Reading::of("a.csv", rows.as_bytes(), jada_roster::Format::Csv);
        let error = reading.unwrap().complete(jada_roster::OnConflict::Refuse).unwrap_err();
        let why = Failure::from(error).why;
        assert!(why.starts_with("5 rows cannot be read: a.csv:2:3: "), "{why}");
        assert!(why.contains("; a.csv:4:3: ") && why.ends_with("; and 2 more"), "{why}");
    }

    #[test]
    fn a_folder_that_takes_no_file_says_what_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, name) = (folder.path().join("health.json"), folder.path().display());
        let of =
            |kind: ErrorKind| Failure::from(Error::file(&path, "written", io::Error::from(kind)));
        for (kind, mend) in [
            (ErrorKind::StorageFull, format!("free some space on the file system of `{name}`")),
            (
                ErrorKind::ReadOnlyFilesystem,
                format!("mount the file system of `{name}` for writing"),
            ),
            (ErrorKind::PermissionDenied, format!("let this user read and write in `{name}`")),
        ] {
            let failure = of(kind);
            assert_eq!((failure.healed_by, failure.mend), (HealedBy::Person, Some(mend)));
        }
        std::fs::write(&path, "no folder").unwrap();
        let mend = format!("move `{}` away: there is to be a folder", path.display());
        assert_eq!(of(ErrorKind::NotADirectory).mend, Some(mend));
        assert_eq!(of(ErrorKind::Other).mend, None);
    }

    #[test]
    fn any_other_error_needs_a_person() {
        let error = std::io::Error::other("odd");
        let failure = Failure::of(&error).with_mend("look");
        assert_eq!(failure.healed_by, HealedBy::Person);
        assert_eq!(failure.to_string(), "odd; look");
    }

    #[test]
    fn it_outlives_the_process_as_json() {
        let failure = Failure::from(of_google(consent()));
        let json = serde_json::to_value(&failure).unwrap();
        assert_eq!(json["healed_by"], "consent");
        assert_eq!(serde_json::from_value::<Failure>(json).unwrap(), failure);
    }
}
