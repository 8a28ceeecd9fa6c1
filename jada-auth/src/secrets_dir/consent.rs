//! From a folder of secrets to a human who is asked for consent, and back.

use serde_json::Value;

use super::{
    CLIENT, GCLOUD, KEY, Layout, ONE_FILE, SecretsDir, client::check_auth_uri, credential::read,
};
use crate::{
    Consent, ConsentBuilder, Error, FileProblem, Scopes,
    store::file::{Remedy, quoted},
};

impl SecretsDir {
    /// Starts building a consent for the folder's client, of which the refresh token is saved as
    /// by [`save_refresh_token`](Self::save_refresh_token). The files are read now, on the calling
    /// thread, so that no browser is opened in vain. A client that Google knows as a web
    /// application comes with the port that its file has registered,
    /// `http://127.0.0.1:PORT/callback`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); [`Error::File`] for a client without a usable `auth_uri`, which
    /// only Google's do without, and for a web application without such a port;
    /// [`Error::Refused`] for a folder of another layout, and for a subject, which needs no
    /// consent. None is worth a retry.
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
        let consent = Consent::builder(client, scopes).port(self.registered_port()?.unwrap_or(0));
        Ok(consent.save(move |consented| folder.save_refresh_token(&consented.refresh_token)))
    }

    /// None for a client that may come back to any port, or that is not the file's.
    fn registered_port(&self) -> Result<Option<u16>, Error> {
        let path = self.path.join(CLIENT);
        let file = read(&path, Remedy::Client)?.filter(|_| self.client.is_none());
        let Some(web) = file.as_ref().and_then(|file| file.value("web")) else { return Ok(None) };
        let uris = web.get("redirect_uris").and_then(Value::as_array).map_or(&[][..], |uris| uris);
        let port = uris.iter().find_map(|uri| {
            let port =
                uri.as_str()?.strip_prefix("http://127.0.0.1:")?.strip_suffix("/callback")?;
            port.parse().ok()
        });
        port.map(Some).ok_or_else(|| Error::File {
            path,
            problem: FileProblem::Field { field: "web.redirect_uris" },
            mend: "register `http://127.0.0.1:8085/callback` for the client, or any other port, \
                   and download its JSON again; or use a client for desktop applications"
                .to_owned(),
            source: None,
        })
    }

    fn check_layout(&self) -> Result<(), Error> {
        let name = match self.layout()? {
            Layout::SeedAndState => return Ok(()),
            Layout::OneFile => ONE_FILE,
            Layout::Gcloud => GCLOUD,
            Layout::ServiceAccount => KEY,
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
