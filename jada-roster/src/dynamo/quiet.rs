//! Requests of which nothing is logged.

use std::future::Future;

use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

/// Lets a request run where no subscriber hears of it: at `TRACE` the SDK logs whole answers, and
/// what it pleases of requests. They hold digests, and of older tools the texts of links themselves.
pub(super) fn quietly<T>(request: impl Future<Output = T>) -> impl Future<Output = T> {
    request.with_subscriber(Dispatch::none())
}
