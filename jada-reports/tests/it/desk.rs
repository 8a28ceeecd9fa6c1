//! What the tests of watched jobs share: a clock that follows Tokio's, and a list of what was told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jada_auth::{Clock, Moment};
use jada_reports::{Incident, Stage};
use jiff::Timestamp;
use tokio::time::Instant;

/// Follows Tokio's clock, which a test may pause; the wall clock can be set apart.
#[derive(Debug)]
pub(crate) struct TokioClock {
    start: Instant,
    wall: Mutex<Timestamp>,
}

impl TokioClock {
    pub(crate) fn at(wall: &str) -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), wall: Mutex::new(wall.parse().unwrap()) })
    }

    pub(crate) fn set_back(&self, by: Duration) {
        let mut wall = self.wall.lock().unwrap();
        *wall -= by;
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Moment {
        let now = Instant::now();
        Moment::new(*self.wall.lock().unwrap() + (now - self.start), now.into_std())
    }
}

/// What an alert was told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<Incident>>>);

impl Told {
    /// An alert that writes it down.
    pub(crate) fn alert(&self) -> impl Fn(&Incident) + Send + Sync + 'static {
        let told = self.clone();
        move |incident| told.0.lock().unwrap().push(incident.clone())
    }

    pub(crate) fn incidents(&self) -> Vec<Incident> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn stages(&self) -> Vec<Stage> {
        self.incidents().iter().map(|incident| incident.stage).collect()
    }
}
