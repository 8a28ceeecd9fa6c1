//! What a consent is built from, and its first step: a port to come back to.

use std::{
    fmt,
    io::{self, ErrorKind},
    net::Ipv4Addr,
    sync::Arc,
    time::Duration,
};

use http::Uri;
use tokio::{net::TcpListener, sync::oneshot, time::Instant};

use super::{
    Consent, Consented, Save,
    desk::Desk,
    exchange::Exchange,
    question::{Draft, Question},
};
use crate::{
    Error, GOOGLE_TOKEN_URI, HttpClient, OAuthClient, Scopes,
    endpoint::{safe, shown},
    error::CONSENT_COMMAND,
    http::{endpoint::Endpoint, form::Authentication},
};

/// What a [`Consent`] is built from.
#[must_use]
pub struct ConsentBuilder {
    client: OAuthClient,
    authentication: Authentication,
    scopes: Scopes,
    timeout: Duration,
    port: u16,
    login_hint: Option<String>,
    command: String,
    http: HttpClient,
    save: Option<Save>,
}

impl ConsentBuilder {
    pub(super) fn new(client: OAuthClient, scopes: Scopes) -> Self {
        Self {
            client,
            authentication: Authentication::Form,
            scopes,
            timeout: Consent::TIMEOUT,
            port: 0,
            login_hint: None,
            command: CONSENT_COMMAND.to_owned(),
            http: HttpClient::new(),
            save: None,
        }
    }

    /// Gives up when the human has not answered after this time, instead of
    /// [`TIMEOUT`](Consent::TIMEOUT).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Listens on this port of 127.0.0.1, instead of one that is free. Issuers that know the client
    /// as a web application want one for which `http://127.0.0.1:PORT/callback` is registered.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sends the client's id and secret in an `Authorization` header instead of the form, as
    /// [`RefreshTokenBuilder::basic_auth`](crate::RefreshTokenBuilder::basic_auth) does.
    pub fn basic_auth(mut self) -> Self {
        self.authentication = Authentication::Header;
        self
    }

    /// Suggests an account to the issuer, such as `ops@charter.example`. The human may take
    /// another all the same.
    pub fn login_hint(mut self, account: impl Into<String>) -> Self {
        self.login_hint = Some(account.into());
        self
    }

    /// Names the command in errors that asks for consent; `reauth` by default.
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = command.into();
        self
    }

    /// Exchanges the code with `http`; by default with a client of its own.
    pub fn http(mut self, http: HttpClient) -> Self {
        self.http = http;
        self
    }

    /// Saves what was consented to before the browser's page says that it is done. It may block,
    /// and runs to its end even if the consent is dropped meanwhile.
    pub fn save(
        mut self,
        save: impl FnOnce(&Consented) -> Result<(), Error> + Send + 'static,
    ) -> Self {
        self.save = Some(Box::new(save));
        self
    }

    /// Listens on the port; asks nobody yet.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for a port that is taken, for a client without an authorization
    /// endpoint, for an endpoint that is neither https nor on this machine, and for no scope at
    /// all. It says what mends it, and is not worth a retry.
    pub async fn start(self) -> Result<Consent, Error> {
        let endpoint = Endpoint::parse(&self.client.token_uri)?;
        let auth_uri = auth_uri(&self.client)?;
        // Elsewhere the client may have what it asks for, as GitHub Apps do.
        if self.scopes.is_empty() && self.client.token_uri == GOOGLE_TOKEN_URI {
            return Err(refused(ASKING, "name at least one scope to ask for"));
        }
        let address = (Ipv4Addr::LOCALHOST, self.port);
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|error| cannot_listen(self.port, error))?;
        let local = listener.local_addr().map_err(|error| cannot_listen(self.port, error))?;
        let question = Question::draw(&Draft {
            auth_uri: &auth_uri,
            client_id: &self.client.id,
            scopes: &self.scopes,
            port: local.port(),
            login_hint: self.login_hint.as_deref(),
        })?;
        tracing::debug!(port = local.port(), "waiting for consent");
        let (sender, handed_in) = oneshot::channel();
        let Self { client, authentication, scopes, timeout, command, http, save, .. } = self;
        Ok(Consent {
            listener,
            start_url: format!("http://{local}/"),
            desk: Arc::new(Desk::new(question, local.port(), sender)),
            handed_in,
            exchange: Exchange { client, authentication, endpoint, scopes, command, http },
            save,
            timeout,
            deadline: Instant::now() + timeout.min(A_YEAR),
        })
    }
}

impl fmt::Debug for ConsentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentBuilder")
            .field("client", &self.client)
            .field("scopes", &self.scopes)
            .field("timeout", &self.timeout)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// Where the human is asked, without a fragment.
fn auth_uri(client: &OAuthClient) -> Result<Uri, Error> {
    let Some(text) = &client.auth_uri else {
        return Err(refused(ASKING, "name the issuer's authorization endpoint (`auth_uri`)"));
    };
    let action = || format!("using `{}` as an authorization endpoint", shown(text));
    safe(text).map_err(|mend| refused(&action(), mend))
}

fn cannot_listen(port: u16, error: io::Error) -> Error {
    let mend = match error.kind() {
        ErrorKind::AddrInUse => format!(
            "another program listens there (`ss -ltnp 'sport = :{port}'` shows which): end it, or \
             name another port"
        ),
        ErrorKind::PermissionDenied => "name a port above 1023".to_owned(),
        _ => "see that this machine has its loopback interface".to_owned(),
    };
    let action = format!("listening on 127.0.0.1:{port}");
    Error::Refused { action, mend, source: Some(Arc::new(error)) }
}

fn refused(action: &str, mend: &str) -> Error {
    Error::Refused { action: action.to_owned(), mend: mend.to_owned(), source: None }
}

/// For ever, as humans go; a clock cannot add up any duration.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

const ASKING: &str = "asking for consent";
