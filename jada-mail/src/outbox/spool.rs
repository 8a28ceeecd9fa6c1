//! The folder: where each mail's bytes and its record are, and who is at work on it.
//!
//! `mails/<key>.eml` appears with the mail and never changes; its lock is the mail's.
//! `<state>/<key>.json` is the record, in one folder at any instant: it is replaced where it is,
//! and then moved. What it says counts, also where the move is still to come.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use jiff::Timestamp;

use super::record::{Leftover, MailState, Pause, Record, after, from_json, to_json};
use crate::{
    Error, IdempotencyKey, Letter,
    files::{self, UNFINISHED, Unfinished},
};

#[derive(Clone, Debug)]
pub(super) struct Spool {
    folder: PathBuf,
}

impl Spool {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Creates what is missing, and refuses a folder that others can look into.
    pub(super) fn create(&self) -> Result<(), Error> {
        files::create_folder(&self.folder)?;
        self.check()?;
        let folders = MailState::ALL.map(MailState::folder);
        folders
            .into_iter()
            .chain([MAILS, DRAFTS])
            .try_for_each(|name| files::create_folder(&self.folder.join(name)))
    }

    /// Tells whether there is a spool; one that others can look into is an error.
    pub(super) fn exists(&self) -> Result<bool, Error> {
        match self.folder.join(MAILS).is_dir() {
            true => self.check().map(|()| true),
            false if self.folder.exists() && !self.folder.is_dir() => {
                let kind = io::ErrorKind::NotADirectory;
                Err(Error::io("use the folder", &self.folder, kind.into()))
            }
            false => Ok(false),
        }
    }

    #[cfg(unix)]
    fn check(&self) -> Result<(), Error> {
        use std::os::unix::fs::PermissionsExt;

        let found = fs::metadata(&self.folder);
        let found = found.map_err(|source| Error::io("look at", &self.folder, source))?;
        match found.permissions().mode() & 0o777 {
            mode if mode & 0o077 == 0 => Ok(()),
            mode => Err(Error::Exposed { path: self.folder.clone(), mode }),
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "on Unix it fails")]
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Adds a mail, unless its key was used before: whoever comes first.
    pub(super) fn add(&self, record: &Record, rendered: &[u8]) -> Result<(), Taken> {
        let mail = self.mail(&record.key);
        let bytes = Unfinished::write(&self.folder.join(MAILS), rendered)?;
        let queued =
            Unfinished::write(&self.folder.join(record.state.folder()), &record.to_json())?;
        // Only who holds this adds a mail, so one that is not there now will not be in a moment.
        let _adding = self.lock_whole()?;
        if self.is_taken(&record.key)? {
            return Err(Taken::Before);
        }
        bytes.publish(&mail)?;
        queued.publish(&self.path(record.state, &record.key))?;
        Ok(())
    }

    /// Tells whether there is a mail of this key. Bytes without a record were left by a process
    /// that died while it added them: no one else begins with those.
    fn is_taken(&self, key: &IdempotencyKey) -> Result<bool, Error> {
        match self.claim(key)? {
            Claim::Mine(claimed) => Ok(claimed.record()?.is_some()),
            Claim::Anothers => Ok(true),
            // Its bytes are gone, and its key stays used.
            Claim::NoMail => Ok(self.find(key)?.is_some()),
        }
    }

    fn lock_whole(&self) -> Result<File, Error> {
        let path = self.folder.join(".lock");
        let mut options = fs::OpenOptions::new();
        options.create(true).write(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let failed = |source| Error::io("lock", &path, source);
        let file = options.open(&path).map_err(failed)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                // It is held for a few milliseconds, unless its holder was stopped.
                Err(TryLockError::WouldBlock) if began.elapsed() > PATIENCE => {
                    return Err(failed(io::ErrorKind::ResourceBusy.into()));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// Makes a mail last that is in `state`, in case a process died before it did.
    pub(super) fn sync(&self, state: MailState) -> Result<(), Error> {
        files::sync_folder(&self.folder.join(MAILS))?;
        match files::sync_folder(&self.folder.join(state.folder())) {
            // It has moved on, and that syncs.
            Err(Error::Io { kind: io::ErrorKind::NotFound, .. }) => Ok(()),
            synced => synced,
        }
    }

    /// Puts bytes where those of a mail are gone, so that a person can claim it and give it up.
    pub(super) fn stand_in(&self, key: &IdempotencyKey) -> Result<(), Error> {
        files::replace(&self.mail(key), b"")
    }

    /// Takes the mail of `key`, so that no other process and no other task works on it.
    pub(super) fn claim(&self, key: &IdempotencyKey) -> Result<Claim<'_>, Error> {
        let path = self.mail(key);
        let failed = |source| Error::io("lock", &path, source);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Claim::NoMail),
            Err(error) => return Err(failed(error)),
        };
        match file.try_lock() {
            // Bytes without a record are replaced by those of another mail.
            Ok(()) if !is_still_at(&file, &path) => Ok(Claim::Anothers),
            Ok(()) => Ok(Claim::Mine(Claimed { spool: self, key: key.clone(), lock: file })),
            Err(TryLockError::WouldBlock) => Ok(Claim::Anothers),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Looks for the record while others may be moving it.
    pub(super) fn look(&self, key: &IdempotencyKey) -> Result<Option<Record>, Error> {
        for _ in 0..LOOKS {
            if let Some((_, record)) = self.find(key)? {
                return Ok(Some(record));
            }
            if !self.mail(key).exists() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    fn find(&self, key: &IdempotencyKey) -> Result<Option<(MailState, Record)>, Error> {
        for folder in MailState::ALL {
            let path = self.path(folder, key);
            if let Some(json) = files::read(&path)? {
                return Ok(Some((folder, Record::from_json(&json, &path, key)?)));
            }
        }
        Ok(None)
    }

    /// The keys whose records are in the folder of `state`.
    pub(super) fn keys(&self, state: MailState) -> Result<Vec<IdempotencyKey>, Error> {
        self.names(state.folder(), ".json")
    }

    /// The keys of all mails, and of those that a process left which died while it queued them.
    pub(super) fn mails(&self) -> Result<Vec<IdempotencyKey>, Error> {
        self.names(MAILS, ".eml")
    }

    fn names(&self, folder: &str, ending: &str) -> Result<Vec<IdempotencyKey>, Error> {
        let folder = self.folder.join(folder);
        let failed = |source| Error::io("list", &folder, source);
        let mut keys = Vec::new();
        let entries = match fs::read_dir(&folder) {
            // Another process is about to create it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(keys),
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            let key = name.to_str().and_then(|name| name.strip_suffix(ending));
            keys.extend(key.and_then(|key| key.parse::<IdempotencyKey>().ok()));
        }
        keys.sort_unstable();
        Ok(keys)
    }

    fn mail(&self, key: &IdempotencyKey) -> PathBuf {
        self.folder.join(MAILS).join(format!("{key}.eml"))
    }

    pub(super) fn path(&self, state: MailState, key: &IdempotencyKey) -> PathBuf {
        self.folder.join(state.folder()).join(format!("{key}.json"))
    }

    /// Drafts that may be left behind.
    pub(super) fn leftovers(&self) -> Result<Vec<IdempotencyKey>, Error> {
        self.names(DRAFTS, ".json")
    }

    fn leftover_path(&self, key: &IdempotencyKey) -> PathBuf {
        self.folder.join(DRAFTS).join(format!("{key}.json"))
    }

    /// Until when the mails by this transport are left alone.
    pub(super) fn pause(&self, via: &str) -> Result<Option<Pause>, Error> {
        let path = self.pause_path(via);
        files::read(&path)?.map(|json| from_json(&json, &path)).transpose()
    }

    pub(super) fn set_pause(&self, via: &str, pause: Option<&Pause>) -> Result<(), Error> {
        let path = self.pause_path(via);
        match pause {
            Some(pause) => files::replace(&path, &to_json(pause)),
            None => files::remove(&path),
        }
    }

    fn pause_path(&self, via: &str) -> PathBuf {
        let name = via.replace(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c)), "_");
        self.folder.join(format!("{PAUSE}{name}.json"))
    }

    /// The transports that are, or were, left alone.
    pub(super) fn pauses(&self) -> Result<Vec<PathBuf>, Error> {
        let failed = |source| Error::io("list", &self.folder, source);
        let mut pauses = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(PAUSE) && name.ends_with(".json") {
                pauses.push(path);
            }
        }
        pauses.sort();
        Ok(pauses)
    }

    /// Removes what processes that died left unfinished, once it is an hour old.
    pub(super) fn sweep(&self) -> Result<(), Error> {
        let states = MailState::ALL.map(MailState::folder);
        for folder in states.into_iter().chain([MAILS, DRAFTS, ""]) {
            let folder = self.folder.join(folder);
            // One that cannot be listed is told of when its mails are looked for.
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let unfinished = name.to_str().is_some_and(|name| name.starts_with(UNFINISHED));
                if unfinished && entry.metadata().is_ok_and(|it| is_old(it.modified().ok())) {
                    files::remove(&entry.path())?;
                }
            }
        }
        Ok(())
    }
}

/// Whether the path still leads to the file that was opened by it.
#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let id = |found: fs::Metadata| (found.dev(), found.ino());
    file.metadata().ok().map(id) == fs::metadata(path).ok().map(id)
}

#[cfg(not(unix))]
fn is_still_at(_: &File, _: &Path) -> bool {
    true
}

/// By the clock that the files were dated by.
fn is_old(modified: Option<SystemTime>) -> bool {
    modified.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > Duration::from_secs(3600))
}

/// Why a mail was not added.
pub(super) enum Taken {
    Before,
    Error(Error),
}

impl From<Error> for Taken {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Who works on a mail.
pub(super) enum Claim<'a> {
    Mine(Claimed<'a>),
    Anothers,
    NoMail,
}

/// A mail that nobody else works on, until this is dropped or the process dies.
#[derive(Debug)]
pub(super) struct Claimed<'a> {
    spool: &'a Spool,
    key: IdempotencyKey,
    lock: File,
}

impl Claimed<'_> {
    pub(super) fn record(&self) -> Result<Option<Record>, Error> {
        Ok(self.spool.find(&self.key)?.map(|(_, record)| record))
    }

    /// Writes the record where it is, and moves it where it belongs.
    pub(super) fn save(&self, record: &Record) -> Result<(), Error> {
        let belongs = self.spool.path(record.state, &self.key);
        let at = match self.spool.find(&self.key)? {
            Some((folder, _)) => self.spool.path(folder, &self.key),
            None => belongs.clone(),
        };
        files::replace(&at, &record.to_json())?;
        match at == belongs {
            true => Ok(()),
            false => files::rename(&at, &belongs),
        }
    }

    /// Moves the record where it belongs, if a process died before it did.
    pub(super) fn tidy(&self) -> Result<(), Error> {
        match self.spool.find(&self.key)? {
            Some((folder, record)) if folder != record.state => {
                let path = |state| self.spool.path(state, &self.key);
                files::rename(&path(folder), &path(record.state))
            }
            _ => Ok(()),
        }
    }

    /// Reads the mail, and makes sure that it is as it was queued.
    pub(super) fn letter(&self, record: &Record) -> Result<Letter, Error> {
        let path = self.spool.mail(&self.key);
        // By the handle that holds the lock: a system may let no other read it.
        let bytes = self.bytes().map_err(|source| Error::io("read", &path, source))?;
        if bytes.len() as u64 != record.bytes || !record.is_of(&bytes) {
            return Err(Error::damaged(&path, "it is not the mail that was queued"));
        }
        let (key, message_id) = (record.key.clone(), record.message_id.clone());
        Ok(Letter::from_parts(key, message_id, record.thread_id.clone(), bytes.into()))
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut file = &self.lock;
        let length = file.metadata()?.len();
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Bytes of the mail, none once they are forgotten.
    pub(super) fn length(&self) -> Result<u64, Error> {
        let found = self.lock.metadata();
        let failed = |source| Error::io("look at", &self.spool.mail(&self.key), source);
        found.map(|found| found.len()).map_err(failed)
    }

    /// Empties the file with the mail's bytes; its name stays.
    pub(super) fn forget_bytes(&self) -> Result<(), Error> {
        files::replace(&self.spool.mail(&self.key), b"")
    }

    pub(super) fn leftover(&self) -> Result<Option<Leftover>, Error> {
        let path = self.spool.leftover_path(&self.key);
        files::read(&path)?.map(|json| from_json(&json, &path)).transpose()
    }

    /// Says that drafts of the mail may be at a server that are of no use, from now on until they
    /// are removed; with those that were left before.
    pub(super) fn leave_draft(
        &self,
        record: &Record,
        via: String,
        now: Timestamp,
        index_wait: Duration,
    ) -> Result<(), Error> {
        let before = self.leftover().ok().flatten().filter(|before| before.via == via);
        let began_at = record.began_at.unwrap_or(now);
        self.set_leftover(Some(&Leftover {
            message_id: record.message_id.clone(),
            via,
            began_at: before.map_or(began_at, |before| before.began_at.min(began_at)),
            not_before: after(now, index_wait),
        }))
    }

    pub(super) fn set_leftover(&self, leftover: Option<&Leftover>) -> Result<(), Error> {
        let path = self.spool.leftover_path(&self.key);
        match leftover {
            Some(leftover) => files::replace(&path, &to_json(leftover)),
            None => files::remove(&path),
        }
    }
}

/// How long a mail waits to be queued for one that another process queues.
const PATIENCE: Duration = Duration::from_secs(10);
const MAILS: &str = "mails";
const DRAFTS: &str = "drafts";
const PAUSE: &str = "pause-";
/// A record that is being moved is missed once, not again and again.
const LOOKS: usize = 20;
