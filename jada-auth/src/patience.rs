//! A time-out that a stopped process survives.

use std::{future::Future, pin::pin, time::Duration};

use tokio::time::{Instant, timeout};

/// `work` until `limit` after `started`; none when it took longer.
///
/// A process that was stopped meanwhile, as a laptop is by its lid, finds the time over and the
/// answer waiting. It gets `grace` to look at it: an answer may hold the only refresh token.
pub(crate) async fn within<T>(
    started: Instant,
    limit: Duration,
    grace: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    let rest = limit.saturating_sub(started.elapsed());
    match timeout(rest, &mut work).await {
        Ok(done) => Some(done),
        Err(_) if started.elapsed() > limit.saturating_add(LATE) => timeout(grace, work).await.ok(),
        Err(_) => None,
    }
}

/// A timer that is this late belongs to a process that did not run.
const LATE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use tokio::time::{advance, sleep};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);
    const GRACE: Duration = Duration::from_secs(2);

    #[tokio::test(start_paused = true)]
    async fn work_that_is_too_slow_is_cut_off_on_time() {
        let started = Instant::now();
        assert_eq!(within(started, LIMIT, GRACE, sleep(LIMIT / 2)).await, Some(()));
        assert_eq!(within(started, LIMIT, GRACE, sleep(LIMIT * 2)).await, None);
        assert!(started.elapsed() < LIMIT + LATE);
    }

    #[tokio::test(start_paused = true)]
    async fn who_did_not_run_meanwhile_may_look_for_the_answer() {
        let started = Instant::now();
        advance(LIMIT * 3).await;
        assert_eq!(within(started, LIMIT, GRACE, sleep(GRACE / 2)).await, Some(()));
        let started = Instant::now();
        advance(LIMIT * 3).await;
        assert_eq!(within(started, LIMIT, GRACE, sleep(GRACE * 2)).await, None);
    }
}
