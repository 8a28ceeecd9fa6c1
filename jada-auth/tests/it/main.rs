//! What a crate that depends on this one relies on: the trait behind a pointer, the mock, and
//! that no secret is ever printed.

#![expect(clippy::unwrap_used, reason = "in a test's helpers, which clippy takes for no test")]

#[cfg(unix)]
mod consent;
#[cfg(unix)]
mod file_store;
mod google;
mod google_apis;
mod http_sources;
mod no_secret;
mod processes;
#[cfg(unix)]
mod secrets_dir;
mod secrets_provider;
mod service_keys;
mod shared;
mod shared_failures;
mod support;
mod wire;

use std::{sync::Arc, time::Duration};

use jada_auth::{
    AccessToken, Clock, Error, FixedProvider, Health, HealthStatus, ManualClock, MockTokenProvider,
    Scopes, Secret, SystemClock, TokenProvider,
};
use jiff::Timestamp;

const SECRET: &str = "ya29.hunter2";

#[tokio::test]
async fn a_caller_that_gets_401_invalidates_and_asks_again() {
    let mut mock = MockTokenProvider::new();
    let (stale, fresh) = (token("ya29.stale"), token("ya29.fresh"));
    mock.expect_token().times(1).return_once(move |_| Ok(stale));
    mock.expect_token().times(1).return_once(move |_| Ok(fresh));
    let is_stale = |rejected: &AccessToken| rejected.secret().expose() == "ya29.stale";
    mock.expect_invalidate().withf(is_stale).times(1).return_const(());

    let provider: Arc<dyn TokenProvider> = Arc::new(mock);
    assert_eq!(call(&*provider).await.unwrap(), "accepted Bearer ya29.fresh");
}

#[tokio::test]
async fn a_caller_whose_only_token_is_rejected_learns_what_mends_it() {
    let provider: Arc<dyn TokenProvider> = Arc::new(FixedProvider::new(token("ya29.stale")));
    assert_eq!(provider.health().status, HealthStatus::Good);
    let error = call(&*provider).await.unwrap_err();
    assert!(error.to_string().ends_with("supply a new token"), "{error}");
    assert_eq!(provider.health().status, HealthStatus::NeedsHuman);
}

#[tokio::test]
async fn a_mock_fails_as_its_user_says() {
    let mut mock = MockTokenProvider::new();
    let wait = Some(Duration::from_secs(5));
    mock.expect_token().returning(move |_| {
        let action = "asking accounts.example for a token".to_owned();
        Err(Error::Transient { action, retry_after: wait, source: None })
    });
    mock.expect_health().return_const(Health::good().with_expires_at(Timestamp::UNIX_EPOCH));

    let provider: Arc<dyn TokenProvider> = Arc::new(mock);
    assert_eq!(call(&*provider).await.unwrap_err().retry_after(), wait);
    assert_eq!(provider.health().expires_at, Some(Timestamp::UNIX_EPOCH));
}

#[tokio::test]
async fn no_type_prints_the_secret() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let builder = AccessToken::builder(SECRET, clock.now());
    let mut printed = vec![format!("{builder:#?}"), format!("{:?}", Secret::new(SECRET))];
    let token = builder.build().unwrap();
    let provider = FixedProvider::new(token.clone()).with_clock(clock.clone());
    printed.extend([format!("{token:#?}"), format!("{:?}", token.authorization())]);
    printed.extend([format!("{provider:#?}"), format!("{:?}", provider.health())]);

    provider.invalidate(&token).await;
    let rejected = provider.token(&Scopes::default()).await.unwrap_err();
    let malformed = AccessToken::builder(format!("{SECRET}\n"), clock.now()).build();
    for error in [rejected, malformed.unwrap_err()] {
        printed.extend([format!("{error}"), format!("{error:#?}")]);
    }
    printed.extend([format!("{provider:#?}"), format!("{:?}", provider.health())]);

    for text in printed {
        assert!(!text.is_empty() && !text.contains("hunter2"), "{text}");
    }
}

fn token(text: &str) -> AccessToken {
    AccessToken::builder(text, SystemClock.now()).build().unwrap()
}

/// What a user of the trait writes: a server that takes nothing but `ya29.fresh`.
async fn call(provider: &dyn TokenProvider) -> Result<String, Error> {
    let token = provider.token(&Scopes::default()).await?;
    if let Ok(accepted) = send(&token) {
        return Ok(accepted);
    }
    provider.invalidate(&token).await;
    let token = provider.token(&Scopes::default()).await?;
    send(&token).map_err(|()| Error::TokenRejected { rejected_at: Timestamp::now() })
}

fn send(token: &AccessToken) -> Result<String, ()> {
    let bearer = token.authorization().to_str().unwrap();
    if bearer == "Bearer ya29.fresh" { Ok(format!("accepted {bearer}")) } else { Err(()) }
}
