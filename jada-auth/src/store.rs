//! Where a token is kept between processes: the store, its lease, and what lies in it.

#[cfg(any(test, feature = "contract-tests"))]
mod contract;
#[cfg(unix)]
pub(crate) mod file;
mod memory;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{Error, Fingerprint, Heals, OAuthClient, Scopes, Secret};

#[cfg(any(test, feature = "contract-tests"))]
pub use contract::token_store_contract;
#[cfg(unix)]
pub use file::FileStore;
pub use memory::MemoryStore;

/// Keeps the state of one grant, and lets one process at a time change it.
///
/// It hands out an exclusive [`Lease`] instead of get and set: two processes that present the
/// same refresh token lose it where the issuer rotates them.
///
/// # Contract
///
/// - [`load`](Self::load) takes no lease, and gives the state before or after a change, never a
///   mixture.
/// - At most one lease exists at a time, over all processes that use the same store. It ends when
///   it is dropped, and when its process dies. It never ends because time passed.
/// - What [`Lease::commit`] returned from is there after a crash, and a commit that failed, or was
///   interrupted at any instant, leaves the old state or the new one.
/// - What cannot be read is an error, and is never taken for an empty state or overwritten.
/// - Futures that are dropped half way leave the store usable.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// The state as it is now; the default when there is none yet.
    ///
    /// # Errors
    ///
    /// [`Error::File`], [`Error::OtherIdentity`] and what else a backend fails with; see
    /// [`Error::is_transient`].
    async fn load(&self) -> Result<State, Error>;

    /// Takes the lease if nobody holds it. Does not wait.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    async fn try_lease(&self) -> Result<Leasing, Error>;

    /// Where the token is kept, for a human: `` `/home/ops/.secrets/google_token.json` ``.
    fn name(&self) -> String;

    /// What a human should know about the place, such as that it is on a network file system.
    async fn warning(&self) -> Option<String> {
        None
    }
}

const _: Option<&dyn TokenStore> = None;

/// What became of an attempt to take the lease.
#[derive(Debug)]
#[non_exhaustive]
pub enum Leasing {
    /// It is ours until it is dropped.
    Taken(Box<dyn Lease>),
    /// Another holds it.
    Held(Holder),
}

/// Who holds a lease, as far as the store knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// The process's id on its host.
    pub pid: Option<u32>,
    /// Since when it holds the lease: a UTC instant.
    pub since: Option<Timestamp>,
}

impl Holder {
    /// A process that holds the lease since then.
    pub fn new(pid: impl Into<Option<u32>>, since: impl Into<Option<Timestamp>>) -> Self {
        Self { pid: pid.into(), since: since.into() }
    }
}

/// Names the holder, as an error does.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}")?,
            None => f.write_str("another process")?,
        }
        self.since.map_or(Ok(()), |since| write!(f, ", since {since:.0},"))
    }
}

/// The right to change what a store keeps; given back when it is dropped. What was prepared and
/// not committed leaves no trace then but its mark.
#[async_trait]
pub trait Lease: fmt::Debug + Send + Sync {
    /// The state as it is now.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::load`].
    async fn load(&mut self) -> Result<State, Error>;

    /// Makes sure that a commit will find room, then marks durably that `pending` begins, if it is
    /// a grant that can be used up; none leaves a mark that is there. When this fails nothing has
    /// been asked yet, so nothing is lost.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::load`].
    async fn prepare(&mut self, pending: Option<&Pending>) -> Result<(), Error>;

    /// Replaces the state durably, its mark [`State::pending`] included: none removes it.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::load`]. Another try of the same commit is allowed.
    async fn commit(&mut self, state: &State) -> Result<(), Error>;
}

const _: Option<&dyn Lease> = None;

/// What a store keeps of one grant.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct State {
    /// The client that the grant was given to.
    pub client: Option<OAuthClient>,
    /// The refresh token to present next.
    pub refresh_token: Option<Secret>,
    /// The token that was minted last.
    pub token: Option<StoredToken>,
    /// How many tokens were minted: a count from 0.
    pub generation: u64,
    /// Whom the token was minted for; see [`Principal::identity`](crate::Principal::identity).
    pub identity: Option<Fingerprint>,
    /// Which refresh token came with that token: its fingerprint alone. When it is not the one of
    /// [`refresh_token`](Self::refresh_token), somebody consented anew.
    pub renewed_by: Option<Fingerprint>,
    /// That the grant is dead, which spares the issuer the question.
    pub dead: Option<Dead>,
    /// That the issuer wants to be left alone, which siblings heed too.
    pub not_before: Option<NotBefore>,
    /// That a refresh began and did not end. Under a lease: that its process died.
    pub pending: Option<Pending>,
}

/// A token as it is kept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredToken {
    /// Its text.
    pub secret: Secret,
    /// When it was asked for: a UTC instant. None when another tool wrote it.
    pub minted_at: Option<Timestamp>,
    /// When it ends: a UTC instant. None, or nothing that can be read, means that it is refreshed
    /// before it is used.
    pub expires_at: Option<Timestamp>,
    /// What was granted, where that is known.
    pub scopes: Option<Scopes>,
}

impl StoredToken {
    /// A token of which nothing else is known.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self { secret: secret.into(), minted_at: None, expires_at: None, scopes: None }
    }
}

/// A mark that a grant is dead; it speaks of that grant alone, so new consent is not bound by it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dead {
    /// Which grant: its client, the client's secret, and the refresh token.
    pub grant: Fingerprint,
    /// What the issuer said, such as `invalid_grant`.
    pub code: String,
    /// What mends it, where the source knew.
    pub mend: Option<String>,
    /// What heals it.
    pub heals: Heals,
    /// When: a UTC instant.
    pub at: Timestamp,
}

impl Dead {
    /// The grant was refused with `code` at that instant.
    pub fn new(grant: Fingerprint, code: impl Into<String>, heals: Heals, at: Timestamp) -> Self {
        Self { grant, code: code.into(), mend: None, heals, at }
    }
}

/// A mark that nobody asks before then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotBefore {
    /// When the last attempt failed: a UTC instant.
    pub from: Timestamp,
    /// Until when nobody asks: a UTC instant.
    pub until: Timestamp,
    /// How many attempts failed in a row: from 1.
    pub attempts: u32,
    /// What it speaks of: the issuer alone where it heals by itself, else all that was asked with,
    /// so that what was mended is not bound. None binds whoever asks.
    pub asked: Option<Fingerprint>,
    /// What went wrong, such as `http 503`.
    pub code: String,
    /// What mends it, where the source knew.
    pub mend: Option<String>,
    /// What heals it.
    pub heals: Heals,
}

impl NotBefore {
    /// A first failure at `from`, with `code`, after which nobody asks until `until`.
    pub fn new(from: Timestamp, until: Timestamp, code: impl Into<String>, heals: Heals) -> Self {
        let code = code.into();
        Self { from, until, attempts: 1, asked: None, code, mend: None, heals }
    }
}

/// A mark that a refresh began.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pending {
    /// Which grant is presented.
    pub grant: Fingerprint,
    /// Since when: a UTC instant.
    pub at: Timestamp,
}

impl Pending {
    /// `grant` is presented since then.
    pub fn new(grant: Fingerprint, at: Timestamp) -> Self {
        Self { grant, at }
    }
}

/// How far a clock may be off before what it says is not believed.
pub(crate) const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);
