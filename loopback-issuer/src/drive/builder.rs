//! A Drive that is yet to start.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;

use super::Drive;
use super::fault::DriveFault;
use super::file::File;
use super::method::{DriveMethod, EVERYTHING};
use super::state::{Account, State};
use crate::google::auth::Tokens;
use crate::google::fault::Faults;
use crate::google::{Shared, serve};

/// A Drive that is yet to start. Its `Debug` shows no token.
#[must_use]
pub struct DriveBuilder {
    port: u16,
    seed: u64,
    tokens: Tokens,
    account: Account,
    folders: Vec<File>,
    index_lag: Duration,
    endless: Option<DriveMethod>,
    fault_rate: f64,
    mix: Vec<DriveFault>,
}

impl DriveBuilder {
    pub(super) fn new() -> Self {
        Self {
            port: 0,
            seed: 0,
            tokens: Tokens::new(EVERYTHING),
            account: Account::Person,
            folders: Vec::new(),
            index_lag: Duration::ZERO,
            endless: None,
            fault_rate: 0.0,
            mix: DriveFault::MIX.to_vec(),
        }
    }

    /// Sets the port; one that is free by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the seed of all that is drawn: faults and ids; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Takes the bearer token `name`, and each that is `name-` and something, for these scopes,
    /// such as `https://www.googleapis.com/auth/drive.file`. Where no token is named, there is
    /// `good`, which may do everything.
    pub fn token<'a>(mut self, name: &str, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.tokens.grant(name, scopes.into_iter().map(str::to_owned).collect());
        self
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

    /// Lets a fault of the [mix](Self::mix) befall this share of all requests, 0 ≤ share ≤ 1; none
    /// by default.
    ///
    /// A token that was good for fewer than five requests does not die of it: a client that gets
    /// 401 twice in a row is right to give up.
    pub fn faults(mut self, rate: f64) -> Self {
        self.fault_rate = rate;
        self
    }

    /// Sets what is drawn from, each as often as another; [`DriveFault::MIX`] by default.
    pub fn mix(mut self, mix: impl IntoIterator<Item = DriveFault>) -> Self {
        self.mix = mix.into_iter().collect();
        self
    }

    /// Starts Drive on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening on that port, or against a thread.
    pub fn start(self) -> io::Result<Drive> {
        let port = self.port;
        let state = Arc::new(Mutex::new(self.state()));
        let api: Shared = Arc::<Mutex<State>>::clone(&state);
        Ok(Drive { state, loopback: serve(port, vec![api])? })
    }

    /// What is drawn for one thing does not depend on how often another was drawn.
    fn state(self) -> State {
        let mut seed = Rng::with_seed(self.seed);
        State {
            tokens: self.tokens.or_default(),
            account: self.account,
            faults: Faults::new(seed.fork(), self.fault_rate, self.mix),
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

impl fmt::Debug for DriveBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DriveBuilder")
            .field("port", &self.port)
            .field("seed", &self.seed)
            .field("account", &self.account)
            .field("folders", &self.folders.len())
            .field("index_lag", &self.index_lag)
            .field("faults", &self.fault_rate)
            .finish_non_exhaustive()
    }
}
