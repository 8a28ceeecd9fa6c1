//! A token at hand, in the hands of several libraries.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwapOption;
use google_apis_common::GetToken;
use jada_auth::{AccessToken, Scopes, SharedProvider, TokenProvider as _};

/// A library's way to the token that a caller needs before each request.
pub trait AtHand: Send + Sync + 'static {
    /// The token, as the library hands it out.
    type Token: Send;

    /// Hands it out. It was got from an issuer before, and is good.
    fn token(&self) -> impl Future<Output = Self::Token> + Send;

    /// Its text, in whatever it is handed out in.
    fn text(token: &Self::Token) -> &str;
}

/// The least that a token for all tasks can cost: one atomic load and one atomic increment, and no
/// question whether it is good.
#[derive(Debug)]
pub struct Floor(ArcSwapOption<String>);

impl Floor {
    /// Holds that token.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(ArcSwapOption::from_pointee(text.to_owned()))
    }
}

impl AtHand for Floor {
    type Token = Arc<String>;

    async fn token(&self) -> Arc<String> {
        self.0.load_full().unwrap()
    }

    fn text(token: &Arc<String>) -> &str {
        token
    }
}

/// [`cached`](jada_auth::TokenProvider::cached) for these scopes.
#[derive(Debug)]
pub struct Cached(SharedProvider, Scopes);

impl Cached {
    /// Asks that provider, which has a token.
    #[must_use]
    pub fn new(provider: &SharedProvider, scopes: &Scopes) -> Self {
        Self(provider.clone(), scopes.clone())
    }
}

impl AtHand for Cached {
    type Token = AccessToken;

    async fn token(&self) -> AccessToken {
        self.0.cached(&self.1).unwrap()
    }

    fn text(token: &AccessToken) -> &str {
        token.secret().expose()
    }
}

/// [`token`](jada_auth::TokenProvider::token) for these scopes.
#[derive(Debug)]
pub struct Asked(SharedProvider, Scopes);

impl Asked {
    /// Asks that provider, which has a token.
    #[must_use]
    pub fn new(provider: &SharedProvider, scopes: &Scopes) -> Self {
        Self(provider.clone(), scopes.clone())
    }
}

impl AtHand for Asked {
    type Token = AccessToken;

    async fn token(&self) -> AccessToken {
        self.0.token(&self.1).await.unwrap()
    }

    fn text(token: &AccessToken) -> &str {
        token.secret().expose()
    }
}

/// The token as the generated `google-*` crates get it: in a future that is boxed, and as a text of
/// its own.
pub struct Generated(Box<dyn GetToken>);

impl Generated {
    /// Holds it as a hub does.
    #[must_use]
    pub fn new(auth: impl GetToken + 'static) -> Self {
        Self(Box::new(auth))
    }
}

impl AtHand for Generated {
    type Token = String;

    async fn token(&self) -> String {
        self.0.get_token(&["drive", "mail"]).await.unwrap().unwrap()
    }

    fn text(token: &String) -> &str {
        token
    }
}

impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generated").finish_non_exhaustive()
    }
}
