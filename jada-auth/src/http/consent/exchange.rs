//! The code's exchange for a refresh token, and what is wrong with what came of it.

use std::{fmt, time::Duration};

use super::{Consented, question::Question};
use crate::{
    Error, Heals, HttpClient, MintFailure, Minted, OAuthClient, Scopes, Secret, SystemClock,
    http::{
        codes::Code,
        endpoint::Endpoint,
        form::{self, Authentication},
    },
};

/// Who exchanges codes, where, and what for.
pub(super) struct Exchange {
    pub(super) client: OAuthClient,
    pub(super) authentication: Authentication,
    pub(super) endpoint: Endpoint,
    pub(super) scopes: Scopes,
    pub(super) command: String,
    pub(super) http: HttpClient,
}

impl Exchange {
    /// Asks once ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3)).
    pub(super) async fn exchange(
        &self,
        code: &Secret,
        question: &Question,
    ) -> Result<Consented, Error> {
        let (header, client) = form::client(&self.client, self.authentication);
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("code_verifier", question.verifier.expose()),
            ("redirect_uri", &question.redirect_uri),
        ];
        fields.extend(client);
        let answer = self.http.ask(&self.endpoint, &fields, header, &SystemClock).await;
        self.judge(answer.map_err(|failure| self.failed(failure))?)
    }

    fn judge(&self, minted: Minted) -> Result<Consented, Error> {
        // Unstated, it is what was asked (RFC 6749, 5.1); some issuers leave it empty then.
        let stated = minted.scopes.filter(|scopes| !scopes.is_empty());
        let scopes = stated.unwrap_or_else(|| self.scopes.clone());
        let missing = self.scopes.missing_from(&scopes);
        // Some issuers do not repeat this one: the refresh token is what it asks for.
        let missing: Vec<&str> = missing.iter().filter(|scope| *scope != OFFLINE).collect();
        if !missing.is_empty() {
            return Err(self.not_given(format!(
                "consent was given without {}, so nothing was saved; every box has to be ticked",
                missing.join(" ")
            )));
        }
        let refresh_token = minted.refresh_token.ok_or_else(|| Error::Refused {
            action: format!("getting a refresh token from {}", self.endpoint),
            mend: format!(
                "ask for the scope `{OFFLINE}` too, or let the client have refresh tokens"
            ),
            source: None,
        })?;
        Ok(Consented { refresh_token, scopes })
    }

    fn failed(&self, failure: MintFailure) -> Error {
        let action = format!("exchanging the consent at {} ({})", self.endpoint, failure.code);
        let source = failure.source;
        match failure.heals {
            Heals::ByItself => {
                Error::Transient { action, retry_after: failure.retry_after, source }
            }
            Heals::ByConsent => self.not_given(format!(
                "the issuer takes the code no more ({}): it was used before, or is too old",
                failure.code
            )),
            Heals::ByConfiguration => {
                let mend = failure.mend.unwrap_or_else(|| CHECK_CLIENT.to_owned());
                Error::Refused { action, mend, source }
            }
        }
    }

    /// The answer was no, by a code that is known or by another.
    pub(super) fn refused(&self, code: Option<&Code>) -> Error {
        let action = |code| format!("asking for consent ({code})");
        let Some(Code { code, heals, mend }) = code else {
            let mend = "see what the issuer's documentation says of a refused authorization";
            let action = action("a code that is not known");
            return Error::Refused { action, mend: mend.to_owned(), source: None };
        };
        match (*code, heals) {
            ("access_denied", _) => self.not_given("consent was denied in the browser".to_owned()),
            (code, Heals::ByItself) => {
                Error::Transient { action: action(code), retry_after: None, source: None }
            }
            (code, Heals::ByConsent) => {
                self.not_given(format!("the issuer could not ask the human ({code})"))
            }
            // Not about the token endpoint, here.
            ("invalid_request", _) => {
                let mend = "check the client's `auth_uri`, and what its issuer expects".to_owned();
                Error::Refused { action: action(code), mend, source: None }
            }
            (code, Heals::ByConfiguration) => {
                let mend = mend.unwrap_or(CHECK_CLIENT).to_owned();
                Error::Refused { action: action(code), mend, source: None }
            }
        }
    }

    pub(super) fn unanswered(&self, after: Duration) -> Error {
        self.not_given(format!("nobody answered in the browser within {} s", after.as_secs()))
    }

    fn not_given(&self, why: String) -> Error {
        Error::ConsentNotGiven { why, command: self.command.clone() }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("client", &self.client)
            .field("endpoint", &self.endpoint)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

const CHECK_CLIENT: &str = "check the client";

/// [OpenID Connect Core §11](https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess).
const OFFLINE: &str = "offline_access";
