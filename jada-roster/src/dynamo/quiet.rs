//! Requests of which nothing is logged.

use std::future::Future;
use std::sync::LazyLock;

use tracing::instrument::WithSubscriber;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// Lets a request run where no subscriber hears of it: at `TRACE` the SDK logs whole answers, and
/// what it pleases of requests. They hold what charters earn, digests, and of older tools the texts of
/// links themselves.
pub(super) fn quietly<T>(request: impl Future<Output = T>) -> impl Future<Output = T> {
    request.with_subscriber(DEAF.clone())
}

/// Hears nothing.
///
/// `Dispatch::none()` does neither, but is not registered: what the SDK logs for the first time
/// under it would be taken as wanted by nobody, and be silent for all requests from then on.
struct Deaf;

impl Subscriber for Deaf {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::never()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::OFF)
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

static DEAF: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Deaf));
