//! The folder of secrets: which files lie in it, and what they say together.

mod client;
#[cfg(feature = "consent")]
mod consent;
mod credential;
mod environment;
mod misplaced;
#[cfg(feature = "http")]
mod provider;
mod survey;
mod write;

use std::path::{Path, PathBuf};

use crate::{
    Error, FileProblem, FileStore, Fingerprint, Secret,
    store::file::{Remedy, check_folder, effective_uid, found, quoted},
};

pub use credential::Credential;

/// A folder that holds one credential: a grant with its OAuth client, or a key.
///
/// By default it is `~/.secrets`, with the mode 0700 and files of the mode 0600. There is one
/// [`Layout`] at a time; two of them are an error, and never a guess. One lock, `.lock`, serves
/// all files.
///
/// Its methods read and write files on the calling thread, and wait up to half a second for a file
/// that another program is writing.
///
/// ```no_run
/// use jada_auth::{Credential, SecretsDir};
///
/// match SecretsDir::from_env()?.read()? {
///     Credential::AuthorizedUser { client, store, .. } => println!("{} by {store:?}", client.id),
///     Credential::ServiceAccount { path, .. } => println!("{}", path.display()),
///     other => println!("{other:?}"),
/// }
/// # Ok::<(), jada_auth::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SecretsDir {
    path: PathBuf,
    /// The id and the secret that stand in for the client's file.
    client: Option<(String, Secret)>,
    /// Whom a service account acts for.
    subject: Option<String>,
}

impl SecretsDir {
    /// Names the folder, letter for letter; touches nothing.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), client: None, subject: None }
    }

    /// Acts for this user of a Workspace, such as `ops@charter.example`, by a service account's
    /// key and domain-wide delegation.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the state of a service account's tokens, one file for each
    /// [`Principal::identity`](crate::Principal::identity):
    /// `service_account_token-<16 hexadecimal digits>.json`.
    pub fn state_path(&self, identity: Fingerprint) -> PathBuf {
        let identity = identity.to_string();
        self.path.join(format!("{KEY_STATE}{}.json", &identity[..16]))
    }

    /// The store of a service account's tokens at [`state_path`](Self::state_path).
    pub fn service_account_store(&self, identity: Fingerprint) -> FileStore {
        let store = FileStore::new(self.state_path(identity)).with_remedy(Remedy::Removal);
        store.with_lock(self.path.join(LOCK))
    }

    /// Which files hold the credential.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when the folder is missing or open to others, or when two layouts are there;
    /// it says what mends it, and is not worth a retry.
    pub fn layout(&self) -> Result<Layout, Error> {
        check_folder(&self.path, effective_uid())?;
        self.layout_with(|name| found(&self.path.join(name)))
    }

    /// The one layout whose file `is_there`. A state alone, a client alone and nothing at all are
    /// the first.
    fn layout_with(&self, is_there: impl Fn(&str) -> Result<bool, Error>) -> Result<Layout, Error> {
        let mut first: Option<(&str, Layout)> = None;
        for (name, layout) in GRANTS {
            match first {
                _ if !is_there(name)? => {}
                Some((kept, _)) => return Err(self.ambiguous(kept, name)),
                None => first = Some((name, layout)),
            }
        }
        Ok(first.map_or(Layout::SeedAndState, |(_, layout)| layout))
    }

    fn ambiguous(&self, one: &str, other: &str) -> Error {
        let [kept, path] = [one, other].map(|name| self.path.join(name));
        let [one, other] = [&kept, &path].map(|path| quoted(path));
        Error::File {
            path,
            problem: FileProblem::Ambiguous,
            mend: format!(
                "keep one of the two, and run `mv {one} {one}.old` or `mv {other} {other}.old`"
            ),
            source: None,
        }
    }
}

/// Which files hold the credential in a [`SecretsDir`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// The client in `gmail_credentials.json`, as Google's console gives it; the refresh token
    /// that consent left in `refresh_token.json`; the state in `google_token.json`.
    SeedAndState,
    /// All in `unified_token.json`.
    OneFile,
    /// What `gcloud auth application-default login` left in
    /// `application_default_credentials.json`, which is never written; the state in
    /// `google_token.json`.
    Gcloud,
    /// A service account's key in `service_account.json`; the state at
    /// [`SecretsDir::state_path`].
    ServiceAccount,
}

/// The files of which only one may be there.
const GRANTS: [(&str, Layout); 4] = [
    (SEED, Layout::SeedAndState),
    (ONE_FILE, Layout::OneFile),
    (GCLOUD, Layout::Gcloud),
    (KEY, Layout::ServiceAccount),
];

const CLIENT: &str = "gmail_credentials.json";
const GCLOUD: &str = "application_default_credentials.json";
const KEY: &str = "service_account.json";
const KEY_STATE: &str = "service_account_token-";
const LOCK: &str = ".lock";
const ONE_FILE: &str = "unified_token.json";
const SEED: &str = "refresh_token.json";
const STATE: &str = "google_token.json";

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(present: &[&str]) -> Result<Layout, Error> {
        SecretsDir::new("/my secrets").layout_with(|name| Ok(present.contains(&name)))
    }

    #[test]
    fn one_grant_names_its_layout_and_a_state_belongs_to_any() {
        let cases: [(&[&str], Layout); 8] = [
            (&[], Layout::SeedAndState),
            (&[CLIENT], Layout::SeedAndState),
            (&[STATE], Layout::SeedAndState),
            (&[CLIENT, SEED, STATE], Layout::SeedAndState),
            (&[ONE_FILE, CLIENT], Layout::OneFile),
            (&[GCLOUD, STATE], Layout::Gcloud),
            (&[KEY, CLIENT, STATE], Layout::ServiceAccount),
            (&[KEY], Layout::ServiceAccount),
        ];
        for (present, expected) in cases {
            assert_eq!(layout(present).unwrap(), expected, "{present:?}");
        }
    }

    #[test]
    fn any_two_grants_are_ambiguous_and_both_are_named() {
        for (index, (one, _)) in GRANTS.iter().enumerate() {
            for (other, _) in &GRANTS[index + 1..] {
                let error = layout(&[one, other]).unwrap_err();
                assert!(matches!(error, Error::File { problem: FileProblem::Ambiguous, .. }));
                let text = error.to_string();
                for name in [one, other] {
                    let mend = format!("mv '/my secrets/{name}' '/my secrets/{name}'.old");
                    assert!(text.contains(&mend), "{text}");
                }
            }
        }
    }

    #[test]
    fn each_identity_has_a_state_of_its_own() {
        let folder = SecretsDir::new("/s");
        let [one, other] = ["a", "b"].map(|text| Fingerprint::of([text]));
        let expected = format!("/s/service_account_token-{}.json", &one.to_string()[..16]);
        assert_eq!(folder.state_path(one), Path::new(&expected));
        assert_ne!(folder.state_path(one), folder.state_path(other));
        assert_eq!(folder.service_account_store(one).path(), Path::new(&expected));
    }
}
