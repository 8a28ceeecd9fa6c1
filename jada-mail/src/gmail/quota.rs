//! What Gmail lets one account do in a minute, and the bucket that keeps to it.

use std::time::Duration;

use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

use super::method::Method;

/// What Gmail lets one account do in a minute, in
/// [its own units](https://developers.google.com/workspace/gmail/api/reference/quota): 100 for a
/// mail that is sent, 10 for a draft that is made or deleted, 5 for a list.
///
/// A call waits until there is room for it, in the order of the calls. A fifth of the units may be
/// used at once after a rest, and the others come back evenly over the minute, so no minute sees
/// more than all of them. By default these are 12,000 units a minute and 3,000 at once: 30 mails at
/// once, then two a second.
///
/// All programs that call for the account share its quota, so several of them, or a try again
/// after a failure, may overrun it all the same. Then Gmail refuses with 429, which is an
/// [`Error::Unavailable`](crate::Error::Unavailable).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    steady: u32,
    burst: u32,
    read: u32,
}

impl Quota {
    /// What a Google Cloud project has that called Gmail before May 2026: 15,000 units a minute,
    /// and a mail is read for 5.
    pub const EARLIER_PROJECT: Self = Self::per_minute(15_000);

    /// What a Google Cloud project has that was created since May 2026: 6,000 units a minute, and
    /// a mail is read for 20.
    pub const NEW_PROJECT: Self = Self { read: 20, ..Self::per_minute(6_000) };

    /// `units` a minute, at least 500; less than Gmail's for a program that leaves room to others.
    pub const fn per_minute(units: u32) -> Self {
        let units = if units < LEAST { LEAST } else { units };
        let burst = units / 5;
        Self { steady: units - burst, burst, read: 5 }
    }

    const fn cost(self, method: Method) -> u32 {
        match method {
            Method::MessagesSend | Method::DraftsSend => 100,
            Method::DraftsCreate | Method::DraftsDelete => 10,
            Method::MessagesGet => self.read,
            Method::MessagesList | Method::DraftsList | Method::DraftsGet => 5,
            Method::Profile => 1,
        }
    }

    /// How long it takes until so many units have come back.
    fn time_for(self, units: u32) -> Duration {
        MINUTE * units / self.steady
    }
}

/// [`EARLIER_PROJECT`](Self::EARLIER_PROJECT).
impl Default for Quota {
    fn default() -> Self {
        Self::EARLIER_PROJECT
    }
}

/// Hands out the units of a [`Quota`].
#[derive(Debug)]
pub(super) struct Bucket {
    quota: Quota,
    /// When no unit is missing any more. Whoever waits for units holds the lock, which tokio hands
    /// on in the order of asking.
    full_at: Mutex<Instant>,
}

impl Bucket {
    pub(super) fn new(quota: Quota) -> Self {
        Self { quota, full_at: Mutex::new(Instant::now()) }
    }

    /// Waits until there is room for `method`, and takes it. A dropped future takes nothing.
    pub(super) async fn take(&self, method: Method) {
        let mut full_at = self.full_at.lock().await;
        let cost = self.quota.time_for(self.quota.cost(method));
        let filled = (*full_at).max(Instant::now()) + cost;
        if let Some(begin) = filled.checked_sub(self.quota.time_for(self.quota.burst)) {
            sleep_until(begin).await;
        }
        *full_at = filled;
    }
}

const MINUTE: Duration = Duration::from_secs(60);
/// A fifth of it is the dearest call.
const LEAST: u32 = 500;

#[cfg(test)]
mod tests {
    use std::{sync::Arc, task::Poll};

    use super::*;

    /// When each of so many calls was let through, in milliseconds.
    async fn times(bucket: &Bucket, method: Method, calls: usize) -> Vec<u128> {
        let started = Instant::now();
        let mut times = Vec::new();
        for _ in 0..calls {
            bucket.take(method).await;
            times.push(started.elapsed().as_millis());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_sees_more_than_the_quota_and_each_sees_nearly_all_of_it() {
        for quota in [Quota::EARLIER_PROJECT, Quota::NEW_PROJECT, Quota::per_minute(0)] {
            let times = times(&Bucket::new(quota), Method::MessagesSend, 600).await;
            let calls_in_minute_from = |start: &u128| {
                times.iter().filter(|time| (*start..start + 60_000).contains(time)).count()
            };
            let most = times.iter().map(calls_in_minute_from).max().unwrap();
            let (units, all) = (u32::try_from(most).unwrap() * 100, quota.steady + quota.burst);
            assert!(units <= all && units + 100 >= all, "{units} of {all}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn thirty_mails_go_at_once_and_then_two_a_second() {
        let times = times(&Bucket::new(Quota::default()), Method::DraftsSend, 34).await;
        assert!(times[..30].iter().all(|time| *time == 0), "{times:?}");
        assert_eq!(times[30..], [500, 1_000, 1_500, 2_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_project_pays_more_for_reading() {
        let times = times(&Bucket::new(Quota::NEW_PROJECT), Method::MessagesGet, 62).await;
        assert_eq!(times[59..], [0, 250, 500]);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asked_first_goes_first_even_if_a_later_call_costs_less() {
        let bucket = Arc::new(Bucket::new(Quota::default()));
        times(&bucket, Method::MessagesSend, 30).await;
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let methods = [Method::MessagesSend, Method::Profile, Method::DraftsCreate];
        let waiting = methods.map(|method| {
            let (bucket, order) = (bucket.clone(), order.clone());
            async move {
                bucket.take(method).await;
                order.lock().unwrap().push(method);
            }
        });
        let [first, second, third] = waiting;
        tokio::join!(first, second, third);
        assert_eq!(*order.lock().unwrap(), methods);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_given_up_takes_nothing_and_holds_nobody_up() {
        let bucket = Bucket::new(Quota::default());
        times(&bucket, Method::MessagesSend, 30).await;
        {
            let mut given_up = std::pin::pin!(bucket.take(Method::MessagesSend));
            let polled =
                std::future::poll_fn(|context| Poll::Ready(given_up.as_mut().poll(context)));
            assert!(polled.await.is_pending());
        }
        assert_eq!(times(&bucket, Method::MessagesSend, 1).await, [500]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_used_comes_back_up_to_the_burst() {
        let bucket = Bucket::new(Quota::default());
        times(&bucket, Method::MessagesSend, 30).await;
        tokio::time::advance(Duration::from_secs(3_600)).await;
        let times = times(&bucket, Method::MessagesSend, 31).await;
        assert_eq!(times[29..], [0, 500]);
    }
}
