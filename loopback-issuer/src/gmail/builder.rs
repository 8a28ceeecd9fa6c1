//! A Gmail that is yet to start.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;

use super::Gmail;
use super::fault::GmailFault;
use super::mailbox::Mailbox;
use super::message_id::MessageIds;
use super::method::EVERYTHING;
use super::quota::Quota;
use super::state::{People, State};
use crate::google::auth::Tokens;
use crate::google::fault::Faults;
use crate::google::{Shared, serve};

/// A Gmail that is yet to start. Its `Debug` shows no token.
#[must_use]
pub struct GmailBuilder {
    port: u16,
    seed: u64,
    address: String,
    tokens: Tokens,
    quota: Quota,
    index_lag: Duration,
    message_ids: MessageIds,
    fault_rate: f64,
    mix: Vec<GmailFault>,
    person_deletes: f64,
}

impl GmailBuilder {
    pub(super) fn new() -> Self {
        Self {
            port: 0,
            seed: 0,
            address: "me@example.com".to_owned(),
            tokens: Tokens::new(EVERYTHING),
            quota: Quota::default(),
            index_lag: Duration::ZERO,
            message_ids: MessageIds::Kept,
            fault_rate: 0.0,
            mix: GmailFault::MIX.to_vec(),
            person_deletes: 0.0,
        }
    }

    /// Sets the port; one that is free by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the seed of all that is drawn: faults, ids, and what a person does; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets whose mailbox it is; `me@example.com` by default.
    pub fn address(mut self, address: &str) -> Self {
        self.address = address.to_owned();
        self
    }

    /// Takes the bearer token `name`, and each that is `name-` and something, for these scopes,
    /// such as `https://www.googleapis.com/auth/gmail.compose`. Where no token is named, there is
    /// `good`, which may do everything.
    pub fn token<'a>(mut self, name: &str, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.tokens.grant(name, scopes.into_iter().map(str::to_owned).collect());
        self
    }

    /// Sets how long a draft or a sent mail is neither listed nor found; no time by default. By
    /// its id it is there at once, and a draft that was sent or deleted is gone at once.
    pub fn index_lag(mut self, lag: Duration) -> Self {
        self.index_lag = lag;
        self
    }

    /// Sets what becomes of a `Message-ID`; it is kept by default.
    pub fn message_ids(mut self, message_ids: MessageIds) -> Self {
        self.message_ids = message_ids;
        self
    }

    /// Refuses with 429 `rateLimitExceeded` what would spend more than so many
    /// [units](super::GmailMethod::units) in any window of this length, such as 15,000 in a
    /// minute. No limit by default.
    pub fn limit(mut self, units: u64, window: Duration) -> Self {
        self.quota = Quota::limited(units, window);
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

    /// Sets what is drawn from, each as often as another; [`GmailFault::MIX`] by default.
    pub fn mix(mut self, mix: impl IntoIterator<Item = GmailFault>) -> Self {
        self.mix = mix.into_iter().collect();
        self
    }

    /// Lets a person delete this share of the drafts just when they are to be sent, 0 ≤ share ≤ 1;
    /// none by default.
    pub fn person_deletes(mut self, rate: f64) -> Self {
        self.person_deletes = rate;
        self
    }

    /// Starts Gmail on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening on that port, or against a thread.
    pub fn start(self) -> io::Result<Gmail> {
        let port = self.port;
        let state = Arc::new(Mutex::new(self.state()));
        let api: Shared = Arc::<Mutex<State>>::clone(&state);
        let loopback = serve(port, vec![api])?;
        Ok(Gmail { state, loopback })
    }

    /// What is drawn for one thing does not depend on how often another was drawn.
    fn state(self) -> State {
        let mut seed = Rng::with_seed(self.seed);
        State {
            address: self.address,
            mailbox: Mailbox::new(seed.fork(), self.message_ids, self.index_lag),
            tokens: self.tokens.or_default(),
            quota: self.quota,
            faults: Faults::new(seed.fork(), self.fault_rate, self.mix),
            people: People { rng: seed.fork(), rate: self.person_deletes },
            sessions: Vec::new(),
            rng: seed.fork(),
            calls: HashMap::new(),
            body_bytes: 0,
            log: String::new(),
            planned: HashMap::new(),
        }
    }
}

impl fmt::Debug for GmailBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GmailBuilder")
            .field("port", &self.port)
            .field("seed", &self.seed)
            .field("address", &self.address)
            .field("index_lag", &self.index_lag)
            .field("message_ids", &self.message_ids)
            .field("faults", &self.fault_rate)
            .field("person_deletes", &self.person_deletes)
            .finish_non_exhaustive()
    }
}
