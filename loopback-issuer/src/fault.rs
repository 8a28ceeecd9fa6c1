//! The ways in which a token endpoint fails its client.

use std::fmt::Display;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::loopback::{Delivery, Reply};

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

    /// The answer as it suffers, or what stands in for it.
    pub(crate) fn befall(self, good: impl FnOnce() -> Reply) -> Reply {
        let now = Timestamp::now();
        match self {
            Self::Status { status, headers, content_type, body } => {
                let reply = Reply::new(status).body(&content_type, body);
                headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value))
            }
            Self::Answer(body) => Reply::new(200).body(JSON, body),
            Self::Html => Reply::new(200).body("text/html; charset=utf-8", SIGN_IN_PAGE),
            Self::Huge => Reply::new(200).body(JSON, huge()).delivered(Delivery::UntilClose),
            Self::Hang => Reply::new(200).delivered(Delivery::Hang),
            Self::Reset => Reply::new(200).delivered(Delivery::Reset),
            Self::LostAnswer => good().delivered(Delivery::Close),
            // The endpoint holds it: its delivery is as good as any.
            Self::Gate => good(),
            Self::Drip => good().delivered(Delivery::Drip(DRIP)),
            Self::HalfBody => good().delivered(Delivery::HalfBody),
            Self::ClockAhead(by) => good().date(now.checked_add(by).unwrap_or(Timestamp::MAX)),
            Self::ClockBehind(by) => {
                good().date(now.checked_sub(by).unwrap_or(Timestamp::UNIX_EPOCH))
            }
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

const DRIP: Duration = Duration::from_millis(200);
const JSON: &str = "application/json";
const SIGN_IN_PAGE: &str =
    "<!doctype html><title>Sign in</title><form><input type=password></form>";
