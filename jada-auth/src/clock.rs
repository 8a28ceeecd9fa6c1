//! Time as the crate sees it: a wall clock and a monotonic clock, read together.

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
}

const _: Option<&dyn Clock> = None;

/// The clocks of this machine.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "named as a value, and will never hold anything")]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment::new(Timestamp::now(), Instant::now())
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
