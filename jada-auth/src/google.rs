//! Calling Google, or any API that takes bearer tokens: what every request of ours has in common.

mod answer;
mod call;
mod outgoing;
#[cfg(test)]
mod over_tls;
mod refusal;
mod tries;
mod upload;
mod url;

use std::{fmt, sync::Arc, time::Duration};

use http::Method;

pub use self::{
    answer::Answer,
    call::Call,
    upload::{Upload, UploadProgress},
    url::ApiUrl,
};
use crate::{
    Clock, Error, Scopes, SystemClock, TokenProvider,
    google::outgoing::{Outgoing, Reply},
    http::transport::Transport,
};

/// Calls an API with the tokens of a [`TokenProvider`].
///
/// - The bearer is added to each request. When the server answers 401, the token is
///   [invalidated](TokenProvider::invalidate) and the request is sent once more with another; a
///   second 401 is the error.
/// - Every failure is one of [`Error::Api`] (the server refused), [`Error::Connect`] (nothing was
///   sent), [`Error::Ambiguous`] (it may have been executed), [`Error::Decode`] (the answer is
///   unusable), or one of the provider's.
/// - A request that is [repeatable](Call::repeatable) is tried again while its failure heals by
///   itself, with back-off, full jitter and `Retry-After`, until the
///   [deadline](GoogleClientBuilder::deadline). Any other is sent again only if nothing of it was
///   sent, or after a 401.
/// - A try has 30 s, and one second more for each 64 KiB that it sends or receives; 5 s of them for
///   the connection to one address. An answer is held in memory, up to a
///   [limit](Call::answer_limit).
/// - Connections are kept, by HTTP/2 where the server speaks it. Redirects are not followed, and
///   addresses are https, or http on a loopback host.
///
/// A clone shares the connections and costs a few atomic increments.
///
/// ```no_run
/// use jada_auth::{GoogleClient, Scopes, SecretsDir};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Profile {
///     email_address: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), jada_auth::Error> {
/// let scopes = Scopes::new(["https://www.googleapis.com/auth/gmail.readonly"])?;
/// let provider = SecretsDir::from_env()?.provider(scopes.clone())?.build();
/// let google = GoogleClient::new(provider.clone(), scopes);
///
/// let profile = google.get("https://gmail.googleapis.com/gmail/v1/users/me/profile");
/// let profile: Profile = profile.fetch().await?;
/// println!("{}", profile.email_address);
///
/// provider.shutdown().await
/// # }
/// ```
#[derive(Clone)]
pub struct GoogleClient {
    provider: Arc<dyn TokenProvider>,
    scopes: Scopes,
    transport: Transport,
    clock: Arc<dyn Clock>,
    endpoint: Option<ApiUrl>,
    settings: Settings,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    timeout: Duration,
    deadline: Duration,
    backoff: Duration,
}

impl GoogleClient {
    /// How long a try takes at most, besides what its size adds: 30 s.
    pub const TIMEOUT: Duration = Duration::from_secs(30);

    /// For how long a request is tried again: no try begins later than 60 s after the first, and
    /// one second more for each 64 KiB that it sends.
    pub const DEADLINE: Duration = Duration::from_secs(60);

    /// The longest pause before the second try, which doubles with each further one up to 32 s:
    /// half a second.
    pub const BACKOFF: Duration = Duration::from_millis(500);

    /// Calls with tokens of `provider` that carry all of `scopes`.
    pub fn new(provider: impl TokenProvider + 'static, scopes: Scopes) -> Self {
        Self::builder(provider, scopes).build()
    }

    /// As [`new`](Self::new), with settings of your own.
    pub fn builder(provider: impl TokenProvider + 'static, scopes: Scopes) -> GoogleClientBuilder {
        GoogleClientBuilder(Self {
            provider: Arc::new(provider),
            scopes,
            transport: Transport::pooled(),
            clock: Arc::new(SystemClock),
            endpoint: None,
            settings: Settings {
                timeout: Self::TIMEOUT,
                deadline: Self::DEADLINE,
                backoff: Self::BACKOFF,
            },
        })
    }

    /// The same client and connections, with tokens that carry all of `scopes`.
    #[must_use]
    pub fn with_scopes(&self, scopes: Scopes) -> Self {
        Self { scopes, ..self.clone() }
    }

    /// Where the tokens come from.
    pub fn provider(&self) -> &dyn TokenProvider {
        &*self.provider
    }

    /// Begins a GET.
    pub fn get<U: TryInto<ApiUrl, Error: Into<Error>>>(&self, url: U) -> Call {
        self.call(Method::GET, url)
    }

    /// Begins a POST, which is never sent twice unless it is called
    /// [repeatable](Call::repeatable).
    pub fn post<U: TryInto<ApiUrl, Error: Into<Error>>>(&self, url: U) -> Call {
        self.call(Method::POST, url)
    }

    /// Begins a PUT.
    pub fn put<U: TryInto<ApiUrl, Error: Into<Error>>>(&self, url: U) -> Call {
        self.call(Method::PUT, url)
    }

    /// Begins a PATCH, which is never sent twice either.
    pub fn patch<U: TryInto<ApiUrl, Error: Into<Error>>>(&self, url: U) -> Call {
        self.call(Method::PATCH, url)
    }

    /// Begins a DELETE.
    pub fn delete<U: TryInto<ApiUrl, Error: Into<Error>>>(&self, url: U) -> Call {
        self.call(Method::DELETE, url)
    }

    /// Begins a request. GET, HEAD, OPTIONS, PUT and DELETE are repeatable
    /// ([RFC 9110 §9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)). A `url` that is
    /// none is told when the call is [sent](Call::send).
    pub fn call<U: TryInto<ApiUrl, Error: Into<Error>>>(&self, method: Method, url: U) -> Call {
        let url = url.try_into().map_err(Into::into);
        let url = url.map(|url| self.endpoint.as_ref().map_or(url.clone(), |at| url.moved_to(at)));
        Call::new(self.clone(), method, url)
    }

    /// Sends `outgoing` once, and once more with another token if the server answers 401 and this
    /// is the first 401 of `renewals`.
    async fn attempt(&self, outgoing: &Outgoing, renewals: &mut Renewals) -> Result<Reply, Error> {
        let token = self.provider.token(&self.scopes).await?;
        let reply = self.once(outgoing, Some(&token)).await?;
        if reply.status != 401 || !renewals.may_renew() {
            return Ok(reply);
        }
        tracing::debug!(request = %outgoing, "401: asking for another token");
        self.provider.invalidate(&token).await;
        let token = self.provider.token(&self.scopes).await?;
        self.once(outgoing, Some(&token)).await
    }
}

/// Whether a call has had its second token.
#[derive(Debug, Default)]
struct Renewals {
    renewed: bool,
}

impl Renewals {
    fn may_renew(&mut self) -> bool {
        !std::mem::replace(&mut self.renewed, true)
    }
}

impl fmt::Debug for GoogleClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleClient")
            .field("provider", &self.provider)
            .field("scopes", &self.scopes)
            .field("endpoint", &self.endpoint)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What a [`GoogleClient`] is built from.
#[derive(Clone, Debug)]
pub struct GoogleClientBuilder(GoogleClient);

impl GoogleClientBuilder {
    /// Sends every request to this address instead of the host that its URL names, with the path
    /// and query that it has: a test's server, or a proxy of one's own.
    #[must_use]
    pub fn endpoint(mut self, endpoint: ApiUrl) -> Self {
        self.0.endpoint = Some(endpoint);
        self
    }

    /// Ends each try after `timeout` and one second for each 64 KiB that it moved, instead of
    /// [`TIMEOUT`](GoogleClient::TIMEOUT).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.settings.timeout = timeout;
        self
    }

    /// Begins no try later than this after the first, instead of
    /// [`DEADLINE`](GoogleClient::DEADLINE). With zero nothing is tried again, except after a 401.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.0.settings.deadline = deadline;
        self
    }

    /// Pauses for at most `backoff` before the second try instead of
    /// [`BACKOFF`](GoogleClient::BACKOFF).
    #[must_use]
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.0.settings.backoff = backoff;
        self
    }

    /// Measures a `Retry-After` that is a date by `clock`, where the server shows no clock of its
    /// own; by default by that of this machine.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// The client. Reads nothing and connects to nobody yet.
    pub fn build(self) -> GoogleClient {
        self.0
    }
}
