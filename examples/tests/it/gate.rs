//! A way to a server that is shut at a word, until a test opens it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// Passes on whatever comes, but waits before the first request with a word in it.
pub(crate) struct Gate {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Shut,
    /// Somebody waits.
    Reached,
    Open,
}

impl Gate {
    /// A gate in front of the server at `endpoint`.
    pub(crate) fn before(endpoint: &str, word: &'static str) -> Self {
        let server: SocketAddr = endpoint.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new((Mutex::new(State::Shut), Condvar::new()));
        let gate = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(server).unwrap());
                let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                thread::spawn(move || pass_on(back, |_| {}));
                let gate = Arc::clone(&gate);
                thread::spawn(move || {
                    pass_on((client, server), |bytes| {
                        if String::from_utf8_lossy(bytes).contains(word) {
                            stand(&gate);
                        }
                    });
                });
            }
        });
        Self { address, state }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Until somebody waits at it.
    pub(crate) fn wait(&self) {
        let (state, changed) = &*self.state;
        let is_shut = |state: &mut State| *state == State::Shut;
        drop(changed.wait_while(state.lock().unwrap(), is_shut).unwrap());
    }

    pub(crate) fn open(&self) {
        let (state, changed) = &*self.state;
        *state.lock().unwrap() = State::Open;
        changed.notify_all();
    }
}

fn stand((state, changed): &(Mutex<State>, Condvar)) {
    let mut guard = state.lock().unwrap();
    if *guard == State::Shut {
        *guard = State::Reached;
        changed.notify_all();
    }
    drop(changed.wait_while(guard, |state| *state != State::Open).unwrap());
}

fn pass_on((mut from, mut to): (TcpStream, TcpStream), before: impl Fn(&[u8])) {
    let mut bytes = [0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        before(&bytes[..count]);
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    // Either side may have gone before.
    let _ = to.shutdown(Shutdown::Write);
}
