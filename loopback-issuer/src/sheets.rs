//! Sheets as a test holds it: started, told to fail, edited by people, and asked what it holds.

mod builder;
mod fault;
mod fields;
mod method;
mod person;
mod range;
mod refusal;
mod resource;
mod state;
mod tab;
mod update;
mod value;
mod values;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use builder::SheetsBuilder;
pub use fault::SheetsFault;
pub use method::SheetsMethod;
pub use person::PersonAct;
pub use tab::{SheetCell, SheetTab};
pub use value::SheetValue;

use state::State;

use crate::google::Shared;
use crate::loopback::Loopback;

/// A running Sheets with one spreadsheet, which stops when it is dropped.
///
/// It speaks [Sheets' API](https://developers.google.com/workspace/sheets/api/reference/rest) as
/// far as [`SheetsMethod`] goes, and is strict: what it does not know, in a request or a field
/// mask, is refused. A batch is done as a whole or not at all. Formulas are kept, not computed.
///
/// People edit, sort and move rows just before a request is done: those that a test
/// [scripts](Self::before_next), or as they are [drawn](SheetsBuilder::people) from the seed. Each
/// cell remembers what a person last put there, so that a test can tell what requests did to it.
///
/// Its methods block the thread at most for the length of a lock, except
/// [`wait_for_requests`](Self::wait_for_requests).
pub struct Sheets {
    state: Arc<Mutex<State>>,
    loopback: Loopback,
}

impl Sheets {
    /// Builds one, with tabs.
    pub fn builder() -> SheetsBuilder {
        SheetsBuilder::new()
    }

    /// What stands in for `https://sheets.googleapis.com`: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        self.loopback.uri("")
    }

    /// The tab of this title, as it is now.
    pub fn tab(&self, title: &str) -> Option<SheetTab> {
        self.state().book.tabs.iter().find(|tab| tab.title == title).cloned()
    }

    /// A person does something to the tab of this title now; false where there is none.
    pub fn edit(&self, title: &str, act: impl FnOnce(&mut SheetTab)) -> bool {
        let mut state = self.state();
        let tab = state.book.tabs.iter_mut().find(|tab| tab.title == title);
        tab.map(act).is_some()
    }

    /// A person does something to the tab of this title just before the next request for this
    /// method is done; what is scripted for one method is done one act a request, in the order
    /// given.
    pub fn before_next(
        &self,
        method: SheetsMethod,
        title: &str,
        act: impl FnOnce(&mut SheetTab) + Send + 'static,
    ) {
        let mut state = self.state();
        let acts = state.people.scripted.entry(method).or_default();
        acts.push_back((title.to_owned(), Box::new(act)));
    }

    /// Queues a fault: each befalls one of the next requests for this method, in the order given,
    /// before any that is [drawn](SheetsBuilder::faults).
    pub fn fail_next(&self, method: SheetsMethod, fault: SheetsFault) {
        self.state().faults.script(method, fault);
    }

    /// Forgets all faults and all people. What already befell a request is not undone.
    pub fn heal(&self) {
        let mut state = self.state();
        state.faults.heal();
        state.people.habits.clear();
        state.people.scripted.clear();
    }

    /// How many requests were read completely.
    pub fn requests(&self) -> usize {
        self.loopback.requests()
    }

    /// How many of them were for this method and came to be looked at, refused or not.
    pub fn calls(&self, method: SheetsMethod) -> usize {
        self.state().calls.get(&method).copied().unwrap_or(0)
    }

    /// Waits until this many requests have been read since the start: true once they have, false
    /// if they have not in time.
    ///
    /// It blocks the thread: in an async test it belongs in `spawn_blocking`.
    pub fn wait_for_requests(&self, count: usize, at_most: Duration) -> bool {
        self.loopback.wait_for_requests(count, at_most)
    }

    /// How many bytes the bodies of all requests had that were read.
    pub fn body_bytes(&self) -> u64 {
        self.state().body_bytes
    }

    /// What it did, a line for each request: what was asked, what befell it, and what was done; and
    /// what people did before. The same for a seed and a sequence of requests.
    pub fn log(&self) -> String {
        self.state().log.clone()
    }

    /// To be served beside others.
    pub(crate) fn api(&self) -> Shared {
        Arc::<Mutex<State>>::clone(&self.state)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sheets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sheets")
            .field("endpoint", &self.endpoint())
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}
