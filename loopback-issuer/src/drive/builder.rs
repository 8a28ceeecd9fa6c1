//! A Drive that is yet to start.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::time::Duration;

use super::Drive;
use super::fault::DriveFault;
use super::file::File;
use super::method::{DriveMethod, EVERYTHING};
use super::state::{Account, State};
use crate::google::settings::{Settings, start, with_settings};

/// A Drive that is yet to start. Its `Debug` shows no token.
#[must_use]
pub struct DriveBuilder {
    settings: Settings<DriveFault>,
    account: Account,
    folders: Vec<File>,
    index_lag: Duration,
    endless: Option<DriveMethod>,
}

impl DriveBuilder {
    pub(super) fn new() -> Self {
        Self {
            settings: Settings::new(EVERYTHING, DriveFault::MIX),
            account: Account::Person,
            folders: Vec::new(),
            index_lag: Duration::ZERO,
            endless: None,
        }
    }

    /// Adds a folder of this id and name to the account's own Drive. It was opened with the app, so
    /// that every scope shows it.
    pub fn folder(mut self, id: &str) -> Self {
        self.folders.push(File::folder(id, None));
        self
    }

    /// Adds a folder of this id and name to a shared drive, which a client sees that supports those.
    pub fn shared_folder(mut self, id: &str) -> Self {
        self.folders.push(File::folder(id, Some("0ASharedDrive".to_owned())));
        self
    }

    /// Makes the account one of a service, which has no storage of its own.
    pub fn service_account(mut self) -> Self {
        self.account = Account::Service;
        self
    }

    /// Sets how long a new file is not listed; no time by default. By its id it is there at once.
    pub fn index_lag(mut self, lag: Duration) -> Self {
        self.index_lag = lag;
        self
    }

    /// Lets each page of this method's lists name a next one, as no Drive does; blank ones follow.
    pub fn endless(mut self, list: DriveMethod) -> Self {
        self.endless = Some(list);
        self
    }

    /// Starts Drive on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening on that port, or against a thread.
    pub fn start(self) -> io::Result<Drive> {
        let (state, loopback) = start(self.settings.port, self.state())?;
        Ok(Drive { state, loopback })
    }

    fn state(self) -> State {
        let mut seed = self.settings.rng();
        State {
            account: self.account,
            faults: self.settings.faults(seed.fork()),
            tokens: self.settings.tokens.or_default(),
            files: self.folders,
            generated: HashSet::new(),
            used: HashSet::new(),
            index_lag: self.index_lag,
            endless: self.endless,
            sessions: Vec::new(),
            rng: seed.fork(),
            calls: HashMap::new(),
            log: String::new(),
            planned: HashMap::new(),
        }
    }
}

with_settings!(DriveBuilder, DriveFault, "drive.file");

impl fmt::Debug for DriveBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DriveBuilder")
            .field("port", &self.settings.port)
            .field("seed", &self.settings.seed)
            .field("account", &self.account)
            .field("folders", &self.folders.len())
            .field("index_lag", &self.index_lag)
            .field("faults", &self.settings.fault_rate)
            .finish_non_exhaustive()
    }
}
