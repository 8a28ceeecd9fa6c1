//! The authorization codes that a consent leaves, and what they are exchanged for.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Grants, Standing, missing, unique};
use crate::form::Fields;
use crate::loopback::Reply;
use crate::oauth;

/// What a human is asked for, as the authorization request had it.
pub(crate) struct Consent {
    pub(crate) redirect_uri: String,
    /// The S256 of the verifier that only the client knows (RFC 7636).
    pub(crate) challenge: String,
    pub(crate) scope: String,
    pub(crate) access: Access,
}

/// Whether the client may come back without the human.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Online,
    /// With a refresh token.
    Offline,
}

pub(super) struct Code {
    consent: Consent,
    made_at: Instant,
    /// The family that it was exchanged for already.
    spent: Option<usize>,
}

impl Code {
    pub(super) fn age(&mut self, by: Duration) {
        self.made_at = self.made_at.checked_sub(by).unwrap_or(self.made_at);
    }

    fn is_for(&self, redirect_uri: &str, verifier: &str) -> bool {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        self.consent.redirect_uri == redirect_uri && self.consent.challenge == challenge
    }
}

impl Grants {
    /// A human allowed it: the code to redirect with.
    pub(crate) fn allow(&mut self, consent: Consent) -> String {
        let name = unique("code", self.codes.len());
        self.codes.insert(name.clone(), Code { consent, made_at: Instant::now(), spent: None });
        name
    }

    /// A code is good once. A second time revokes what came of the first (RFC 6749, 4.1.2).
    pub(super) fn exchange(&mut self, form: &Fields) -> Result<Value, Reply> {
        let field = |name| form.get(name).ok_or_else(|| missing(name));
        let (given, redirect_uri) = (field("code")?, field("redirect_uri")?);
        let verifier = field("code_verifier")?;
        let code = self.codes.get(given).filter(|code| code.is_for(redirect_uri, verifier));
        let code = code.ok_or_else(malformed)?;
        if let Some(family) = code.spent {
            self.families[family] = Standing::Revoked;
            return Err(malformed());
        }
        if code.made_at.elapsed() > CODE_LIFE {
            return Err(malformed());
        }
        let scope = granted(self.scope.as_deref(), &code.consent.scope);
        let access = code.consent.access;
        let family = self.family();
        if let Some(code) = self.codes.get_mut(given) {
            code.spent = Some(family);
        }
        let mut answer = self.minted(family, Some(scope.clone()));
        answer["scope"] = scope.into();
        if access == Access::Offline {
            answer["refresh_token"] = self.refresh_token(family).into();
        }
        Ok(answer)
    }
}

/// What was asked for, or the part of it that the human consents to.
fn granted(consented: Option<&str>, asked: &str) -> String {
    let Some(consented) = consented else { return asked.to_owned() };
    let consented: HashSet<_> = consented.split(' ').collect();
    let granted = asked.split(' ').filter(|scope| consented.contains(scope));
    granted.collect::<Vec<_>>().join(" ")
}

fn malformed() -> Reply {
    oauth::error(400, "invalid_grant", "Malformed auth code.")
}

const CODE_LIFE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_human_grants_no_more_than_was_asked_for() {
        assert_eq!(granted(None, "a b"), "a b");
        assert_eq!(granted(Some("b c"), "a b"), "b");
        assert_eq!(granted(Some("c"), "a b"), "");
    }

    #[test]
    fn a_verifier_is_told_by_its_digest() {
        // RFC 7636, appendix B.
        let consent = Consent {
            redirect_uri: "http://127.0.0.1/".to_owned(),
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
            scope: String::new(),
            access: Access::Online,
        };
        let code = Code { consent, made_at: Instant::now(), spent: None };
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(code.is_for("http://127.0.0.1/", verifier));
        assert!(!code.is_for("http://127.0.0.1/", &verifier[1..]));
        assert!(!code.is_for("http://127.0.0.1", verifier));
    }
}
