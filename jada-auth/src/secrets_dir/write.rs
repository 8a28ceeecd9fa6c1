//! Making the folder, and leaving in it what consent gave.

use std::{
    fs::{self, DirBuilder},
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::Path,
};

use super::{CLIENT, SEED, SecretsDir, credential::read};
use crate::{
    Error, FileProblem, OAuthClient, Secret,
    store::file::{
        Document, Remedy, Replacement, check_folder, effective_uid, failed, folder_of, found,
        no_folder, sync_folder,
    },
};

impl SecretsDir {
    /// Makes the folder with the mode 0700, and its parents as usual, so that they last. A folder
    /// that is there is checked, and its mode is left to its owner to mend.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which says what mends it, and is not worth a retry.
    pub fn create(&self) -> Result<(), Error> {
        let missing: Vec<&Path> =
            self.path.ancestors().take_while(|folder| is_missing(folder)).collect();
        if !missing.is_empty() {
            fs::create_dir_all(folder_of(&self.path)).map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => no_folder(&self.path),
                _ => failed(&self.path, error),
            })?;
            match DirBuilder::new().mode(0o700).create(&self.path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(failed(&self.path, error));
                }
                _ => {}
            }
        }
        check_folder(&self.path, effective_uid())?;
        missing.into_iter().try_for_each(|folder| sync_folder(folder_of(folder)))
    }

    /// Leaves an OAuth client in `gmail_credentials.json`, in the form in which Google's console
    /// gives one, so that it lasts. What was in that file is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::File`] for a folder that is missing, open to others or cannot be written. It says
    /// what mends it, and is not worth a retry.
    pub fn save_client(&self, client: &OAuthClient) -> Result<(), Error> {
        check_folder(&self.path, effective_uid())?;
        let mut document = Document::empty(&self.path.join(CLIENT));
        let secret = client.secret.as_ref().map(|secret| secret.expose().into());
        document.set("installed.client_id", Some(client.id.as_str().into()));
        document.set("installed.client_secret", secret);
        document.set("installed.token_uri", Some(client.token_uri.as_str().into()));
        document.set("installed.auth_uri", client.auth_uri.as_deref().map(Into::into));
        self.save(&document)
    }

    /// Leaves a refresh token in `refresh_token.json`, so that it lasts, for every process to adopt
    /// at its next refresh. Fields of others in that file survive, but for `account`, `token`, `expiry`
    /// and `scopes`, which spoke of the old one; a file that does not parse is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::File`] for a folder or file that is missing, open to others or cannot be written,
    /// and for a folder of another layout. It says what mends it, and is not worth a retry.
    pub fn save_refresh_token(&self, refresh_token: &Secret) -> Result<(), Error> {
        check_folder(&self.path, effective_uid())?;
        self.layout_with(|name| Ok(name == SEED || found(&self.path.join(name))?))?;
        let path = self.path.join(SEED);
        let mut document = match read(&path, Remedy::Seed) {
            Err(Error::File {
                problem:
                    FileProblem::Empty | FileProblem::NotAnObject | FileProblem::Malformed { .. },
                ..
            }) => Document::empty(&path),
            read => read?.unwrap_or_else(|| Document::empty(&path)),
        };
        // Whose they are is not known of the new one.
        for of_the_old_one in ["account", "expiry", "scopes", "token"] {
            document.set(of_the_old_one, None);
        }
        document.set("refresh_token", Some(refresh_token.expose().into()));
        self.save(&document)
    }

    fn save(&self, document: &Document) -> Result<(), Error> {
        Replacement::create_beside_others(document.path())?.publish(&document.bytes()?)?;
        sync_folder(&self.path)
    }
}

fn is_missing(folder: &Path) -> bool {
    !folder.as_os_str().is_empty() && !folder.exists()
}
