//! The vocabulary of OAuth 2 callers: who may call, with what token, and what to do when it fails.
//!
//! A library that calls an API takes a [`TokenProvider`] and never learns where tokens come from.
//! It asks for the [`Scopes`] that it needs, and gets an [`AccessToken`] that is good now, or an
//! [`Error`] that says whether to try again or which human has to act. Nothing here is one
//! issuer's alone, nothing logs, and no `Debug`, `Display` or error ever holds a secret.
//!
//! ```
//! # use std::time::Duration;
//! # use jada_auth::{AccessToken, Clock, FixedProvider, Scopes, SystemClock, TokenProvider};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), jada_auth::Error> {
//! let scopes: Scopes = "https://www.googleapis.com/auth/gmail.send".parse()?;
//! let requested_at = SystemClock.now();
//! // Here the issuer is asked; its answer holds the token and its life in seconds.
//! let token = AccessToken::builder("not-a-real-token", requested_at)
//!     .expires_in(Duration::from_secs(3600))
//!     .scopes(scopes.clone())
//!     .build()?;
//!
//! let provider = FixedProvider::new(token);
//! let token = provider.token(&scopes).await?;
//! assert!(token.authorization().is_sensitive());
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | adds | pulls in |
//! |---|---|---|
//! | `mock` | `MockTokenProvider`, a [mockall](https://docs.rs/mockall) mock of [`TokenProvider`] for your tests | `mockall` |
//!
//! With no feature the crate stays light: nothing whose name starts with `aws-`, `google-`,
//! `hyper`, `rustls`, `mockall` or `yup-oauth2` is among its dependencies.

mod clock;
#[cfg(feature = "shared")]
mod diagnosis;
#[cfg(feature = "shared")]
mod endpoint;
mod error;
#[cfg(feature = "shared")]
mod fingerprint;
mod fixed;
mod health;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "shared")]
mod patience;
mod provider;
mod scopes;
mod secret;
#[cfg(all(feature = "shared", unix))]
mod secrets_dir;
#[cfg(feature = "shared")]
mod shared;
#[cfg(feature = "shared")]
mod source;
#[cfg(feature = "shared")]
mod store;
mod token;

#[cfg(feature = "http")]
pub use self::http::{HttpClient, RefreshToken, RefreshTokenBuilder, ServiceAccount};
#[cfg(feature = "shared")]
pub use clock::Ticks;
pub use clock::{Clock, ManualClock, Moment, SystemClock};
#[cfg(feature = "shared")]
pub use diagnosis::{Diagnosis, FileFinding, GrantFinding};
pub use error::{Error, FileProblem};
#[cfg(feature = "shared")]
pub use fingerprint::{Fingerprint, MalformedFingerprint};
pub use fixed::FixedProvider;
pub use health::{Failure, Health, HealthStatus};
#[cfg(any(test, feature = "mock"))]
pub use provider::MockTokenProvider;
pub use provider::TokenProvider;
pub use scopes::Scopes;
pub use secret::Secret;
#[cfg(all(feature = "shared", unix))]
pub use secrets_dir::{Credential, Layout, SecretsDir};
#[cfg(feature = "shared")]
pub use shared::{
    Alert, Counters, Fetched, KeepFresh, Origin, SharedProvider, SharedProviderBuilder,
};
#[cfg(feature = "shared")]
pub use source::{
    GOOGLE_TOKEN_URI, Heals, MintFailure, MintRequest, Minted, OAuthClient, Principal, Spent,
    TokenSource,
};
#[cfg(all(feature = "shared", unix))]
pub use store::FileStore;
#[cfg(any(test, feature = "contract-tests"))]
pub use store::token_store_contract;
#[cfg(feature = "shared")]
pub use store::{
    Dead, Holder, Lease, Leasing, MemoryStore, NotBefore, Pending, State, StoredToken, TokenStore,
};
pub use token::{AccessToken, AccessTokenBuilder};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
