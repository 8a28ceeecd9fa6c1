//! The ways in which a token endpoint fails its client.

use std::fmt::Display;
use std::time::Duration;

use serde_json::json;

use crate::http::Response;

/// What the issuer does to one token request instead of answering it well.
///
/// From `Status` to `Reset` the grant is not looked at: no token is minted, and none rotates. From
/// `LostAnswer` on all that was asked is done, and only the answer suffers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Answers with this status, body and headers.
    Status {
        /// The HTTP status, 200 to 599.
        status: u16,
        /// Further headers, name and value; a `Date` among them replaces the issuer's.
        headers: Vec<(String, String)>,
        /// The value of `Content-Type`.
        content_type: String,
        /// The whole body.
        body: String,
    },
    /// Answers 200 with this body, said to be JSON.
    Answer(String),
    /// Answers 200 with the HTML of a sign-in page, as captive portals and proxies do.
    Html,
    /// Answers 200 with good JSON of 10 MB, whose length is not announced: it ends with the
    /// connection.
    Huge,
    /// Answers never, until the client goes away or the issuer is dropped.
    Hang,
    /// Resets the connection (RST) once the request has been read.
    Reset,
    /// Closes without an answer.
    LostAnswer,
    /// Holds the answer until [`open_gate`](crate::Issuer::open_gate).
    Gate,
    /// Sends the head of a good answer, then its body byte by byte, one each 200 ms.
    Drip,
    /// Announces a good answer, sends half of its body, and closes.
    HalfBody,
    /// Answers well, with a `Date` that is ahead by this much.
    ClockAhead(Duration),
    /// Answers well, with a `Date` that is behind by this much.
    ClockBehind(Duration),
}

impl Fault {
    /// An OAuth error ([RFC 6749, 5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)), such as
    /// 400 and `invalid_grant`.
    pub fn error(status: u16, code: &str) -> Self {
        Self::Status {
            status,
            headers: Vec::new(),
            content_type: JSON.to_owned(),
            body: json!({ "error": code }).to_string(),
        }
    }

    /// A refusal for now, with `Retry-After` in seconds.
    pub fn retry_after(status: u16, seconds: u64) -> Self {
        Self::Status {
            status,
            headers: vec![("Retry-After".to_owned(), seconds.to_string())],
            content_type: JSON.to_owned(),
            body: json!({ "error": "temporarily_unavailable" }).to_string(),
        }
    }

    /// A 200 with this body: text as it is, or the `Value` that `serde_json::json!` makes.
    pub fn answer(body: impl Display) -> Self {
        Self::Answer(body.to_string())
    }

    /// The answer that stands in for the grant's own.
    pub(crate) fn canned(&self) -> Option<Response> {
        match self {
            Self::Status { status, headers, content_type, body } => Some(
                headers.iter().fold(Response::new(*status, content_type, body.clone()), |r, h| {
                    r.with(&h.0, &h.1)
                }),
            ),
            Self::Answer(body) => Some(Response::new(200, JSON, body.clone())),
            Self::Html => {
                Some(Response::new(200, "text/html; charset=utf-8", SIGN_IN_PAGE.to_owned()))
            }
            Self::Huge => Some(Response::new(200, JSON, huge())),
            // Never sent, and the grant is spared.
            Self::Hang | Self::Reset => Some(Response::new(200, JSON, String::new())),
            Self::LostAnswer | Self::Gate | Self::Drip | Self::HalfBody => None,
            Self::ClockAhead(_) | Self::ClockBehind(_) => None,
        }
    }
}

/// A client that reads to the end takes this for success.
fn huge() -> String {
    json!({
        "access_token": "at-huge",
        "token_type": "Bearer",
        "expires_in": 3599,
        "padding": "x".repeat(10_000_000),
    })
    .to_string()
}

const JSON: &str = "application/json";
const SIGN_IN_PAGE: &str =
    "<!doctype html><title>Sign in</title><form><input type=password></form>";
