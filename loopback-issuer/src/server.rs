//! The threads that serve: one that accepts, and one for each connection.

use std::collections::{HashMap, VecDeque};
use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use socket2::SockRef;

use crate::authorize;
use crate::fault::Fault;
use crate::grants::Grants;
use crate::http::{Framing, Request, Response};
use crate::recorded::Recorded;

/// What the threads and the [`Issuer`](crate::Issuer) have in common.
pub(crate) struct Server {
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
    stopped: bool,
    connections: HashMap<usize, Arc<TcpStream>>,
}

impl Server {
    pub(crate) fn new(grants: Grants, latency: Duration) -> Self {
        let state = State {
            grants,
            recorded: Vec::new(),
            faults: VecDeque::new(),
            lasting_fault: None,
            gate: 0,
            stopped: false,
            connections: HashMap::new(),
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), latency }
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
    pub(crate) fn wait_while(&self, at_most: Duration, condition: impl Fn(&State) -> bool) {
        let waits = |state: &mut State| !state.stopped && condition(state);
        drop(self.changed.wait_timeout_while(self.state(), at_most, waits));
    }

    /// Returns once the server is stopped, and a last connection has told it so.
    pub(crate) fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for (number, stream) in listener.incoming().enumerate() {
            let mut state = self.state();
            if state.stopped {
                return;
            }
            let Ok(stream) = stream.map(Arc::new) else { continue };
            state.connections.insert(number, Arc::clone(&stream));
            drop(state);
            let server = Arc::clone(self);
            let serve = move || {
                let _gone = server.serve(&stream);
                // Not shut down: after a reset the last handle has to close without a word.
                server.state().connections.remove(&number);
            };
            if thread::Builder::new().spawn(serve).is_err() {
                self.state().connections.remove(&number);
            }
        }
    }

    /// Ends all that waits, reads or writes.
    pub(crate) fn stop(&self) {
        self.change(|state| {
            state.stopped = true;
            for stream in state.connections.values() {
                let _gone = stream.shutdown(Shutdown::Both);
            }
        });
    }

    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        while let Some(request) = Request::read(&mut reader)? {
            let turn = self.turn(&request);
            if self.deliver(stream, &turn)?.is_break() || request.is_last() {
                break;
            }
        }
        Ok(())
    }

    fn turn(&self, request: &Request) -> Turn {
        let response = match request.line() {
            _ if request.is_chunked() => {
                Response::error(411, "invalid_request", "Content-Length is required")
            }
            ("POST", "/token") => {
                let turn = self.change(|state| state.token(request));
                self.wait_while(self.latency, |_| true);
                return turn;
            }
            ("GET", "/authorize") => authorize::ask(request),
            ("POST", "/authorize/decision") => authorize::decide(request, &mut self.state().grants),
            ("GET", "/whoami") => self.state().whoami(request),
            ("GET", "/requests") => {
                Response::new(200, "text/plain", self.state().recorded.len().to_string())
            }
            (_, "/authorize" | "/authorize/decision" | "/token" | "/whoami" | "/requests") => {
                Response::error(405, "invalid_request", "method not allowed")
            }
            _ => Response::error(404, "invalid_request", "no such endpoint"),
        };
        Turn { response, fault: None, gate: 0 }
    }

    /// Breaks where the connection is over.
    fn deliver(&self, mut stream: &TcpStream, turn: &Turn) -> io::Result<ControlFlow<()>> {
        let body = turn.response.body();
        match &turn.fault {
            Some(Fault::Hang) => while stream.read(&mut [0; 1024])? > 0 {},
            Some(Fault::Reset) => SockRef::from(stream).set_linger(Some(Duration::ZERO))?,
            Some(Fault::LostAnswer) => {}
            Some(Fault::HalfBody) => {
                stream.write_all(&turn.bytes(&body[..body.len() / 2], Framing::Length))?
            }
            Some(Fault::Huge) => stream.write_all(&turn.bytes(body, Framing::UntilClose))?,
            Some(Fault::Drip) => {
                stream.write_all(&turn.bytes(b"", Framing::Length))?;
                for byte in body {
                    self.wait_while(DRIP, |_| true);
                    stream.write_all(&[*byte])?;
                }
                return Ok(ControlFlow::Continue(()));
            }
            other => {
                if *other == Some(Fault::Gate) {
                    self.wait_while(Duration::MAX, |state| state.gate == turn.gate);
                }
                stream.write_all(&turn.bytes(body, Framing::Length))?;
                return Ok(ControlFlow::Continue(()));
            }
        }
        Ok(ControlFlow::Break(()))
    }
}

impl State {
    /// One step under the lock: once a request is counted, its grant is done with.
    fn token(&mut self, request: &Request) -> Turn {
        self.recorded.push(Recorded::new(request));
        let fault = self.faults.pop_front().or_else(|| self.lasting_fault.clone());
        let canned = fault.as_ref().and_then(Fault::canned);
        let response = canned.unwrap_or_else(|| self.grants.answer(request));
        Turn { response, fault, gate: self.gate }
    }

    fn whoami(&self, request: &Request) -> Response {
        match request.bearer().and_then(|token| self.grants.live(token)) {
            Some(token) => Response::json(200, &json!({ "scope": token.scope })),
            None => Response::error(401, "invalid_token", "expired, revoked or never minted here")
                .with("WWW-Authenticate", "Bearer error=\"invalid_token\""),
        }
    }
}

/// One request's answer, and what befalls it on the way.
struct Turn {
    response: Response,
    fault: Option<Fault>,
    gate: u64,
}

impl Turn {
    /// The head and this much of the body, to go out in one write.
    fn bytes(&self, body: &[u8], framing: Framing) -> Vec<u8> {
        let now = Timestamp::now();
        let date = match self.fault {
            Some(Fault::ClockAhead(by)) => now.checked_add(by).unwrap_or(Timestamp::MAX),
            Some(Fault::ClockBehind(by)) => now.checked_sub(by).unwrap_or(Timestamp::UNIX_EPOCH),
            _ => now,
        };
        [self.response.head(date, framing).as_bytes(), body].concat()
    }
}

const DRIP: Duration = Duration::from_millis(200);
