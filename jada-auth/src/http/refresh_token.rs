//! Tokens for a human's grant, by its refresh token.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    HttpClient,
    endpoint::Endpoint,
    form::{self, Authentication},
};
use crate::{
    Clock, Error, GOOGLE_TOKEN_URI, Heals, MintFailure, MintRequest, Minted, OAuthClient,
    Principal, Secret, SystemClock, TokenSource,
};

/// Mints tokens for a grant by presenting its refresh token
/// ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).
///
/// The refresh token itself comes from the store with each request; this holds the client that it
/// was given to. The client's id and secret go in the form, or by
/// [`basic_auth`](RefreshTokenBuilder::basic_auth) in a header.
/// No `scope` is sent, so that an answer is for everything that was granted.
///
/// ```
/// use jada_auth::{OAuthClient, RefreshToken};
///
/// let google = RefreshToken::google("1234.apps.googleusercontent.com", "not-a-real-secret");
/// let other = OAuthClient::new("charter", "https://accounts.example/token");
/// let other = RefreshToken::builder(other).build()?;
/// # Ok::<(), jada_auth::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RefreshToken {
    client: OAuthClient,
    endpoint: Endpoint,
    authentication: Authentication,
    http: HttpClient,
    clock: Arc<dyn Clock>,
}

impl RefreshToken {
    /// For a client of Google's, asked at [`GOOGLE_TOKEN_URI`] with an [`HttpClient`] of its own.
    pub fn google(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        let client = OAuthClient::new(client_id, GOOGLE_TOKEN_URI).with_secret(client_secret);
        Self::builder(client).with_endpoint(Endpoint::from_static(GOOGLE_TOKEN_URI))
    }

    /// For any issuer's client.
    pub fn builder(client: OAuthClient) -> RefreshTokenBuilder {
        let clock = Arc::new(SystemClock);
        RefreshTokenBuilder { client, authentication: Authentication::Form, http: None, clock }
    }
}

#[async_trait]
impl TokenSource for RefreshToken {
    fn principal(&self) -> Principal {
        Principal::AuthorizedUser(self.client.clone())
    }

    /// Presents the refresh token once.
    ///
    /// # Errors
    ///
    /// [`MintFailure`]: by consent for `invalid_grant`, by configuration for `invalid_client` and
    /// its like, and by itself for whatever the network, a proxy or a 5xx did. Only the last is
    /// worth a retry.
    async fn mint(&self, request: MintRequest<'_>) -> Result<Minted, MintFailure> {
        let Some(refresh_token) = request.refresh_token else {
            return Err(MintFailure::new(Heals::ByConsent, "no refresh token"));
        };
        let (header, client) = form::client(&self.client, self.authentication);
        let mut fields =
            vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
        fields.extend(client);
        self.http.ask(&self.endpoint, &fields, header, &*self.clock).await
    }
}

/// What a [`RefreshToken`] is built from.
#[derive(Clone, Debug)]
pub struct RefreshTokenBuilder {
    client: OAuthClient,
    authentication: Authentication,
    http: Option<HttpClient>,
    clock: Arc<dyn Clock>,
}

impl RefreshTokenBuilder {
    /// Sends the client's id and secret in an `Authorization` header
    /// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)) instead of the
    /// form, as QuickBooks and Okta want them. A client without a secret stays in the form.
    #[must_use]
    pub fn basic_auth(mut self) -> Self {
        self.authentication = Authentication::Header;
        self
    }

    /// Asks with `http`, which other sources may share; by default with one of its own.
    #[must_use]
    pub fn http(mut self, http: HttpClient) -> Self {
        self.http = Some(http);
        self
    }

    /// Measures a `Retry-After` that is a date by `clock`, where the issuer shows no clock of its
    /// own; by default by that of this machine.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the token endpoint's URL. Reads no file and asks nobody.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for a URL that is neither https nor http on a loopback host, or that
    /// names a user. It is not worth a retry.
    pub fn build(self) -> Result<RefreshToken, Error> {
        let endpoint = Endpoint::parse(&self.client.token_uri)?;
        Ok(self.with_endpoint(endpoint))
    }

    fn with_endpoint(self, endpoint: Endpoint) -> RefreshToken {
        let http = self.http.unwrap_or_default();
        let Self { client, authentication, clock, .. } = self;
        RefreshToken { client, endpoint, authentication, http, clock }
    }
}
