//! The processor's time that a thread took, which on a shared machine says more than a clock.

use std::fs;
use std::time::Duration;

/// Since the thread was started: what Linux keeps of each that it schedules.
#[must_use]
pub fn cpu_time() -> Duration {
    let times = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(times.split(' ').next().unwrap().parse().unwrap())
}
