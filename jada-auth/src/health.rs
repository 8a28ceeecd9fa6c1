//! How a provider is doing, for a status page or an alert.

use jiff::Timestamp;

use crate::Error;

/// How a [`TokenProvider`](crate::TokenProvider) is doing; holds no secret.
///
/// It is what the provider last learned, told without asking anyone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Who has to act, if anyone.
    pub status: HealthStatus,
    /// When the token that is held ends by the wall clock, even if that is past: a UTC instant.
    /// None when no token is held.
    pub expires_at: Option<Timestamp>,
    /// What stands between the provider and [`HealthStatus::Good`].
    pub failure: Option<Failure>,
    /// What does not stand in the way but should be known, a sentence each: the token could not
    /// be stored, its store is on a network file system, the clock is off.
    pub warnings: Vec<String>,
}

impl Health {
    /// All is well; [`with_expires_at`](Self::with_expires_at) says until when.
    pub fn good() -> Self {
        Self { status: HealthStatus::Good, expires_at: None, failure: None, warnings: Vec::new() }
    }

    /// Failing with `error` since then: [`HealthStatus::Failing`] when the error is transient,
    /// else [`HealthStatus::NeedsHuman`].
    pub fn failing(error: &Error, since: Timestamp) -> Self {
        Self {
            status: if error.is_transient() {
                HealthStatus::Failing
            } else {
                HealthStatus::NeedsHuman
            },
            expires_at: None,
            failure: Some(Failure { message: with_causes(error), since }),
            warnings: Vec::new(),
        }
    }

    /// Tells when the token that is held ends, or ended.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: Timestamp) -> Self {
        self.expires_at = Some(expires_at);
        self
    }
}

/// The error and what caused it, on one line.
pub(crate) fn with_causes(error: &Error) -> String {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    message
}

/// Who has to act for a provider to do well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HealthStatus {
    /// Nobody: it has a good token, or no reason to expect that it will not get one.
    Good,
    /// Nobody: it failed in a way that heals by itself, and may be serving an older token.
    Failing,
    /// A human: nothing changes until someone does what the failure says, such as to consent
    /// again or to supply a new token.
    NeedsHuman,
}

/// What a provider last failed with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The text of the [`Error`], which names the mend, then of its sources, on one line. A
    /// provider puts no secret into either.
    pub message: String,
    /// When it began to fail like this: a UTC instant.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const SINCE: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_transient_error_asks_nobody_to_act() {
        let error = Error::Transient {
            action: "asking".to_owned(),
            retry_after: None,
            source: Some(Arc::new(std::io::Error::other("no route"))),
        };
        let health = Health::failing(&error, SINCE).with_expires_at(Timestamp::MAX);
        assert_eq!(health.status, HealthStatus::Failing);
        let message = "asking failed for now: try again later: no route".to_owned();
        assert_eq!(health.failure, Some(Failure { message, since: SINCE }));
        assert_eq!(health.expires_at, Some(Timestamp::MAX));
    }

    #[test]
    fn a_lasting_error_asks_for_a_human_and_says_for_what() {
        let error = Error::ConsentNeeded { what: "it".to_owned(), command: "log-in".to_owned() };
        let health = Health::failing(&error, SINCE);
        assert_eq!(health.status, HealthStatus::NeedsHuman);
        assert_eq!(health.expires_at, None);
        let message = "it needs consent: run `log-in`".to_owned();
        assert_eq!(health.failure, Some(Failure { message, since: SINCE }));
    }

    #[test]
    fn good_health_has_no_failure() {
        let health = Health::good();
        assert_eq!((health.status, health.expires_at), (HealthStatus::Good, None));
        assert_eq!(health.failure, None);
    }
}
