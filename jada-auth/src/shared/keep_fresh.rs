//! Renewal ahead of time, for services that live long.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinHandle, time::sleep};

use super::{Inner, judge::Purpose};
use crate::Error;

/// Renews a provider's token ahead of time until it is dropped; see
/// [`SharedProvider::keep_fresh`](super::SharedProvider::keep_fresh).
#[derive(Debug)]
#[must_use = "it stops when it is dropped"]
pub struct KeepFresh(JoinHandle<()>);

impl KeepFresh {
    pub(super) fn start(inner: Arc<Inner>) -> Self {
        Self(tokio::spawn(async move {
            while !inner.is_closing() {
                let pause = inner.renew_if_due().await;
                sleep(pause).await;
            }
        }))
    }
}

impl Drop for KeepFresh {
    fn drop(&mut self) {
        // A refresh in flight is a task of its own and goes on.
        self.0.abort();
    }
}

impl Inner {
    /// How long to sleep until the next look.
    async fn renew_if_due(self: &Arc<Self>) -> Duration {
        let due_in = self.due_in();
        if !due_in.is_zero() {
            // In steps, since a machine that sleeps stops this clock.
            return due_in.min(LONGEST_SLEEP);
        }
        match self.fly(Purpose::Renew).await {
            Ok(_) => Duration::ZERO.max(self.due_in()).clamp(SHORTEST_SLEEP, LONGEST_SLEEP),
            // A sibling is at it: its token is there in a moment.
            Err(Error::LeaseHeld { .. }) => SHORTEST_SLEEP.mul_f64(1.0 + fastrand::f64()),
            Err(error) => {
                let pause = LONGEST_SLEEP.mul_f64(0.5 + 0.5 * fastrand::f64());
                // No longer, since a sibling may have a token by then.
                error.retry_after().unwrap_or(pause).clamp(SHORTEST_SLEEP, LONGEST_SLEEP)
            }
        }
    }

    fn due_in(&self) -> Duration {
        let current = self.current.load();
        let due = current.as_ref().map(|it| self.clock.ticks().until(it.renewed_from));
        due.unwrap_or_default()
    }
}

const SHORTEST_SLEEP: Duration = Duration::from_secs(1);
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
