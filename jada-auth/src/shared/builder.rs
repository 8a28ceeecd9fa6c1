//! How a shared provider is put together.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwapOption;

use super::{Alert, Inner, SharedProvider, flight::Flight, vitals::Vitals};
use crate::{Clock, Scopes, SystemClock, TokenSource, TokenStore, error::CONSENT_COMMAND};

/// On its way to a [`SharedProvider`]; see [`SharedProvider::builder`].
#[must_use]
pub struct SharedProviderBuilder {
    source: Arc<dyn TokenSource>,
    store: Arc<dyn TokenStore>,
    scopes: Scopes,
    clock: Arc<dyn Clock>,
    consent_command: String,
    alert: Option<Box<dyn Alert>>,
}

impl SharedProviderBuilder {
    pub(super) fn new(
        source: Arc<dyn TokenSource>,
        store: Arc<dyn TokenStore>,
        scopes: Scopes,
    ) -> Self {
        Self {
            source,
            store,
            scopes,
            clock: Arc::new(SystemClock),
            consent_command: CONSENT_COMMAND.to_owned(),
            alert: None,
        }
    }

    /// Judges lives and pauses by `clock`; by default [`SystemClock`].
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The command that errors name when a human has to consent; by default `reauth`.
    pub fn consent_command(mut self, command: impl Into<String>) -> Self {
        self.consent_command = command.into();
        self
    }

    /// Whom to call once each time the provider's status changes.
    pub fn alert(mut self, alert: impl Alert + 'static) -> Self {
        self.alert = Some(Box::new(alert));
        self
    }

    /// Puts the provider together; does nothing else.
    pub fn build(self) -> SharedProvider {
        SharedProvider(Arc::new(Inner {
            source: self.source,
            store: self.store,
            scopes: self.scopes,
            clock: self.clock,
            consent_command: self.consent_command,
            current: ArcSwapOption::empty(),
            rejected: Mutex::new(VecDeque::new()),
            flight: Mutex::new(Flight::default()),
            unsaved: tokio::sync::Mutex::new(None),
            vitals: Vitals::new(self.alert),
            place: tokio::sync::OnceCell::new(),
        }))
    }
}

impl fmt::Debug for SharedProviderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedProviderBuilder")
            .field("source", &self.source)
            .field("store", &self.store)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
