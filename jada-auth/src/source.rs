//! Where tokens are minted: the trait that asks an issuer, and what it is answered.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{Error, Fingerprint, Scopes, Secret, endpoint::shown, error::Source as Cause};

/// Google's token endpoint.
pub const GOOGLE_TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// Where Google asks a human for consent.
pub const GOOGLE_AUTH_URI: &str = "https://accounts.google.com/o/oauth2/v2/auth";

/// Asks an issuer for one token, and keeps nothing.
///
/// What has to last, such as a refresh token that the issuer replaces each time, is in a
/// [`TokenStore`](crate::TokenStore); a [`SharedProvider`](crate::SharedProvider) brings the two
/// together, so that a source knows neither locks nor files nor retries.
///
/// # Contract
///
/// - One call of [`mint`](Self::mint) is one request at most, and ends by itself: a source sets a
///   time-out. The provider cuts it off after 14 s.
/// - A failure says what heals it. Whatever the issuer answered, its text is in no failure.
/// - A refresh token in an answer is passed on even if the rest of the answer is useless.
#[async_trait]
pub trait TokenSource: fmt::Debug + Send + Sync + 'static {
    /// Whom the tokens are minted for, as configured now.
    fn principal(&self) -> Principal;

    /// Reads configuration again that lies in files, so that a file that someone mended heals
    /// without a restart. Called before each refresh; does nothing by default.
    ///
    /// # Errors
    ///
    /// Those of reading the configuration; most are not worth a retry.
    async fn reload(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Asks the issuer once.
    ///
    /// # Errors
    ///
    /// [`MintFailure`], which says what heals it; see [`Heals`].
    async fn mint(&self, request: MintRequest<'_>) -> Result<Minted, MintFailure>;
}

const _: Option<&dyn TokenSource> = None;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MintRequest<'a> {
    /// The refresh token to present: always there for [`Principal::AuthorizedUser`], never for
    /// [`Principal::Key`].
    pub refresh_token: Option<&'a Secret>,
    /// The scopes that the provider was built for.
    pub scopes: &'a Scopes,
}

impl<'a> MintRequest<'a> {
    /// Asks for `scopes`, presenting `refresh_token` if there is one.
    pub fn new(refresh_token: Option<&'a Secret>, scopes: &'a Scopes) -> Self {
        Self { refresh_token, scopes }
    }
}

/// Whom a source mints tokens for. `Debug` is as `Display`, since a URL may hold a secret.
#[derive(Clone)]
#[non_exhaustive]
pub enum Principal {
    /// A human who consented that a client acts for them. Each mint presents a refresh token, and
    /// many issuers replace it each time.
    AuthorizedUser(OAuthClient),
    /// A key that speaks for itself, such as a service account's: there is nothing to use up.
    Key {
        /// Whose key it is, such as `roster@project.iam.gserviceaccount.com`.
        name: String,
        /// The user it acts for, where it does.
        subject: Option<String>,
        /// Which of its keys signs, where it has several.
        key_id: Option<String>,
        /// The token endpoint's URL.
        token_uri: String,
    },
}

impl Principal {
    /// Tells one cache of tokens from another: the client and its issuer, or the key, whom it acts
    /// for, its issuer and the scopes that its tokens are minted with.
    pub fn identity(&self, scopes: &Scopes) -> Fingerprint {
        match self {
            Self::AuthorizedUser(client) => Fingerprint::of([&*client.id, &client.token_uri]),
            Self::Key { name, subject, token_uri, .. } => {
                let (subject, scopes) = (subject.as_deref().unwrap_or(""), scopes.to_string());
                Fingerprint::of([name, subject, token_uri, &*scopes])
            }
        }
    }

    /// Tells one grant from another: the client with its secret, and the refresh token. None for
    /// a key, which is no grant.
    pub(crate) fn grant(&self, refresh_token: Option<&Secret>) -> Option<Fingerprint> {
        let (Self::AuthorizedUser(client), Some(refresh_token)) = (self, refresh_token) else {
            return None;
        };
        let secret = client.secret.as_ref().map_or("", Secret::expose);
        Some(Fingerprint::of([&*client.id, secret, &client.token_uri, refresh_token.expose()]))
    }

    /// Tells one way of asking from another, so that a mended one is not held to what became of
    /// the other: everything but the scopes.
    pub(crate) fn asked(&self, refresh_token: Option<&Secret>) -> Fingerprint {
        match self {
            Self::AuthorizedUser(_) => {
                let none = || Fingerprint::of([self.token_uri()]);
                self.grant(refresh_token).unwrap_or_else(none)
            }
            Self::Key { name, subject, key_id, token_uri } => {
                let [subject, key] = [subject, key_id].map(|it| it.as_deref().unwrap_or(""));
                Fingerprint::of([name, subject, key, token_uri])
            }
        }
    }

    pub(crate) fn client(&self) -> Option<&OAuthClient> {
        match self {
            Self::AuthorizedUser(client) => Some(client),
            Self::Key { .. } => None,
        }
    }

    pub(crate) fn token_uri(&self) -> &str {
        match self {
            Self::AuthorizedUser(client) => &client.token_uri,
            Self::Key { token_uri, .. } => token_uri,
        }
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({self} at {})", shown(self.token_uri()))
    }
}

/// Names whom the tokens are for, as an error does.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthorizedUser(client) => write!(f, "the client {}", client.id),
            Self::Key { name, subject: None, .. } => write!(f, "the key of {name}"),
            Self::Key { name, subject: Some(subject), .. } => {
                write!(f, "the key of {name} for {subject}")
            }
        }
    }
}

/// An application as an issuer knows it
/// ([RFC 6749 §2.2](https://www.rfc-editor.org/rfc/rfc6749#section-2.2)). `Debug` shows neither its
/// secret nor its URLs' queries.
#[derive(Clone)]
#[non_exhaustive]
pub struct OAuthClient {
    /// The client id, which is public.
    pub id: String,
    /// The client's secret; public clients have none.
    pub secret: Option<Secret>,
    /// The token endpoint's URL: https, or http on a loopback address.
    pub token_uri: String,
    /// The URL of the authorization endpoint, where a human's browser is sent to consent: https,
    /// or http on a loopback address. Only consent needs it.
    pub auth_uri: Option<String>,
}

impl OAuthClient {
    /// A public client, without a secret. Its authorization endpoint is [`GOOGLE_AUTH_URI`] where
    /// tokens come from [`GOOGLE_TOKEN_URI`], and otherwise yet to be named.
    pub fn new(id: impl Into<String>, token_uri: impl Into<String>) -> Self {
        let token_uri = token_uri.into();
        let auth_uri = (token_uri == GOOGLE_TOKEN_URI).then(|| GOOGLE_AUTH_URI.to_owned());
        Self { id: id.into(), secret: None, token_uri, auth_uri }
    }

    /// Names the authorization endpoint.
    #[must_use]
    pub fn with_auth_uri(mut self, auth_uri: impl Into<String>) -> Self {
        self.auth_uri = Some(auth_uri.into());
        self
    }

    /// Names the client's secret.
    #[must_use]
    pub fn with_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.secret = Some(secret.into());
        self
    }
}

impl fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthClient")
            .field("id", &self.id)
            .field("secret", &self.secret)
            .field("token_uri", &shown(&self.token_uri))
            .field("auth_uri", &self.auth_uri.as_deref().map(shown))
            .finish()
    }
}

/// What an issuer answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Minted {
    /// The access token's text.
    pub access_token: Secret,
    /// Its life from before the request on; none where the issuer stated none.
    pub expires_in: Option<Duration>,
    /// What was granted; none where the issuer did not say, which means what was granted before.
    pub scopes: Option<Scopes>,
    /// The refresh token that replaces the one presented, where the issuer rotates them.
    pub refresh_token: Option<Secret>,
    /// What the issuer's clock showed: a UTC instant in whole seconds.
    pub issuer_time: Option<Timestamp>,
}

impl Minted {
    /// A token of unstated life and scopes, from an issuer that replaces no refresh token.
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self {
            access_token: access_token.into(),
            expires_in: None,
            scopes: None,
            refresh_token: None,
            issuer_time: None,
        }
    }
}

/// Why an issuer minted nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MintFailure {
    /// What heals it.
    pub heals: Heals,
    /// A short word for it, from a list and never from the answer: `invalid_grant`, `http 503`.
    pub code: String,
    /// What mends it, where the source knows better than the provider.
    pub mend: Option<String>,
    /// How long the issuer wants to be left alone, if it said so.
    pub retry_after: Option<Duration>,
    /// Whether a refresh token that was presented is certainly unspent.
    pub spent: Spent,
    /// A refresh token that came with an answer that was useless otherwise.
    pub refresh_token: Option<Secret>,
    /// What the issuer's clock showed: a UTC instant in whole seconds.
    pub issuer_time: Option<Timestamp>,
    /// What failed underneath; never the issuer's answer.
    pub source: Option<Cause>,
}

impl MintFailure {
    /// A failure with that code, after which the refresh token is certainly unspent.
    pub fn new(heals: Heals, code: impl Into<String>) -> Self {
        Self {
            heals,
            code: code.into(),
            mend: None,
            retry_after: None,
            spent: Spent::No,
            refresh_token: None,
            issuer_time: None,
            source: None,
        }
    }

    /// Says what failed underneath.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(std::sync::Arc::new(source));
        self
    }

    /// The answer was lost, so the issuer may have replaced the refresh token.
    #[must_use]
    pub fn answer_lost(mut self) -> Self {
        self.spent = Spent::Perhaps;
        self
    }
}

/// What heals a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Heals {
    /// Time: the network, a 5xx, a 429, an answer that is no token.
    ByItself,
    /// A human's consent: the grant is dead (`invalid_grant`).
    ByConsent,
    /// A human who mends the configuration: `invalid_client`, `unauthorized_client`.
    ByConfiguration,
}

/// Whether a refresh token that was presented may have been replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spent {
    /// It certainly was not: nothing was sent, or the issuer refused.
    No,
    /// It may have been: the request was sent, and its answer was lost.
    Perhaps,
}
