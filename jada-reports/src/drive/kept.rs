//! The id that a file has or is to have, on disk before the file is made.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jada_auth::{Clock as _, SystemClock};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::DriveFile;
use crate::artefact::{Artefact, sha256};
use crate::error::Error;
use crate::files::{Access, create_folder};
use crate::folder::{Folder, Lock};

/// What is kept of one file, which nobody else changes while this exists.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    record: Record,
    _lock: Lock,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    folder: String,
    name: String,
    id: Option<String>,
}

impl Kept {
    /// Reads what is kept in the folder `state`, and waits for whoever is at work on the same file:
    /// a minute, and then says who that is.
    pub(super) async fn of(file: &DriveFile, state: &Path) -> Result<Self, Error> {
        let digest = sha256(format!("{}\0{}", file.folder, file.name).as_bytes());
        let name = &digest[..16];
        let path = state.join(format!("{name}.json"));
        let lock = locked(state, &format!("{name}.lock")).await?;
        let (folder, name) = (file.folder.clone(), file.name.clone());
        let record = match std::fs::read(&path) {
            Ok(json) => {
                serde_json::from_slice(&json).map_err(|error| Error::file(&path, "read", error))?
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Record { folder, name, id: None },
            Err(error) => return Err(Error::file(&path, "read", error)),
        };
        Ok(Self { path, record, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.record.id.as_deref()
    }

    /// Keeps an id, and makes that last.
    pub(super) fn keep(&mut self, id: &str) -> Result<(), Error> {
        if self.id() == Some(id) {
            return Ok(());
        }
        self.record.id = Some(id.to_owned());
        let failed = |error: io::Error| Error::file(&self.path, "written", error);
        let written = Artefact::write(&self.path, |to| {
            serde_json::to_writer(to, &self.record).map_err(|error| failed(error.into()))
        });
        written.map(drop)
    }
}

async fn locked(state: &Path, name: &str) -> Result<Lock, Error> {
    create_folder(state, Access::Usual).map_err(|error| Error::file(state, "created", error))?;
    let (folder, began) = (Folder::new(state.to_owned()), Instant::now());
    loop {
        match folder.try_lock(name)? {
            Some(mut lock) => {
                lock.sign(SystemClock.now().wall);
                return Ok(lock);
            }
            None if began.elapsed() >= PATIENCE => return Err(folder.busy(name)),
            None => sleep(GLANCE).await,
        }
    }
}

const GLANCE: Duration = Duration::from_millis(50);
/// Twice what a request may take; who uploads for longer is named.
const PATIENCE: Duration = Duration::from_secs(60);
