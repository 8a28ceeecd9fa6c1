//! The token providers that are used otherwise, each with a token of a loopback issuer at hand.

use std::{fmt, path::Path, sync::Arc};

use gcp_auth::TokenProvider as _;
use google_cloud_auth::credentials::{
    self, AccessTokenCredentials, CacheableResource, Credentials, user_account,
};
use http::{Extensions, HeaderMap, header::AUTHORIZATION};
use jada_auth::{OAuthClient, Secret};
use serde_json::json;
use yup_oauth2::{
    AccessToken, ApplicationSecret, InstalledFlowAuthenticator, InstalledFlowReturnMethod,
    authenticator::DefaultAuthenticator,
};

use crate::AtHand;

/// yup-oauth2 for an installed application, with the file that it keeps tokens in.
pub struct Yup(DefaultAuthenticator);

impl Yup {
    /// Opens a file that was [consented to](Self::consent), or that it wrote itself.
    pub async fn open(file: impl AsRef<Path>, client: &OAuthClient) -> Self {
        let secret = ApplicationSecret {
            client_id: client.id.clone(),
            client_secret: client.secret.as_ref().map_or("", Secret::expose).to_owned(),
            token_uri: client.token_uri.clone(),
            ..ApplicationSecret::default()
        };
        let method = InstalledFlowReturnMethod::HTTPRedirect;
        let builder = InstalledFlowAuthenticator::builder(secret, method);
        Self(builder.persist_tokens_to_disk(file.as_ref()).build().await.unwrap())
    }

    /// Writes a file with a refresh token and no other that is worth anything.
    pub fn consent(file: impl AsRef<Path>, refresh_token: &str) {
        let token = json!({ "access_token": "none", "refresh_token": refresh_token });
        let tokens = json!([{ "scopes": SCOPES, "token": token }]);
        std::fs::write(file, tokens.to_string()).unwrap();
    }

    /// Asks the issuer.
    pub async fn refresh(&self) -> AccessToken {
        self.0.force_refreshed_token(&SCOPES).await.unwrap()
    }

    /// What the generated `google-*` crates take.
    #[must_use]
    pub fn into_authenticator(self) -> DefaultAuthenticator {
        self.0
    }
}

impl AtHand for Yup {
    type Token = AccessToken;

    async fn token(&self) -> AccessToken {
        self.0.token(&SCOPES).await.unwrap()
    }

    fn text(token: &AccessToken) -> &str {
        token.token().unwrap()
    }
}

impl fmt::Debug for Yup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Yup").finish_non_exhaustive()
    }
}

/// gcp_auth with a service account's key: for a user it asks Google alone.
#[derive(Debug)]
pub struct Gcp(gcp_auth::CustomServiceAccount);

impl Gcp {
    /// Names an issuer that takes padded base64 in a JWT.
    #[must_use]
    pub fn new(token_uri: &str) -> Self {
        let key = json!({
            "client_email": "roster@project.iam.gserviceaccount.com",
            "private_key": KEY,
            "token_uri": token_uri,
        });
        Self(gcp_auth::CustomServiceAccount::from_json(&key.to_string()).unwrap())
    }
}

impl AtHand for Gcp {
    type Token = Arc<gcp_auth::Token>;

    async fn token(&self) -> Arc<gcp_auth::Token> {
        self.0.token(&SCOPES).await.unwrap()
    }

    fn text(token: &Arc<gcp_auth::Token>) -> &str {
        token.as_str()
    }
}

/// google-cloud-auth for a user: a token's text. It keeps the token fresh in a task of the runtime.
#[derive(Debug)]
pub struct Google(AccessTokenCredentials);

/// The same as headers, which is what its clients ask for.
#[derive(Debug)]
pub struct GoogleHeaders(Credentials);

impl Google {
    /// Names an issuer that takes JSON for a form. It needs the runtime.
    #[must_use]
    pub fn new(token_uri: &str) -> Self {
        // It brings no TLS provider as it is built here. A second call changes nothing.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let user = json!({
            "type": "authorized_user",
            "client_id": "charter",
            "client_secret": "not-a-real-secret",
            "refresh_token": "not-a-real-refresh-token",
            "token_uri": token_uri,
        });
        let builder = user_account::Builder::new(user).with_scopes(SCOPES);
        Self(builder.build_access_token_credentials().unwrap())
    }

    /// The same token, handed out as headers.
    #[must_use]
    pub fn headers(&self) -> GoogleHeaders {
        GoogleHeaders(self.0.clone().into())
    }
}

impl AtHand for Google {
    type Token = credentials::AccessToken;

    async fn token(&self) -> credentials::AccessToken {
        self.0.access_token().await.unwrap()
    }

    fn text(token: &credentials::AccessToken) -> &str {
        &token.token
    }
}

impl AtHand for GoogleHeaders {
    type Token = HeaderMap;

    async fn token(&self) -> HeaderMap {
        match self.0.headers(Extensions::new()).await.unwrap() {
            CacheableResource::New { data, .. } => data,
            CacheableResource::NotModified => unreachable!("no entity tag was sent"),
        }
    }

    fn text(headers: &HeaderMap) -> &str {
        headers[AUTHORIZATION].to_str().unwrap().strip_prefix("Bearer ").unwrap()
    }
}

const SCOPES: [&str; 2] = ["drive", "mail"];
const KEY: &str = include_str!("../../jada-auth/tests/data/test-only-key.pem");
