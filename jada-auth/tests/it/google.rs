//! `GoogleClient` against a loopback Google that fails on the wire in every way.

mod calls;
mod faults;
mod upload_server;
mod uploads;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use jada_auth::{
    AccessToken, Clock, FixedProvider, GoogleClient, GoogleClientBuilder, SystemClock,
};
use jada_loopback_issuer::{Loopback, Reply, Request};
use serde_json::json;

use crate::support::scopes;

/// A client with a token that is good for ever.
fn client() -> GoogleClientBuilder {
    let token = AccessToken::builder("s3cr3t-good", SystemClock.now()).expires_in(DAY);
    let provider = FixedProvider::new(token.build().unwrap());
    GoogleClient::builder(provider, scopes("")).backoff(Duration::from_millis(20))
}

/// A server that answers the nth request, counted from 0, as it is told.
fn answering(answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static) -> Loopback {
    let count = AtomicUsize::new(0);
    Loopback::start(move |request| answer(count.fetch_add(1, Ordering::SeqCst), request)).unwrap()
}

/// A server that answers the first request by `first`, and all others well.
fn first(first: Reply) -> Loopback {
    answering(move |number, _| if number == 0 { first.clone() } else { good() })
}

fn good() -> Reply {
    Reply::new(200).json(&json!({ "ok": true }))
}

/// Google's refusal of a token.
fn unauthorized() -> Reply {
    Reply::new(401).json(&json!({ "error": {
        "code": 401,
        "message": "Request had invalid authentication credentials.",
        "errors": [{ "reason": "authError" }],
        "status": "UNAUTHENTICATED",
    }}))
}

/// An error in Google's form.
fn google_error(status: u16, reason: &str) -> Reply {
    let errors = json!([{ "domain": "usageLimits", "reason": reason }]);
    let error = json!({ "code": status, "message": "No.", "errors": errors });
    Reply::new(status).json(&json!({ "error": error }))
}

/// The message of an error and of all that caused it.
fn told(error: &jada_auth::Error) -> String {
    let mut told = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        told.push_str(&format!(": {error} {error:?}"));
        cause = error.source();
    }
    told
}

const DAY: Duration = Duration::from_secs(86_400);
