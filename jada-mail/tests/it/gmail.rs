//! Gmail against a loopback one that keeps state, and fails on the wire in every way.

mod faults;
mod proofs;
mod quota;
mod scopes;
mod search;
mod uploads;

use std::{
    error::Error as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jada_auth::{
    AccessToken, Clock, GoogleClient, GoogleClientBuilder, Health, Scopes, SystemClock,
    TokenProvider,
};
use jada_loopback_issuer::{Gmail as Server, Loopback};
use jada_mail::{Error, Gmail, Letter, contract};

/// Hands out `s3cr3t-0`, and the next one once that was rejected.
#[derive(Clone, Debug)]
struct Tokens {
    granted: Scopes,
    rejected: Arc<AtomicU64>,
    /// The scopes that a token was asked for with.
    asked: Arc<Mutex<Vec<Scopes>>>,
}

impl Tokens {
    fn granting(scopes: &[&str]) -> Self {
        let granted = Scopes::new(scopes).unwrap();
        Self { granted, rejected: Arc::default(), asked: Arc::default() }
    }

    fn serve(&self, scopes: &Scopes) -> Result<AccessToken, jada_auth::Error> {
        let missing = scopes.missing_from(&self.granted);
        if !missing.is_empty() {
            return Err(jada_auth::Error::ScopesMissing { missing });
        }
        let text = format!("{SECRET}-{}", self.rejected.load(Ordering::SeqCst));
        let builder = AccessToken::builder(text, SystemClock.now()).scopes(self.granted.clone());
        builder.build()
    }
}

#[async_trait]
impl TokenProvider for Tokens {
    fn cached(&self, scopes: &Scopes) -> Option<AccessToken> {
        self.serve(scopes).ok()
    }

    async fn token(&self, scopes: &Scopes) -> Result<AccessToken, jada_auth::Error> {
        self.asked.lock().unwrap().push(scopes.clone());
        self.serve(scopes)
    }

    async fn invalidate(&self, rejected: &AccessToken) {
        if self.serve(&Scopes::default()).unwrap().is_same_as(rejected) {
            self.rejected.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn health(&self) -> Health {
        Health::good()
    }
}

/// A Gmail that knows the tokens of [`Tokens`].
fn server() -> Server {
    Server::builder().token(SECRET, [FULL]).start().unwrap()
}

fn google(endpoint: &str, tokens: Tokens) -> GoogleClientBuilder {
    GoogleClient::builder(tokens, Scopes::default())
        .endpoint(endpoint.try_into().unwrap())
        .deadline(Duration::from_secs(5))
        .backoff(Duration::from_millis(20))
}

/// An account that may do everything.
fn account(server: &Server) -> Gmail {
    Gmail::new(google(&server.endpoint(), Tokens::granting(&[FULL])).build())
}

/// The same at a server that does what a test says.
fn account_at(server: &Loopback) -> Gmail {
    Gmail::new(google(&server.uri(""), Tokens::granting(&[FULL])).build())
}

fn letter(key: &str) -> Letter {
    Letter::of(&contract::message(key))
}

/// The failure underneath.
fn failure(error: &Error) -> &jada_auth::Error {
    error.source().unwrap().downcast_ref().unwrap()
}

const SECRET: &str = "s3cr3t";
const FULL: &str = "https://mail.google.com/";
const MODIFY: &str = "https://www.googleapis.com/auth/gmail.modify";
