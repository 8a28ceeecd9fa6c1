//! The ways in which an answer gets to the client, or does not.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::reply::{Persistence, Reply};
use super::server::Server;

/// How an answer gets to the client. By then its handler has run: only the answer suffers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// As a whole.
    #[default]
    Whole,
    /// As a whole whose length is not announced: it ends with the connection.
    UntilClose,
    /// Never, until the client goes away or the server stops.
    Hang,
    /// Not at all: the connection is reset (RST).
    Reset,
    /// Not at all: the connection is closed (FIN).
    Close,
    /// Half of the head, and the connection is closed.
    HalfHead,
    /// The head, which announces all of the body, and half of that; then the connection is closed.
    HalfBody,
    /// The head, which announces no length, and then the body again and again, as fast as it goes,
    /// until the client goes away; where the body is empty, spaces.
    Endless,
    /// The head, and then the body byte by byte, after a pause of this length each.
    Drip(Duration),
}

impl Server {
    pub(super) fn deliver(
        &self,
        mut stream: &TcpStream,
        reply: &Reply,
        persistence: Persistence,
    ) -> io::Result<After> {
        let body = reply.content();
        let mut send = |bytes: &[u8]| stream.write_all(bytes);
        match reply.delivery() {
            Delivery::Whole => {
                send(&reply.bytes(body, persistence))?;
                return Ok(After::from(persistence));
            }
            Delivery::Drip(pause) => {
                send(&reply.bytes(b"", persistence))?;
                for byte in body {
                    self.pause(pause)?;
                    send(&[*byte])?;
                }
                return Ok(After::from(persistence));
            }
            Delivery::UntilClose => send(&reply.bytes(body, Persistence::UntilClose))?,
            Delivery::Hang => drop(io::copy(&mut stream, &mut io::sink())?),
            Delivery::Reset => return Ok(After::Reset),
            Delivery::Close => {}
            Delivery::HalfHead => {
                let head = reply.bytes(b"", persistence);
                send(&head[..head.len() / 2])?;
            }
            Delivery::HalfBody => send(&reply.bytes(&body[..body.len() / 2], persistence))?,
            Delivery::Endless => {
                send(&reply.bytes(b"", Persistence::UntilClose))?;
                let body = if body.is_empty() { b" " } else { body };
                let block = body.repeat(BLOCK.div_ceil(body.len()));
                loop {
                    send(&block)?;
                }
            }
        }
        Ok(After::Close)
    }
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Keep,
    Close,
    /// Closed on this side (FIN), while what the client still sends runs into nothing: a close with
    /// bytes unread would be a reset.
    Linger,
    Reset,
}

impl After {
    /// As it is where bytes of the request are unread.
    pub(super) fn and_over(self) -> Self {
        match self {
            Self::Keep | Self::Close | Self::Linger => Self::Linger,
            Self::Reset => Self::Reset,
        }
    }
}

impl From<Persistence> for After {
    fn from(persistence: Persistence) -> Self {
        match persistence {
            Persistence::KeepAlive => Self::Keep,
            Persistence::Close | Persistence::UntilClose => Self::Close,
        }
    }
}

const BLOCK: usize = 1 << 16;
