//! A Gmail that is yet to start.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::time::Duration;

use super::Gmail;
use super::fault::GmailFault;
use super::mailbox::Mailbox;
use super::message_id::MessageIds;
use super::method::EVERYTHING;
use super::quota::Quota;
use super::state::{People, State};
use crate::google::settings::{Settings, start, with_settings};

/// A Gmail that is yet to start. Its `Debug` shows no token.
#[must_use]
pub struct GmailBuilder {
    settings: Settings<GmailFault>,
    address: String,
    quota: Quota,
    index_lag: Duration,
    message_ids: MessageIds,
    person_deletes: f64,
}

impl GmailBuilder {
    pub(super) fn new() -> Self {
        Self {
            settings: Settings::new(EVERYTHING, GmailFault::MIX),
            address: "me@example.com".to_owned(),
            quota: Quota::default(),
            index_lag: Duration::ZERO,
            message_ids: MessageIds::Kept,
            person_deletes: 0.0,
        }
    }

    /// Sets whose mailbox it is; `me@example.com` by default.
    pub fn address(mut self, address: &str) -> Self {
        self.address = address.to_owned();
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
        let (state, loopback) = start(self.settings.port, self.state())?;
        Ok(Gmail { state, loopback })
    }

    fn state(self) -> State {
        let mut seed = self.settings.rng();
        State {
            address: self.address,
            mailbox: Mailbox::new(seed.fork(), self.message_ids, self.index_lag),
            quota: self.quota,
            faults: self.settings.faults(seed.fork()),
            tokens: self.settings.tokens.or_default(),
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

with_settings!(GmailBuilder, GmailFault, "gmail.compose");

impl fmt::Debug for GmailBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GmailBuilder")
            .field("port", &self.settings.port)
            .field("seed", &self.settings.seed)
            .field("address", &self.address)
            .field("index_lag", &self.index_lag)
            .field("message_ids", &self.message_ids)
            .field("faults", &self.settings.fault_rate)
            .field("person_deletes", &self.person_deletes)
            .finish_non_exhaustive()
    }
}
