//! The one trait that a caller of an API needs.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{AccessToken, Error, Health, Scopes};

/// Hands out access tokens, and hears which of them a server rejected.
///
/// A caller asks for a token before each request and keeps none, since asking is cheap. When the
/// server answers 401 it calls [`invalidate`](Self::invalidate) with the token it used, asks again
/// and repeats the request once. Share a provider as `Arc<dyn TokenProvider>`.
///
/// # Contract
///
/// - A token that is handed out carries every scope that was asked for, and is good at that
///   instant.
/// - A token that was invalidated is never handed out again, whether by [`cached`](Self::cached)
///   or by [`token`](Self::token), nor is any other token with the same text.
/// - A future that is dropped half way loses nothing. A refresh that may use up a single-use
///   refresh token therefore runs to its end in a task of its own.
/// - Callers who ask while a refresh is under way wait for its outcome instead of starting another.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait TokenProvider: fmt::Debug + Send + Sync {
    /// The current token if it is good now and carries every one of `scopes`. Takes no lock and
    /// asks nobody. `None` says only that [`token`](Self::token) has to be asked.
    fn cached(&self, scopes: &Scopes) -> Option<AccessToken>;

    /// A token that carries every one of `scopes`; refreshes when it must.
    ///
    /// # Errors
    ///
    /// Those of which [`Error::is_transient`] says so are worth a retry: [`Error::Transient`], after
    /// [`Error::retry_after`] if that is given, and [`Error::LeaseHeld`]. The others want a human:
    /// [`Error::ConsentNeeded`] and [`Error::RotationInterrupted`] to consent,
    /// [`Error::ScopesMissing`] to consent to more, [`Error::Refused`], [`Error::File`],
    /// [`Error::OtherIdentity`] and [`Error::FreshTokenRejected`] to mend what they name,
    /// [`Error::TokenExpired`] and [`Error::TokenRejected`] to supply a token where the provider
    /// cannot refresh.
    async fn token(&self, scopes: &Scopes) -> Result<AccessToken, Error>;

    /// Takes note that a server answered 401 to `rejected`. Many callers may report the same
    /// token, which causes one refresh at most. A token that is not the current one changes
    /// nothing.
    async fn invalidate(&self, rejected: &AccessToken);

    /// How the provider is doing, from what it knows; asks nobody.
    fn health(&self) -> Health;
}

const _: Option<&dyn TokenProvider> = None;

/// So that a provider which is shared is one too.
#[async_trait]
impl<T: TokenProvider + ?Sized> TokenProvider for Arc<T> {
    fn cached(&self, scopes: &Scopes) -> Option<AccessToken> {
        (**self).cached(scopes)
    }

    /// As the provider that is shared.
    ///
    /// # Errors
    ///
    /// Those of the provider that is shared.
    async fn token(&self, scopes: &Scopes) -> Result<AccessToken, Error> {
        (**self).token(scopes).await
    }

    async fn invalidate(&self, rejected: &AccessToken) {
        (**self).invalidate(rejected).await;
    }

    fn health(&self) -> Health {
        (**self).health()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn futures_of_a_shared_provider_cross_threads() {
        fn sendable<T: Send>(_: &T) {}
        let provider: Arc<dyn TokenProvider> = Arc::new(MockTokenProvider::new());
        let scopes = Scopes::default();
        sendable(&provider.token(&scopes));
    }
}
