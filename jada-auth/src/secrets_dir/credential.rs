//! What a folder of secrets holds, and how each layout is read.

use std::path::{Path, PathBuf};

use super::{
    CLIENT, GCLOUD, KEY, LOCK, Layout, ONE_FILE, SEED, STATE, SecretsDir,
    client::{authorized_user, check_endpoint, downloaded, of_one_file, with_safe_endpoint},
    misplaced::misplaced,
};
use crate::{
    Error, FileProblem, FileStore, GOOGLE_TOKEN_URI, OAuthClient, Secret,
    store::file::{Document, Remedy, client_of, effective_uid, read_private, without_mark},
};

/// A credential as it lies in a [`SecretsDir`], with the place of its tokens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credential {
    /// A human's consent to a client.
    #[non_exhaustive]
    AuthorizedUser {
        /// The client that the consent was given to.
        client: OAuthClient,
        /// Where the refresh token and the tokens are kept.
        store: FileStore,
        /// Which files hold it.
        layout: Layout,
    },
    /// A key that speaks for itself. Its tokens are kept by
    /// [`SecretsDir::service_account_store`].
    #[non_exhaustive]
    ServiceAccount {
        /// The key's JSON, as Google made it; it has the fields `client_email` and `private_key`.
        key: Secret,
        /// The file that it was read from.
        path: PathBuf,
        /// Which files hold it.
        layout: Layout,
    },
}

impl SecretsDir {
    /// Finds the layout and reads the credential. The grant itself is not looked at: that is
    /// [`Credential::AuthorizedUser`]'s store's.
    ///
    /// # Errors
    ///
    /// [`Error::File`] for a file or folder that is missing, broken or open to others, for a
    /// `token_uri` that is neither https nor on this machine, and for two layouts at once. It says
    /// what mends it, and is not worth a retry.
    pub fn read(&self) -> Result<Credential, Error> {
        let layout = self.layout()?;
        let state = FileStore::new(self.path.join(STATE)).with_lock(self.path.join(LOCK));
        match layout {
            Layout::SeedAndState => Ok(Credential::AuthorizedUser {
                client: self.client()?,
                store: state.with_seed(self.path.join(SEED)),
                layout,
            }),
            Layout::OneFile => {
                let (path, document) = self.document(ONE_FILE, Remedy::Consent)?;
                let client = of_one_file(&document)?;
                let store = FileStore::new(path).with_lock(self.path.join(LOCK));
                Ok(Credential::AuthorizedUser { client, store, layout })
            }
            Layout::Gcloud => self.gcloud(state),
            Layout::ServiceAccount => self.key(KEY, layout),
        }
    }

    fn gcloud(&self, state: FileStore) -> Result<Credential, Error> {
        let (path, document) = self.document(GCLOUD, Remedy::Gcloud)?;
        let layout = Layout::Gcloud;
        let kind = document.text("type")?.ok_or_else(|| misplaced(&document, "type"))?;
        match kind {
            "authorized_user" => {
                let client = authorized_user(&document)?;
                Ok(Credential::AuthorizedUser { client, store: state.with_seed(path), layout })
            }
            "service_account" => self.key(GCLOUD, layout),
            _ => Err(Error::File {
                path,
                problem: FileProblem::Field { field: "type" },
                mend: "use an authorized user (`gcloud auth application-default login`) or a \
                       service account's key"
                    .to_owned(),
                source: None,
            }),
        }
    }

    fn key(&self, name: &str, layout: Layout) -> Result<Credential, Error> {
        let path = self.path.join(name);
        let key = read_key(&path)?;
        Ok(Credential::ServiceAccount { key, path, layout })
    }

    /// The client of the first layout: the environment's, else the file's, else the state's.
    pub(super) fn client(&self) -> Result<OAuthClient, Error> {
        let file = read(&self.path.join(CLIENT), Remedy::Client)?;
        let file = file.as_ref().map(downloaded).transpose()?;
        if let Some((id, secret)) = &self.client {
            let issuer = file.unwrap_or_else(|| OAuthClient::new("", GOOGLE_TOKEN_URI));
            return Ok(OAuthClient { id: id.clone(), secret: Some(secret.clone()), ..issuer });
        }
        if let Some(client) = file {
            return Ok(client);
        }
        let state = read(&self.path.join(STATE), Remedy::Consent)?;
        let Some(state) = state else { return Err(self.no_client()) };
        let client = client_of(&state)?.ok_or_else(|| self.no_client())?;
        with_safe_endpoint(&state, client)
    }

    fn no_client(&self) -> Error {
        Error::File {
            path: self.path.join(CLIENT),
            problem: FileProblem::Missing,
            mend: "download the OAuth client's JSON from \
                   https://console.cloud.google.com/apis/credentials to it, or set \
                   GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"
                .to_owned(),
            source: None,
        }
    }

    fn document(&self, name: &str, remedy: Remedy) -> Result<(PathBuf, Document), Error> {
        let path = self.path.join(name);
        let document = read(&path, remedy)?.ok_or_else(|| vanished(&path))?;
        Ok((path, document))
    }
}

pub(super) fn read(path: &Path, remedy: Remedy) -> Result<Option<Document>, Error> {
    Document::read(path, remedy, || read_private(path, effective_uid()))
}

/// A service account's key, as its file has it, once it was looked through.
pub(super) fn read_key(path: &Path) -> Result<Secret, Error> {
    let mut text = Vec::new().into();
    let document = Document::read(path, Remedy::Key, || {
        let bytes = read_private(path, effective_uid())?;
        text = bytes.clone().unwrap_or_default();
        Ok(bytes)
    })?;
    let document = document.ok_or_else(|| vanished(path))?;
    if document.text("type")? != Some("service_account") {
        return Err(misplaced(&document, "type"));
    }
    document.required("client_email")?;
    document.required("private_key")?;
    let token_uri = document.text("token_uri")?.unwrap_or(GOOGLE_TOKEN_URI);
    check_endpoint(path, token_uri)?;
    // What parsed as JSON is UTF-8.
    let text =
        std::str::from_utf8(without_mark(&text)).map_err(|_| document.unusable("private_key"))?;
    Ok(Secret::new(text))
}

/// Between two looks at the folder.
fn vanished(path: &Path) -> Error {
    Error::File {
        path: path.to_owned(),
        problem: FileProblem::Missing,
        mend: "restore it".to_owned(),
        source: None,
    }
}
