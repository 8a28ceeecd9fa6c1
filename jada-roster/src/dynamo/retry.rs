//! Waiting between attempts, with full jitter.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;

/// Retries that suit a table which is busy for milliseconds: standard mode, 5 attempts, 25 ms
/// before the first retry at most.
///
/// The SDK's own first wait of up to 1 s makes every throttled read slow.
#[must_use]
pub fn dynamo_retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS).with_initial_backoff(FIRST_WAIT)
}

/// Waits for what the SDK does not retry by itself: leftovers of a batch, a busy transaction.
#[derive(Debug)]
pub(super) struct Backoff {
    attempts: u32,
    most_attempts: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { attempts: 0, most_attempts: MAX_ATTEMPTS }
    }
}

impl Backoff {
    /// For rows that many want at the same time, of whom one gets through at a time: 5 s on
    /// average, 10 s at most.
    pub(super) fn patient() -> Self {
        Self { attempts: 0, most_attempts: PATIENT_ATTEMPTS }
    }

    /// Waits before the next attempt; `false` at once when there is to be none.
    pub(super) async fn wait(&mut self) -> bool {
        self.attempts += 1;
        if self.attempts >= self.most_attempts {
            return false;
        }
        let most = (FIRST_WAIT * 2_u32.pow((self.attempts - 1).min(10))).min(LONGEST_WAIT);
        tokio::time::sleep(most.mul_f64(fastrand::f64())).await;
        true
    }
}

const MAX_ATTEMPTS: u32 = 5;
const PATIENT_ATTEMPTS: u32 = 16;
const LONGEST_WAIT: Duration = Duration::from_secs(1);
const FIRST_WAIT: Duration = Duration::from_millis(25);
