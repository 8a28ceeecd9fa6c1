//! One connection: its requests one after another, each looked at before it is read.

use std::io::{self, Read as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use socket2::SockRef;

use super::delivery::{After, Delivery};
use super::head::{Head, malformed};
use super::reply::{Persistence, Reply};
use super::request::Request;
use super::server::{Phase, Server};
use super::{OnAccept, OnHead};

impl Server {
    /// Returns once the connection is to be closed, or reset where its linger time is zero.
    pub(super) fn serve(&self, connection: usize, stream: &TcpStream) -> io::Result<()> {
        if (self.script.on_accept)(connection) == OnAccept::Reset {
            return reset(stream);
        }
        stream.set_nodelay(true)?;
        for number in 0.. {
            let after = match self.exchange(connection, number, stream) {
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    self.refuse(&error, stream)
                }
                other => other,
            };
            match after? {
                After::Keep => self.enter(Phase::Idle, connection),
                After::Close => break,
                After::Linger => return linger(stream),
                After::Reset => return reset(stream),
            }
        }
        Ok(())
    }

    fn exchange(
        &self,
        connection: usize,
        number: usize,
        mut stream: &TcpStream,
    ) -> io::Result<After> {
        let Some(head) = self.look_at_head(connection, number, stream)? else {
            return Ok(After::Close);
        };
        let length = head.length();
        match (self.script.on_head)(&head) {
            OnHead::Read => {
                skip(stream, length)?;
                self.handle(&Request::read(head, &mut stream, usize::MAX)?, stream)
            }
            OnHead::ReadPart(at_most) => {
                skip(stream, length)?;
                let request = Request::read(head, &mut stream, at_most)?;
                self.handle(&request, stream).map(After::and_over)
            }
            OnHead::ResetUnread => Ok(After::Reset),
            OnHead::CloseUnread => Ok(After::Linger),
            OnHead::ResetAfter(further) => {
                skip(stream, length.saturating_add(further))?;
                Ok(After::Reset)
            }
            OnHead::Answer(reply) => {
                skip(stream, length)?;
                self.answer(&head, reply, Persistence::Close, stream).map(After::and_over)
            }
        }
    }

    /// Looks at what has arrived until it is a head, and reads none of it; `None` where the client
    /// closed instead of asking again.
    fn look_at_head(
        &self,
        connection: usize,
        number: usize,
        stream: &TcpStream,
    ) -> io::Result<Option<Head>> {
        let mut seen = vec![0; MAX_HEAD];
        for _ in 0..MAX_GLANCES {
            let length = stream.peek(&mut seen)?;
            if length == 0 {
                return Ok(None);
            }
            self.enter(Phase::Busy, connection);
            if let Some(end) = seen[..length].windows(END.len()).position(|w| w == END) {
                return Head::parse(&seen[..end + END.len()], connection, number).map(Some);
            }
            // What was looked at once would be looked at again without rest.
            self.pause(GLANCE)?;
        }
        Err(malformed("a head comes in one piece"))
    }

    fn handle(&self, request: &Request, stream: &TcpStream) -> io::Result<After> {
        if request.is_whole() {
            self.change(|state| state.requests += 1);
        }
        let reply = (self.script.handler)(request);
        let ends = request.is_last() || !request.is_whole();
        let persistence = if ends { Persistence::Close } else { Persistence::KeepAlive };
        self.answer(request, reply, persistence, stream)
    }

    fn answer(
        &self,
        head: &Head,
        reply: Reply,
        persistence: Persistence,
        stream: &TcpStream,
    ) -> io::Result<After> {
        let reply = if head.method() == "HEAD" { reply.without_body() } else { reply };
        if reply.delivery() == Delivery::Whole {
            self.enter(Phase::Answering, head.connection());
        }
        self.deliver(stream, &reply, persistence)
    }

    /// Answers 400 to what is no request.
    fn refuse(&self, error: &io::Error, stream: &TcpStream) -> io::Result<After> {
        let reply = Reply::new(400).body("text/plain", error.to_string());
        self.deliver(stream, &reply, Persistence::Close).map(After::and_over)
    }
}

fn skip(stream: &TcpStream, length: usize) -> io::Result<()> {
    io::copy(&mut stream.take(length as u64), &mut io::sink()).map(drop)
}

fn linger(mut stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

/// The close that follows is a reset.
fn reset(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

const END: &[u8] = b"\r\n\r\n";
const MAX_HEAD: usize = 1 << 16;
/// A head is sent at once, as a rule; one that stays a piece for five seconds is none.
const MAX_GLANCES: usize = 5_000;
const GLANCE: Duration = Duration::from_millis(1);
