//! The tokens of a [`TokenProvider`] in the hands of the generated `google-*` crates.

mod handed;
mod retry;

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use google_apis_common::GetToken;

pub use self::retry::RetryOn401;
use crate::{AccessToken, Error, Scopes, TokenProvider};

/// Gives the tokens of a [`TokenProvider`] to the hubs of the generated crates, such as
/// [google-gmail1](https://docs.rs/google-gmail1), which take it as their `auth`.
///
/// ```no_run
/// use google_gmail1::{Gmail, api::Scope};
/// use jada_auth::{GoogleApis, Scopes, SecretsDir};
/// # use hyper_rustls::HttpsConnectorBuilder;
/// # use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// # use rustls::crypto::ring;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let https = HttpsConnectorBuilder::new()
/// #     .with_provider_and_native_roots(ring::default_provider())?
/// #     .https_only()
/// #     .enable_http1()
/// #     .build();
/// # let client = Client::builder(TokioExecutor::new()).build(https);
/// let scopes = Scopes::new([Scope::Readonly])?;
/// let provider = SecretsDir::from_env()?.provider(scopes)?.build();
/// let auth = GoogleApis::new(provider.clone());
/// let hub = Gmail::new(client, auth.clone());
///
/// let mut retry = auth.delegate();
/// let (_, profile) = hub.users().get_profile("me").delegate(&mut retry).doit().await?;
/// assert!(profile.email_address.is_some());
///
/// provider.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// The `client` is one of hyper-util, with hyper-rustls for https. A call without the delegate
/// ends with the 401 that it gets, and the provider does not hear of it. Take these crates with
/// `default-features = false`: by default they bring yup-oauth2, which is not needed any more.
///
/// # Scopes
///
/// A generated method asks for a scope of its own choice unless the caller names others, and that
/// choice may be broader than what was consented to: `messages_send` of google-gmail1 asks for all
/// of Gmail. A token that lacks it is not sent, and the call ends with [`Error::ScopesMissing`],
/// which names it. Name the scope that was granted, then: `.add_scope(Scope::Send)`.
///
/// # Errors
///
/// Those of [`TokenProvider::token`] arrive in `MissingToken`, and are taken out again to learn
/// whether a retry is worth while or which human has to act:
///
/// ```
/// use google_apis_common::Error as CallError;
///
/// fn is_transient(error: &CallError) -> bool {
///     let CallError::MissingToken(error) = error else { return false };
///     error.downcast_ref().is_some_and(jada_auth::Error::is_transient)
/// }
/// # assert!(!is_transient(&CallError::Cancelled));
/// ```
///
/// # Secrets
///
/// The generated crates want the token as a `String`, and build a header of it that is not marked
/// sensitive. These copies are freed and not overwritten. Each thread keeps the token of its latest
/// call without a delegate until its next call: it is how a [`RetryOn401`] learns what was sent.
///
/// A clone is the same adapter.
#[derive(Clone)]
pub struct GoogleApis(Arc<Inner>);

struct Inner {
    /// Tells adapters apart.
    id: u64,
    provider: Box<dyn TokenProvider>,
    /// Asks for whatever token there is: none of these is to be looked for in it.
    any: Scopes,
    /// What servers rejected, and the provider has not heard of yet.
    rejected: ArcSwap<Vec<AccessToken>>,
}

impl GoogleApis {
    /// Gives out the tokens of `provider`.
    pub fn new(provider: impl TokenProvider + 'static) -> Self {
        Self(Arc::new(Inner {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            provider: Box::new(provider),
            any: Scopes::default(),
            rejected: ArcSwap::default(),
        }))
    }

    /// What makes a call with a token that the server rejects try again with another; one for each
    /// call under way.
    pub fn delegate(&self) -> RetryOn401 {
        RetryOn401::new(self.clone())
    }
}

impl GetToken for GoogleApis {
    fn get_token<'a>(&'a self, scopes: &'a [&str]) -> Asking<'a> {
        Box::pin(async move {
            let token = self.0.token(scopes).await.inspect_err(|_| handed::clear())?;
            let text = token.secret().expose().to_owned();
            handed::put(self.0.id, token);
            Ok(Some(text))
        })
    }
}

impl fmt::Debug for GoogleApis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleApis").field("provider", &self.0.provider).finish_non_exhaustive()
    }
}

impl Inner {
    async fn token(&self, asked: &[&str]) -> Result<AccessToken, Error> {
        if !self.rejected.load().is_empty() {
            self.invalidate_rejected().await;
        }
        let cached = self.provider.cached(&self.any);
        match cached.filter(|token| asked.iter().all(|scope| token.scopes().contains(scope))) {
            Some(token) => Ok(token),
            None => self.provider.token(&Scopes::new(asked)?).await,
        }
    }

    /// Keeps them until the provider knows, so that neither a call beside this one nor the one
    /// after a call that was dropped half way gets any of them.
    async fn invalidate_rejected(&self) {
        let rejected = self.rejected.load_full();
        for token in rejected.iter() {
            self.provider.invalidate(token).await;
        }
        self.rejected.rcu(|now| {
            let others = now.iter().filter(|token| !is_among(&rejected, token));
            others.cloned().collect::<Vec<_>>()
        });
    }

    /// Leaves a token for the next call to invalidate.
    fn reject(&self, token: &AccessToken) {
        self.rejected.rcu(|now| {
            let mut rejected = now.to_vec();
            if !is_among(now, token) {
                rejected.push(token.clone());
            }
            rejected
        });
    }
}

fn is_among(tokens: &[AccessToken], token: &AccessToken) -> bool {
    tokens.iter().any(|known| known.is_same_as(token))
}

type Asking<'a> = Pin<
    Box<dyn Future<Output = Result<Option<String>, Box<dyn StdError + Send + Sync>>> + Send + 'a>,
>;

static NEXT_ID: AtomicU64 = AtomicU64::new(0);
