//! What is asked of a human, with what nobody else knows; and how an answer is told from others.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Uri;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{
    Error, Scopes, Secret,
    http::{codes::Code, form},
};

/// A question that was never asked before.
pub(super) struct Question {
    /// The whole address to ask at.
    pub(super) url: Secret,
    pub(super) redirect_uri: String,
    /// What the code is exchanged with: 256 bits, of which the address has the digest.
    pub(super) verifier: Secret,
    /// By which the answer is known: 256 bits.
    state: Secret,
}

/// What a question is drawn up from.
pub(super) struct Draft<'a> {
    pub(super) auth_uri: &'a Uri,
    pub(super) client_id: &'a str,
    pub(super) scopes: &'a Scopes,
    pub(super) port: u16,
    pub(super) login_hint: Option<&'a str>,
}

impl Question {
    pub(super) fn draw(draft: &Draft<'_>) -> Result<Self, Error> {
        let (verifier, state) = (random()?, random()?);
        let redirect_uri = format!("http://127.0.0.1:{}{CALLBACK}", draft.port);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()));
        let scopes = draft.scopes.to_string();
        let mut fields = vec![
            ("client_id", draft.client_id),
            ("redirect_uri", &redirect_uri),
            ("response_type", "code"),
            ("state", state.expose()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            // Google gives a refresh token for these two, each time; others skip what they do not
            // know (RFC 6749, 3.1).
            ("access_type", "offline"),
            ("prompt", "consent"),
        ];
        fields.extend((!scopes.is_empty()).then_some(("scope", &*scopes)));
        fields.extend(draft.login_hint.map(|account| ("login_hint", account)));
        let joint = if draft.auth_uri.query().is_some() { '&' } else { '?' };
        let url = format!("{}{joint}{}", draft.auth_uri, *form::encode(&fields));
        Ok(Self { url: url.into(), redirect_uri, verifier, state })
    }

    /// Reads what the issuer sent the browser back with.
    pub(super) fn read(&self, query: &str) -> Result<Answer, Astray> {
        let fields = Fields::read(query).filter(Fields::are_whole).ok_or(Astray::NoAnswer)?;
        match fields.state {
            _ if fields.code.is_none() && fields.error.is_none() => return Err(Astray::NoAnswer),
            Some(state) if bool::from(state.as_bytes().ct_eq(self.state.expose().as_bytes())) => {}
            _ => return Err(Astray::WrongState),
        }
        match (fields.code, fields.error) {
            (_, Some(error)) => Ok(Answer::Refused(Code::named(&error))),
            (Some(code), None) if !code.is_empty() => Ok(Answer::Code(Secret::new(&**code))),
            _ => Err(Astray::NoAnswer),
        }
    }
}

/// What a human, or the issuer in their stead, answered.
pub(super) enum Answer {
    /// Yes; this is exchanged for the tokens.
    Code(Secret),
    /// No, by a code that is known or by another.
    Refused(Option<&'static Code>),
}

/// Why an address is no answer to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Astray {
    /// It answers another question.
    WrongState,
    /// It answers none.
    NoAnswer,
}

/// The fields of the answer that matter.
#[derive(Default)]
struct Fields {
    code: Option<Zeroizing<String>>,
    state: Option<Zeroizing<String>>,
    error: Option<Zeroizing<String>>,
}

impl Fields {
    /// None where one of them is given twice, or is broken.
    fn read(query: &str) -> Option<Self> {
        let mut fields = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let field = match name {
                "code" => &mut fields.code,
                "state" => &mut fields.state,
                "error" => &mut fields.error,
                _ => continue,
            };
            if field.replace(decoded(value)?).is_some() {
                return None;
            }
        }
        Some(fields)
    }
}

impl Fields {
    /// Whether none was broken by a line's end or a blank, as addresses are that were copied.
    fn are_whole(&self) -> bool {
        let fields = [&self.code, &self.state, &self.error];
        fields.into_iter().flatten().all(|field| field.bytes().all(|byte| byte.is_ascii_graphic()))
    }
}

/// Undoes the encoding of a query.
fn decoded(text: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other => other,
        });
    }
    Some(Zeroizing::new(str::from_utf8(&bytes).ok()?.to_owned()))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// 256 bits of the system's, in 43 characters.
fn random() -> Result<Secret, Error> {
    let mut bits = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bits).map_err(|error| Error::Transient {
        action: "drawing random numbers".to_owned(),
        retry_after: None,
        source: Some(Arc::new(error)),
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(*bits)))
}

/// The path that the browser comes back to.
pub(super) const CALLBACK: &str = "/callback";

#[cfg(test)]
mod tests {
    use super::*;

    fn question(auth_uri: &'static str) -> Question {
        let scopes = "b a".parse().unwrap();
        let draft = Draft {
            auth_uri: &Uri::from_static(auth_uri),
            client_id: "id&1",
            scopes: &scopes,
            port: 4242,
            login_hint: Some("ops@charter.example"),
        };
        Question::draw(&draft).unwrap()
    }

    fn kind(question: &Question, query: &str) -> Result<&'static str, Astray> {
        question.read(query).map(|answer| match answer {
            Answer::Code(code) => {
                assert_eq!(code.expose(), "4/a+b");
                "code"
            }
            Answer::Refused(code) => code.map_or("unknown", |code| code.code),
        })
    }

    #[test]
    fn the_address_has_all_that_an_issuer_wants() {
        let question = question("https://issuer.example/authorize?tenant=7#part");
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(question.verifier.expose()));
        let expected = format!(
            "https://issuer.example/authorize?tenant=7&client_id=id%261\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A4242%2Fcallback&response_type=code\
             &state={}&code_challenge={challenge}&code_challenge_method=S256\
             &access_type=offline&prompt=consent&scope=a+b&login_hint=ops%40charter.example",
            question.state.expose()
        );
        assert_eq!(question.url.expose(), expected);
        assert!(!expected.contains(question.verifier.expose()));
    }

    #[test]
    fn no_two_questions_are_alike() {
        let [one, other] = [(); 2].map(|()| question("https://issuer.example/authorize"));
        let all = [&one.state, &one.verifier, &other.state, &other.verifier];
        for (index, secret) in all.iter().enumerate() {
            assert_eq!(secret.expose().len(), 43);
            assert!(all[..index].iter().all(|before| before.expose() != secret.expose()));
        }
    }

    #[test]
    fn an_answer_is_known_by_its_state() {
        let question = question("https://issuer.example/authorize");
        let state = question.state.expose();
        let (good, longer) = (format!("state={state}"), format!("state={state}A"));
        let cases = [
            (format!("code=4%2Fa%2Bb&scope=a+b&{good}"), Ok("code")),
            (format!("{good}&error=access_denied&error_description=x"), Ok("access_denied")),
            (format!("error=%3Cb%3E&{good}"), Ok("unknown")),
            (format!("error=access_denied&code=c&{good}"), Ok("access_denied")),
            (format!("code=c&{longer}"), Err(Astray::WrongState)),
            (format!("code=c&{}", &good[..good.len() - 1]), Err(Astray::WrongState)),
            ("code=c&state=".to_owned(), Err(Astray::WrongState)),
            ("code=c".to_owned(), Err(Astray::WrongState)),
            ("error=access_denied".to_owned(), Err(Astray::WrongState)),
            (good.clone(), Err(Astray::NoAnswer)),
            (String::new(), Err(Astray::NoAnswer)),
            (format!("code=&{good}"), Err(Astray::NoAnswer)),
            (format!("code=a&code=b&{good}"), Err(Astray::NoAnswer)),
            (format!("code=c&{good}&{good}"), Err(Astray::NoAnswer)),
            (format!("code=%f&{good}"), Err(Astray::NoAnswer)),
            (format!("code=%ff&{good}"), Err(Astray::NoAnswer)),
            (format!("code=a%0Ab&{good}"), Err(Astray::NoAnswer)),
            (format!("code=a&{good}%20"), Err(Astray::NoAnswer)),
        ];
        for (query, expected) in cases {
            assert_eq!(kind(&question, &query), expected, "{query}");
        }
    }
}
