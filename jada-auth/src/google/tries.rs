//! When a request is sent again, and when that ends.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Settings, outgoing::time_for};
use crate::Error;

/// The tries of one request.
pub(super) struct Tries {
    started: Instant,
    deadline: Duration,
    ceiling: Duration,
    /// Whether a try may have been executed.
    doubt: bool,
}

impl Tries {
    /// For requests of at most `bytes`, which take their time.
    pub(super) fn new(settings: &Settings, bytes: usize) -> Self {
        let Settings { deadline, backoff, .. } = *settings;
        let for_size = if deadline.is_zero() { deadline } else { time_for(bytes) };
        Self {
            started: Instant::now(),
            deadline: deadline.saturating_add(for_size),
            ceiling: backoff.max(SHORTEST_PAUSE),
            doubt: false,
        }
    }

    /// Leaves out of the deadline what was not the server's time.
    pub(super) fn without(&mut self, time: Duration) {
        self.started += time;
    }

    /// Pauses for the next try, with full jitter and not less than the server asked for.
    ///
    /// # Errors
    ///
    /// `failure`, when the next try would begin after the deadline, or would fare no better.
    pub(super) async fn pause(&mut self, failure: Error) -> Result<(), Error> {
        let doubtful = failure.may_have_been_executed();
        let paused = match is_worth_a_try(&failure) {
            true => self.pause_anyhow(failure).await,
            false => Err(failure),
        };
        paused.map_err(|failure| if self.doubt { in_doubt(failure) } else { failure })?;
        self.doubt |= doubtful;
        Ok(())
    }

    /// As [`pause`](Self::pause), whatever the failure is.
    pub(super) async fn pause_anyhow(&mut self, failure: Error) -> Result<(), Error> {
        let jitter = self.ceiling.mul_f64(fastrand::f64());
        let pause = failure.retry_after().unwrap_or_default().saturating_add(jitter);
        if self.started.elapsed().saturating_add(pause) > self.deadline {
            return Err(failure);
        }
        tracing::debug!(failure = %failure, ?pause, "trying again");
        sleep(pause).await;
        self.ceiling = (self.ceiling * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// Whether the same request may be sent again, and may fare better within seconds.
fn is_worth_a_try(failure: &Error) -> bool {
    match failure {
        Error::Connect { .. } => true,
        Error::Ambiguous { repeatable, .. } => *repeatable,
        Error::Api { repeatable, reason, .. } => {
            let tomorrow = ["dailyLimitExceeded", "quotaExceeded"];
            let tomorrow = reason.as_deref().is_some_and(|reason| tomorrow.contains(&reason));
            *repeatable && failure.is_transient() && !tomorrow
        }
        _ => false,
    }
}

/// What `failure` is after a try that may have been executed.
pub(super) fn in_doubt(failure: Error) -> Error {
    match failure {
        Error::Api { request, status, reason, message, retry_after, repeatable, .. } => {
            let after_doubt = true;
            Error::Api { request, status, reason, message, retry_after, repeatable, after_doubt }
        }
        Error::Connect { request, source } => {
            // Whatever is tried again is repeatable.
            Error::Ambiguous { request, repeatable: true, source }
        }
        other => other,
    }
}

/// For the longest of the pauses before the second try.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(32);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GoogleClient;

    fn tries() -> Tries {
        let (timeout, deadline) = (GoogleClient::TIMEOUT, GoogleClient::DEADLINE);
        Tries::new(&Settings { timeout, deadline, backoff: GoogleClient::BACKOFF }, 0)
    }

    fn api(status: u16, reason: &str, wait: Option<u64>, repeatable: bool) -> Error {
        Error::Api {
            request: "GET https://a.example/b".to_owned(),
            status,
            reason: Some(reason.to_owned()),
            message: None,
            retry_after: wait.map(Duration::from_secs),
            repeatable,
            after_doubt: false,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end_with_the_deadline() {
        let (mut tries, started) = (tries(), Instant::now());
        let mut count = 0;
        while tries.pause(api(503, "backendError", None, true)).await.is_ok() {
            count += 1;
        }
        assert!(count >= 5, "{count}");
        assert!(started.elapsed() <= GoogleClient::DEADLINE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_is_left_alone_for_as_long_as_it_asked() {
        let (mut tries, started) = (tries(), Instant::now());
        tries.pause(api(429, "rateLimitExceeded", Some(20), true)).await.unwrap();
        let waited = started.elapsed().as_millis();
        assert!((20_000..=20_501).contains(&waited), "{waited}");
        let late = tries.pause(api(429, "rateLimitExceeded", Some(41), true)).await.unwrap_err();
        assert_eq!(late.retry_after(), Some(Duration::from_secs(41)));
        assert_eq!(started.elapsed().as_millis(), waited);
        let never = api(503, "x", Some(u64::MAX), true);
        tries.pause(never).await.unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn what_fares_no_better_in_seconds_is_not_tried_again() {
        let lasting = [
            api(400, "invalid", None, true),
            api(401, "authError", None, true),
            api(403, "dailyLimitExceeded", None, true),
            api(503, "backendError", None, false),
            api(429, "rateLimitExceeded", None, false),
            Error::Ambiguous { request: String::new(), repeatable: false, source: None },
            Error::Decode { request: String::new(), source: None },
        ];
        for failure in lasting {
            tries().pause(failure).await.unwrap_err();
        }
        tries().pause(Error::Connect { request: String::new(), source: None }).await.unwrap();
        tries().pause(api(403, "userRateLimitExceeded", None, true)).await.unwrap();
    }
}
