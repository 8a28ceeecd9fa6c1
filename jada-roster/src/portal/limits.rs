//! How often the portal is asked, by address and by link, in memory that does not grow.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::Clock as _;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use jada_auth::Clock;

use crate::links::limit::{NoOp, Ticking, subscriber};
use crate::portal::refusal::Refusal;
use crate::portal::visit::Visit;

/// How often the portal may be asked, each a number of requests a minute: that many at once, and
/// then one whenever its share of a minute has passed.
///
/// Each number is kept in memory, at most 65,536 of each kind; they are the process's own. The
/// addresses of an IPv6 network of 64 bits count as one, and so do all requests of unknown address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortalLimits {
    attempts_by_address: NonZeroU32,
    attempts_by_link: NonZeroU32,
    pages_by_address: NonZeroU32,
}

impl Default for PortalLimits {
    fn default() -> Self {
        Self {
            attempts_by_address: ATTEMPTS_BY_ADDRESS,
            attempts_by_link: ATTEMPTS_BY_LINK,
            pages_by_address: PAGES_BY_ADDRESS,
        }
    }
}

impl PortalLimits {
    /// The same with this many attempts a minute, by one address, to open a link; by default 30. A
    /// crew in one harbour may share an address.
    #[must_use]
    pub fn with_attempts_by_address(mut self, a_minute: NonZeroU32) -> Self {
        self.attempts_by_address = a_minute;
        self
    }

    /// The same with this many attempts a minute to open one link, from anywhere; by default 10.
    #[must_use]
    pub fn with_attempts_by_link(mut self, a_minute: NonZeroU32) -> Self {
        self.attempts_by_link = a_minute;
        self
    }

    /// The same with this many pages a minute read or saved by one address; by default 240.
    #[must_use]
    pub fn with_pages_by_address(mut self, a_minute: NonZeroU32) -> Self {
        self.pages_by_address = a_minute;
        self
    }
}

/// The limits of one portal, and what has been asked of it lately.
pub(super) struct Limits {
    attempts_by_address: Limit,
    attempts_by_link: Limit,
    pages_by_address: Limit,
}

impl Limits {
    pub(super) fn new(limits: PortalLimits, clock: &Arc<dyn Clock>) -> Self {
        Self {
            attempts_by_address: Limit::new(limits.attempts_by_address, clock),
            attempts_by_link: Limit::new(limits.attempts_by_link, clock),
            pages_by_address: Limit::new(limits.pages_by_address, clock),
        }
    }

    /// Counts an attempt to open a link.
    pub(super) fn attempt(&self, visit: &Visit, text: &str) -> Result<(), Refusal> {
        let (by_address, by_link) = (&self.attempts_by_address, &self.attempts_by_link);
        let counted = by_address.count(&visit.address.map(network));
        counted.inspect_err(|_| visit.audit("too many attempts by this address"))?;
        by_link.count(&text).inspect_err(|_| visit.audit("too many attempts to open this link"))
    }

    /// Counts a page that is read or saved.
    pub(super) fn page(&self, visit: &Visit) -> Result<(), Refusal> {
        let counted = self.pages_by_address.count(&visit.address.map(network));
        counted.inspect_err(|_| visit.audit("too many pages read by this address"))
    }
}

/// Each key counts under a number of 16 bits made of it, which nobody outside can foresee: that
/// bounds the memory, and keeps no key. Two keys share a number once in 65,536.
struct Limit {
    limiter: RateLimiter<u16, HashMapStateStore<u16>, Ticking, NoOp>,
    numbers: RandomState,
    clock: Ticking,
}

impl Limit {
    fn new(a_minute: NonZeroU32, clock: &Arc<dyn Clock>) -> Self {
        let clock = Ticking::new(Arc::clone(clock));
        let quota = Quota::per_minute(a_minute);
        let limiter = RateLimiter::new(quota, HashMapStateStore::default(), clock.clone());
        Self { limiter, numbers: RandomState::new(), clock }
    }

    fn count(&self, key: &impl Hash) -> Result<(), Refusal> {
        let [.., high, low] = self.numbers.hash_one(key).to_be_bytes();
        let counted = self.limiter.check_key(&u16::from_be_bytes([high, low]));
        counted.map_err(|not_until| Refusal::too_many(not_until.wait_time_from(self.clock.now())))
    }
}

/// What is limited together: an address, or of IPv6 what one subscriber has.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => subscriber(address).into(),
    }
}

const ATTEMPTS_BY_ADDRESS: NonZeroU32 = NonZeroU32::new(30).unwrap();
const ATTEMPTS_BY_LINK: NonZeroU32 = NonZeroU32::new(10).unwrap();
const PAGES_BY_ADDRESS: NonZeroU32 = NonZeroU32::new(240).unwrap();

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jada_auth::ManualClock;
    use jiff::Timestamp;

    use super::*;

    fn limit(a_minute: u32) -> (Limit, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let shared: Arc<dyn Clock> = clock.clone();
        (Limit::new(a_minute.try_into().unwrap(), &shared), clock)
    }

    #[test]
    fn a_key_has_its_share_and_is_told_when_it_comes_back() {
        let (limit, clock) = limit(10);
        assert_eq!((0..99).take_while(|_| limit.count(&"a").is_ok()).count(), 10);
        let refused = limit.count(&"a").unwrap_err();
        assert_eq!(refused.retry_after, Some(Duration::from_secs(6)));
        clock.advance(Duration::from_secs(6));
        assert!(limit.count(&"a").is_ok() && limit.count(&"a").is_err());
    }

    #[test]
    fn memory_is_bounded_and_strangers_hardly_touch_a_key() {
        let (limit, _clock) = limit(10);
        for stranger in 0..150_000 {
            let _ = limit.count(&stranger);
        }
        let kept = limit.limiter.len();
        assert!((50_000..=65_536).contains(&kept), "{kept}");
        let left = (0..99).take_while(|_| limit.count(&"a").is_ok()).count();
        assert!((1..=10).contains(&left), "two or three strangers share its number: {left}");
    }

    #[test]
    fn one_subscriber_of_ipv6_is_limited_as_one() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::"));
        assert_eq!(of("203.0.113.9"), "203.0.113.9");
    }
}
