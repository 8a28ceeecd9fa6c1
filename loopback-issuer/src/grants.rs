//! What was consented to, what was minted for it, and the token endpoint's rules.

mod code;

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use self::code::Code;
use crate::form::Fields;
use crate::loopback::{Reply, Request};
use crate::oauth;

pub(crate) use self::code::{Access, Consent};

pub(crate) const CLIENT_ID: &str = "loopback-client.apps.example.com";
pub(crate) const CLIENT_SECRET: &str = "loopback-secret-that-guards-nothing";

/// Every grant of this issuer, alive or dead.
pub(crate) struct Grants {
    pub(crate) rotation: Rotation,
    /// What a human consents to; `None` consents to whatever is asked.
    pub(crate) scope: Option<String>,
    pub(crate) expires_in: Duration,
    families: Vec<Standing>,
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, RefreshToken>,
    access_tokens: HashMap<String, AccessToken>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    Kept,
    EachRefresh,
}

/// An access token, as a resource server sees it.
pub(crate) struct AccessToken {
    family: usize,
    /// `None` where that is beyond all clocks.
    expires_at: Option<Instant>,
    pub(crate) scope: Option<String>,
}

struct RefreshToken {
    family: usize,
    /// Exchanged for another already.
    spent: bool,
}

/// A family is one consent, and all that descends from it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Good,
    Revoked,
}

impl Grants {
    pub(crate) fn new(expires_in: Duration) -> Self {
        Self {
            rotation: Rotation::Kept,
            scope: None,
            expires_in,
            families: Vec::new(),
            codes: HashMap::new(),
            refresh_tokens: HashMap::new(),
            access_tokens: HashMap::new(),
        }
    }

    pub(crate) fn consent(&mut self) -> String {
        let family = self.family();
        self.refresh_token(family)
    }

    pub(crate) fn revoke_all(&mut self) {
        self.families.fill(Standing::Revoked);
    }

    pub(crate) fn age(&mut self, by: Duration) {
        for token in self.access_tokens.values_mut() {
            token.expires_at =
                token.expires_at.map(|at| at.checked_sub(by).unwrap_or_else(Instant::now));
        }
        for code in self.codes.values_mut() {
            code.age(by);
        }
    }

    /// The token, if it is good now.
    pub(crate) fn live(&self, access_token: &str) -> Option<&AccessToken> {
        let token = self.access_tokens.get(access_token)?;
        let in_time = token.expires_at.is_none_or(|at| Instant::now() < at);
        (in_time && self.families[token.family] == Standing::Good).then_some(token)
    }

    /// The answer of the token endpoint.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        let Some(form) = request.form() else {
            return oauth::error(400, "invalid_request", "not a form, or a field is given twice");
        };
        let minted = match form.get("grant_type").map(String::as_str) {
            Some("authorization_code") => {
                client(request, &form).and_then(|()| self.exchange(&form))
            }
            Some("refresh_token") => client(request, &form).and_then(|()| self.refresh(&form)),
            Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => self.assert(&form),
            Some(_) => {
                let known = "authorization_code, refresh_token or jwt-bearer";
                Err(oauth::error(400, "unsupported_grant_type", known))
            }
            None => Err(missing("grant_type")),
        };
        minted.map_or_else(|refusal| refusal, |answer| oauth::json(200, &answer))
    }

    fn refresh(&mut self, form: &Fields) -> Result<Value, Reply> {
        let given = form.get("refresh_token").ok_or_else(|| missing("refresh_token"))?;
        let token = self.refresh_tokens.get(given).ok_or_else(dead)?;
        let family = token.family;
        if token.spent {
            self.families[family] = Standing::Revoked;
        }
        if self.families[family] == Standing::Revoked {
            return Err(dead());
        }
        let scope = narrowed(self.scope.as_deref(), form.get("scope").map(String::as_str))?;
        let mut answer = self.minted(family, scope.clone());
        if let Some(scope) = scope {
            answer["scope"] = scope.into();
        }
        if self.rotation == Rotation::EachRefresh {
            self.refresh_tokens.insert(given.clone(), RefreshToken { family, spent: true });
            answer["refresh_token"] = self.refresh_token(family).into();
        }
        Ok(answer)
    }

    /// Any well-formed JWT is a grant of its own; its signature is not checked. Google's answer
    /// names no scope and has no refresh token.
    fn assert(&mut self, form: &Fields) -> Result<Value, Reply> {
        let assertion = form.get("assertion").ok_or_else(|| missing("assertion"))?;
        let claims = claims(assertion).ok_or_else(|| {
            oauth::error(400, "invalid_grant", "Invalid JWT: not three parts of base64url JSON")
        })?;
        let family = self.family();
        Ok(self.minted(family, claims["scope"].as_str().map(str::to_owned)))
    }

    fn minted(&mut self, family: usize, scope: Option<String>) -> Value {
        let name = unique("at", self.access_tokens.len());
        let token =
            AccessToken { family, expires_at: Instant::now().checked_add(self.expires_in), scope };
        self.access_tokens.insert(name.clone(), token);
        json!({ "access_token": name, "token_type": "Bearer", "expires_in": self.expires_in.as_secs() })
    }

    fn family(&mut self) -> usize {
        self.families.push(Standing::Good);
        self.families.len() - 1
    }

    fn refresh_token(&mut self, family: usize) -> String {
        let name = unique("rt", self.refresh_tokens.len());
        self.refresh_tokens.insert(name.clone(), RefreshToken { family, spent: false });
        name
    }
}

/// The client's own credentials, in the header or in the form.
fn client(request: &Request, form: &Fields) -> Result<(), Reply> {
    let in_form = || Some((form.get("client_id")?.clone(), form.get("client_secret")?.clone()));
    match request.basic().or_else(in_form) {
        Some((id, secret)) if id == CLIENT_ID && secret == CLIENT_SECRET => Ok(()),
        _ => Err(oauth::error(401, "invalid_client", "Unauthorized")
            .header("WWW-Authenticate", "Basic realm=\"loopback\"")),
    }
}

/// A refresh may ask for less than was consented to, and never for more.
fn narrowed(consented: Option<&str>, asked: Option<&str>) -> Result<Option<String>, Reply> {
    if let (Some(consented), Some(asked)) = (consented, asked) {
        let consented: HashSet<_> = consented.split(' ').collect();
        if !asked.split(' ').all(|scope| consented.contains(scope)) {
            return Err(oauth::error(400, "invalid_scope", "more than was consented to"));
        }
    }
    Ok(asked.or(consented).map(str::to_owned))
}

fn claims(jwt: &str) -> Option<Value> {
    let [header, claims, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { return None };
    let object = |part| -> Option<Value> {
        let json: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
        json.is_object().then_some(json)
    };
    object(header)?["alg"].as_str()?;
    URL_SAFE_NO_PAD.decode(signature).ok().filter(|s| !s.is_empty())?;
    object(claims)
}

/// The number makes it unique here, the rest among issuers.
fn unique(prefix: &str, number: usize) -> String {
    format!("{prefix}-{number}-{:016x}", fastrand::u64(..))
}

fn missing(field: &str) -> Reply {
    oauth::error(400, "invalid_request", &format!("Missing required parameter: {field}"))
}

fn dead() -> Reply {
    oauth::error(400, "invalid_grant", "Token has been expired or revoked.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_may_narrow_the_scope_and_never_widen_it() {
        assert_eq!(narrowed(None, None).ok(), Some(None));
        assert_eq!(narrowed(None, Some("a")).ok(), Some(Some("a".to_owned())));
        assert_eq!(narrowed(Some("a b"), None).ok(), Some(Some("a b".to_owned())));
        assert_eq!(narrowed(Some("a b"), Some("b")).ok(), Some(Some("b".to_owned())));
        assert!(narrowed(Some("a b"), Some("b c")).is_err());
    }

    #[test]
    fn a_jwt_has_three_parts_of_base64url_json() {
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let (header, body) = (part(r#"{"alg":"RS256"}"#), part(r#"{"scope":"a"}"#));
        assert_eq!(claims(&format!("{header}.{body}.c2ln")).unwrap()["scope"], "a");
        for bad in [
            format!("{header}.{body}"),
            format!("{header}.{body}.c2ln.x"),
            format!("{header}.{body}."),
            format!("{header}.{}.c2ln", part("[]")),
            format!("{}.{body}.c2ln", part("{}")),
            "a.b.c".to_owned(),
        ] {
            assert_eq!(claims(&bad), None, "{bad}");
        }
    }
}
