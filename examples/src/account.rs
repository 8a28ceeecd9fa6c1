//! An account at Google, opened when it is first used.

use jada_auth::{GoogleClient, SharedProvider};
use tokio::sync::Mutex;

use crate::SecretsArgs;

/// An account at Google of a job that runs again and again. The first run opens it, so that what is
/// wrong with it is on record as any failure is.
#[derive(Debug, Default)]
pub(crate) struct Account(Mutex<Option<(SharedProvider, GoogleClient)>>);

impl Account {
    /// The client of the account, with this scope unless others were named.
    ///
    /// # Errors
    /// A folder of secrets that cannot be used.
    pub(crate) async fn google(
        &self,
        secrets: &SecretsArgs,
        scope: &str,
    ) -> anyhow::Result<GoogleClient> {
        let mut account = self.0.lock().await;
        if let Some((_, google)) = &*account {
            return Ok(google.clone());
        }
        let secrets = secrets.or_scopes([scope]);
        let provider = secrets.provider()?;
        let google = secrets.google(&provider)?;
        *account = Some((provider, google.clone()));
        Ok(google)
    }

    /// Brings to disk what the issuer answered, which must be before this process ends.
    ///
    /// # Errors
    /// A disk that does not take it.
    pub(crate) async fn shutdown(&self) -> anyhow::Result<()> {
        match &*self.0.lock().await {
            Some((provider, _)) => Ok(provider.shutdown().await?),
            None => Ok(()),
        }
    }
}
