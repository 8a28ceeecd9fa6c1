//! Following a stream until it is time to stop.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tracing::warn;

use crate::dynamo::streams::CharterChanges;
use crate::dynamo::streams::change::Changes;
use crate::dynamo::streams::source::TARGET;
use crate::error::Error;

impl CharterChanges {
    /// Polls again and again, without a pause while there are changes, until `stop` is done; then it
    /// ends the round that it is in and gives up the leases. What fails for now is tried again.
    ///
    /// Whoever does other things between the rounds calls [`poll`](Self::poll).
    ///
    /// # Errors
    /// As [`poll`](Self::poll), for what does not heal by itself. The leases are given up then too.
    pub async fn run<F, Fut>(
        &mut self,
        mut handler: F,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Error>
    where
        F: FnMut(Changes) -> Fut,
        Fut: Future<Output = Result<(), Error>>,
    {
        let mut stop = pin!(stop);
        let ended = loop {
            let pause = match self.poll(&mut handler).await {
                Ok(polled) if polled.charters > 0 => Duration::ZERO,
                Ok(_) => self.pause,
                Err(error) if error.is_transient() => {
                    warn!(target: TARGET, table = self.source.table, %error, "trying again");
                    self.pause.max(error.retry_after().unwrap_or_default())
                }
                Err(error) => break Err(error),
            };
            let pause = pin!(tokio::time::sleep(pause));
            if let Either::Left(_) = select(stop.as_mut(), pause).await {
                break Ok(());
            }
        };
        ended.and(self.release().await)
    }
}
