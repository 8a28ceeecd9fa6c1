//! A store in memory, for one process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::OwnedMutexGuard;

use super::{Holder, Lease, Leasing, Pending, State, TokenStore};
use crate::{Error, Secret};

/// Keeps the state in this process's memory, until it ends.
///
/// For a service account, which can always mint anew, for tests, and for a grant whose issuer does
/// not rotate refresh tokens. A clone is the same store.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    lease: Arc<tokio::sync::Mutex<()>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store that holds the refresh token which consent left.
    pub fn with_refresh_token(refresh_token: impl Into<Secret>) -> Self {
        let store = Self::new();
        store.lock().refresh_token = Some(refresh_token.into());
        store
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn load(&self) -> Result<State, Error> {
        Ok(self.lock().clone())
    }

    async fn try_lease(&self) -> Result<Leasing, Error> {
        Ok(match Arc::clone(&self.lease).try_lock_owned() {
            Ok(guard) => {
                Leasing::Taken(Box::new(MemoryLease { store: self.clone(), _guard: guard }))
            }
            Err(_) => Leasing::Held(Holder::new(std::process::id(), None)),
        })
    }

    fn name(&self) -> String {
        "the memory of this process".to_owned()
    }
}

#[derive(Debug)]
struct MemoryLease {
    store: MemoryStore,
    _guard: OwnedMutexGuard<()>,
}

#[async_trait]
impl Lease for MemoryLease {
    async fn load(&mut self) -> Result<State, Error> {
        self.store.load().await
    }

    async fn prepare(&mut self, pending: Option<&Pending>) -> Result<(), Error> {
        if let Some(pending) = pending {
            self.store.lock().pending = Some(pending.clone());
        }
        Ok(())
    }

    async fn commit(&mut self, state: &State) -> Result<(), Error> {
        *self.store.lock() = state.clone();
        Ok(())
    }
}
