//! The ways in which Sheets fails its client.

use std::time::Duration;

use crate::google::fault::{PAGE, When};
use crate::google::refusal::Refusal;
use crate::loopback::{Delivery, Reply};

/// What befalls one request to a [`Sheets`](crate::Sheets).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SheetsFault {
    /// The connection is reset (RST), and nothing of the request was read.
    ResetUnread,
    /// The request is read, and the connection is reset (RST) instead of an answer.
    Reset(When),
    /// The request is read, and the connection is closed (FIN) instead of an answer.
    Close(When),
    /// The request is read, and nothing comes until the client gives up.
    Hang(When),
    /// This status, 500 to 599.
    Status(u16, When),
    /// A page of HTML with 200, as a proxy gives it.
    Html(When),
    /// All is done that was asked, and of the body of the answer half arrives.
    HalfBody,
    /// All is done that was asked, and the answer is whole, but half of its JSON.
    HalfJson,
    /// Nothing is done: 429, and a `Retry-After` of so many whole seconds.
    TooManyRequests(Option<Duration>),
    /// Nothing is done: 403 `rateLimitExceeded`.
    RateLimitExceeded,
    /// Nothing is done: 403 `quotaExceeded`, which is over tomorrow. It is not in the
    /// [mix](Self::MIX).
    QuotaExceeded,
    /// Nothing is done: 401, and the request's token is not good any more; another of its
    /// [name](crate::SheetsBuilder::token) is.
    Unauthorized,
}

impl SheetsFault {
    /// Everything that may befall a client of Sheets any day, each as often as another, but
    /// [`Hang`](Self::Hang), which takes its time.
    pub const MIX: &'static [Self] = &[
        Self::ResetUnread,
        Self::Reset(When::Before),
        Self::Reset(When::After),
        Self::Close(When::Before),
        Self::Close(When::After),
        Self::Status(500, When::After),
        Self::Status(503, When::Before),
        Self::Status(503, When::After),
        Self::Html(When::Before),
        Self::Html(When::After),
        Self::HalfBody,
        Self::HalfJson,
        Self::TooManyRequests(None),
        Self::TooManyRequests(Some(Duration::ZERO)),
        Self::RateLimitExceeded,
        Self::Unauthorized,
    ];

    /// Whether the request is not to be done.
    pub(super) fn prevents(self) -> bool {
        match self {
            Self::Reset(when)
            | Self::Close(when)
            | Self::Hang(when)
            | Self::Status(_, when)
            | Self::Html(when) => when == When::Before,
            Self::HalfBody | Self::HalfJson => false,
            Self::ResetUnread
            | Self::TooManyRequests(_)
            | Self::RateLimitExceeded
            | Self::QuotaExceeded
            | Self::Unauthorized => true,
        }
    }

    /// What becomes of an answer whose body is this JSON.
    pub(super) fn befall(self, good: Reply, json: &str) -> Reply {
        match self {
            Self::ResetUnread | Self::Reset(_) => good.delivered(Delivery::Reset),
            Self::Close(_) => good.delivered(Delivery::Close),
            Self::Hang(_) => good.delivered(Delivery::Hang),
            Self::HalfBody => good.delivered(Delivery::HalfBody),
            Self::HalfJson => {
                let half = json.as_bytes()[..json.len() / 2].to_vec();
                Reply::new(200).body("application/json; charset=UTF-8", half)
            }
            Self::Html(_) => Reply::new(200).body("text/html; charset=utf-8", PAGE),
            Self::Status(status, _) => Refusal::unavailable(status).reply(),
            Self::TooManyRequests(wait) => Refusal::too_many_requests().retry_after(wait).reply(),
            Self::RateLimitExceeded => {
                Refusal::new(403, "rateLimitExceeded", "Rate Limit Exceeded").reply()
            }
            Self::QuotaExceeded => Refusal::new(403, "quotaExceeded", "Quota exceeded").reply(),
            Self::Unauthorized => Refusal::unauthorized().reply(),
        }
    }
}
