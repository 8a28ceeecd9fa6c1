//! What a provider knows of itself: counts, health, and whom to tell when it changes.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

use super::lock;
use crate::{Error, Health, HealthStatus, Moment, store::CLOCK_TOLERANCE};

/// Hears once of each change of a provider's status; a closure will do.
///
/// It is called in the task of the refresh, so it should hand over and return.
pub trait Alert: Send + Sync {
    /// The status was `before` and is that of `now`.
    fn status_changed(&self, before: HealthStatus, now: &Health);
}

impl<F: Fn(HealthStatus, &Health) + Send + Sync> Alert for F {
    fn status_changed(&self, before: HealthStatus, now: &Health) {
        self(before, now);
    }
}

/// How often what happened in one provider of one process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Requests that the issuer was sent, or was to be sent.
    pub requests: u64,
    /// Tokens that the issuer minted for it.
    pub refreshed: u64,
    /// Tokens that it took over from the store.
    pub adopted: u64,
    /// Refreshes that waited for a sibling's.
    pub waits: u64,
    /// Failures that heal by themselves.
    pub transient_failures: u64,
    /// Failures that a human has to mend.
    pub lasting_failures: u64,
    /// Tokens that a server rejected with 401.
    pub rejections: u64,
    /// Attempts to store an answer that failed.
    pub failed_writes: u64,
}

pub(super) struct Vitals {
    alert: Option<Box<dyn Alert>>,
    state: Mutex<Condition>,
    requests: AtomicU64,
    refreshed: AtomicU64,
    adopted: AtomicU64,
    waits: AtomicU64,
    transient_failures: AtomicU64,
    lasting_failures: AtomicU64,
    rejections: AtomicU64,
    failed_writes: AtomicU64,
}

#[derive(Default)]
struct Condition {
    failing: Option<Health>,
    /// Why the last answer is in memory alone.
    unsaved: Option<String>,
    place: Option<String>,
    skew: Option<Skew>,
}

/// By how much this machine's clock is off, as the issuer sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skew {
    by: Duration,
    ahead: bool,
}

impl Vitals {
    pub(super) fn new(alert: Option<Box<dyn Alert>>) -> Self {
        Self {
            alert,
            state: Mutex::default(),
            requests: AtomicU64::new(0),
            refreshed: AtomicU64::new(0),
            adopted: AtomicU64::new(0),
            waits: AtomicU64::new(0),
            transient_failures: AtomicU64::new(0),
            lasting_failures: AtomicU64::new(0),
            rejections: AtomicU64::new(0),
            failed_writes: AtomicU64::new(0),
        }
    }

    pub(super) fn health(&self, expires_at: Option<Timestamp>) -> Health {
        let state = lock(&self.state);
        let mut health = state.failing.clone().unwrap_or_else(Health::good);
        health.expires_at = expires_at;
        health.warnings = state.warnings();
        health
    }

    pub(super) fn counters(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            requests: read(&self.requests),
            refreshed: read(&self.refreshed),
            adopted: read(&self.adopted),
            waits: read(&self.waits),
            transient_failures: read(&self.transient_failures),
            lasting_failures: read(&self.lasting_failures),
            rejections: read(&self.rejections),
            failed_writes: read(&self.failed_writes),
        }
    }

    pub(super) fn requested(&self) {
        count(&self.requests);
    }

    pub(super) fn refreshed(&self) {
        count(&self.refreshed);
    }

    pub(super) fn adopted(&self) {
        count(&self.adopted);
        self.recovered();
    }

    pub(super) fn waited(&self) {
        count(&self.waits);
    }

    pub(super) fn rejected(&self) {
        count(&self.rejections);
    }

    /// A failure that is tried again at once; the status is what comes of that.
    pub(super) fn stumbled(&self) {
        count(&self.transient_failures);
    }

    pub(super) fn failed(&self, error: &Error, now: Timestamp) {
        let transient = error.is_transient();
        count(if transient { &self.transient_failures } else { &self.lasting_failures });
        self.change(|state| {
            let mut health = Health::failing(error, now);
            if let (Some(before), Some(failure)) = (&state.failing, &mut health.failure) {
                // It goes on failing since it began to.
                let began = before.failure.as_ref().map(|failure| failure.since);
                if before.status == health.status {
                    failure.since = began.unwrap_or(now);
                }
            }
            state.failing = Some(health);
        });
    }

    pub(super) fn recovered(&self) {
        self.change(|state| state.failing = None);
    }

    pub(super) fn unsaved(&self, error: &Error) {
        count(&self.failed_writes);
        let why = crate::health::with_causes(error);
        lock(&self.state).unsaved =
            Some(format!("what the issuer answered is in memory alone: {why}"));
    }

    pub(super) fn saved(&self) {
        lock(&self.state).unsaved = None;
    }

    pub(super) fn place_is(&self, warning: Option<String>) {
        lock(&self.state).place = warning;
    }

    /// Compares the issuer's clock with this machine's, which read these when it asked and was
    /// answered.
    pub(super) fn issuer_showed(&self, time: Option<Timestamp>, from: Moment, to: Moment) {
        let Some(time) = time else { return };
        let off = |ahead, by| Duration::try_from(by).ok().map(|by| Skew { by, ahead });
        let ahead = off(true, time.duration_until(from.wall));
        let behind = off(false, to.wall.duration_until(time));
        let skew = ahead.or(behind).filter(|skew| skew.by > CLOCK_TOLERANCE);
        lock(&self.state).skew = skew;
    }

    /// Tells who wants to know, if it is another status than before.
    fn change(&self, change: impl FnOnce(&mut Condition)) {
        let (before, now) = {
            let mut state = lock(&self.state);
            let before = state.status();
            change(&mut state);
            if before == state.status() {
                return;
            }
            let mut health = state.failing.clone().unwrap_or_else(Health::good);
            health.warnings = state.warnings();
            (before, health)
        };
        tracing::info!(?before, now = ?now.status, "the provider's status changed");
        if let Some(alert) = &self.alert {
            alert.status_changed(before, &now);
        }
    }
}

impl Condition {
    fn status(&self) -> HealthStatus {
        self.failing.as_ref().map_or(HealthStatus::Good, |health| health.status)
    }

    fn warnings(&self) -> Vec<String> {
        let skew = self.skew.map(|Skew { by, ahead }| {
            let direction = if ahead { "ahead of" } else { "behind" };
            format!("this machine's clock is {} s {direction} the issuer's", by.as_secs())
        });
        [self.unsaved.clone(), self.place.clone(), skew].into_iter().flatten().collect()
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
