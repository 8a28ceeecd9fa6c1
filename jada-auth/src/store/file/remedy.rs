//! What brings back a file whose content is of no use.

use std::path::Path;

use super::quoted;
use crate::{Error, FileProblem, Secret, error::CONSENT_COMMAND};

/// What brings it back; that follows from who wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Consent, which writes it anew.
    #[default]
    Consent,
    /// Nothing has to: without it the program goes on.
    Removal,
    /// It is what consent left, and the state does without.
    SpareSeed,
    /// It is what consent left, and there is nothing else.
    Seed,
    /// Google's console gives it out.
    Client,
    /// Google's console makes another.
    Key,
    /// gcloud writes it.
    Gcloud,
}

impl Remedy {
    /// That of what consent left, by what the state has.
    pub(crate) fn of_seed(kept: Option<&Secret>) -> Self {
        kept.map_or(Self::Seed, |_| Self::SpareSeed)
    }

    /// Says it in an error that is about a file's content.
    pub(crate) fn applied(self, error: Error) -> Error {
        match error {
            Error::File { path, problem, source, .. } if is_about_content(problem) => {
                let mend = self.mend(&path);
                Error::File { path, problem, mend, source }
            }
            other => other,
        }
    }

    pub(super) fn mend(self, path: &Path) -> String {
        let file = quoted(path);
        let away = format!("run `mv {file} {file}.bad`");
        let mend = match self {
            Self::Consent => format!("restore it, or {away} and then `{CONSENT_COMMAND}`"),
            Self::Removal => format!("restore it, or {away}"),
            Self::SpareSeed => format!("{SHAPE}, or {away}, since the state does without it"),
            Self::Seed => format!("{SHAPE}, or {away} and then `{CONSENT_COMMAND}`"),
            Self::Client => format!("download it again from {CONSOLE}"),
            Self::Key => format!("restore it, or download it again, as a new key, from {CONSOLE}"),
            Self::Gcloud => "run `gcloud auth application-default login` and copy the file that \
                             it names here"
                .to_owned(),
        };
        format!("nothing was changed; {mend}")
    }
}

fn is_about_content(problem: FileProblem) -> bool {
    matches!(
        problem,
        FileProblem::Empty
            | FileProblem::TooLarge
            | FileProblem::NotAnObject
            | FileProblem::Malformed { .. }
            | FileProblem::Field { .. }
    )
}

const CONSOLE: &str = "https://console.cloud.google.com/apis/credentials";
const SHAPE: &str = r#"write it as `{"refresh_token": "…"}`"#;
