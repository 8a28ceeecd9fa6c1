//! One refresh at a time in a process: who comes while one is under way shares its outcome.

use std::sync::Arc;

use tokio::{sync::watch, time::Instant};
use tracing::Instrument;

use super::{Fetched, Inner, judge::Purpose, lock};
use crate::Error;

type Outcome = Result<Fetched, Error>;

/// The refresh that was started last, if any was.
#[derive(Default)]
pub(super) struct Flight {
    last: Option<UnderWay>,
    /// None is begun to renew a token ahead of time any more.
    closing: bool,
}

#[derive(Clone)]
struct UnderWay {
    purpose: Purpose,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Inner {
    /// Joins the refresh that is under way, or starts one.
    pub(super) async fn fly(self: &Arc<Self>, purpose: Purpose) -> Outcome {
        let started = Instant::now();
        loop {
            let Some(mut flight) = self.board(purpose, started) else {
                return Err(cut_off());
            };
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

    /// Lets no renewal begin any more, and waits for what is under way.
    pub(super) async fn land(&self) {
        lock(&self.flight).closing = true;
        while let Some(mut flight) = self.under_way() {
            // It ended either way.
            let _ = flight.outcome.wait_for(Option::is_some).await;
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        lock(&self.flight).closing
    }

    fn under_way(&self) -> Option<UnderWay> {
        lock(&self.flight).last.clone().filter(UnderWay::is_in_the_air)
    }

    /// None for a renewal that comes too late.
    fn board(self: &Arc<Self>, purpose: Purpose, started: Instant) -> Option<UnderWay> {
        let mut flight = lock(&self.flight);
        if let Some(under_way) = flight.last.as_ref().filter(|flight| flight.is_in_the_air()) {
            return Some(under_way.clone());
        }
        if purpose == Purpose::Renew && flight.closing {
            return None;
        }
        let (sender, outcome) = watch::channel(None);
        let begun = UnderWay { purpose, outcome };
        flight.last = Some(begun.clone());
        drop(flight);
        let inner = Arc::clone(self);
        let span = tracing::info_span!("token", store = %self.store.name(), ?purpose);
        let refresh =
            async move { sender.send_replace(Some(inner.transact(purpose, started).await)) };
        // A task of its own: a caller that is cancelled must not cancel a refresh.
        tokio::spawn(refresh.instrument(span));
        Some(begun)
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
