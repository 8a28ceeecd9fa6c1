//! How often a text may be tried that is short enough to be guessed.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};
use jada_auth::Clock;

use crate::error::Error;

/// How many texts may be tried a minute where they are short or of an older tool: 10 from one
/// source and 300 from all together, unless said otherwise.
///
/// Every attempt counts, the successful ones too: what a limit has to bound is the number of
/// guesses, and a member opens a link now and then and holds a session in between. As many as a
/// minute allows may come at once; after that they come back evenly.
///
/// What the default means for a compact link of 8 letters (42 bit): all attackers together make 158
/// million guesses a year, so that while 100 such links are open one is hit once in 220 years; with
/// 12 letters (65 bit) once in 3 billion. Each process counts for itself, so that of n processes the
/// guesses are n times as many. A source is an address as it was presented; of IPv6 the first 64
/// bit, which are what one subscriber has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptLimit {
    per_source: NonZeroU32,
    overall: NonZeroU32,
}

impl AttemptLimit {
    /// A limit of attempts a minute: from one source, and from all together.
    #[must_use]
    pub fn per_minute(per_source: NonZeroU32, overall: NonZeroU32) -> Self {
        Self { per_source, overall }
    }
}

impl Default for AttemptLimit {
    fn default() -> Self {
        Self { per_source: PER_SOURCE, overall: OVERALL }
    }
}

/// A limit at work.
pub(crate) struct Limiter {
    limit: AttemptLimit,
    by_source: RateLimiter<Source, HashMapStateStore<Source>, Ticking, NoOp>,
    overall: RateLimiter<NotKeyed, InMemoryState, Ticking, NoOp>,
    clock: Ticking,
}

impl Limiter {
    pub(crate) fn new(limit: AttemptLimit, clock: Arc<dyn Clock>) -> Self {
        let clock = Ticking::new(clock);
        let (by_source, overall) =
            (Quota::per_minute(limit.per_source), Quota::per_minute(limit.overall));
        let sources = HashMapStateStore::new(HashMap::default());
        Self {
            limit,
            by_source: RateLimiter::new(by_source, sources, clock.clone()),
            overall: RateLimiter::new(overall, InMemoryState::default(), clock.clone()),
            clock,
        }
    }

    /// The same limit with nothing counted yet, by another clock.
    pub(crate) fn with_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self::new(self.limit, clock)
    }

    /// Counts an attempt. The source's own share comes first, so that nobody alone uses up what is
    /// there for all.
    pub(crate) fn check(&self, source: Option<&str>) -> Result<(), Error> {
        let source = self.known(Source::of(source));
        self.by_source.check_key(&source).map_err(|until| self.too_many(&until))?;
        self.overall.check().map_err(|until| self.too_many(&until))
    }

    /// While there are very many sources, those to come share what one has: memory is bounded.
    fn known(&self, source: Source) -> Source {
        if self.by_source.len() < MOST_SOURCES {
            return source;
        }
        self.by_source.retain_recent();
        if self.by_source.len() < MOST_SOURCES { source } else { Source::Unknown }
    }

    fn too_many(&self, until: &NotUntil<Duration>) -> Error {
        let now = governor::clock::Clock::now(&self.clock);
        Error::TooManyAttempts { retry_after: until.wait_time_from(now) }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("sources", &self.by_source.len()).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Source {
    Address(IpAddr),
    Named(String),
    Unknown,
}

impl Source {
    fn of(source: Option<&str>) -> Self {
        let Some(source) = source else {
            return Self::Unknown;
        };
        match source.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V6(address)) => Self::Address(IpAddr::V6(subscriber(address))),
            Ok(address) => Self::Address(address),
            Err(_) => Self::Named(source.chars().take(LONGEST_NAME).collect()),
        }
    }
}

pub(crate) fn subscriber(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))
}

/// Our clock as governor reads it: time since the limiter was built.
#[derive(Clone)]
pub(crate) struct Ticking {
    clock: Arc<dyn Clock>,
    start: Instant,
}

impl Ticking {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { start: clock.now().monotonic, clock }
    }
}

impl governor::clock::Clock for Ticking {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.clock.now().monotonic.saturating_duration_since(self.start)
    }
}

pub(crate) type NoOp = NoOpMiddleware<Duration>;

const PER_SOURCE: NonZeroU32 = NonZeroU32::new(10).unwrap();
const OVERALL: NonZeroU32 = NonZeroU32::new(300).unwrap();
const MOST_SOURCES: usize = 4_096;
const LONGEST_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use jada_auth::ManualClock;
    use jiff::Timestamp;

    use super::*;

    fn limiter(per_source: u32, overall: u32) -> (Limiter, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let limit =
            AttemptLimit::per_minute(per_source.try_into().unwrap(), overall.try_into().unwrap());
        (Limiter::new(limit, clock.clone()), clock)
    }

    fn allowed(limiter: &Limiter, source: Option<&str>) -> usize {
        (0..1_000).take_while(|_| limiter.check(source).is_ok()).count()
    }

    #[test]
    fn a_source_has_its_share_and_gets_it_back_with_time() {
        let (limiter, clock) = limiter(10, 300);
        assert_eq!(allowed(&limiter, Some("203.0.113.9")), 10);
        let refused = limiter.check(Some("203.0.113.9")).unwrap_err();
        assert_eq!(refused.retry_after(), Some(Duration::from_secs(6)));
        clock.advance(Duration::from_secs(6));
        assert_eq!(allowed(&limiter, Some("203.0.113.9")), 1);
        assert_eq!(allowed(&limiter, Some("203.0.113.10")), 10);
        assert_eq!(allowed(&limiter, None), 10, "attempts from nowhere are limited together");
    }

    #[test]
    fn all_sources_together_are_limited() {
        let (limiter, _clock) = limiter(10, 25);
        let all = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"];
        let allowed = all.map(|source| allowed(&limiter, Some(source)));
        assert_eq!(allowed, [10, 10, 5, 0]);
    }

    #[test]
    fn one_source_does_not_use_up_what_is_there_for_all() {
        let (limiter, _clock) = limiter(10, 25);
        for _ in 0..1_000 {
            let _ = limiter.check(Some("203.0.113.1"));
        }
        assert_eq!(allowed(&limiter, Some("203.0.113.2")), 10);
    }

    #[test]
    fn one_subscriber_of_ipv6_is_one_source() {
        let (limiter, _clock) = limiter(10, 300);
        assert_eq!(allowed(&limiter, Some("2001:db8:0:7::1")), 10);
        assert_eq!(allowed(&limiter, Some("2001:db8:0:7:ffff::2")), 0);
        assert_eq!(allowed(&limiter, Some("2001:db8:0:8::1")), 10);
        assert_eq!(allowed(&limiter, Some("203.0.113.9")), 10);
        assert_eq!(allowed(&limiter, Some("::ffff:203.0.113.9")), 0, "the same in another dress");
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let (limiter, clock) = limiter(1, u32::MAX);
        let flood = |from: usize| {
            (from..from + 6_000).filter(|n| limiter.check(Some(&format!("s-{n}"))).is_ok()).count()
        };
        assert_eq!(flood(0), MOST_SOURCES + 1, "the rest shares what one has");
        assert!(limiter.by_source.len() <= MOST_SOURCES + 1);
        clock.advance(Duration::from_secs(120));
        assert_eq!(flood(100_000), MOST_SOURCES + 1, "what is idle was dropped");
        assert!(limiter.by_source.len() <= MOST_SOURCES + 1);
    }
}
