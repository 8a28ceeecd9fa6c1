//! A provider for one token that something else obtained.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{AccessToken, Clock, Error, Health, Scopes, SystemClock, TokenProvider};

/// Serves one given token until it expires or a server rejects it, and cannot refresh it.
///
/// For a token that comes from elsewhere, such as a short job's environment, and for tests.
#[derive(Debug)]
pub struct FixedProvider {
    token: AccessToken,
    rejected_at: OnceLock<Timestamp>,
    clock: Arc<dyn Clock>,
}

impl FixedProvider {
    /// Serves `token`, by the clocks of this machine.
    pub fn new(token: AccessToken) -> Self {
        Self { token, rejected_at: OnceLock::new(), clock: Arc::new(SystemClock) }
    }

    /// Judges the token's life by `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn serve(&self, scopes: &Scopes) -> Result<AccessToken, Error> {
        if !scopes.is_subset(self.token.scopes()) {
            return Err(Error::ScopesMissing { missing: scopes.missing_from(self.token.scopes()) });
        }
        match self.end() {
            None => Ok(self.token.clone()),
            Some((error, _)) => Err(error),
        }
    }

    /// What ended the token and when, if anything did.
    fn end(&self) -> Option<(Error, Timestamp)> {
        if let Some(&rejected_at) = self.rejected_at.get() {
            return Some((Error::TokenRejected { rejected_at }, rejected_at));
        }
        let (now, expires_at) = (self.clock.now(), self.token.expires_at());
        // A wall clock that was set back shows a time before the expiry.
        let since = expires_at.min(now.wall);
        (!self.token.is_good_at(now)).then_some((Error::TokenExpired { expires_at }, since))
    }
}

#[async_trait]
impl TokenProvider for FixedProvider {
    fn cached(&self, scopes: &Scopes) -> Option<AccessToken> {
        self.serve(scopes).ok()
    }

    /// The given token.
    ///
    /// # Errors
    ///
    /// [`Error::ScopesMissing`], [`Error::TokenExpired`] and [`Error::TokenRejected`]; none is
    /// worth a retry.
    async fn token(&self, scopes: &Scopes) -> Result<AccessToken, Error> {
        self.serve(scopes)
    }

    async fn invalidate(&self, rejected: &AccessToken) {
        if rejected.is_same_as(&self.token) {
            self.rejected_at.get_or_init(|| self.clock.now().wall);
        }
    }

    fn health(&self) -> Health {
        let expires_at = self.token.expires_at();
        match self.end() {
            None => Health::good().with_expires_at(expires_at),
            Some((error, since)) => Health::failing(&error, since).with_expires_at(expires_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{HealthStatus, ManualClock};

    const HOUR: Duration = Duration::from_secs(3600);

    fn noon() -> Arc<ManualClock> {
        Arc::new(ManualClock::new("2026-05-01T12:00:00Z".parse().unwrap()))
    }

    fn scopes(text: &str) -> Scopes {
        text.parse().unwrap()
    }

    fn token(text: &str, clock: &ManualClock) -> AccessToken {
        let builder = AccessToken::builder(text, clock.now()).expires_in(HOUR);
        builder.scopes(scopes("mail drive")).build().unwrap()
    }

    fn provider(clock: &Arc<ManualClock>) -> FixedProvider {
        FixedProvider::new(token("tok-abc", clock)).with_clock(clock.clone())
    }

    #[tokio::test]
    async fn any_subset_of_the_granted_scopes_is_served() {
        let provider = provider(&noon());
        for asked in ["", "mail", "drive mail"] {
            let served = provider.token(&scopes(asked)).await.unwrap();
            assert_eq!(served.secret().expose(), "tok-abc");
            assert!(provider.cached(&scopes(asked)).unwrap().is_same_as(&served));
        }
        assert_eq!(
            provider.health(),
            Health::good().with_expires_at("2026-05-01T13:00:00Z".parse().unwrap())
        );
    }

    #[tokio::test]
    async fn scopes_that_were_not_granted_are_named() {
        let (provider, asked) = (provider(&noon()), scopes("mail sheets calendar"));
        assert!(provider.cached(&asked).is_none());
        let error = provider.token(&asked).await.unwrap_err();
        let Error::ScopesMissing { missing } = error else { panic!("{error:?}") };
        assert_eq!(missing, scopes("calendar sheets"));
    }

    #[tokio::test]
    async fn an_expired_token_is_a_lasting_error_that_health_reports() {
        let clock = noon();
        let provider = provider(&clock);
        clock.advance(HOUR * 2);
        assert!(provider.cached(&scopes("mail")).is_none());
        let error = provider.token(&scopes("mail")).await.unwrap_err();
        assert!(matches!(error, Error::TokenExpired { .. }), "{error:?}");
        assert!(!error.is_transient());

        let health = provider.health();
        let failure = health.failure.unwrap();
        assert_eq!(health.status, HealthStatus::NeedsHuman);
        assert_eq!(failure.message, error.to_string());
        assert_eq!(failure.since.to_string(), "2026-05-01T13:00:00Z");
        assert_eq!(health.expires_at, Some(failure.since));
    }

    #[tokio::test]
    async fn a_rejected_token_is_never_served_again_and_the_first_rejection_counts() {
        let clock = noon();
        let provider = provider(&clock);
        let served = provider.token(&scopes("mail")).await.unwrap();
        provider.invalidate(&served).await;
        clock.advance(Duration::from_secs(60));
        provider.invalidate(&served).await;

        assert!(provider.cached(&scopes("mail")).is_none());
        let error = provider.token(&scopes("mail")).await.unwrap_err();
        let Error::TokenRejected { rejected_at } = error else { panic!("{error:?}") };
        assert_eq!(rejected_at.to_string(), "2026-05-01T12:00:00Z");
        let health = provider.health();
        assert_eq!(health.status, HealthStatus::NeedsHuman);
        assert_eq!(health.failure.unwrap().since, rejected_at);
    }

    #[tokio::test]
    async fn a_token_of_the_same_text_is_the_same_token() {
        let clock = noon();
        let provider = provider(&clock);
        let same = AccessToken::builder("tok-abc", clock.now()).generation(9).build().unwrap();
        provider.invalidate(&same).await;
        assert!(provider.cached(&scopes("mail")).is_none());
    }

    #[tokio::test]
    async fn invalidating_another_token_changes_nothing() {
        let clock = noon();
        let provider = provider(&clock);
        provider.invalidate(&token("tok-xyz", &clock)).await;
        assert!(provider.cached(&scopes("mail")).is_some());
        assert_eq!(provider.health().status, HealthStatus::Good);
    }

    #[test]
    fn a_failure_is_never_dated_in_the_future() {
        let clock = noon();
        let provider = provider(&clock);
        clock.advance(HOUR);
        clock.set_wall("2026-05-01T11:00:00Z".parse().unwrap());
        assert_eq!(provider.health().failure.unwrap().since, clock.now().wall);
    }

    #[test]
    fn the_clocks_of_this_machine_are_the_default() {
        let fresh = AccessToken::builder("tok-abc", SystemClock.now()).expires_in(HOUR).build();
        assert!(FixedProvider::new(fresh.unwrap()).cached(&Scopes::default()).is_some());

        let long_ago = ManualClock::new(Timestamp::UNIX_EPOCH);
        let stale = FixedProvider::new(token("tok-abc", &long_ago));
        assert_eq!(stale.health().status, HealthStatus::NeedsHuman);
    }
}
