//! An access token and how long it may be used.

use std::{fmt, sync::Arc, time::Duration};

use http::HeaderValue;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::{Moment, Scopes, Secret};

/// A bearer token as an issuer minted it: the secret, its scopes and its end.
///
/// It is good while the wall clock *and* the monotonic clock say so, so that neither a corrected
/// clock nor a machine that slept makes it live longer. Its life counts from before the request
/// that minted it. Tokens come from a [`TokenProvider`](crate::TokenProvider); a provider of your
/// own builds them with [`AccessToken::builder`]. A clone shares everything and costs one atomic
/// increment.
///
/// `Debug` shows the expiry, the scopes and the generation, never the secret. The secret is
/// overwritten with zeros when the last clone is dropped; the copy in
/// [`authorization`](Self::authorization) is only freed.
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

struct Inner {
    secret: Secret,
    authorization: HeaderValue,
    requested_at: Moment,
    life: Duration,
    expires_at: Timestamp,
    scopes: Scopes,
    generation: u64,
}

impl AccessToken {
    /// The life of a token whose issuer gave no `expires_in`: 5 minutes, never an eternity.
    pub const UNSTATED_LIFE: Duration = Duration::from_secs(300);

    /// Starts building a token from its text and the moment *before* it was asked for.
    pub fn builder(secret: impl Into<Secret>, requested_at: Moment) -> AccessTokenBuilder {
        AccessTokenBuilder {
            secret: secret.into(),
            requested_at,
            expires_in: None,
            scopes: Scopes::default(),
            generation: 0,
        }
    }

    /// The token's text, for code that stores it; to send it use
    /// [`authorization`](Self::authorization).
    pub fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// The value of the `Authorization` header
    /// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)), built once and
    /// marked sensitive, so that `http` hides it in `Debug`.
    pub fn authorization(&self) -> &HeaderValue {
        &self.0.authorization
    }

    /// When it ends by the wall clock: a UTC instant. By the monotonic clock it may end earlier,
    /// so decide by [`is_good_at`](Self::is_good_at).
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// The scopes that were granted, which may be fewer or more than were asked for.
    pub fn scopes(&self) -> &Scopes {
        &self.0.scopes
    }

    /// Which of its provider's tokens it is: a number that grows, and tells an older token from a
    /// newer one. A provider's first is 1; 0 where nobody counts.
    pub fn generation(&self) -> u64 {
        self.0.generation
    }

    /// Tells whether both clocks leave it some life.
    pub fn is_good_at(&self, now: Moment) -> bool {
        !self.remaining_at(now).is_zero()
    }

    /// The life that is left by the stricter of the two clocks; zero once it is over.
    pub fn remaining_at(&self, now: Moment) -> Duration {
        let requested_at = self.0.requested_at.monotonic;
        let elapsed = now.monotonic.saturating_duration_since(requested_at);
        let by_wall = Duration::try_from(now.wall.duration_until(self.0.expires_at));
        by_wall.unwrap_or_default().min(self.0.life.saturating_sub(elapsed))
    }

    /// Tells whether `other` has the same text, whatever else is known of it: a server that
    /// rejects the one rejects the other.
    pub fn is_same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.secret().expose() == other.secret().expose()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires_at", &self.0.expires_at)
            .field("scopes", &self.0.scopes)
            .field("generation", &self.0.generation)
            .finish_non_exhaustive()
    }
}

/// What an issuer answered, on its way to an [`AccessToken`]; see [`AccessToken::builder`].
#[derive(Debug)]
pub struct AccessTokenBuilder {
    secret: Secret,
    requested_at: Moment,
    expires_in: Option<Duration>,
    scopes: Scopes,
    generation: u64,
}

impl AccessTokenBuilder {
    /// The life that the issuer stated, counted from before the request. Without it the life is
    /// [`AccessToken::UNSTATED_LIFE`], 5 minutes.
    #[must_use]
    pub fn expires_in(mut self, expires_in: impl Into<Option<Duration>>) -> Self {
        self.expires_in = expires_in.into();
        self
    }

    /// The scopes that were granted; none by default. An answer without `scope` grants what was
    /// asked for ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)): pass that.
    #[must_use]
    pub fn scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Which of the provider's tokens it is, counted from 1; 0, by default, where nobody counts.
    #[must_use]
    pub fn generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }

    /// Checks the text and builds the header.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedToken`](crate::Error::MalformedToken) when the text is empty or has a
    /// byte outside visible ASCII, such as the line break at the end of a file. It is not worth a
    /// retry.
    pub fn build(self) -> Result<AccessToken, crate::Error> {
        let authorization = bearer(self.secret.expose()).ok_or_else(|| self.malformed())?;
        let life = self.expires_in.unwrap_or(AccessToken::UNSTATED_LIFE);
        let expires_at = self.requested_at.wall.checked_add(life);
        Ok(AccessToken(Arc::new(Inner {
            secret: self.secret,
            authorization,
            requested_at: self.requested_at,
            life,
            expires_at: expires_at.unwrap_or(Timestamp::MAX),
            scopes: self.scopes,
            generation: self.generation,
        })))
    }

    fn malformed(&self) -> crate::Error {
        let mut bytes = self.secret.expose().bytes();
        crate::Error::MalformedToken { byte: bytes.find(|byte| !byte.is_ascii_graphic()) }
    }
}

/// `None` for text that is empty or not all visible ASCII.
fn bearer(text: &str) -> Option<HeaderValue> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let line = Zeroizing::new(["Bearer ", text].concat());
    let mut value = HeaderValue::from_str(&line).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Error, ManualClock};

    const HOUR: Duration = Duration::from_secs(3600);

    fn noon() -> ManualClock {
        ManualClock::new("2026-05-01T12:00:00Z".parse().unwrap())
    }

    fn token_for(life: impl Into<Option<Duration>>, clock: &ManualClock) -> AccessToken {
        let builder = AccessToken::builder("tok-abc", clock.now());
        builder.expires_in(life).build().unwrap()
    }

    #[test]
    fn the_header_is_a_sensitive_bearer() {
        let token = AccessToken::builder("ya29.A0-b_c~d+/==", noon().now()).build().unwrap();
        assert_eq!(token.authorization().to_str().unwrap(), "Bearer ya29.A0-b_c~d+/==");
        assert!(token.authorization().is_sensitive());
        assert_eq!(token.secret().expose(), "ya29.A0-b_c~d+/==");
    }

    #[test]
    fn life_counts_from_before_the_request() {
        let clock = noon();
        let requested_at = clock.now();
        clock.advance(Duration::from_secs(20));
        let token = AccessToken::builder("tok-abc", requested_at).expires_in(HOUR).build().unwrap();
        assert_eq!(token.expires_at().to_string(), "2026-05-01T13:00:00Z");
        assert_eq!(token.remaining_at(clock.now()), HOUR - Duration::from_secs(20));
    }

    #[test]
    fn a_token_is_good_until_the_very_instant_of_its_expiry() {
        let clock = noon();
        let token = token_for(HOUR, &clock);
        clock.advance(HOUR - Duration::from_nanos(1));
        assert!(token.is_good_at(clock.now()));
        clock.advance(Duration::from_nanos(1));
        assert!(!token.is_good_at(clock.now()));
        assert_eq!(token.remaining_at(clock.now()), Duration::ZERO);
    }

    #[test]
    fn setting_the_wall_clock_back_adds_no_life() {
        let clock = noon();
        let token = token_for(HOUR, &clock);
        clock.advance(HOUR);
        clock.set_wall("2020-01-01T00:00:00Z".parse().unwrap());
        assert!(!token.is_good_at(clock.now()));
    }

    #[test]
    fn a_machine_that_slept_past_the_expiry_finds_the_token_over() {
        let clock = noon();
        let token = token_for(HOUR, &clock);
        clock.set_wall("2026-05-01T12:59:00Z".parse().unwrap());
        assert_eq!(token.remaining_at(clock.now()), Duration::from_secs(60));
        clock.set_wall("2026-05-01T13:00:00Z".parse().unwrap());
        assert!(!token.is_good_at(clock.now()));
    }

    #[test]
    fn an_unstated_life_is_five_minutes() {
        let clock = noon();
        let token = token_for(None, &clock);
        assert_eq!(token.remaining_at(clock.now()), Duration::from_secs(300));
        assert_eq!(token.expires_at().to_string(), "2026-05-01T12:05:00Z");
    }

    #[test]
    fn a_life_beyond_the_calendar_ends_with_the_calendar() {
        let clock = noon();
        let token = token_for(Duration::MAX, &clock);
        assert_eq!(token.expires_at(), Timestamp::MAX);
        assert!(token.is_good_at(clock.now()));
    }

    #[test]
    fn a_life_of_zero_is_never_good() {
        let clock = noon();
        assert!(!token_for(Duration::ZERO, &clock).is_good_at(clock.now()));
    }

    #[test]
    fn malformed_text_is_refused_without_being_quoted() {
        let cases = [
            ("", None),
            ("s3cr3t\n", Some(b'\n')),
            ("s3cr3t s3cr3t", Some(b' ')),
            ("s3cr3t\u{e9}", Some(0xc3)),
            ("s3cr3t\u{7f}", Some(0x7f)),
        ];
        for (text, stray) in cases {
            let error = AccessToken::builder(text, noon().now()).build().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
            assert!(matches!(error, Error::MalformedToken { byte } if byte == stray), "{error:?}");
        }
    }

    #[test]
    fn debug_shows_the_expiry_and_scopes_and_generation_alone() {
        let builder = AccessToken::builder("tok-abc", noon().now()).generation(7);
        let token = builder.scopes(Scopes::new(["mail"]).unwrap()).build().unwrap();
        assert_eq!(
            format!("{token:?}"),
            "AccessToken { expires_at: 2026-05-01T12:05:00Z, scopes: {\"mail\"}, generation: 7, .. }"
        );
    }

    #[test]
    fn tokens_are_the_same_when_their_text_is() {
        let (clock, other) = (noon(), AccessToken::builder("tok-xyz", noon().now()).build());
        let token = token_for(HOUR, &clock);
        assert!(token.is_same_as(&token.clone()));
        assert!(token.is_same_as(&token_for(None, &clock)));
        assert!(!token.is_same_as(&other.unwrap()));
    }
}
