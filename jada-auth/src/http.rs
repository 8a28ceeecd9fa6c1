//! The client that posts to token endpoints: each exchange is one request, and has an end.

mod answer;
mod codes;
#[cfg(feature = "consent")]
mod consent;
mod endpoint;
mod form;
mod refresh_token;
mod service_account;
pub(crate) mod transport;

use std::{fmt, future::Future, time::Duration};

use http_body_util::BodyExt as _;
use hyper::{
    Method, Request,
    body::{Bytes, Incoming},
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT},
};
use hyper_util::client::legacy::connect::capture_connection;
use tokio::time::Instant;
use zeroize::Zeroizing;

use self::{
    answer::Answer,
    endpoint::Endpoint,
    transport::{Body, Broken, Transport},
};
use crate::{Clock, Heals, MintFailure, Minted, patience::within};

pub(crate) use answer::{http_date, wait};
#[cfg(feature = "consent")]
pub use consent::{Consent, ConsentBuilder, Consented, Paste};
pub use refresh_token::{RefreshToken, RefreshTokenBuilder};
pub use service_account::ServiceAccount;

/// What sources ask issuers with: https by the certificates of the system, and plain http to
/// loopback hosts alone.
///
/// It follows no redirect, uses no proxy and repeats no request, since a refresh token that is
/// presented twice may be a dead one; and it keeps no connection, since a server may close one
/// just as the next hour's request is written. The certificates are read at the first https
/// request, so a process that finds its token in a store does not pay for them. A clone shares
/// them and costs one atomic increment.
#[derive(Clone)]
pub struct HttpClient {
    transport: Transport,
    timeout: Duration,
}

impl HttpClient {
    /// How long a whole exchange takes at most, from the name's resolution to the last byte of the
    /// answer: 10 s.
    pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

    /// A client that has read nothing yet.
    pub fn new() -> Self {
        Self { transport: Transport::fresh(), timeout: Self::REQUEST_TIMEOUT }
    }

    /// Ends each exchange after `timeout` instead of [`REQUEST_TIMEOUT`](Self::REQUEST_TIMEOUT).
    /// A [`SharedProvider`](crate::SharedProvider) cuts it off after 14 s in any case.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Posts a token request and reads what it is answered.
    async fn ask(
        &self,
        endpoint: &Endpoint,
        fields: &[(&str, &str)],
        authorization: Option<HeaderValue>,
        clock: &dyn Clock,
    ) -> Result<Minted, MintFailure> {
        let mut request = request(endpoint, form::encode(fields));
        request.headers_mut().extend(authorization.map(|it| (AUTHORIZATION, it)));
        let answer = self.post(request).await?;
        answer::read_answer(answer, endpoint, clock.now().wall)
    }

    async fn post(&self, mut request: Request<Body>) -> Result<Answer, Unanswered> {
        let started = Instant::now();
        let connection = capture_connection(&mut request);
        let response = self.in_time(started, self.transport.send(request)).await;
        let response = response.map_err(|broken| Unanswered {
            sent: connection.connection_metadata().is_some(),
            broken,
        })?;
        let (head, body) = response.into_parts();
        let mut answer = Answer::of(&head);
        answer.cut = self.in_time(started, collect(body, &mut answer.body)).await.err();
        Ok(answer)
    }

    async fn in_time<T>(
        &self,
        started: Instant,
        work: impl Future<Output = Result<T, Broken>>,
    ) -> Result<T, Broken> {
        let done = within(started, self.timeout, GRACE, work).await;
        done.unwrap_or(Err(Broken::TimedOut(self.timeout)))
    }
}

impl Default for HttpClient {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// No head of an answer arrived.
#[derive(Debug)]
struct Unanswered {
    /// Whether the request may have reached the issuer: there was a connection.
    sent: bool,
    broken: Broken,
}

impl From<Unanswered> for MintFailure {
    fn from(Unanswered { sent, broken }: Unanswered) -> Self {
        let failure = match &broken {
            Broken::Certificates(_) => {
                let failure = Self::new(Heals::ByConfiguration, "no certificates");
                Self { mend: Some(NO_CERTIFICATES.to_owned()), ..failure }
            }
            _ if !sent => Self::new(Heals::ByItself, "no connection"),
            Broken::TimedOut(_) => Self::new(Heals::ByItself, "no answer in time").answer_lost(),
            Broken::Transport(_) | Broken::TooLarge(_) => {
                Self::new(Heals::ByItself, "answer lost").answer_lost()
            }
        };
        failure.caused_by(broken)
    }
}

fn request(endpoint: &Endpoint, form: Zeroizing<String>) -> Request<Body> {
    let mut request = Request::new(Body::new(Bytes::from_owner(form)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = endpoint.uri().clone();
    let headers = [
        (ACCEPT, "application/json"),
        (CONTENT_TYPE, "application/x-www-form-urlencoded"),
        (USER_AGENT, concat!("jada-auth/", env!("CARGO_PKG_VERSION"))),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    request.headers_mut().extend(headers);
    request
}

/// What arrived before a failure stays in `bytes`: there may be a refresh token in it.
async fn collect(mut body: Incoming, bytes: &mut Vec<u8>) -> Result<(), Broken> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(Broken::transport)?;
        let Some(data) = frame.data_ref() else { continue };
        let room = ANSWER_LIMIT - bytes.len();
        bytes.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            return Err(Broken::TooLarge(ANSWER_LIMIT));
        }
    }
    Ok(())
}

/// What mends a machine that trusts nobody.
pub(crate) const NO_CERTIFICATES: &str = "install the system's certificates (`ca-certificates`), \
                                          or name a file of them in SSL_CERT_FILE";
/// To read an answer that came while this process was stopped.
const GRACE: Duration = Duration::from_secs(2);
const ANSWER_LIMIT: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::{error::Error as _, io};

    use super::*;
    use crate::Spent;

    #[test]
    fn what_was_never_sent_spends_nothing() {
        use Heals::{ByConfiguration, ByItself};
        let reset = || Broken::transport(io::Error::other("reset"));
        let late = || Broken::TimedOut(HttpClient::REQUEST_TIMEOUT);
        let no_certificates = Broken::Certificates(io::ErrorKind::NotFound.into());
        let table = [
            (false, no_certificates, ByConfiguration, "no certificates", Spent::No),
            (false, reset(), ByItself, "no connection", Spent::No),
            (false, late(), ByItself, "no connection", Spent::No),
            (true, reset(), ByItself, "answer lost", Spent::Perhaps),
            (true, late(), ByItself, "no answer in time", Spent::Perhaps),
        ];
        for (sent, broken, heals, code, spent) in table {
            let failure = MintFailure::from(Unanswered { sent, broken });
            assert_eq!((failure.heals, &*failure.code, failure.spent), (heals, code, spent));
            assert_eq!(failure.mend.is_some(), heals == ByConfiguration);
            let source = failure.source.unwrap();
            let below = source.source().map(ToString::to_string).unwrap_or_default();
            assert!(below.is_empty() || !source.to_string().contains(&below));
        }
    }

    #[tokio::test]
    async fn certificates_are_not_read_for_a_loopback_endpoint() {
        let endpoint = Endpoint::parse("http://127.0.0.1:1/token").unwrap();
        let http = HttpClient::new();
        assert!(!http.post(request(&endpoint, form::encode(&[]))).await.err().unwrap().sent);
        assert!(!http.transport.has_certificates());
    }
}
