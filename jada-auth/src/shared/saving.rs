//! An answer that could not be stored: it is served from memory, and goes on being written.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::Inner;
use crate::{Error, Lease, State};

/// An answer of the issuer that could not be stored yet. Its lease is kept: a sibling would
/// present a refresh token that the issuer has replaced.
pub(super) struct Unsaved {
    pub(super) lease: Box<dyn Lease>,
    pub(super) state: State,
}

impl Inner {
    pub(super) async fn keep_unsaved(self: &Arc<Self>, unsaved: Unsaved, error: &Error) {
        self.vitals.unsaved(error);
        self.vitals.failed(error, self.clock.now().wall);
        tracing::error!(error = %crate::health::with_causes(error), "the token cannot be stored");
        *self.unsaved.lock().await = Some(unsaved);
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            let mut pause = FIRST_PAUSE;
            while inner.save_unsaved().await.is_err() {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        });
    }

    /// Stores what could not be stored before; nothing when there is nothing.
    pub(super) async fn save_unsaved(&self) -> Result<(), Error> {
        let mut waiting = self.unsaved.lock().await;
        let Some(unsaved) = waiting.as_mut() else { return Ok(()) };
        unsaved.lease.commit(&unsaved.state).await?;
        *waiting = None;
        self.vitals.saved();
        self.vitals.recovered();
        tracing::info!("the token is stored at last");
        Ok(())
    }

    pub(super) async fn save_at_last(&self) -> Result<(), Error> {
        let started = Instant::now();
        loop {
            match self.save_unsaved().await {
                Err(_) if started.elapsed() < AT_LAST => sleep(FIRST_PAUSE).await,
                outcome => return outcome,
            }
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long a process that ends goes on trying.
const AT_LAST: Duration = Duration::from_secs(5);
