//! From a folder of secrets to a provider, and to what is wrong with it.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{Credential, SecretsDir};
use crate::{
    Diagnosis, Error, FileStore, HttpClient, MintFailure, MintRequest, Minted, Principal,
    RefreshToken, Scopes, ServiceAccount, SharedProvider, SharedProviderBuilder, TokenSource,
};

impl SecretsDir {
    /// Starts building the provider of the folder's credential, for `scopes`. The files are read
    /// now, on the calling thread, and again before each refresh, so that what is mended heals
    /// without a restart.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); [`Error::Refused`] for a key that cannot be used, and for a subject
    /// without a key. None is worth a retry.
    pub fn provider(&self, scopes: Scopes) -> Result<SharedProviderBuilder, Error> {
        let http = HttpClient::new();
        let (source, store) = self.open(&scopes, &http)?;
        let source = FolderSource {
            folder: self.clone(),
            scopes: scopes.clone(),
            http,
            state: store.path().to_owned(),
            source: Mutex::new(source),
        };
        Ok(SharedProvider::builder(source, store, scopes))
    }

    /// What is known of the folder, its credential and its token. Asks nobody.
    pub async fn diagnose(&self, scopes: &Scopes) -> Diagnosis {
        let diagnosis = match self.provider(scopes.clone()) {
            Ok(provider) => provider.build().diagnose().await,
            Err(error) => Diagnosis::of_error(error),
        };
        diagnosis.with_files(self.survey())
    }

    /// As [`diagnose`](Self::diagnose), after the issuer was asked for a token, even if it called
    /// the grant dead before.
    pub async fn diagnose_live(&self, scopes: &Scopes) -> Diagnosis {
        let provider = match self.provider(scopes.clone()) {
            Ok(provider) => provider.build(),
            Err(error) => return Diagnosis::of_error(error).with_files(self.survey()),
        };
        let mut diagnosis = provider.diagnose_live().await;
        if let Err(error) = provider.shutdown().await {
            diagnosis = diagnosis.with_error(Some(error));
        }
        diagnosis.with_files(self.survey())
    }

    fn open(
        &self,
        scopes: &Scopes,
        http: &HttpClient,
    ) -> Result<(Arc<dyn TokenSource>, FileStore), Error> {
        match self.read()? {
            Credential::AuthorizedUser { client, store, .. } => {
                if let Some(subject) = &self.subject {
                    return Err(self.no_key_for(subject));
                }
                let source = RefreshToken::builder(client).http(http.clone()).build()?;
                Ok((Arc::new(source), store))
            }
            Credential::ServiceAccount { key, path, .. } => {
                let source = ServiceAccount::from_json(key.expose());
                let source = source.map_err(|error| named(error, &path))?.with_http(http.clone());
                let source = match &self.subject {
                    Some(subject) => source.with_subject(subject),
                    None => source,
                };
                let store = self.service_account_store(source.principal().identity(scopes));
                Ok((Arc::new(source), store))
            }
        }
    }

    fn no_key_for(&self, subject: &str) -> Error {
        Error::Refused {
            action: format!("acting for {subject}"),
            mend: format!(
                "put a service account's key in `{}`, or leave the subject out",
                self.path().join("service_account.json").display()
            ),
            source: None,
        }
    }
}

/// The file's name in front of what is wrong with the key in it.
fn named(error: Error, path: &Path) -> Error {
    match error {
        Error::Refused { action, mend, source } => {
            Error::Refused { action: format!("{action} of `{}`", path.display()), mend, source }
        }
        other => other,
    }
}

/// Whatever the folder holds by now.
#[derive(Debug)]
struct FolderSource {
    folder: SecretsDir,
    scopes: Scopes,
    http: HttpClient,
    /// Where the provider keeps its tokens, which cannot change any more.
    state: PathBuf,
    source: Mutex<Arc<dyn TokenSource>>,
}

impl FolderSource {
    fn source(&self) -> MutexGuard<'_, Arc<dyn TokenSource>> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moved(&self) -> Error {
        Error::Refused {
            action: format!("keeping tokens in `{}`", self.state.display()),
            mend: "the folder holds another credential by now: start the program anew".to_owned(),
            source: None,
        }
    }
}

#[async_trait]
impl TokenSource for FolderSource {
    fn principal(&self) -> Principal {
        self.source().principal()
    }

    async fn reload(&self) -> Result<(), Error> {
        let (folder, scopes, http) = (self.folder.clone(), self.scopes.clone(), self.http.clone());
        let reading = tokio::task::spawn_blocking(move || folder.open(&scopes, &http));
        let (source, store) = reading.await.map_err(|_| Error::Transient {
            action: "reading the folder of secrets".to_owned(),
            retry_after: None,
            source: None,
        })??;
        if store.path() != self.state {
            return Err(self.moved());
        }
        *self.source() = source;
        Ok(())
    }

    async fn mint(&self, request: MintRequest<'_>) -> Result<Minted, MintFailure> {
        let source = self.source().clone();
        let folder = self.folder.path().display();
        source.mint(request).await.map_err(|mut failure| {
            if let Some(mend) = &mut failure.mend {
                mend.push_str(&format!(", as the files in `{folder}` have it"));
            }
            failure
        })
    }
}
