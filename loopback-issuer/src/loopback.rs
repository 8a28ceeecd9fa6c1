//! A server whose answers a test writes, and what a test asks of it.

mod connection;
mod delivery;
mod head;
mod reply;
mod request;
mod server;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::panic;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use delivery::Delivery;
pub use head::Head;
pub use reply::Reply;
pub use request::Request;

use server::{Script, Server};

/// A running HTTP/1.1 server on 127.0.0.1, whose answers are a closure's. It stops when it is
/// dropped.
///
/// A connection has a thread of its own and is kept alive, so the closure may be called by several
/// threads at once. Nothing is read beyond the request that is being answered. Where a closure
/// panics, its connection closes, and the drop of this value panics in turn: an assertion in a
/// closure fails the test.
pub struct Loopback {
    server: Arc<Server>,
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl Loopback {
    /// Starts a server that reads each request and answers as the handler says, on a port that is
    /// free.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening, or against a thread.
    pub fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        Self::builder().start(handler)
    }

    /// Builds a server whose port is given, or that fails before it has read a request.
    pub fn builder() -> LoopbackBuilder {
        LoopbackBuilder {
            port: 0,
            on_accept: Box::new(|_| OnAccept::Serve),
            on_head: Box::new(|_| OnHead::Read),
        }
    }

    /// The address of a path that begins with `/`: `http://127.0.0.1:PORT/path`.
    pub fn uri(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections were accepted, those among them that were reset at once.
    pub fn connections(&self) -> usize {
        self.server.state().accepted
    }

    /// How many requests were read completely. The handler may be at work on the last of them.
    pub fn requests(&self) -> usize {
        self.server.state().requests
    }

    /// Waits until this many requests have been read since the start: true once they have, false
    /// if they have not in time.
    ///
    /// It blocks the thread: in an async test it belongs in `spawn_blocking`.
    pub fn wait_for_requests(&self, count: usize, at_most: Duration) -> bool {
        self.server.wait_while(at_most, |state| !state.stopped && state.requests < count).requests
            >= count
    }

    /// Closes every connection that is idle between two requests, so that a client's pool holds
    /// dead ones, and returns how many those were.
    ///
    /// It waits, a second at most, for answers that are on their way as a whole. It blocks the
    /// thread no longer than that.
    pub fn disconnect_idle(&self) -> usize {
        self.server.disconnect_idle()
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.server.stop();
        // The listener is asleep until somebody comes. Where nobody can, it is left to sleep.
        if TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok() {
            let _panicked = self.accepting.take().map(JoinHandle::join);
        }
        if let Some(panicked) = self.server.wait_for_threads()
            && !thread::panicking()
        {
            panic::resume_unwind(panicked);
        }
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback")
            .field("uri", &self.uri("/"))
            .field("connections", &self.connections())
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}

/// A server that is yet to start.
#[must_use]
pub struct LoopbackBuilder {
    port: u16,
    on_accept: Box<dyn Fn(usize) -> OnAccept + Send + Sync>,
    on_head: Box<dyn Fn(&Head) -> OnHead + Send + Sync>,
}

impl LoopbackBuilder {
    /// Sets the port; one that is free by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets what becomes of a connection, counted from 0; each is served by default.
    pub fn on_accept(
        mut self,
        on_accept: impl Fn(usize) -> OnAccept + Send + Sync + 'static,
    ) -> Self {
        self.on_accept = Box::new(on_accept);
        self
    }

    /// Sets what becomes of a request whose head has arrived and is not read yet; each is read by
    /// default.
    pub fn on_head(mut self, on_head: impl Fn(&Head) -> OnHead + Send + Sync + 'static) -> Self {
        self.on_head = Box::new(on_head);
        self
    }

    /// Starts the server on 127.0.0.1. The handler answers each request that is read.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening on that port, or against a thread.
    pub fn start(
        self,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Loopback> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        let address = listener.local_addr()?;
        let Self { on_accept, on_head, .. } = self;
        let script = Script { on_accept, on_head, handler: Box::new(handler) };
        let server = Arc::new(Server::new(script));
        let accepting = Arc::clone(&server);
        let accepting = thread::Builder::new().spawn(move || accepting.accept(&listener))?;
        Ok(Loopback { server, address, accepting: Some(accepting) })
    }
}

impl fmt::Debug for LoopbackBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopbackBuilder").field("port", &self.port).finish_non_exhaustive()
    }
}

/// What becomes of a connection that a client has opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnAccept {
    /// Serves it.
    Serve,
    /// Resets it (RST) and looks at nothing that was sent. To the client it was open: a client
    /// that is quick may have sent its request.
    Reset,
}

/// What becomes of a request whose head has arrived, while all of it still waits to be read.
///
/// With all but [`Read`](Self::Read) the connection is over.
#[derive(Debug)]
#[non_exhaustive]
pub enum OnHead {
    /// Reads it, and has the handler answer.
    Read,
    /// Reads the head and at most this many bytes of the body, and has the handler answer: see
    /// [`Request::is_whole`].
    ReadPart(usize),
    /// Resets the connection (RST), and reads nothing.
    ResetUnread,
    /// Closes the connection (FIN) without an answer, and lets what still comes run into nothing.
    CloseUnread,
    /// Reads the head and this many bytes of what follows, and resets the connection (RST).
    ResetAfter(usize),
    /// Answers by the head alone, as servers do that refuse a body, and lets what still comes run
    /// into nothing.
    Answer(Reply),
}
