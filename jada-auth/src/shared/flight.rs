//! One refresh at a time in a process: who comes while one is under way shares its outcome.

use std::sync::Arc;

use tokio::sync::watch;
use tracing::Instrument;

use super::{Fetched, Inner, judge::Purpose, lock};
use crate::Error;

type Outcome = Result<Fetched, Error>;

/// The refresh that was started last, if any was.
#[derive(Default)]
pub(super) struct Flight(Option<UnderWay>);

#[derive(Clone)]
struct UnderWay {
    purpose: Purpose,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Inner {
    /// Joins the refresh that is under way, or starts one.
    pub(super) async fn fly(self: &Arc<Self>, purpose: Purpose) -> Outcome {
        loop {
            let mut flight = self.board(purpose);
            let landed = flight.outcome.wait_for(Option::is_some).await;
            let outcome = landed.ok().and_then(|outcome| outcome.clone());
            let outcome = outcome.unwrap_or_else(|| Err(cut_off()));
            // A probe asks itself, and one who would have waited does not fail with one who not.
            let shared = flight.purpose == purpose || purpose != Purpose::Probe && outcome.is_ok();
            if shared {
                return outcome;
            }
        }
    }

    /// Waits for the refresh that is under way, if one is.
    pub(super) async fn land(&self) {
        let under_way = lock(&self.flight).0.clone();
        if let Some(mut flight) = under_way {
            // It ended either way.
            let _ = flight.outcome.wait_for(Option::is_some).await;
        }
    }

    fn board(self: &Arc<Self>, purpose: Purpose) -> UnderWay {
        let mut flight = lock(&self.flight);
        if let Some(under_way) = flight.0.as_ref().filter(|flight| flight.is_in_the_air()) {
            return under_way.clone();
        }
        let (sender, outcome) = watch::channel(None);
        let started = UnderWay { purpose, outcome };
        flight.0 = Some(started.clone());
        drop(flight);
        let inner = Arc::clone(self);
        let span = tracing::info_span!("token", store = %self.store.name(), ?purpose);
        let refresh = async move { sender.send_replace(Some(inner.transact(purpose).await)) };
        // A task of its own: a caller that is cancelled must not cancel a refresh.
        tokio::spawn(refresh.instrument(span));
        started
    }
}

impl UnderWay {
    fn is_in_the_air(&self) -> bool {
        self.outcome.borrow().is_none() && self.outcome.has_changed().is_ok()
    }
}

fn cut_off() -> Error {
    Error::Transient {
        action: "a refresh that was cut off by the end of its runtime".to_owned(),
        retry_after: None,
        source: None,
    }
}
