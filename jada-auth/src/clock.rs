//! Time as the crate sees it: a wall clock and a monotonic clock, read together.

#[cfg(feature = "shared")]
use std::sync::OnceLock;
use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;

/// One reading of both clocks, as a [`Clock`] produces it.
///
/// A token's life is measured on both, since each fails in its own way: the wall clock jumps when
/// it is corrected, and the monotonic clock stands still while a machine sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moment {
    /// What the wall clock shows: a UTC instant, which may jump either way.
    pub wall: Timestamp,
    /// What the monotonic clock shows: never goes back, and means nothing in another process.
    pub monotonic: Instant,
}

impl Moment {
    /// Joins the readings of both clocks, for a [`Clock`] of your own.
    pub fn new(wall: Timestamp, monotonic: Instant) -> Self {
        Self { wall, monotonic }
    }
}

/// Where the time comes from.
///
/// [`SystemClock`] is the machine's, [`ManualClock`] stands still until a test moves it.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Reads both clocks; never blocks for long and never fails.
    fn now(&self) -> Moment;

    /// Reads both clocks for the price of a few nanoseconds, at most 10 ms late. By default as
    /// exact as [`now`](Self::now), and as dear.
    #[cfg(feature = "shared")]
    fn ticks(&self) -> Ticks {
        Ticks::of(self.now())
    }
}

const _: Option<&dyn Clock> = None;

/// A cheap reading of both clocks, for the test whether a token that is at hand is still good.
#[cfg(feature = "shared")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    wall: i64,
    monotonic: i64,
}

#[cfg(feature = "shared")]
impl Ticks {
    /// The same instant, read exactly.
    pub fn of(moment: Moment) -> Self {
        static START: OnceLock<Instant> = OnceLock::new();
        let start = *START.get_or_init(Instant::now);
        let since = nanoseconds(moment.monotonic.saturating_duration_since(start));
        let before = nanoseconds(start.saturating_duration_since(moment.monotonic));
        let wall = i64::try_from(moment.wall.as_nanosecond()).unwrap_or(i64::MAX);
        Self { wall, monotonic: since - before }
    }

    /// Tells whether both clocks show less than at `end`.
    pub(crate) fn is_before(self, end: Self) -> bool {
        self.wall < end.wall && self.monotonic < end.monotonic
    }

    pub(crate) fn plus(self, time: Duration) -> Self {
        let time = nanoseconds(time);
        let (wall, monotonic) = (self.wall, self.monotonic);
        Self { wall: wall.saturating_add(time), monotonic: monotonic.saturating_add(time) }
    }

    /// How long until both clocks show `end`, by the one that is nearer to it.
    pub(crate) fn until(self, end: Self) -> Duration {
        let wall = end.wall.saturating_sub(self.wall);
        let monotonic = end.monotonic.saturating_sub(self.monotonic);
        Duration::from_nanos(wall.min(monotonic).try_into().unwrap_or(0))
    }
}

#[cfg(feature = "shared")]
fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

/// The clocks of this machine.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "named as a value, and will never hold anything")]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment::new(Timestamp::now(), Instant::now())
    }

    #[cfg(all(feature = "shared", target_os = "linux"))]
    fn ticks(&self) -> Ticks {
        use rustix::time::{ClockId, clock_gettime};
        let read = |clock| {
            let time = clock_gettime(clock);
            time.tv_sec * 1_000_000_000 + time.tv_nsec
        };
        Ticks { wall: read(ClockId::RealtimeCoarse), monotonic: read(ClockId::MonotonicCoarse) }
    }
}

/// A clock for tests that moves only when it is told to.
///
/// Share it as an `Arc`, and move it while the code under test holds it.
///
/// ```
/// use std::time::Duration;
///
/// use jada_auth::{Clock, ManualClock};
/// use jiff::Timestamp;
///
/// let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().wall.to_string(), "1970-01-01T00:01:00Z");
/// ```
#[derive(Debug)]
pub struct ManualClock(Mutex<Moment>);

impl ManualClock {
    /// Starts at `wall`, a UTC instant, and at some monotonic instant.
    pub fn new(wall: Timestamp) -> Self {
        Self(Mutex::new(Moment::new(wall, Instant::now())))
    }

    /// Moves both clocks forward, as time does.
    ///
    /// # Panics
    ///
    /// When the wall clock would pass the end of the year 9999.
    pub fn advance(&self, by: Duration) {
        let mut now = self.lock();
        *now = Moment::new(now.wall + by, now.monotonic + by);
    }

    /// Moves the wall clock alone, either way: a correction, or a machine that slept.
    pub fn set_wall(&self, wall: Timestamp) {
        self.lock().wall = wall;
    }

    fn lock(&self) -> MutexGuard<'_, Moment> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        *self.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_clock_stands_still_until_it_is_advanced() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let before = clock.now();
        assert_eq!(clock.now(), before);

        clock.advance(Duration::from_secs(90));
        let after = clock.now();
        assert_eq!(after.wall.as_second(), 90);
        assert_eq!(after.monotonic - before.monotonic, Duration::from_secs(90));
    }

    #[test]
    fn setting_the_wall_clock_back_leaves_the_monotonic_clock_alone() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let before = clock.now();
        clock.set_wall(Timestamp::MIN);
        assert_eq!(clock.now(), Moment::new(Timestamp::MIN, before.monotonic));
    }

    #[test]
    fn ticks_follow_both_clocks() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let end = clock.ticks().plus(Duration::from_secs(10));
        assert!(clock.ticks().is_before(end));
        assert_eq!(clock.ticks().until(end), Duration::from_secs(10));
        clock.advance(Duration::from_secs(4));
        assert_eq!(clock.ticks().until(end), Duration::from_secs(6));
        clock.set_wall(Timestamp::UNIX_EPOCH + Duration::from_secs(10));
        assert!(!clock.ticks().is_before(end));
        clock.set_wall(Timestamp::UNIX_EPOCH);
        assert!(clock.ticks().is_before(end));
        clock.advance(Duration::from_secs(6));
        assert!(!clock.ticks().is_before(end));
        assert_eq!(clock.ticks().until(end), Duration::ZERO);
    }

    #[test]
    fn the_ticks_of_this_machine_are_its_clocks() {
        let (before, ticks) = (SystemClock.now(), SystemClock.ticks());
        let late =
            Duration::from_nanos(before.wall.as_nanosecond().abs_diff(ticks.wall.into()) as u64);
        assert!(late < Duration::from_secs(1), "{late:?}");
        let end = ticks.plus(Duration::from_secs(60));
        assert!(SystemClock.ticks().is_before(end));
    }

    #[test]
    fn a_panic_in_advance_leaves_the_clock_usable() {
        let clock = ManualClock::new(Timestamp::MAX);
        let before = clock.now();
        std::thread::scope(|scope| {
            let overflow = scope.spawn(|| clock.advance(Duration::from_secs(1)));
            assert!(overflow.join().is_err());
        });
        assert_eq!(clock.now(), before);
    }

    #[test]
    fn system_clock_reads_the_time_of_this_machine() {
        let (wall, monotonic) = (Timestamp::now(), Instant::now());
        let now = SystemClock.now();
        assert!(now.monotonic >= monotonic);
        assert!(now.wall.duration_since(wall).abs().as_secs() < 3600);
    }
}
