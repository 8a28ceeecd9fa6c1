//! The lease on a file: a lock, and what its holder has read and reserved.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
    process,
    sync::Arc,
};

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Mutex;

use super::{
    Document, FileStore, Replacement, blocking, check_folder, failed, format,
    mark::Mark,
    private::{folder_of, open_lock},
    read,
    seed::Seed,
    sync_folder,
};
use crate::{
    Clock, Error, FileProblem, Holder, Lease, Leasing, Pending, Secret, State, SystemClock,
};

/// Locks the file if nobody else has.
pub(super) fn try_take(store: FileStore) -> Result<Leasing, Error> {
    check_folder(folder_of(&store.state), store.uid())?;
    let lock = Lock(open_lock(&store.lock, store.uid())?);
    match lock.0.try_lock() {
        // One that was deleted meanwhile keeps nobody out.
        Ok(()) if !lock.is_still(&store.lock) => return Ok(Leasing::Held(Holder::default())),
        Ok(()) => lock.sign(),
        Err(TryLockError::WouldBlock) => return Ok(Leasing::Held(lock.holder())),
        Err(TryLockError::Error(error)) => return Err(failed(&store.lock, error)),
    }
    let held = Held { reserved: None, loaded: None, store, lock };
    Ok(Leasing::Taken(Box::new(FileLease { held: Arc::new(Mutex::new(held)) })))
}

/// The lease. What works on the files holds the lock too, so that the lock outlives a future that
/// is dropped, and one work ends before the next begins.
#[derive(Debug)]
struct FileLease {
    held: Arc<Mutex<Held>>,
}

impl FileLease {
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Held) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let mut held = Arc::clone(&self.held).lock_owned().await;
        blocking(move || work(&mut held)).await
    }
}

#[async_trait]
impl Lease for FileLease {
    async fn load(&mut self) -> Result<State, Error> {
        self.work(Held::load).await
    }

    async fn prepare(&mut self, pending: Option<&Pending>) -> Result<(), Error> {
        let pending = pending.cloned();
        self.work(move |held| held.prepare(pending.as_ref())).await
    }

    async fn commit(&mut self, state: &State) -> Result<(), Error> {
        let state = state.clone();
        self.work(move |held| held.commit(&state)).await
    }
}

/// What the holder has. It is dropped in this order: what was reserved and not used is removed
/// under the lock, which is given back last.
#[derive(Debug)]
struct Held {
    reserved: Option<Replacement>,
    loaded: Option<(Option<Document>, Option<Seed>)>,
    store: FileStore,
    lock: Lock,
}

impl Held {
    fn load(&mut self) -> Result<State, Error> {
        let loaded = read::load(&self.store)?;
        self.loaded = Some((loaded.document, loaded.seed));
        Ok(loaded.state)
    }

    fn prepare(&mut self, pending: Option<&Pending>) -> Result<(), Error> {
        if !self.lock.is_still(&self.store.lock) {
            return Err(self.lock_is_gone());
        }
        self.reserved = None;
        let length = fs::metadata(&self.store.state).map_or(0, |found| found.len());
        let reserved = Replacement::create(&self.store.state)?;
        reserved.reserve((2 * length).max(LEAST_ROOM))?;
        self.reserved = Some(reserved);
        if let Some(pending) = pending {
            Mark::write(&self.store.mark(), pending)?;
            sync_folder(folder_of(&self.store.state))?;
        }
        Ok(())
    }

    fn commit(&mut self, state: &State) -> Result<(), Error> {
        let mut document = self.current()?;
        if self.is_overtaken(&document, state)? {
            tracing::warn!(store = %self.store.state.display(), "another refresh token was stored \
                meanwhile, and is kept");
            self.reserved = None;
            return Ok(());
        }
        format::write(state, &mut document);
        if let Some((_, Some(seed))) = &self.loaded {
            seed.put(&mut document);
        }
        self.settle_mark(state.pending.as_ref(), &mut document)?;
        // A file whose sync failed once is not trusted again, so another try takes a new one.
        let reserved = self.reserved.take();
        let replacement = reserved.map_or_else(|| Replacement::create(&self.store.state), Ok)?;
        replacement.publish(&document.bytes()?)?;
        if let Some((loaded, _)) = &mut self.loaded {
            *loaded = Some(document);
        }
        sync_folder(folder_of(&self.store.state))?;
        if state.pending.is_none() {
            // The state says that it ended, so it may as well stay.
            let _ = fs::remove_file(self.store.mark());
        }
        Ok(())
    }

    /// Somebody else stored another refresh token since this lease loaded the file: consent, or
    /// who had the lease after the lock was deleted. It is newer than what this lease knows.
    fn is_overtaken(&self, found: &Document, state: &State) -> Result<bool, Error> {
        let Some((loaded, _)) = &self.loaded else { return Ok(false) };
        let there = found.text("refresh_token")?.filter(|token| !token.is_empty());
        let known = loaded.as_ref().map_or(Ok(None), |loaded| loaded.text("refresh_token"))?;
        let ours = state.refresh_token.as_ref().map(Secret::expose);
        Ok(there.is_some() && there != known && there != ours)
    }

    fn lock_is_gone(&self) -> Error {
        Error::Transient {
            action: format!("keeping the lock {}, which was deleted,", self.store.lock.display()),
            retry_after: None,
            source: None,
        }
    }

    /// The fields to replace ours among. A file that was broken since this lease loaded it is not
    /// what a new refresh token is lost for; one of a newer version is never replaced.
    fn current(&self) -> Result<Document, Error> {
        let path = &self.store.state;
        let (remedy, uid) = (self.store.remedy, self.store.uid());
        let found = read::read_document(path, remedy, uid).and_then(|document| {
            document.as_ref().map_or(Ok(State::default()), format::state)?;
            Ok(document)
        });
        let document = match (found, &self.loaded) {
            (Ok(document), _) => document,
            (Err(error), Some((loaded, _))) if !is_newer(&error) => loaded.clone(),
            (Err(error), _) => return Err(error),
        };
        Ok(document.unwrap_or_else(|| Document::empty(path)))
    }

    /// Without a mark the state is to say that the refresh ended; with one it is to be there.
    fn settle_mark(&self, pending: Option<&Pending>, state: &mut Document) -> Result<(), Error> {
        let mark = Mark::read(&self.store.mark(), self.store.uid())?;
        match (pending, mark) {
            (None, Some(mark)) => mark.end(state),
            (Some(pending), mark)
                if Mark::of(mark.as_ref(), Some(state)).as_ref() != Some(pending) =>
            {
                Mark::write(&self.store.mark(), pending)?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn is_newer(error: &Error) -> bool {
    matches!(error, Error::File { problem: FileProblem::Field { field: "jada.version" }, .. })
}

#[derive(Debug)]
struct Lock(File);

impl Lock {
    /// Tells whether others would try the same file: none deleted it or put another in its place.
    fn is_still(&self, path: &Path) -> bool {
        let (Ok(ours), Ok(there)) = (self.0.metadata(), path.symlink_metadata()) else {
            return false;
        };
        (ours.dev(), ours.ino()) == (there.dev(), there.ino())
    }

    /// Says who holds it, for a human. If that fails nobody is named, and nothing else is amiss.
    fn sign(&self) {
        let since = SystemClock.now().wall;
        let text = json!({ "pid": process::id(), "since": since.to_string() }).to_string();
        let _ = self.0.set_len(0).and_then(|()| self.0.write_all_at(text.as_bytes(), 0));
    }

    fn holder(&self) -> Holder {
        let mut text = [0; 512];
        let length = self.0.read_at(&mut text, 0).unwrap_or(0);
        let Ok(holder) = Document::parse(Path::new(""), &text[..length]) else {
            return Holder::default();
        };
        let pid = holder.number("pid").ok().flatten().and_then(|pid| u32::try_from(pid).ok());
        Holder::new(pid, holder.parsed::<Timestamp>("since").ok().flatten())
    }
}

impl Drop for Lock {
    /// Said aloud, since a child that was just forked would keep the lock until it runs its program.
    fn drop(&mut self) {
        let _: io::Result<()> = self.0.unlock();
    }
}

/// More than any state without foreign fields takes.
const LEAST_ROOM: u64 = 16 * 1024;
