//! The ways in which Sheets fails its client.

use std::time::Duration;

use crate::google::accident::Accident;
use crate::google::fault::When;
use crate::loopback::Delivery;

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

    /// What comes of it.
    pub(super) fn accident(self) -> Accident {
        match self {
            Self::ResetUnread => Accident::Delivered(Delivery::Reset, When::Before),
            Self::Reset(when) => Accident::Delivered(Delivery::Reset, when),
            Self::Close(when) => Accident::Delivered(Delivery::Close, when),
            Self::Hang(when) => Accident::Delivered(Delivery::Hang, when),
            Self::Status(status, when) => Accident::Status(status, when),
            Self::Html(when) => Accident::Page(when),
            Self::HalfBody => Accident::Delivered(Delivery::HalfBody, When::After),
            Self::HalfJson => Accident::HalfJson,
            Self::TooManyRequests(wait) => Accident::TooManyRequests(wait),
            Self::RateLimitExceeded => {
                Accident::Refused(403, "rateLimitExceeded", "Rate Limit Exceeded")
            }
            Self::QuotaExceeded => Accident::Refused(403, "quotaExceeded", "Quota exceeded"),
            Self::Unauthorized => Accident::Unauthorized,
        }
    }
}
