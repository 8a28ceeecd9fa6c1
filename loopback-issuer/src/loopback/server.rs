//! The threads that serve: one that accepts, and one for each connection.

use std::any::Any;
use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::head::Head;
use super::reply::Reply;
use super::request::Request;
use super::{OnAccept, OnHead};

/// What the threads and the [`Loopback`](crate::Loopback) have in common.
pub(super) struct Server {
    state: Mutex<State>,
    changed: Condvar,
    pub(super) script: Script,
}

/// What a test wrote.
pub(super) struct Script {
    pub(super) on_accept: Box<dyn Fn(usize) -> OnAccept + Send + Sync>,
    pub(super) on_head: Box<dyn Fn(&Head) -> OnHead + Send + Sync>,
    pub(super) handler: Box<dyn Fn(&Request) -> Reply + Send + Sync>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) accepted: usize,
    pub(super) requests: usize,
    pub(super) stopped: bool,
    connections: HashMap<usize, Connection>,
    panicked: Option<Panic>,
}

struct Connection {
    stream: Arc<TcpStream>,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Between two requests.
    Idle,
    /// From the first byte of a request on.
    Busy,
    /// A whole answer is on its way, and the client may have it before this thread knows.
    Answering,
}

type Panic = Box<dyn Any + Send>;

impl Server {
    pub(super) fn new(script: Script) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), script }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and wakes whoever waits for that.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.changed.notify_all();
        changed
    }

    /// Waits while the condition holds, at most this long.
    pub(super) fn wait_while(
        &self,
        at_most: Duration,
        condition: impl Fn(&State) -> bool,
    ) -> MutexGuard<'_, State> {
        let waited =
            self.changed.wait_timeout_while(self.state(), at_most, |state| condition(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Lets this much time pass.
    ///
    /// # Errors
    ///
    /// `ConnectionAborted` once the server is stopped.
    pub(super) fn pause(&self, pause: Duration) -> io::Result<()> {
        let stopped = self.wait_while(pause, |state| !state.stopped).stopped;
        if stopped { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Ends all that waits, reads or writes.
    pub(super) fn stop(&self) {
        self.change(|state| {
            state.stopped = true;
            state.connections.values().for_each(Connection::shut_down);
        });
    }

    /// Waits for the connections' threads, except those whose handler is stuck, and returns what
    /// one of them panicked with.
    pub(super) fn wait_for_threads(&self) -> Option<Panic> {
        self.wait_while(GRACE, |state| !state.connections.is_empty()).panicked.take()
    }

    pub(super) fn disconnect_idle(&self) -> usize {
        let state = self.wait_while(GRACE, |state| state.any_in(Phase::Answering));
        let idle = state.connections.iter().filter(|(_, it)| it.phase == Phase::Idle);
        let numbers: Vec<usize> = idle.map(|(number, it)| (it.shut_down(), *number).1).collect();
        drop(state);
        let left = |state: &State| numbers.iter().any(|it| state.connections.contains_key(it));
        drop(self.wait_while(GRACE, left));
        numbers.len()
    }

    /// Returns once the server is stopped, and a last connection has told it so.
    pub(super) fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            let mut state = self.state();
            if state.stopped {
                return;
            }
            let Ok(stream) = stream.map(Arc::new) else { continue };
            let number = state.accepted;
            state.accepted += 1;
            let connection = Connection { stream: Arc::clone(&stream), phase: Phase::Idle };
            state.connections.insert(number, connection);
            drop(state);
            let server = Arc::clone(self);
            if thread::Builder::new().spawn(move || server.run(number, stream)).is_err() {
                self.change(|state| state.connections.remove(&number));
            }
        }
    }

    fn run(&self, number: usize, stream: Arc<TcpStream>) {
        let served = panic::catch_unwind(AssertUnwindSafe(|| self.serve(number, &stream)));
        // The last handle is the state's: once that has gone, the connection has.
        drop(stream);
        self.change(|state| {
            state.connections.remove(&number);
            if let Err(panicked) = served {
                state.panicked.get_or_insert(panicked);
            }
        });
    }

    pub(super) fn enter(&self, phase: Phase, number: usize) {
        self.change(|state| {
            if let Some(connection) = state.connections.get_mut(&number) {
                connection.phase = phase;
            }
        });
    }
}

impl State {
    fn any_in(&self, phase: Phase) -> bool {
        self.connections.values().any(|connection| connection.phase == phase)
    }
}

impl Connection {
    fn shut_down(&self) {
        let _gone = self.stream.shutdown(Shutdown::Both);
    }
}

/// How long a thread is waited for that should be gone at once.
const GRACE: Duration = Duration::from_secs(1);
