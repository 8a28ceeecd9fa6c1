//! Tokens for a Google service account, by its key.

mod key;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;

use self::key::Key;
use super::{HttpClient, endpoint::Endpoint};
use crate::{
    Clock, Error, Heals, MintFailure, MintRequest, Minted, Principal, SystemClock, TokenSource,
};

/// Mints tokens for a Google service account by signing for itself, with the RSA key that Google
/// gave out for it
/// ([OAuth 2.0 for server to server applications](https://developers.google.com/identity/protocols/oauth2/service-account#httprest)).
///
/// There is no refresh token and no consent. With a [subject](Self::with_subject) it acts for that
/// user, which an administrator of the Workspace has to permit scope by scope (domain-wide
/// delegation).
#[derive(Clone)]
pub struct ServiceAccount {
    key: Arc<Key>,
    endpoint: Endpoint,
    subject: Option<String>,
    clock: Arc<dyn Clock>,
    http: HttpClient,
}

impl ServiceAccount {
    /// Reads a key as Google hands it out: a JSON object with `type` (which is
    /// `service_account`), `client_email`, `private_key` (RSA of 2048 to 4096 bits, PKCS#8 in
    /// PEM), and perhaps `private_key_id` and `token_uri`, which is
    /// [Google's](crate::GOOGLE_TOKEN_URI) by default.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], which names the field that cannot be used and nothing of its value. It
    /// is not worth a retry.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, Error> {
        let (key, endpoint) = Key::from_json(json.as_ref())?;
        Ok(Self {
            key: Arc::new(key),
            endpoint,
            subject: None,
            clock: Arc::new(SystemClock),
            http: HttpClient::new(),
        })
    }

    /// Acts for this user of a Workspace, such as `ops@charter.example`.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Dates what it signs by `clock`; by default by that of this machine.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Asks with `http`, which other sources may share; by default with one of its own.
    #[must_use]
    pub fn with_http(mut self, http: HttpClient) -> Self {
        self.http = http;
        self
    }

    /// The generic advice is for refresh tokens.
    fn explain(&self, mut failure: MintFailure, now: Timestamp) -> MintFailure {
        let email = &self.key.email;
        match &*failure.code {
            "invalid_grant" => {
                failure.heals = Heals::ByConfiguration;
                failure.mend = Some(self.mend_of_grant(failure.issuer_time, now));
            }
            "unauthorized_client" | "access_denied" => {
                failure.mend = Some(format!(
                    "in the Admin console under domain-wide delegation, permit each of the scopes \
                     to {email} (by its client id), and give it a subject of that domain"
                ));
            }
            "invalid_client" => {
                failure.mend = Some(format!("see whether {email} still exists and is enabled"));
            }
            _ => {}
        }
        failure
    }

    fn mend_of_grant(&self, issuer_time: Option<Timestamp>, now: Timestamp) -> String {
        let skew = issuer_time.map_or(0, |at| now.as_second().saturating_sub(at.as_second()));
        if skew.abs() > TOLERATED_SKEW {
            let side = if skew > 0 { "ahead of" } else { "behind" };
            let skew = skew.abs();
            return format!("set the clock of this machine, which is {skew} s {side} the issuer's");
        }
        let (Key { email, id, .. }, subject) = (&*self.key, self.subject.as_deref());
        let key = id.as_deref().map_or_else(|| "the key".to_owned(), |id| format!("the key {id}"));
        let subject = subject.map_or_else(String::new, |it| format!(", and whether {it} exists"));
        format!("see whether {key} of {email} was deleted or disabled{subject}")
    }
}

#[async_trait]
impl TokenSource for ServiceAccount {
    fn principal(&self) -> Principal {
        Principal::Key {
            key_id: self.key.id.clone(),
            name: self.key.email.clone(),
            subject: self.subject.clone(),
            token_uri: self.endpoint.as_str().to_owned(),
        }
    }

    /// Signs an assertion of one hour and presents it. An answer that names no scopes grants what
    /// was asked for.
    ///
    /// # Errors
    ///
    /// [`MintFailure`]: by configuration for `invalid_grant` (a clock that is wrong, a key that was
    /// deleted) and its like, and by itself for whatever the network, a proxy or a 5xx did. Only
    /// the latter is worth a retry.
    async fn mint(&self, request: MintRequest<'_>) -> Result<Minted, MintFailure> {
        let asked_at = self.clock.now().wall;
        let (subject, audience) = (self.subject.as_deref(), self.endpoint.as_str());
        let assertion = self.key.assert(subject, request.scopes, audience, asked_at)?;
        let fields = [("grant_type", JWT_BEARER), ("assertion", &**assertion)];
        let minted = self.http.ask(&self.endpoint, &fields, None, &*self.clock).await;
        let mut minted = minted.map_err(|it| self.explain(it, self.clock.now().wall))?;
        minted.scopes.get_or_insert_with(|| request.scopes.clone());
        Ok(minted)
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount")
            .field("email", &self.key.email)
            .field("subject", &self.subject)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// [RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1).
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Seconds by which clocks may differ without being the reason.
const TOLERATED_SKEW: i64 = 60;
