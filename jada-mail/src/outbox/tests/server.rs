//! A server in memory that does what it is asked, and answers as a test says.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use jada_auth::{Clock, ManualClock};
use jiff::Timestamp;

use crate::{DraftId, Error, Letter, MessageId, Proof, Receipt, Trace, Transport, files::crash};

/// What befalls one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Good,
    /// Done, and the answer is lost.
    LostAfter,
    /// Not done, and nobody is told.
    LostBefore,
    Unavailable(Option<Duration>),
    Refused,
    Blocked,
    /// Done, and the client dies before it has read the answer.
    DiesAfter,
    /// The client dies before the server reads anything.
    DiesBefore,
}

/// A clone is the same server.
#[derive(Clone, Debug)]
pub(super) struct Server(Arc<Mutex<State>>);

#[derive(Debug)]
pub(super) struct State {
    pub(super) proof: Proof,
    pub(super) drafts: BTreeMap<String, MessageId>,
    pub(super) sent: Vec<(MessageId, Timestamp)>,
    pub(super) faults: VecDeque<Fault>,
    pub(super) calls: Vec<&'static str>,
    /// Before that a mail is not found that was sent.
    index_lag: Duration,
    made: usize,
    clock: Option<Arc<ManualClock>>,
}

impl Server {
    pub(super) fn new(proof: Proof) -> Self {
        Self(Arc::new(Mutex::new(State {
            proof,
            drafts: BTreeMap::new(),
            sent: Vec::new(),
            faults: VecDeque::new(),
            calls: Vec::new(),
            index_lag: Duration::from_secs(100),
            made: 0,
            clock: None,
        })))
    }

    /// What befalls the next steps that change something, or search.
    pub(super) fn with_faults(self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.state().faults.extend(faults);
        self
    }

    pub(super) fn tell_time(&self, clock: &Arc<ManualClock>) {
        self.state().clock = Some(Arc::clone(clock));
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().calls)
    }

    fn step<T>(&self, call: &'static str, act: impl FnOnce(&mut State) -> T) -> Result<T, Error> {
        let mut state = self.state();
        state.calls.push(call);
        let fault = state.faults.pop_front().unwrap_or(Fault::Good);
        match fault {
            Fault::Good => Ok(act(&mut state)),
            Fault::LostAfter => {
                act(&mut state);
                Err(Error::InDoubt { retry_after: None, source: "the line was cut".into() })
            }
            Fault::LostBefore => {
                Err(Error::InDoubt { retry_after: None, source: "the line was cut".into() })
            }
            Fault::Unavailable(retry_after) => {
                Err(Error::Unavailable { retry_after, source: "busy".into() })
            }
            Fault::Refused => Err(Error::Refused { source: "no such recipient".into() }),
            Fault::Blocked => Err(Error::Blocked { source: "the grant is revoked".into() }),
            Fault::DiesAfter => {
                crash::after(0);
                Ok(act(&mut state))
            }
            Fault::DiesBefore => {
                crash::after(0);
                Err(Error::InDoubt { retry_after: None, source: "nobody reads this".into() })
            }
        }
    }
}

impl State {
    fn now(&self) -> Timestamp {
        self.clock.as_ref().unwrap().now().wall
    }

    fn receive(&mut self, message_id: &MessageId) -> Receipt {
        let now = self.now();
        self.sent.push((message_id.clone(), now));
        Receipt::new(message_id.clone(), format!("m-{}", self.sent.len()))
    }
}

#[async_trait]
impl Transport for Server {
    fn name(&self) -> &str {
        "server"
    }

    async fn proof(&self) -> Result<Proof, Error> {
        Ok(self.state().proof)
    }

    async fn send(&self, letter: &Letter) -> Result<Receipt, Error> {
        self.step("send", |state| {
            let id = letter.message_id();
            let known = state.sent.iter().any(|(sent, _)| sent == id);
            match state.proof == Proof::Idempotent && known {
                true => Receipt::new(id.clone(), "m-1"),
                false => state.receive(id),
            }
        })
    }

    async fn stage(&self, letter: &Letter) -> Result<DraftId, Error> {
        self.step("stage", |state| {
            state.made += 1;
            let id = format!("r-{}", state.made);
            state.drafts.insert(id.clone(), letter.message_id().clone());
            id.parse().unwrap()
        })
    }

    async fn send_staged(&self, draft: &DraftId, _: &Letter) -> Result<Option<Receipt>, Error> {
        self.step("release", |state| {
            let message_id = state.drafts.remove(draft.as_str())?;
            Some(state.receive(&message_id))
        })
    }

    async fn find_sent(&self, trace: &Trace) -> Result<Option<Receipt>, Error> {
        self.step("find", |state| {
            let (now, lag) = (state.now(), state.index_lag);
            let mut sent = state.sent.iter().enumerate();
            let found = sent.find(|(_, (id, at))| {
                *id == trace.message_id && *at >= trace.since && *at + lag <= now
            });
            found.map(|(at, (id, _))| Receipt::new(id.clone(), format!("m-{}", at + 1)))
        })
    }

    async fn remove_drafts(&self, trace: &Trace) -> Result<usize, Error> {
        self.step("remove", |state| {
            let before = state.drafts.len();
            let keep = trace.keep.as_ref().map(DraftId::as_str);
            state.drafts.retain(|id, of| *of != trace.message_id || Some(id.as_str()) == keep);
            before - state.drafts.len()
        })
    }
}
