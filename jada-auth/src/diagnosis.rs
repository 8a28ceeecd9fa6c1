//! Why there is a token or none, for a human who asks.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer};

use crate::{Error, Scopes};

/// What is known of a grant and of where it is kept; holds no secret, and neither does its JSON.
///
/// `Display` is a table of lines for a terminal. Made by
/// [`SharedProvider::diagnose`](crate::SharedProvider::diagnose), which asks nobody, and
/// [`diagnose_live`](crate::SharedProvider::diagnose_live), which asks the issuer.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Each file that counts, whether it is there or not.
    pub files: Vec<FileFinding>,
    /// The grant, if the files went so far.
    pub grant: Option<GrantFinding>,
    /// What came of asking the issuer: `minted a token` or `minted none`; none when it was not
    /// asked.
    pub live: Option<String>,
    /// What is wrong and what mends it, with its causes; none when all is well.
    pub problem: Option<String>,
    /// The same as it was: for [`Error::is_transient`] and [`Error::needs_consent`].
    #[serde(skip)]
    pub error: Option<Error>,
}

/// What a look at one file found. It holds no secret, and neither does its JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileFinding {
    /// The file or folder.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// Whether there is anything by that name.
    pub found: bool,
    /// Its permission bits, such as `0o600`; in JSON the text `0600`.
    #[serde(serialize_with = "as_octal")]
    pub mode: Option<u32>,
    /// Its owner's numeric id.
    pub owner: Option<u32>,
    /// What is wrong with it and what mends it; none when it is whole, or not there.
    pub problem: Option<String>,
}

/// One line for a terminal.
impl fmt::Display for FileFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.problem, self.mode, self.owner) {
            (Some(problem), ..) => f.write_str(problem),
            (None, Some(mode), Some(owner)) => {
                write!(f, "`{}` is in order: mode {mode:04o}, user {owner}", self.path.display())
            }
            _ => write!(f, "`{}` is not there", self.path.display()),
        }
    }
}

/// What a store and its issuer are to a provider.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GrantFinding {
    /// Whom tokens are minted for, such as `the client 1234.apps.example.com`.
    pub principal: String,
    /// Where they are minted: a URL.
    pub token_uri: String,
    /// Where they are kept.
    pub store: String,
    /// Whether there is a refresh token. Keys have none and need none.
    pub has_refresh_token: bool,
    /// The scopes that the provider was built for.
    pub scopes_asked: Vec<String>,
    /// The scopes of the stored token; none when there is no token, or they are not known.
    pub scopes_granted: Option<Vec<String>>,
    /// The scopes that were asked for and not granted.
    pub scopes_missing: Vec<String>,
    /// How many tokens were minted: a count from 0.
    pub generation: u64,
    /// When the stored token ends: a UTC instant in RFC 3339.
    pub expires_at: Option<String>,
    /// The life that it has left, in seconds; negative when it is over.
    pub expires_in: Option<i64>,
    /// The issuer's word for a grant that is dead, such as `invalid_grant`.
    pub dead: Option<String>,
    /// Until when nobody asks the issuer: a UTC instant in RFC 3339.
    pub not_before: Option<String>,
    /// Since when a refresh is under way, or was interrupted: a UTC instant in RFC 3339.
    pub pending_since: Option<String>,
    /// Who is refreshing now.
    pub lock_holder: Option<String>,
    /// What should be known besides, such as that the clock is off.
    pub warnings: Vec<String>,
}

impl Diagnosis {
    /// All that can be said when no provider could be built.
    pub fn of_error(error: Error) -> Self {
        Self::default().with_error(Some(error))
    }

    /// Adds what was found of the files.
    #[must_use]
    pub fn with_files(mut self, files: Vec<FileFinding>) -> Self {
        self.files = files;
        self
    }

    fn well(&self) -> &'static str {
        let lives = self.grant.as_ref().and_then(|grant| grant.expires_in).is_some_and(|it| it > 0);
        if lives { "well" } else { "nothing wrong was found; only the issuer can tell more" }
    }

    pub(crate) fn with_error(mut self, error: Option<Error>) -> Self {
        self.problem = error.as_ref().map(crate::health::with_causes);
        self.error = error;
        self
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            row(f, "file", file)?;
        }
        if let Some(grant) = &self.grant {
            grant.fmt(f)?;
        }
        if let Some(live) = &self.live {
            row(f, "issuer", live)?;
        }
        write!(f, "{:<14} {}", "verdict", self.problem.as_deref().unwrap_or(self.well()))
    }
}

impl fmt::Display for GrantFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "principal", &self.principal)?;
        row(f, "token uri", &self.token_uri)?;
        row(f, "store", &self.store)?;
        row(f, "refresh token", &if self.has_refresh_token { "stored" } else { "none stored" })?;
        match (&self.expires_at, self.expires_in) {
            (Some(at), Some(left)) if left > 0 => {
                row(f, "token", &format!("number {}, until {at}, {left} s left", self.generation))?;
            }
            (Some(at), _) => {
                row(f, "token", &format!("number {}, over since {at}", self.generation))?;
            }
            (None, _) => row(f, "token", &"none, or of unknown life")?,
        }
        row(f, "scopes asked", &listed(&self.scopes_asked))?;
        if let Some(granted) = &self.scopes_granted {
            row(f, "scopes granted", &listed(granted))?;
        }
        if !self.scopes_missing.is_empty() {
            row(f, "scopes missing", &listed(&self.scopes_missing))?;
        }
        let marks = [
            ("dead", &self.dead),
            ("not before", &self.not_before),
            ("pending since", &self.pending_since),
            ("lock holder", &self.lock_holder),
        ];
        for (name, mark) in marks {
            mark.as_ref().map_or(Ok(()), |mark| row(f, name, mark))?;
        }
        self.warnings.iter().try_for_each(|warning| row(f, "warning", warning))
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, value: &dyn fmt::Display) -> fmt::Result {
    writeln!(f, "{name:<14} {value}")
}

fn listed(scopes: &[String]) -> String {
    if scopes.is_empty() { "none".to_owned() } else { scopes.join(" ") }
}

pub(crate) fn texts(scopes: &Scopes) -> Vec<String> {
    scopes.iter().map(str::to_owned).collect()
}

fn as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

fn as_octal<S: Serializer>(mode: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
    mode.map(|mode| format!("{mode:04o}")).serialize(serializer)
}
