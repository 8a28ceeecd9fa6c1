//! The issuer as a test holds it: started, consented to, told to fail, and asked what it saw.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::endpoints::Endpoints;
use crate::fault::Fault;
use crate::grants::{CLIENT_ID, CLIENT_SECRET, Grants, Rotation};
use crate::loopback::Loopback;
use crate::recorded::Recorded;

/// A running issuer, which stops when it is dropped.
///
/// Its methods block the thread at most for the length of a lock, except
/// [`wait_for_requests`](Self::wait_for_requests).
pub struct Issuer {
    endpoints: Arc<Endpoints>,
    loopback: Loopback,
}

impl Issuer {
    /// Starts an issuer that keeps refresh tokens as they are, on a port that is free.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening, or against a thread.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Builds an issuer that is out of the ordinary.
    pub fn builder() -> IssuerBuilder {
        IssuerBuilder { grants: Grants::new(EXPIRES_IN), latency: Duration::ZERO, port: 0 }
    }

    /// Where tokens are asked for: `http://127.0.0.1:PORT/token`.
    pub fn token_uri(&self) -> String {
        self.loopback.uri("/token")
    }

    /// Where a human's browser is sent to consent: `http://127.0.0.1:PORT/authorize`.
    pub fn authorize_uri(&self) -> String {
        self.loopback.uri("/authorize")
    }

    /// Where a bearer learns whether its token is good.
    pub fn whoami_uri(&self) -> String {
        self.loopback.uri("/whoami")
    }

    /// Where another process learns how many token requests arrived.
    pub fn requests_uri(&self) -> String {
        self.loopback.uri("/requests")
    }

    /// The one client that this issuer knows.
    pub fn client_id(&self) -> &str {
        CLIENT_ID
    }

    /// The client's secret, which is none.
    pub fn client_secret(&self) -> &str {
        CLIENT_SECRET
    }

    /// A human consents: the refresh token of a new family.
    pub fn consent(&self) -> String {
        self.endpoints.state().grants.consent()
    }

    /// Revokes every grant made so far, and the access tokens that came of them. A refresh is
    /// `invalid_grant` afterwards; a new consent or a new assertion is good again.
    pub fn revoke_all(&self) {
        self.endpoints.state().grants.revoke_all();
    }

    /// Makes the access tokens and codes made so far older by this much, as if that time had
    /// passed.
    pub fn age(&self, by: Duration) {
        self.endpoints.state().grants.age(by);
    }

    /// Whether a resource server would take this token: minted here, not expired, not revoked.
    pub fn is_live(&self, access_token: &str) -> bool {
        self.endpoints.state().grants.live(access_token).is_some()
    }

    /// How many token requests arrived completely, whatever became of them.
    pub fn requests(&self) -> usize {
        self.endpoints.state().recorded.len()
    }

    /// The token requests that arrived completely, in their order.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.endpoints.state().recorded.clone()
    }

    /// Waits until this many token requests have arrived since the start: true once they have,
    /// false if they have not in time. By then what they asked for is done, and only their answers
    /// may be outstanding.
    ///
    /// It blocks the thread: in an async test it belongs in `spawn_blocking`.
    pub fn wait_for_requests(&self, count: usize, at_most: Duration) -> bool {
        let state = self.endpoints.wait_while(at_most, |state| state.recorded.len() < count);
        state.recorded.len() >= count
    }

    /// Queues a fault: each befalls one of the next token requests, in the order given.
    pub fn fail_next(&self, fault: Fault) {
        self.endpoints.state().faults.push_back(fault);
    }

    /// Sets the fault that befalls each token request for which none is queued.
    pub fn fail_always(&self, fault: Fault) {
        self.endpoints.state().lasting_fault = Some(fault);
    }

    /// Forgets all faults. What already befell a request is not undone.
    pub fn heal(&self) {
        let mut state = self.endpoints.state();
        state.faults.clear();
        state.lasting_fault = None;
    }

    /// Lets go the answers that [`Fault::Gate`] holds for requests that have arrived.
    pub fn open_gate(&self) {
        self.endpoints.change(|state| state.gate += 1);
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        // The server, which is dropped next, waits for whoever waits here.
        self.endpoints.change(|state| state.stopped = true);
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("token_uri", &self.token_uri())
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}

/// An issuer that is yet to start.
#[must_use]
pub struct IssuerBuilder {
    grants: Grants,
    latency: Duration,
    port: u16,
}

impl IssuerBuilder {
    /// Hands out a new refresh token at each refresh. A spent one that comes again revokes its
    /// whole family: its refresh tokens and its access tokens
    /// ([RFC 9700, 4.14](https://www.rfc-editor.org/rfc/rfc9700#section-4.14)).
    pub fn rotating(mut self) -> Self {
        self.grants.rotation = Rotation::EachRefresh;
        self
    }

    /// Sets how long an access token lives; 3599 seconds by default, as Google's do.
    pub fn expires_in(mut self, life: Duration) -> Self {
        self.grants.expires_in = life;
        self
    }

    /// Sets how long each answer to a token request takes at least; none by default.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Sets what humans consent to: scopes, with one space between them. By default they consent
    /// to whatever is asked for, and a refresh names a scope only if it was asked for one. Of what
    /// a browser asks for, it is the part that is granted, as where a human ticks some boxes only.
    pub fn scope(mut self, scope: &str) -> Self {
        self.grants.scope = Some(scope.to_owned());
        self
    }

    /// Sets the port; one that is free by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts the issuer on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening on that port, or against a thread.
    pub fn start(self) -> io::Result<Issuer> {
        let endpoints = Arc::new(Endpoints::new(self.grants, self.latency));
        let answering = Arc::clone(&endpoints);
        let loopback = Loopback::builder().port(self.port);
        let loopback = loopback.start(move |request| answering.answer(request))?;
        Ok(Issuer { endpoints, loopback })
    }
}

impl fmt::Debug for IssuerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerBuilder")
            .field("latency", &self.latency)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

const EXPIRES_IN: Duration = Duration::from_secs(3599);
