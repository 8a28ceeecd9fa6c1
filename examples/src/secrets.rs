//! Which token an example gets: the folder of secrets, the scopes, and on whose behalf.

use anyhow::Context;
use clap::Args;
use jada_auth::{ApiUrl, GoogleClient, GoogleClientBuilder, Scopes, SecretsDir, SharedProvider};

/// The flags by which an operator says which token is meant.
#[derive(Args, Clone, Debug)]
pub struct SecretsArgs {
    /// The folder of secrets [env: JADA_SECRETS_DIR; default: ~/.secrets]
    #[arg(long, value_name = "DIR")]
    secrets_dir: Option<String>,
    /// A scope that the token must carry; repeatable
    #[arg(long = "scope", value_name = "URL")]
    scopes: Vec<String>,
    /// The user on whose behalf a service account acts, by domain-wide delegation
    #[arg(long, visible_alias = "as", value_name = "EMAIL")]
    subject: Option<String>,
}

impl SecretsArgs {
    /// As if these flags had been given.
    pub(crate) fn new(
        secrets_dir: Option<String>,
        scopes: Vec<String>,
        subject: Option<String>,
    ) -> Self {
        Self { secrets_dir, scopes, subject }
    }

    /// Whether somebody has named a folder, by the flag or in the environment.
    #[must_use]
    pub fn names_folder(&self) -> bool {
        let in_env = std::env::var_os("JADA_SECRETS_DIR").is_some_and(|path| !path.is_empty());
        self.secrets_dir.is_some() || in_env
    }

    /// The folder: the flag first, then the environment, then the default.
    ///
    /// # Errors
    /// A path that names an unset variable; a client that the environment names by half.
    pub fn folder(&self) -> Result<SecretsDir, jada_auth::Error> {
        let folder = match &self.secrets_dir {
            Some(path) => SecretsDir::expand(path)?.client_from_env()?,
            None => SecretsDir::from_env()?,
        };
        Ok(match &self.subject {
            Some(subject) => folder.with_subject(subject),
            None => folder,
        })
    }

    /// The scopes, which may be none.
    ///
    /// # Errors
    /// Text that is no scope.
    pub fn scopes(&self) -> Result<Scopes, jada_auth::Error> {
        Scopes::new(&self.scopes)
    }

    /// The same flags, with these scopes where none was named.
    #[must_use]
    pub fn or_scopes<const N: usize>(&self, scopes: [&str; N]) -> Self {
        let mut args = self.clone();
        if args.scopes.is_empty() {
            args.scopes = scopes.map(str::to_owned).to_vec();
        }
        args
    }

    /// A provider for that folder and those scopes.
    ///
    /// # Errors
    /// A folder or a file that cannot be used as it is.
    pub fn provider(&self) -> Result<SharedProvider, jada_auth::Error> {
        Ok(self.folder()?.provider(self.scopes()?)?.build())
    }

    /// A client that calls with the tokens of `provider`, at `JADA_GOOGLE_ENDPOINT` if that is set.
    ///
    /// # Errors
    /// Text that is no scope; an endpoint that is neither https nor on this machine.
    pub fn google(&self, provider: &SharedProvider) -> anyhow::Result<GoogleClient> {
        Ok(self.google_builder(provider)?.build())
    }

    /// What such a client is built from.
    pub(crate) fn google_builder(
        &self,
        provider: &SharedProvider,
    ) -> anyhow::Result<GoogleClientBuilder> {
        let google = GoogleClient::builder(provider.clone(), self.scopes()?);
        match std::env::var("JADA_GOOGLE_ENDPOINT") {
            Ok(endpoint) if !endpoint.is_empty() => {
                let endpoint = ApiUrl::parse(&endpoint).context("JADA_GOOGLE_ENDPOINT")?;
                Ok(google.endpoint(endpoint))
            }
            _ => Ok(google),
        }
    }
}

/// Whether `JADA_GOOGLE_ENDPOINT` names a server on this machine, such as `loopback_issuer`: no other
/// is taken without TLS.
pub(crate) fn google_is_on_this_machine() -> bool {
    std::env::var("JADA_GOOGLE_ENDPOINT").is_ok_and(|url| {
        url.to_ascii_lowercase().starts_with("http://") && ApiUrl::parse(&url).is_ok()
    })
}
