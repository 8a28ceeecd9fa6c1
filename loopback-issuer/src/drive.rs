//! Drive as a test holds it: started, told to fail, and asked what it keeps.

mod builder;
mod fault;
mod fields;
mod file;
mod files;
mod md5;
mod method;
mod permissions;
mod query;
mod state;
mod upload;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use builder::DriveBuilder;
pub use fault::DriveFault;
pub use file::{DrivePermission, StoredFile};
pub use method::DriveMethod;

use file::File;
use state::State;

use crate::google::Shared;
use crate::loopback::Loopback;

/// A running Drive of one account, which stops when it is dropped.
///
/// It speaks [Drive's API](https://developers.google.com/workspace/drive/api/reference/rest/v3) as
/// far as [`DriveMethod`] goes, and is as strict as Drive about tokens, scopes, ids, shared drives
/// and fields: a token of the scope `drive.file` alone does not see what people have put there.
/// What it does is the same for a [seed](DriveBuilder::seed) and a sequence of requests. A request
/// that hangs holds nobody up.
///
/// Its methods block the thread at most for the length of a lock.
pub struct Drive {
    state: Arc<Mutex<State>>,
    loopback: Loopback,
}

impl Drive {
    /// Starts one that never fails, on a port that is free. The token `good` may do everything,
    /// and there is the folder `statements`.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening, or against a thread.
    pub fn start() -> io::Result<Self> {
        Self::builder().folder("statements").start()
    }

    /// Builds one that is out of the ordinary.
    pub fn builder() -> DriveBuilder {
        DriveBuilder::new()
    }

    /// What stands in for `https://www.googleapis.com`: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        self.loopback.uri("")
    }

    /// Queues a fault: each befalls one of the next requests for this method, in the order given,
    /// before any that is [drawn](DriveBuilder::faults).
    pub fn fail_next(&self, method: DriveMethod, fault: DriveFault) {
        self.state().faults.script(method, fault);
    }

    /// Forgets all faults, queued or to be drawn. What already befell a request is not undone.
    pub fn heal(&self) {
        self.state().faults.heal();
    }

    /// A person puts a file of this name into a folder: its id. The scope `drive.file` does not
    /// show it.
    pub fn put_by_person(&self, folder: &str, name: &str, bytes: impl Into<Vec<u8>>) -> String {
        self.state().put_by_person(folder, name, bytes.into())
    }

    /// A person puts a file into the bin; false where there is none of this id.
    pub fn trash(&self, id: &str) -> bool {
        self.change(id, |file| file.trashed = true)
    }

    /// A person gives a file another name; false where there is none of this id.
    pub fn rename(&self, id: &str, name: &str) -> bool {
        self.change(id, |file| file.name = name.to_owned())
    }

    /// A person takes away the right to edit a file; false where there is none of this id.
    pub fn protect(&self, id: &str) -> bool {
        self.change(id, |file| file.editable = false)
    }

    /// Somebody replaces the content of a file; false where there is none of this id.
    pub fn overwrite(&self, id: &str, bytes: impl Into<Vec<u8>>) -> bool {
        let bytes = bytes.into();
        self.change(id, |file| file.set_bytes(bytes))
    }

    /// A person deletes a file for good; false where there is none of this id.
    pub fn delete(&self, id: &str) -> bool {
        let files = &mut self.state().files;
        let before = files.len();
        files.retain(|file| file.id != id);
        files.len() < before
    }

    /// The files that are there, in the order in which they came, those in the bin among them and
    /// no folders.
    pub fn files(&self) -> Vec<StoredFile> {
        self.state().files.iter().filter(|file| !file.is_folder()).map(File::stored).collect()
    }

    /// How many requests were read completely, at its own address.
    pub fn requests(&self) -> usize {
        self.loopback.requests()
    }

    /// How many of all requests were for this method and came to be looked at, refused or not.
    pub fn calls(&self, method: DriveMethod) -> usize {
        self.state().calls.get(&method).copied().unwrap_or(0)
    }

    /// Waits until this many requests have been read at its own address: true once they have,
    /// false if they have not in time.
    ///
    /// It blocks the thread: in an async test it belongs in `spawn_blocking`.
    pub fn wait_for_requests(&self, count: usize, at_most: Duration) -> bool {
        self.loopback.wait_for_requests(count, at_most)
    }

    /// What it did, a line for each request: what was asked, what befell it, and what was done.
    /// Without a token, and the same for a seed and a sequence of requests.
    pub fn log(&self) -> String {
        self.state().log.clone()
    }

    /// As it is served beside others.
    pub(crate) fn api(&self) -> Shared {
        Arc::<Mutex<State>>::clone(&self.state)
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut File)) -> bool {
        self.state().files.iter_mut().find(|file| file.id == id).map(change).is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Drive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drive")
            .field("endpoint", &self.endpoint())
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}
