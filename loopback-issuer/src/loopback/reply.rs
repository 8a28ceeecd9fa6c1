//! An answer as a test writes it, and its bytes.

use std::fmt;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::Value;

use super::delivery::Delivery;

/// An answer, and how it gets to the client.
///
/// `Date`, `Content-Length` and `Connection` are added where they are not given, so a header can
/// lie. Its `Debug` shows of the body no more than its length.
#[derive(Clone)]
#[must_use]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delivery: Delivery,
}

impl Reply {
    /// An answer with this status, 200 to 599, and an empty body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delivery: Delivery::Whole }
    }

    /// Sets the body to this JSON.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json; charset=UTF-8", body.to_string())
    }

    /// Sets the body, and adds its `Content-Type`.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a `Date`, for a server whose clock is wrong.
    pub fn date(self, date: Timestamp) -> Self {
        self.header("Date", &http_date(date))
    }

    /// Sets how it gets to the client; as a [whole](Delivery::Whole) by default.
    pub fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// The status, such as 200.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// As an answer to `HEAD`: the length is announced, and nothing follows.
    pub(super) fn without_body(self) -> Self {
        let length = self.body.len().to_string();
        Self { body: Vec::new(), ..self }.header("Content-Length", &length)
    }

    /// With half of its body, as if that were the whole.
    pub(crate) fn halved(mut self) -> Self {
        self.body.truncate(self.body.len() / 2);
        self
    }

    pub(super) fn delivery(&self) -> Delivery {
        self.delivery
    }

    pub(super) fn content(&self) -> &[u8] {
        &self.body
    }

    /// The head and this much of the body, to go out in one write.
    pub(super) fn bytes(&self, body: &[u8], persistence: Persistence) -> Vec<u8> {
        [self.head(persistence).as_bytes(), body].concat()
    }

    /// The head, up to and with the empty line.
    pub(super) fn head(&self, persistence: Persistence) -> String {
        let mut head = format!("HTTP/1.1 {} \r\n", self.status);
        let mut push = |name: &str, value: &str| head.extend([name, ": ", value, "\r\n"]);
        self.headers.iter().for_each(|(name, value)| push(name, value));
        let mut add = |name: &str, value: String| {
            if !self.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)) {
                push(name, &value);
            }
        };
        add("Date", http_date(Timestamp::now()));
        // RFC 9110, 8.6: a 204 has none.
        if persistence != Persistence::UntilClose && self.status != 204 {
            add("Content-Length", self.body.len().to_string());
        }
        if persistence != Persistence::KeepAlive {
            add("Connection", "close".to_owned());
        }
        head.push_str("\r\n");
        head
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}

/// What the head says of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Persistence {
    KeepAlive,
    Close,
    /// The body has no length: it ends with the connection.
    UntilClose,
}

fn http_date(date: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap_or_default()
}
