//! What the issuer answers, and the state that its answers come of.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::authorize;
use crate::fault::Fault;
use crate::grants::Grants;
use crate::loopback::{Delivery, Head, Reply, Request};
use crate::oauth;
use crate::recorded::Recorded;

/// What the server's threads and the [`Issuer`](crate::Issuer) have in common.
pub(crate) struct Endpoints {
    state: Mutex<State>,
    changed: Condvar,
    latency: Duration,
}

pub(crate) struct State {
    pub(crate) grants: Grants,
    pub(crate) recorded: Vec<Recorded>,
    pub(crate) faults: VecDeque<Fault>,
    pub(crate) lasting_fault: Option<Fault>,
    /// How often the gate was opened: an answer is held while this stays as it found it.
    pub(crate) gate: u64,
    pub(crate) stopped: bool,
}

impl Endpoints {
    pub(crate) fn new(grants: Grants, latency: Duration) -> Self {
        let state = State {
            grants,
            recorded: Vec::new(),
            faults: VecDeque::new(),
            lasting_fault: None,
            gate: 0,
            stopped: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), latency }
    }

    pub(crate) fn answer(&self, request: &Request) -> Reply {
        match (request.method(), request.path()) {
            ("POST", "/token") => self.token(request),
            ("GET", "/authorize") => authorize::ask(request),
            ("POST", "/authorize/decision") => authorize::decide(request, &mut self.state().grants),
            ("GET", "/whoami") => self.state().whoami(request),
            ("GET", "/requests") => {
                Reply::new(200).body("text/plain", self.state().recorded.len().to_string())
            }
            (_, "/authorize" | "/authorize/decision" | "/token" | "/whoami" | "/requests") => {
                oauth::error(405, "invalid_request", "method not allowed")
            }
            _ => oauth::error(404, "invalid_request", "no such endpoint"),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and wakes whoever waits for that.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.changed.notify_all();
        changed
    }

    /// Waits while the condition holds and the issuer lives, at most this long.
    pub(crate) fn wait_while(
        &self,
        at_most: Duration,
        condition: impl Fn(&State) -> bool,
    ) -> MutexGuard<'_, State> {
        let waits = |state: &mut State| !state.stopped && condition(state);
        let waited = self.changed.wait_timeout_while(self.state(), at_most, waits);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn token(&self, request: &Request) -> Reply {
        let (reply, held) = self.change(|state| state.token(request));
        drop(self.wait_while(self.latency, |_| true));
        let state = self.wait_while(Duration::MAX, |state| held == Some(state.gate));
        // Nobody let it go.
        if state.stopped { reply.delivered(Delivery::Close) } else { reply }
    }
}

impl State {
    /// One step under the lock: once a request is counted, its grant is done with. Beside the
    /// answer there is the gate that holds it, if one does.
    fn token(&mut self, request: &Request) -> (Reply, Option<u64>) {
        self.recorded.push(Recorded::new(request));
        let fault = self.faults.pop_front().or_else(|| self.lasting_fault.clone());
        let held = (fault == Some(Fault::Gate)).then_some(self.gate);
        let mut good = || self.grants.answer(request);
        let reply = match fault {
            Some(fault) => fault.befall(good),
            None => good(),
        };
        (reply, held)
    }

    fn whoami(&self, request: &Head) -> Reply {
        match request.bearer().and_then(|token| self.grants.live(token)) {
            Some(token) => oauth::json(200, &json!({ "scope": token.scope })),
            None => oauth::error(401, "invalid_token", "expired, revoked or never minted here")
                .header("WWW-Authenticate", "Bearer error=\"invalid_token\""),
        }
    }
}
