//! Quota units: what was spent, and where a limit is set, what may be.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::method::GmailMethod;
use crate::google::refusal::Refusal;

#[derive(Default)]
pub(super) struct Quota {
    limit: Option<(u64, Duration)>,
    /// What was spent lately, and when.
    lately: VecDeque<(Instant, u64)>,
    spent: u64,
}

impl Quota {
    pub(super) fn limited(units: u64, window: Duration) -> Self {
        Self { limit: Some((units, window)), ..Self::default() }
    }

    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    /// What is refused costs nothing.
    pub(super) fn spend(&mut self, method: GmailMethod, now: Instant) -> Result<(), Refusal> {
        let units = method.units();
        if let Some((limit, window)) = self.limit {
            let is_past = |(at, _): &(Instant, u64)| now.duration_since(*at) >= window;
            while self.lately.front().is_some_and(is_past) {
                self.lately.pop_front();
            }
            if self.lately.iter().map(|(_, units)| units).sum::<u64>() + units > limit {
                let message = "Quota exceeded for quota metric 'Queries' and limit \
                    'Queries per minute per user' of service 'gmail.googleapis.com'.";
                return Err(Refusal::new(429, "rateLimitExceeded", message));
            }
            self.lately.push_back((now, units));
        }
        self.spent += units;
        Ok(())
    }
}
