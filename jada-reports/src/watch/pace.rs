//! When the next run is due.

use std::time::Duration;

use jiff::Timestamp;

use super::time_of_day::TimeOfDay;
use crate::failure::Failure;

/// How often a job is to run, and how soon again after a failure.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    pub(crate) interval: Duration,
    pub(crate) backoff: Duration,
    /// When on its day a run is due, if that was said.
    pub(crate) at: Option<TimeOfDay>,
}

impl Pace {
    /// When the next run begins, after one that ended this way and `failures` bad ones before it.
    pub(super) fn next(
        &self,
        failure: Option<&Failure>,
        failures: u64,
        began: Timestamp,
        now: Timestamp,
    ) -> Timestamp {
        match failure {
            None => self.after_success(began, now),
            Some(failure) => self.after(failure, failures.saturating_add(1), began, now),
        }
    }

    /// An interval after the last beginning, but for jitter, which keeps jobs of one kind apart.
    fn after_success(&self, began: Timestamp, now: Timestamp) -> Timestamp {
        if let Some(at) = &self.at {
            return at.next(began, self.interval).max(now);
        }
        let interval = self.interval.mul_f64(1.0 - JITTER + 2.0 * JITTER * fastrand::f64());
        // A clock that was set back meanwhile puts nothing off.
        later(began, interval).clamp(now, later(now, interval))
    }

    /// Soon where time heals it, and not before the other side wants; else when it would be due,
    /// so that what a person mends is found without a restart.
    fn after(
        &self,
        failure: &Failure,
        failures: u64,
        began: Timestamp,
        now: Timestamp,
    ) -> Timestamp {
        if !failure.is_transient() {
            return self.after_success(began, now);
        }
        let asked = failure.retry_after.unwrap_or_default().min(LONGEST_WAIT);
        let soon = later(now, self.pause(failures));
        let due = self.at.as_ref().map_or(Timestamp::MAX, |at| at.after(now));
        soon.min(due).max(later(now, asked))
    }

    /// Doubles with each failure up to the interval; half of it is at random.
    pub(crate) fn pause(&self, failures: u64) -> Duration {
        let doublings = u32::try_from(failures.saturating_sub(1).min(30)).unwrap_or(30);
        let longest = self.backoff.saturating_mul(2_u32.saturating_pow(doublings));
        let longest = longest.min(self.interval);
        longest / 2 + (longest / 2).mul_f64(fastrand::f64())
    }
}

pub(crate) fn later(from: Timestamp, by: Duration) -> Timestamp {
    from.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// 5 % of the interval, either way.
const JITTER: f64 = 0.05;

/// No `Retry-After` is heeded for longer than a day.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests {
    use jiff::civil::Time;
    use jiff::tz::TimeZone;

    use super::*;

    const PACE: Pace =
        Pace { interval: Duration::from_secs(1800), backoff: Duration::from_secs(30), at: None };
    const START: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_good_run_is_followed_by_one_an_interval_later_but_for_jitter() {
        for _ in 0..1_000 {
            let next = PACE.after_success(START, START).as_second();
            assert!((1_710..=1_890).contains(&next), "{next}");
        }
        let long = later(START, Duration::from_secs(4_000));
        assert_eq!(PACE.after_success(START, long), long, "after a long run at once");
        let next = PACE.after_success(long, START).as_second();
        assert!((1_710..=1_890).contains(&next), "after a clock that was set back: {next}");
    }

    #[test]
    fn what_heals_by_itself_is_tried_soon_and_then_ever_later() {
        let failure = Failure::transient("no route");
        for (failures, seconds) in [(1, 15..=30), (2, 30..=60), (5, 240..=480), (99, 900..=1_800)] {
            for _ in 0..200 {
                let next = PACE.after(&failure, failures, START, START).as_second();
                assert!(seconds.contains(&next), "{failures}: {next}");
            }
        }
    }

    #[test]
    fn a_retry_after_is_heeded_for_a_day_at_most() {
        let of = |seconds| {
            let wait = Duration::from_secs(seconds);
            let failure = Failure::transient("busy").with_retry_after(wait);
            PACE.after(&failure, 1, START, START).as_second()
        };
        assert_eq!(of(7_200), 7_200);
        assert_eq!(of(1_000_000), 86_400);
    }

    #[test]
    fn what_a_person_has_to_mend_is_looked_at_each_interval() {
        let failure = Failure::needs_person("no such tab");
        let next = PACE.after(&failure, 36, START, START).as_second();
        assert!((1_710..=1_890).contains(&next), "{next}");
    }

    #[test]
    fn at_a_time_of_day_there_is_no_jitter_and_no_pause_beyond_it() {
        let at = TimeOfDay { time: Time::constant(6, 0, 0, 0), zone: TimeZone::UTC };
        let (day, backoff) = (Duration::from_secs(86_400), Duration::from_secs(7_200));
        let pace = Pace { interval: day, backoff, at: Some(at) };
        let at = |hour: i64| Timestamp::from_second(hour * 3_600).unwrap();
        assert_eq!(pace.after_success(at(6), at(7)), at(30));
        assert_eq!(pace.after_success(at(6), at(40)), at(40), "after a long run at once");
        let failure = Failure::transient("no route");
        for _ in 0..200 {
            assert!(pace.after(&failure, 9, at(6), at(29)) <= at(30));
        }
        let asked = failure.with_retry_after(Duration::from_secs(7_200));
        assert!(pace.after(&asked, 1, at(6), at(29)) >= at(31));
    }
}
