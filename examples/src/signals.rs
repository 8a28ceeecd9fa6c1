//! Signals end an example in order, instead of cutting off what it is at.

use std::future::Future;

use tokio::{
    select,
    signal::unix::{SignalKind, signal},
};

/// Does `work` until it is done, or until Ctrl-C, SIGTERM or SIGHUP. What it had begun in tasks of
/// their own, such as a refresh, can be brought to its end afterwards.
///
/// # Errors
/// Those of `work`, and [`Stopped`].
pub async fn unless_stopped<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let signal = stop_signal()?;
    select! {
        done = work => done,
        () = signal => Err(Stopped.into()),
    }
}

/// The next Ctrl-C, SIGTERM or SIGHUP; from here on none of them ends the process by itself.
pub(crate) fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}

/// A signal ended it before it was done; what was under way is safe.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "it says all there is")]
pub struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped by a signal; nothing is lost, run it again")
    }
}

impl std::error::Error for Stopped {}
