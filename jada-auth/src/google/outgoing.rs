//! One request on the wire: bounded in time and size, and sorted by whether anything was sent.

use std::{error::Error as StdError, fmt, time::Duration};

use http_body_util::BodyExt as _;
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::{Body as _, Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_LENGTH, HeaderValue, USER_AGENT},
};
use hyper_util::client::legacy::{self, connect::capture_connection};
use tokio::time::Instant;

use super::{ApiUrl, GoogleClient};
use crate::{
    AccessToken, Error,
    http::{
        NO_CERTIFICATES,
        transport::{Body, Broken},
    },
    patience::within,
};

/// A request that may be sent more than once.
#[derive(Clone)]
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: ApiUrl,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Whether sending it twice does nothing twice.
    pub(super) repeatable: bool,
    /// Bytes of an answer's body at most.
    pub(super) limit: usize,
}

/// An answer of whatever status, at least its head.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// What ended the body before its end.
    pub(super) cut: Option<Broken>,
    /// What the request was sent with.
    pub(super) token: Option<AccessToken>,
}

impl GoogleClient {
    /// # Errors
    ///
    /// [`Error::Connect`] and [`Error::Ambiguous`], or [`Error::Refused`] for a machine without
    /// certificates and a URL that is too long.
    pub(super) async fn once(
        &self,
        outgoing: &Outgoing,
        token: Option<&AccessToken>,
    ) -> Result<Reply, Error> {
        let started = Instant::now();
        let mut request = outgoing.request(token)?;
        let connection = capture_connection(&mut request);
        let sent = outgoing.body.len();
        let head = self.in_time(started, sent, self.transport.send(request)).await;
        let head = head.map_err(|broken| {
            let connected = connection.connection_metadata().is_some();
            outgoing.unanswered(broken, connected)
        })?;
        let (head, body) = head.into_parts();
        let mut reply = Reply {
            status: head.status,
            headers: head.headers,
            body: Vec::new(),
            cut: None,
            token: token.cloned(),
        };
        reply.cut = self.collect(started, outgoing, body, &mut reply.body).await.err();
        tracing::debug!(request = %outgoing, status = reply.status.as_u16(), took = ?started.elapsed());
        Ok(reply)
    }

    async fn collect(
        &self,
        started: Instant,
        outgoing: &Outgoing,
        mut body: Incoming,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Broken> {
        // To a HEAD, HTTP/2 announces what a GET would give.
        if body.is_end_stream() || outgoing.method == Method::HEAD {
            return Ok(());
        }
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > outgoing.limit {
            return Err(Broken::TooLarge(outgoing.limit));
        }
        bytes.reserve_exact(announced);
        loop {
            let moved = outgoing.body.len() + bytes.len();
            let frame = async { body.frame().await.transpose().map_err(Broken::transport) };
            let Some(frame) = self.in_time(started, moved, frame).await? else { return Ok(()) };
            let Some(data) = frame.data_ref() else { continue };
            if data.len() > outgoing.limit - bytes.len() {
                return Err(Broken::TooLarge(outgoing.limit));
            }
            bytes.extend_from_slice(data);
        }
    }

    async fn in_time<T>(
        &self,
        started: Instant,
        moved: usize,
        work: impl Future<Output = Result<T, Broken>>,
    ) -> Result<T, Broken> {
        let limit = self.settings.timeout.saturating_add(time_for(moved));
        let done = within(started, limit, GRACE, work).await;
        done.unwrap_or(Err(Broken::TimedOut(limit)))
    }
}

impl Outgoing {
    fn request(&self, token: Option<&AccessToken>) -> Result<Request<Body>, Error> {
        let mut request = Request::new(Body::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.url.uri()?;
        *request.headers_mut() = self.headers.clone();
        let agent = HeaderValue::from_static(concat!("jada-auth/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().entry(USER_AGENT).or_insert(agent);
        // hyper leaves it out of an empty body, and Google refuses with 411 what has none.
        if matches!(self.method, Method::POST | Method::PUT | Method::PATCH) {
            request.headers_mut().insert(CONTENT_LENGTH, self.body.len().into());
        }
        if let Some(token) = token {
            request.headers_mut().insert(AUTHORIZATION, token.authorization().clone());
        }
        Ok(request)
    }

    /// What an exchange without an answer means.
    fn unanswered(&self, broken: Broken, connected: bool) -> Error {
        let request = self.to_string();
        match &broken {
            Broken::Certificates(_) => Error::Refused {
                action: format!("sending {request}"),
                mend: NO_CERTIFICATES.to_owned(),
                source: Some(std::sync::Arc::new(broken)),
            },
            Broken::TimedOut(_) if !connected => self.not_sent(broken),
            Broken::Transport(error) if was_not_sent(&**error) => self.not_sent(broken),
            _ => self.lost(broken),
        }
    }

    fn not_sent(&self, broken: Broken) -> Error {
        Error::Connect { request: self.to_string(), source: Some(std::sync::Arc::new(broken)) }
    }

    pub(super) fn lost(&self, broken: Broken) -> Error {
        let (request, repeatable) = (self.to_string(), self.repeatable);
        Error::Ambiguous { request, repeatable, source: Some(std::sync::Arc::new(broken)) }
    }
}

/// As errors name it.
impl fmt::Display for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// What `bytes` add to the time that a try may take.
pub(super) fn time_for(bytes: usize) -> Duration {
    Duration::from_secs((bytes / BYTES_PER_SECOND) as u64)
}

/// Whether certainly no server acts on it: there was no connection, the one that was kept had been
/// closed, or the server said that it did not look at it
/// ([RFC 9113 §8.7](https://www.rfc-editor.org/rfc/rfc9113#section-8.7)).
fn was_not_sent(error: &(dyn StdError + 'static)) -> bool {
    error.downcast_ref().is_some_and(legacy::Error::is_connect)
        || error.downcast_ref().is_some_and(hyper::Error::is_canceled)
        || error.downcast_ref().is_some_and(was_refused)
        || error.source().is_some_and(was_not_sent)
}

fn was_refused(error: &h2::Error) -> bool {
    let unread = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
    let leaving = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (unread || leaving)
}

/// A connection that is slower than this is as good as none.
const BYTES_PER_SECOND: usize = 64 * 1024;
/// To read an answer that came while this process was stopped.
const GRACE: Duration = Duration::from_secs(2);
