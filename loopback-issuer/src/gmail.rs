//! Gmail as a test holds it: started, told to fail, and asked what it did.

mod builder;
mod drafts;
mod fault;
mod mail;
mod mailbox;
mod message_id;
mod messages;
mod method;
mod page;
mod quota;
mod resource;
mod search;
mod state;
mod upload;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

pub use builder::GmailBuilder;
pub use fault::GmailFault;
pub use mail::{DraftMail, SentMail};
pub use message_id::MessageIds;
pub use method::GmailMethod;

use mail::Mail;
use state::State;

use crate::google::Shared;
use crate::loopback::Loopback;

/// A running Gmail with one mailbox, which stops when it is dropped.
///
/// It speaks [Gmail's API](https://developers.google.com/workspace/gmail/api/reference/rest) as far
/// as [`GmailMethod`] goes, and is as strict as Gmail about tokens, scopes, sizes and thread ids.
/// What it sends goes nowhere: [`sent`](Self::sent) tells. What it does is the same for a
/// [seed](GmailBuilder::seed) and a sequence of requests. A request that hangs holds nobody up.
///
/// Its methods block the thread at most for the length of a lock, except
/// [`wait_for_requests`](Self::wait_for_requests).
pub struct Gmail {
    state: Arc<Mutex<State>>,
    loopback: Loopback,
}

impl Gmail {
    /// Starts one that never fails, on a port that is free. The token `good` may do everything.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening, or against a thread.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Builds one that is out of the ordinary.
    pub fn builder() -> GmailBuilder {
        GmailBuilder::new()
    }

    /// What stands in for `https://gmail.googleapis.com`: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        self.loopback.uri("")
    }

    /// Queues a fault: each befalls one of the next requests for this method, in the order given,
    /// before any that is [drawn](GmailBuilder::faults).
    pub fn fail_next(&self, method: GmailMethod, fault: GmailFault) {
        self.state().faults.script(method, fault);
    }

    /// Forgets all faults, queued or to be drawn, and the person who deletes drafts. What already
    /// befell a request is not undone.
    pub fn heal(&self) {
        let mut state = self.state();
        state.faults.heal();
        state.people.rate = 0.0;
    }

    /// A mail from elsewhere arrives in the inbox now, and is listed at once: its id.
    pub fn deliver(&self, raw: impl AsRef<[u8]>) -> String {
        self.deliver_at(raw, Timestamp::now())
    }

    /// A mail from elsewhere has arrived in the inbox at this UTC instant: its id.
    pub fn deliver_at(&self, raw: impl AsRef<[u8]>, at: Timestamp) -> String {
        self.state().mailbox.deliver(raw.as_ref(), at)
    }

    /// A person deletes a draft; false where there is none of this id.
    pub fn delete_draft(&self, id: &str) -> bool {
        self.state().mailbox.delete_draft_by_person(id).is_ok()
    }

    /// What was sent, in this order.
    pub fn sent(&self) -> Vec<SentMail> {
        let state = self.state();
        state.mailbox.mails().iter().filter(|mail| mail.is("SENT")).map(Mail::sent).collect()
    }

    /// The drafts that are there, in the order in which they were created.
    pub fn drafts(&self) -> Vec<DraftMail> {
        self.state().mailbox.mails().iter().filter_map(Mail::draft).collect()
    }

    /// The drafts that a person has deleted, scripted or by
    /// [rate](GmailBuilder::person_deletes), in this order.
    pub fn deleted_by_person(&self) -> Vec<DraftMail> {
        self.state().mailbox.deleted_by_person().to_vec()
    }

    /// How many requests were read completely, at its own address.
    pub fn requests(&self) -> usize {
        self.loopback.requests()
    }

    /// How many of them were for this method and came to be looked at, refused or not.
    pub fn calls(&self, method: GmailMethod) -> usize {
        self.state().calls.get(&method).copied().unwrap_or(0)
    }

    /// Waits until this many requests have been read since the start: true once they have, false
    /// if they have not in time.
    ///
    /// It blocks the thread: in an async test it belongs in `spawn_blocking`.
    pub fn wait_for_requests(&self, count: usize, at_most: Duration) -> bool {
        self.loopback.wait_for_requests(count, at_most)
    }

    /// The quota units spent so far, by [`GmailMethod::units`]. A request costs whatever comes of
    /// it, unless it is refused for its token or the limit, or a fault keeps it from being done.
    pub fn units(&self) -> u64 {
        self.state().quota.spent()
    }

    /// How many bytes the bodies of all requests had that were read.
    pub fn body_bytes(&self) -> u64 {
        self.state().body_bytes
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gmail")
            .field("endpoint", &self.endpoint())
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}
