//! Tokens for loopback servers, and clients that have little patience.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jada_auth::{
    AccessToken, Clock, GoogleClient, GoogleClientBuilder, Health, Scopes, SystemClock,
    TokenProvider,
};

/// Hands out `s3cr3t-0`, and the next one once that was rejected.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    granted: Scopes,
    rejected: Arc<AtomicU64>,
}

impl Tokens {
    pub(crate) fn granting(scopes: &[&str]) -> Self {
        Self { granted: Scopes::new(scopes).unwrap(), rejected: Arc::default() }
    }

    fn serve(&self) -> AccessToken {
        let text = format!("{SECRET}-{}", self.rejected.load(Ordering::SeqCst));
        let builder = AccessToken::builder(text, SystemClock.now()).scopes(self.granted.clone());
        builder.build().unwrap()
    }
}

#[async_trait::async_trait]
impl TokenProvider for Tokens {
    fn cached(&self, _: &Scopes) -> Option<AccessToken> {
        Some(self.serve())
    }

    async fn token(&self, _: &Scopes) -> Result<AccessToken, jada_auth::Error> {
        Ok(self.serve())
    }

    async fn invalidate(&self, rejected: &AccessToken) {
        if self.serve().is_same_as(rejected) {
            self.rejected.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn health(&self) -> Health {
        Health::good()
    }
}

pub(crate) fn google(endpoint: &str, scopes: &[&str]) -> GoogleClientBuilder {
    GoogleClient::builder(Tokens::granting(scopes), Scopes::default())
        .endpoint(endpoint.try_into().unwrap())
        .deadline(Duration::from_secs(5))
        .backoff(Duration::from_millis(10))
}

/// What the name of each token begins with.
pub(crate) const SECRET: &str = "s3cr3t";
