//! A store in a file that other programs read too, for all processes of one host.

mod document;
mod failure;
mod format;
mod lease;
mod mark;
mod network;
mod private;
mod read;
mod remedy;
mod replace;
mod seed;

use std::{
    ffi::OsString,
    panic,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;

use super::{Leasing, State, TokenStore};
use crate::Error;

pub(crate) use document::{Document, without_mark};
pub(crate) use failure::{failed, no_folder, quoted};
pub(crate) use format::{client as client_of, state as state_of};
pub(crate) use private::{check_folder, effective_uid, folder_of, found, read_private};
pub(crate) use remedy::Remedy;
pub(crate) use replace::{Replacement, sync_folder};

/// Keeps the state in one JSON file, for all processes of one host.
///
/// The file has the fields of google-auth's authorized-user JSON (`client_id`, `client_secret`,
/// `refresh_token`, `token_uri`, `token`, `expiry`, `scopes`) and an object `jada`, so that a
/// rotated refresh token and all that is known of it are replaced by one rename. Fields that this
/// crate does not know survive. [`StoredToken::expires_at`](crate::StoredToken::expires_at) is
/// kept in whole seconds, rounded down, since google-auth reads no fraction.
///
/// Files are to be regular, of this process's user and closed to others (0600), in a folder of the
/// same kind (0700). What is otherwise is refused with the command that mends it, and nothing is
/// changed. A file that is empty or half written is read again for half a second, since another
/// program may be writing it in place.
///
/// # Durability
///
/// A refresh of a grant that can be used up costs five fsyncs: three before the issuer is asked
/// (the room for the answer, the mark that the refresh began, the folder), and two after (the
/// file, the folder). Without a mark there are three. Beside the file lie its lock, which is never
/// deleted, `<name>.pending` while a refresh is on its way, and `.<name>.tmp`, which only the
/// holder of the lease writes. A lease that is dropped without a commit removes it.
///
/// # Cancellation
///
/// Files are used on tokio's blocking pool. A future that is dropped leaves the work to end by
/// itself, and the lease lasts until it has ended.
#[derive(Clone, Debug)]
pub struct FileStore {
    state: PathBuf,
    seed: Option<PathBuf>,
    lock: PathBuf,
    /// What brings the file back when its content is of no use.
    remedy: Remedy,
    /// Who must own the files, where a test says so.
    owner: Option<u32>,
}

impl FileStore {
    /// Names the file; touches nothing. The lock is `<path>.lock`, so for a file of a
    /// [`SecretsDir`](crate::SecretsDir), whose lock is another, take the store of that.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let state = path.into();
        let lock = beside(&state, "", ".lock");
        Self { state, seed: None, lock, remedy: Remedy::default(), owner: None }
    }

    /// Names the file in which consent leaves `{"refresh_token": "…"}`, among other fields or
    /// alone. Its refresh token is adopted once, when it is another than the one adopted before;
    /// all that was known of the earlier grant is then forgotten. Where the state does not tell,
    /// since another tool wrote it, the later of the two files counts. The seed is never written.
    ///
    /// Where both files name an `account`, it has to be the same one; new consent brings its own.
    #[must_use]
    pub fn with_seed(mut self, path: impl Into<PathBuf>) -> Self {
        self.seed = Some(path.into());
        self
    }

    /// Names the lock. Stores with the same lock refresh one after the other.
    #[must_use]
    pub fn with_lock(mut self, path: impl Into<PathBuf>) -> Self {
        self.lock = path.into();
        self
    }

    /// Says so where consent does not bring the file back.
    pub(crate) fn with_remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = remedy;
        self
    }

    /// The file that the state is kept in.
    pub fn path(&self) -> &Path {
        &self.state
    }

    fn uid(&self) -> u32 {
        self.owner.unwrap_or_else(effective_uid)
    }

    fn mark(&self) -> PathBuf {
        beside(&self.state, "", ".pending")
    }
}

#[async_trait]
impl TokenStore for FileStore {
    /// Reads the file, and the seed where there is one.
    ///
    /// # Errors
    ///
    /// [`Error::File`] with what mends it, and [`Error::OtherIdentity`] when the file and the seed
    /// name two accounts, which are not worth a retry; [`Error::Transient`] when the runtime is
    /// shutting down.
    async fn load(&self) -> Result<State, Error> {
        let store = self.clone();
        blocking(move || Ok(read::load(&store)?.state)).await
    }

    /// Locks the lock file if it is free.
    ///
    /// # Errors
    ///
    /// [`Error::File`] and [`Error::Transient`], as [`load`](Self::load).
    async fn try_lease(&self) -> Result<Leasing, Error> {
        let store = self.clone();
        blocking(move || lease::try_take(store)).await
    }

    fn name(&self) -> String {
        format!("`{}`", self.state.display())
    }

    async fn warning(&self) -> Option<String> {
        let store = self.clone();
        blocking(move || Ok(network::warning(&store.state))).await.ok().flatten()
    }
}

/// Does `work` where it may block. It goes on when the future is dropped.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(join) if join.is_panic() => panic::resume_unwind(join.into_panic()),
        Err(join) => Err(Error::Transient {
            action: "using a file while the runtime shuts down".to_owned(),
            retry_after: None,
            source: Some(Arc::new(join)),
        }),
    }
}

/// The path whose file name is that of `path` between `before` and `after`.
fn beside(path: &Path, before: &str, after: &str) -> PathBuf {
    let mut name = OsString::from(before);
    name.push(path.file_name().unwrap_or_default());
    name.push(after);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests;
