//! The provider that every process of a host shares one token by.

mod asking;
mod builder;
mod diagnose;
mod flight;
mod judge;
mod keep_fresh;
mod marks;
mod saving;
mod transaction;
mod vitals;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use async_trait::async_trait;

pub use self::{
    builder::SharedProviderBuilder,
    keep_fresh::KeepFresh,
    vitals::{Alert, Counters},
};
use self::{flight::Flight, judge::Purpose, saving::Unsaved, vitals::Vitals};
use crate::{
    AccessToken, Clock, Error, Health, Scopes, Ticks, TokenProvider, TokenSource, TokenStore,
};

/// Hands out one token to every task, process and program that uses the same store, and asks the
/// issuer once each time it has to be renewed.
///
/// [`cached`](TokenProvider::cached) is one atomic load. [`token`](TokenProvider::token) hands out
/// a token that has at least a minute of life left, and renews it in line otherwise, by one
/// transaction: look whether a sibling already did, take the store's lease, look again, make sure
/// that the answer will find room, mark that a refresh begins, ask, store the answer durably, and
/// only then hand it out. The transaction is a task of its own, so a caller who gives up half way
/// loses nothing. Nothing refreshes behind a process's back unless it calls
/// [`keep_fresh`](Self::keep_fresh).
///
/// - A failure that heals by itself is tried again with back-off, for 25 s at most, and all
///   siblings heed the pause. While an older token lives it is served instead.
/// - A grant that the issuer called dead is not presented again by any process. New consent is
///   found in the store, and heals all of them without a restart.
/// - A token that a server rejected with 401 is replaced once, however many callers report it.
///
/// It needs a Tokio runtime with time enabled. A clone is the same provider.
///
/// ```
/// use jada_auth::{
///     MemoryStore, MintFailure, MintRequest, Minted, OAuthClient, Principal, SharedProvider,
///     TokenProvider, TokenSource,
/// };
///
/// /// An issuer in this process; `RefreshToken` and `ServiceAccount` of feature `http` are real.
/// #[derive(Debug)]
/// struct Issuer;
///
/// #[async_trait::async_trait]
/// impl TokenSource for Issuer {
///     fn principal(&self) -> Principal {
///         Principal::AuthorizedUser(OAuthClient::new("charter", "http://127.0.0.1:1/token"))
///     }
///
///     async fn mint(&self, _: MintRequest<'_>) -> Result<Minted, MintFailure> {
///         let mut minted = Minted::new("not-a-real-token");
///         minted.expires_in = Some(std::time::Duration::from_secs(3600));
///         Ok(minted)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), jada_auth::Error> {
/// let store = MemoryStore::with_refresh_token("not-a-real-refresh-token");
/// let provider = SharedProvider::builder(Issuer, store, "mail drive".parse()?).build();
/// assert!(provider.token(&"mail".parse()?).await?.authorization().is_sensitive());
/// assert!(provider.cached(&"drive".parse()?).is_some());
/// provider.shutdown().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SharedProvider(Arc<Inner>);

/// A token and how it was come by; see [`SharedProvider::fetch`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fetched {
    /// The token.
    pub token: AccessToken,
    /// How it was come by.
    pub origin: Origin,
}

/// How a token was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// This provider had it.
    Memory,
    /// The store had it.
    Disk,
    /// A sibling refreshed it when this provider was about to.
    Sibling,
    /// This provider asked the issuer.
    Refreshed,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Sibling => "sibling",
            Self::Refreshed => "refreshed",
        })
    }
}

struct Inner {
    source: Arc<dyn TokenSource>,
    store: Arc<dyn TokenStore>,
    scopes: Scopes,
    clock: Arc<dyn Clock>,
    consent_command: String,
    current: ArcSwapOption<Current>,
    rejected: Mutex<VecDeque<AccessToken>>,
    flight: Mutex<Flight>,
    unsaved: tokio::sync::Mutex<Option<Unsaved>>,
    vitals: Vitals,
    place: tokio::sync::OnceCell<()>,
}

/// The token that is handed out, and until when without a question.
struct Current {
    token: AccessToken,
    /// Everything that the provider was built for was granted.
    covers_all: bool,
    /// A minute before its end.
    served_until: Ticks,
    /// When `keep_fresh` renews it.
    renewed_from: Ticks,
}

impl SharedProvider {
    /// Starts building a provider that asks `source` and keeps its tokens in `store`.
    ///
    /// A key's tokens are minted with these `scopes`. A refresh token's carry whatever was
    /// consented to, and these where the issuer does not say; none may be given.
    pub fn builder(
        source: impl TokenSource,
        store: impl TokenStore,
        scopes: Scopes,
    ) -> SharedProviderBuilder {
        SharedProviderBuilder::new(Arc::new(source), Arc::new(store), scopes)
    }

    /// As [`TokenProvider::token`], and tells how the token was come by.
    ///
    /// # Errors
    ///
    /// As [`TokenProvider::token`].
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub async fn fetch(&self, scopes: &Scopes) -> Result<Fetched, Error> {
        if let Some(token) = self.cached(scopes) {
            return Ok(Fetched { token, origin: Origin::Memory });
        }
        for _ in 0..ROUNDS {
            let fetched = self.0.fly(Purpose::Serve).await?;
            let over = !fetched.token.is_good_at(self.0.clock.now());
            if over || self.0.is_rejected(&fetched.token) {
                // It was rejected, or ended, after this refresh had begun.
                continue;
            }
            if !scopes.is_subset(fetched.token.scopes()) {
                let missing = scopes.missing_from(fetched.token.scopes());
                return Err(Error::ScopesMissing { missing });
            }
            return Ok(fetched);
        }
        Err(Error::Transient {
            action: "getting a token that is not rejected at once".to_owned(),
            retry_after: None,
            source: None,
        })
    }

    /// Asks the issuer now, whatever is known: whether the token is good, the grant is dead, or
    /// the issuer wanted to be left alone. For a human who mended something and wants to see it.
    ///
    /// # Errors
    ///
    /// As [`TokenProvider::token`], but for [`Error::ScopesMissing`].
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub async fn refresh(&self) -> Result<AccessToken, Error> {
        Ok(self.0.fly(Purpose::Probe).await?.token)
    }

    /// Renews the token when 75 to 90 % of its life are over, until the guard is dropped, so that
    /// no caller waits for a refresh. Of all the processes that do so, one asks each time.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn keep_fresh(&self) -> KeepFresh {
        KeepFresh::start(Arc::clone(&self.0))
    }

    /// Waits until a refresh in flight is stored, since the runtime's end would cut it off; ends
    /// [`keep_fresh`](Self::keep_fresh) as well. Call it before `main` returns, and when a signal
    /// ends the program: a refresh token that was replaced meanwhile would be lost with it.
    ///
    /// # Errors
    ///
    /// [`Error::File`] and whatever else the store fails with, when an answer of the issuer still
    /// cannot be stored after 5 s. A refresh token that the issuer replaced is then lost.
    pub async fn shutdown(&self) -> Result<(), Error> {
        self.0.land().await;
        self.0.save_at_last().await
    }

    /// What happened since the provider was built, to be exported as metrics.
    pub fn counters(&self) -> Counters {
        self.0.vitals.counters()
    }

    /// The scopes that it was built for.
    pub fn scopes(&self) -> &Scopes {
        &self.0.scopes
    }
}

#[async_trait]
impl TokenProvider for SharedProvider {
    fn cached(&self, scopes: &Scopes) -> Option<AccessToken> {
        let current = self.0.current.load();
        let current = current.as_deref()?;
        let covered = current.covers_all && scopes.is_clone_of(&self.0.scopes)
            || scopes.is_subset(current.token.scopes());
        let good = self.0.clock.ticks().is_before(current.served_until);
        (covered && good).then(|| current.token.clone())
    }

    /// A token that carries every one of `scopes` and has a minute of life left, or as much as
    /// there is when it cannot be renewed now.
    ///
    /// # Errors
    ///
    /// Worth a retry: [`Error::Transient`], after [`Error::retry_after`]; [`Error::LeaseHeld`].
    /// Not without a human: [`Error::ConsentNeeded`], [`Error::RotationInterrupted`],
    /// [`Error::Refused`], [`Error::File`], [`Error::OtherIdentity`], [`Error::ScopesMissing`],
    /// [`Error::FreshTokenRejected`].
    async fn token(&self, scopes: &Scopes) -> Result<AccessToken, Error> {
        match self.cached(scopes) {
            Some(token) => Ok(token),
            None => Ok(self.fetch(scopes).await?.token),
        }
    }

    async fn invalidate(&self, rejected: &AccessToken) {
        self.0.reject(rejected);
    }

    fn health(&self) -> Health {
        let current = self.0.current.load();
        self.0.vitals.health(current.as_ref().map(|current| current.token.expires_at()))
    }
}

impl Inner {
    /// Whom the tokens are for and where they are kept, for errors and traces.
    fn issuer(&self) -> String {
        let principal = self.source.principal();
        let uri: Option<http::Uri> = principal.token_uri().parse().ok();
        uri.and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_else(|| "the issuer".to_owned())
    }

    fn reject(&self, token: &AccessToken) {
        let mut rejected = lock(&self.rejected);
        if rejected.iter().any(|known| known.is_same_as(token)) {
            return;
        }
        self.vitals.rejected();
        rejected.truncate(REMEMBERED_REJECTIONS - 1);
        rejected.push_front(token.clone());
        let current = self.current.load();
        if current.as_ref().is_some_and(|current| current.token.is_same_as(token)) {
            self.current.compare_and_swap(&current, None);
        }
    }

    fn is_rejected(&self, token: &AccessToken) -> bool {
        lock(&self.rejected).iter().any(|known| known.is_same_as(token))
    }

    /// Hands `token` out from now on. `life` is its whole life, as far as that is known.
    fn publish(&self, token: &AccessToken, life: Duration) {
        let (now, ticks) = (self.clock.now(), self.clock.ticks());
        let remaining = token.remaining_at(now);
        let spent = life.saturating_sub(remaining);
        // Held until it is stored, so that no rejection falls between.
        let rejected = lock(&self.rejected);
        if rejected.iter().any(|known| known.is_same_as(token)) {
            self.current.store(None);
            return;
        }
        let renewed_after = life.mul_f64(0.75 + 0.15 * fastrand::f64());
        self.current.store(Some(Arc::new(Current {
            covers_all: self.scopes.is_subset(token.scopes()),
            served_until: ticks.plus(remaining.saturating_sub(margin(life))),
            renewed_from: ticks.plus(renewed_after.saturating_sub(spent)),
            token: token.clone(),
        })));
    }
}

impl fmt::Debug for SharedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedProvider")
            .field("principal", &self.0.source.principal())
            .field("store", &self.0.store.name())
            .field("scopes", &self.0.scopes)
            .finish_non_exhaustive()
    }
}

/// The life that a token must have left to be handed out without a question: a minute, or a
/// quarter of a life that is shorter than four.
fn margin(life: Duration) -> Duration {
    (life / 4).min(Duration::from_secs(60))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a caller flies along when its token is rejected under way.
const ROUNDS: usize = 3;

/// Servers disagree for seconds, not for hours: of the tokens of a day the last few are enough.
const REMEMBERED_REJECTIONS: usize = 8;
