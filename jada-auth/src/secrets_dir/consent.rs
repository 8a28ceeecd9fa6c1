//! From a folder of secrets to a human who is asked for consent, and back.

use super::{CLIENT, Layout, SecretsDir, client::check_auth_uri};
use crate::{Consent, ConsentBuilder, Error, Scopes, store::file::quoted};

impl SecretsDir {
    /// Starts building a consent for the folder's client, of which the refresh token is saved as
    /// by [`save_refresh_token`](Self::save_refresh_token). The files are read now, on the calling
    /// thread, so that no browser is opened in vain.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); [`Error::File`] for a client without a usable `auth_uri`, which
    /// only Google's do without; [`Error::Refused`] for a folder that consent does not write,
    /// and for a subject, which needs no consent. None is worth a retry.
    pub fn consent(&self, scopes: Scopes) -> Result<ConsentBuilder, Error> {
        if let Some(subject) = &self.subject {
            return Err(refused(
                format!("asking for consent to act for {subject}"),
                "a service account acts for others without it, so leave the subject out".to_owned(),
            ));
        }
        self.check_layout()?;
        let client = self.client()?;
        check_auth_uri(&self.path.join(CLIENT), &client)?;
        let folder = self.clone();
        let consent = Consent::builder(client, scopes);
        Ok(consent.save(move |consented| folder.save_refresh_token(&consented.refresh_token)))
    }

    fn check_layout(&self) -> Result<(), Error> {
        let name = match self.layout()? {
            Layout::SeedAndState => return Ok(()),
            Layout::OneFile => super::ONE_FILE,
            Layout::Gcloud => super::GCLOUD,
            Layout::ServiceAccount => super::KEY,
        };
        let path = quoted(&self.path.join(name));
        Err(refused(
            format!("asking for consent for the folder `{}`", self.path.display()),
            format!(
                "consent does not write {path}: run `mv {path} {path}.old`, or name another folder"
            ),
        ))
    }
}

fn refused(action: String, mend: String) -> Error {
    Error::Refused { action, mend, source: None }
}
