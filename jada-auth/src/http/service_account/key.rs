//! A service account's key, and what it signs.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde_json::{Map, Value, json};
use zeroize::{Zeroize as _, Zeroizing};

use crate::{Error, GOOGLE_TOKEN_URI, Heals, MintFailure, Scopes, http::endpoint::Endpoint};

/// Never printed: it has no `Debug`.
pub(super) struct Key {
    pub(super) email: String,
    pub(super) id: Option<String>,
    pair: RsaKeyPair,
}

impl Key {
    /// The key, and where it is used.
    pub(super) fn from_json(json: &[u8]) -> Result<(Self, Endpoint), Error> {
        let mut fields: Map<String, Value> = serde_json::from_slice(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            refused(format!("it is no JSON object (line {line}, column {column}); {DOWNLOAD}"))
        })?;
        let kind = taken(&mut fields, "type");
        if kind.as_deref().map(String::as_str) != Some("service_account") {
            return Err(refused(format!("its field `type` is not `service_account`; {DOWNLOAD}")));
        }
        let email = taken(&mut fields, "client_email").ok_or_else(|| unusable("client_email"))?;
        let pem = taken(&mut fields, "private_key").ok_or_else(|| unusable("private_key"))?;
        let id = taken(&mut fields, "private_key_id");
        let token_uri = match fields.get("token_uri") {
            None | Some(Value::Null) => GOOGLE_TOKEN_URI,
            Some(token_uri) => token_uri.as_str().ok_or_else(|| unusable("token_uri"))?,
        };
        let endpoint = Endpoint::parse(token_uri)?;
        let id = id.map(|id| id.to_string());
        Ok((Self { email: email.to_string(), id, pair: pair(&pem)? }, endpoint))
    }

    /// A signed JWT that asks for `scopes` during an hour
    /// ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519), RS256).
    pub(super) fn assert(
        &self,
        subject: Option<&str>,
        scopes: &Scopes,
        audience: &str,
        now: Timestamp,
    ) -> Result<Zeroizing<String>, MintFailure> {
        let mut header = json!({ "alg": "RS256", "typ": "JWT" });
        if let Some(id) = &self.id {
            header["kid"] = json!(id);
        }
        let issued_at = now.as_second() - BACKDATED;
        let mut claims = json!({
            "iss": self.email,
            "scope": scopes.to_string(),
            "aud": audience,
            "iat": issued_at,
            "exp": issued_at + LIFE,
        });
        if let Some(subject) = subject {
            claims["sub"] = json!(subject);
        }
        let encode = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let random = SystemRandom::new();
        // Only for want of randomness.
        self.pair
            .sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)
            .map_err(|_| MintFailure::new(Heals::ByItself, "signing failed"))?;
        Ok(Zeroizing::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// A field's text, unless it is empty.
fn taken(fields: &mut Map<String, Value>, name: &str) -> Option<Zeroizing<String>> {
    match fields.remove(name)? {
        Value::String(text) if !text.is_empty() => Some(Zeroizing::new(text)),
        _ => None,
    }
}

fn pair(pem: &str) -> Result<RsaKeyPair, Error> {
    let mut der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| no_key())?;
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| no_key());
    der.zeroize();
    pair
}

fn no_key() -> Error {
    refused(format!(
        "its field `private_key` is no RSA key of 2048 to 4096 bits as PKCS#8 in PEM, with line \
         breaks written as JSON's `\\n`; {DOWNLOAD}"
    ))
}

fn unusable(field: &str) -> Error {
    refused(format!("it has no usable field `{field}`; {DOWNLOAD}"))
}

fn refused(mend: String) -> Error {
    Error::Refused { action: "reading the service account's key".to_owned(), mend, source: None }
}

const DOWNLOAD: &str = "give the key file just as Google Cloud handed it out";

/// Seconds by which an issuer's clock may be behind ours.
const BACKDATED: i64 = 10;

/// Seconds that an assertion is good for, the most that Google permits.
const LIFE: i64 = 3600;

#[cfg(test)]
mod tests {
    use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    const PEM: &str = include_str!("../../../tests/data/test-only-key.pem");

    #[test]
    fn an_assertion_says_who_asks_for_what_and_is_signed() {
        let (key, endpoint) = Key::from_json(file(|_| {}).as_bytes()).unwrap();
        let scopes = "b a".parse().unwrap();
        let jwt = key.assert(Some("ops@x.example"), &scopes, endpoint.as_str(), noon()).unwrap();
        let parts: Vec<_> = jwt.split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("{} parts", parts.len()) };
        assert_eq!(decoded(header), json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" }));
        assert_eq!(
            decoded(claims),
            json!({
                "iss": "roster@p.iam.gserviceaccount.com",
                "sub": "ops@x.example",
                "scope": "a b",
                "aud": "https://oauth2.googleapis.com/token",
                "iat": 1_777_636_790,
                "exp": 1_777_640_390,
            })
        );
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.pair.public_key());
        let signed = format!("{header}.{claims}");
        public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    }

    #[test]
    fn what_the_key_does_not_name_is_not_claimed() {
        let json = file(|fields| drop(fields.remove("private_key_id")));
        let (key, endpoint) = Key::from_json(json.as_bytes()).unwrap();
        let jwt = key.assert(None, &Scopes::default(), endpoint.as_str(), noon()).unwrap();
        let mut parts = jwt.split('.').map(decoded_or_null);
        assert!(parts.next().unwrap().get("kid").is_none());
        assert!(parts.next().unwrap().get("sub").is_none());
    }

    #[test]
    fn a_key_names_its_endpoint() {
        let json =
            file(|fields| drop(fields.insert("token_uri".into(), json!("http://[::1]:1/t"))));
        assert_eq!(Key::from_json(json.as_bytes()).unwrap().1.as_str(), "http://[::1]:1/t");
    }

    #[test]
    fn a_key_that_cannot_be_used_is_refused_by_its_field_and_never_quoted() {
        let middle = &PEM[400..440];
        let ec = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n";
        let table = [
            ("type", json!("authorized_user")),
            ("type", json!(null)),
            ("client_email", json!("")),
            ("client_email", json!(7)),
            ("private_key", json!(null)),
            ("private_key", json!(middle)),
            ("private_key", json!(ec)),
            ("private_key", json!(PEM.replace('\n', "\\n"))),
            ("private_key", json!(PEM.replace("PRIVATE", "RSA PRIVATE"))),
            ("private_key", json!(PEM.replace(middle, ""))),
            ("token_uri", json!([middle])),
        ];
        for (field, value) in table {
            let json = file(|fields| drop(fields.insert(field.into(), value)));
            let printed = failure(&json);
            assert!(printed.contains(&format!("`{field}`")), "{printed}");
            assert!(!printed.contains(&middle[..8]), "{printed}");
        }
        let json =
            file(|fields| drop(fields.insert("token_uri".into(), json!("http://x.example"))));
        assert!(failure(&json).contains("https"));
        let json = file(|_| {});
        for text in ["", "[]", &json[..json.len() - 1], &format!("{json}{middle}"), middle] {
            let printed = failure(text);
            assert!(
                printed.contains("JSON object") && !printed.contains(&middle[..8]),
                "{printed}"
            );
        }
    }

    fn file(change: impl FnOnce(&mut Map<String, Value>)) -> String {
        let mut fields = Map::new();
        fields.insert("type".into(), json!("service_account"));
        fields.insert("client_email".into(), json!("roster@p.iam.gserviceaccount.com"));
        fields.insert("private_key".into(), json!(PEM));
        fields.insert("private_key_id".into(), json!("k1"));
        change(&mut fields);
        Value::Object(fields).to_string()
    }

    fn failure(json: &str) -> String {
        let Err(error) = Key::from_json(json.as_bytes()) else { panic!("it was taken") };
        format!("{error} {error:?}")
    }

    fn decoded(part: &str) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    fn decoded_or_null(part: &str) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap_or_default()
    }

    fn noon() -> Timestamp {
        "2026-05-01T12:00:00Z".parse().unwrap()
    }
}
