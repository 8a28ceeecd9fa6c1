//! One OAuth token, shared safely by every process on a host.
//!
//! Whoever calls an API takes a [`TokenProvider`] and never learns where tokens come from. It asks
//! for the [`Scopes`] that it needs, and gets an [`AccessToken`] that is good now, or an [`Error`]
//! that says whether to try again or which human has to act.
//!
//! Behind it stands a `SharedProvider` (feature `shared`), which brings together a source that
//! mints tokens and a store that all processes share: one request each time the token has to be
//! renewed, stored durably before it is used. Nothing here is one issuer's alone, and no `Debug`,
//! `Display`, error or trace ever holds a secret.
//!
//! ```no_run
//! use jada_auth::{GoogleClient, Scopes, SecretsDir};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), jada_auth::Error> {
//! let scopes = Scopes::new(["https://www.googleapis.com/auth/gmail.readonly"])?;
//! let provider = SecretsDir::from_env()?.provider(scopes.clone())?.build();
//! let google = GoogleClient::new(provider.clone(), scopes);
//!
//! let profile = google.get("https://gmail.googleapis.com/gmail/v1/users/me/profile");
//! let profile: serde_json::Value = profile.fetch().await?;
//! println!("{}", profile["emailAddress"]);
//!
//! provider.shutdown().await
//! # }
//! ```
//!
//! A program that has one token from elsewhere, or a test, needs no feature:
//!
//! ```
//! # use std::time::Duration;
//! # use jada_auth::{AccessToken, Clock, FixedProvider, SystemClock, TokenProvider};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), jada_auth::Error> {
//! let token = AccessToken::builder("not-a-real-token", SystemClock.now())
//!     .expires_in(Duration::from_secs(3600))
//!     .scopes("mail".parse()?)
//!     .build()?;
//! let provider = FixedProvider::new(token);
//! assert!(provider.token(&"mail".parse()?).await?.authorization().is_sensitive());
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! None is on by default. The README says how many crates each comes to.
//!
//! | feature | adds | pulls in |
//! |---|---|---|
//! | `shared` | `SharedProvider`, `TokenStore` with `MemoryStore` and `FileStore`, `SecretsDir`, `Diagnosis` | tokio, serde_json, sha2, rustix, tracing, arc-swap |
//! | `http` | `shared`; the sources `RefreshToken` and `ServiceAccount`, `SecretsDir::provider`, `GoogleClient` | hyper, rustls with ring (which needs a C compiler) |
//! | `google-apis` | `http`; `GoogleApis` and `RetryOn401`, for the generated crates such as google-gmail1 | google-apis-common |
//! | `service-keys` | `ServiceKey`, `ServiceKeyHash` and `ServiceKeys`, by which services know each other | argon2, sha2, getrandom |
//! | `consent` | `http`; `Consent` and `SecretsDir::consent`, which ask a human in their browser | getrandom, subtle, hyper's server |
//! | `mock` | `MockTokenProvider`, a [mockall](https://docs.rs/mockall) mock of [`TokenProvider`] for your tests | mockall |
//! | `contract-tests` | `shared`; `token_store_contract`, the suite that a store of your own has to pass | |
//!
//! With no feature the crate stays light: nothing whose name starts with `aws-`, `google-`,
//! `hyper`, `rustls`, `mockall`, `tokio` or `yup-oauth2` is among its dependencies. `FileStore` and
//! `SecretsDir` are there on Unix alone.
//!
//! The repository's examples `access_token`, `reauth`, `token_doctor` and `loopback_issuer` show it
//! at work, the last one without any account.

mod clock;
#[cfg(feature = "shared")]
mod diagnosis;
#[cfg(feature = "shared")]
mod endpoint;
mod error;
#[cfg(feature = "shared")]
mod fingerprint;
mod fixed;
#[cfg(feature = "http")]
mod google;
#[cfg(feature = "google-apis")]
mod google_apis;
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
#[cfg(feature = "service-keys")]
mod service_key;
#[cfg(feature = "shared")]
mod shared;
#[cfg(feature = "shared")]
mod source;
#[cfg(feature = "shared")]
mod store;
mod token;

#[cfg(feature = "google-apis")]
pub use self::google_apis::{GoogleApis, RetryOn401};
#[cfg(feature = "consent")]
pub use self::http::{Consent, ConsentBuilder, Consented, Paste};
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
#[cfg(feature = "http")]
pub use google::{Answer, ApiUrl, Call, GoogleClient, GoogleClientBuilder, Upload, UploadProgress};
pub use health::{Failure, Health, HealthStatus};
#[cfg(any(test, feature = "mock"))]
pub use provider::MockTokenProvider;
pub use provider::TokenProvider;
pub use scopes::Scopes;
pub use secret::Secret;
#[cfg(all(feature = "shared", unix))]
pub use secrets_dir::{Credential, Layout, SecretsDir};
#[cfg(feature = "service-keys")]
pub use service_key::{KeyRefusal, ServiceKey, ServiceKeyHash, ServiceKeys, Verified};
#[cfg(feature = "shared")]
pub use shared::{
    Alert, Counters, Fetched, KeepFresh, Origin, SharedProvider, SharedProviderBuilder,
};
#[cfg(feature = "shared")]
pub use source::{
    GOOGLE_AUTH_URI, GOOGLE_TOKEN_URI, Heals, MintFailure, MintRequest, Minted, OAuthClient,
    Principal, Spent, TokenSource,
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
