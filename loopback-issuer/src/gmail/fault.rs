//! The ways in which Gmail fails its client, scripted or drawn from a seed.

use std::time::Duration;

use crate::google::fault::{PAGE, When};
use crate::google::refusal::Refusal;
use crate::loopback::{Delivery, Reply};

/// What befalls one request to a [`Gmail`](crate::Gmail).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GmailFault {
    /// The connection is reset (RST), and nothing of the request was read.
    ResetUnread,
    /// The connection is closed (FIN), and nothing of the request was read.
    CloseUnread,
    /// The request is read, and the connection is reset (RST) instead of an answer.
    Reset(When),
    /// The request is read, and the connection is closed (FIN) instead of an answer.
    Close(When),
    /// The request is read, and nothing comes until the client gives up.
    Hang(When),
    /// This status, 500 to 599, with the reason `backendError`.
    Status(u16, When),
    /// A page of HTML with 200, as a proxy gives it.
    Html(When),
    /// All is done that was asked, and of the body of the answer half arrives.
    HalfBody,
    /// Nothing is done: 429 `rateLimitExceeded`, and a `Retry-After` of so many whole seconds.
    TooManyRequests(Option<Duration>),
    /// Nothing is done: 403 `rateLimitExceeded`.
    RateLimitExceeded,
    /// Nothing is done: 403 `userRateLimitExceeded`.
    UserRateLimitExceeded,
    /// Nothing is done: 403 `dailyLimitExceeded`, which is over tomorrow. It is not in the
    /// [mix](Self::MIX).
    DailyLimitExceeded,
    /// Nothing is done: 401, and the request's token is not good any more; another of its
    /// [name](crate::GmailBuilder::token) is.
    Unauthorized,
}

impl GmailFault {
    /// Everything that may befall a client of Gmail's any day, each as often as another.
    pub const MIX: &'static [Self] = &[
        Self::ResetUnread,
        Self::CloseUnread,
        Self::Reset(When::Before),
        Self::Reset(When::After),
        Self::Close(When::Before),
        Self::Close(When::After),
        Self::Hang(When::Before),
        Self::Hang(When::After),
        Self::Status(500, When::Before),
        Self::Status(500, When::After),
        Self::Status(503, When::Before),
        Self::Status(503, When::After),
        Self::Html(When::Before),
        Self::Html(When::After),
        Self::HalfBody,
        Self::TooManyRequests(None),
        Self::TooManyRequests(Some(Duration::ZERO)),
        Self::RateLimitExceeded,
        Self::UserRateLimitExceeded,
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
            Self::HalfBody => false,
            Self::ResetUnread
            | Self::CloseUnread
            | Self::TooManyRequests(_)
            | Self::RateLimitExceeded
            | Self::UserRateLimitExceeded
            | Self::DailyLimitExceeded
            | Self::Unauthorized => true,
        }
    }

    /// What becomes of an answer.
    pub(super) fn befall(self, good: Reply) -> Reply {
        match self {
            Self::ResetUnread | Self::Reset(_) => good.delivered(Delivery::Reset),
            Self::CloseUnread | Self::Close(_) => good.delivered(Delivery::Close),
            Self::Hang(_) => good.delivered(Delivery::Hang),
            Self::HalfBody => good.delivered(Delivery::HalfBody),
            Self::Html(_) => Reply::new(200).body("text/html; charset=utf-8", PAGE),
            Self::Status(status, _) => Refusal::unavailable(status).reply(),
            Self::TooManyRequests(wait) => Refusal::too_many_requests().retry_after(wait).reply(),
            Self::RateLimitExceeded => {
                Refusal::new(403, "rateLimitExceeded", "Rate Limit Exceeded").reply()
            }
            Self::UserRateLimitExceeded => {
                Refusal::new(403, "userRateLimitExceeded", "User Rate Limit Exceeded").reply()
            }
            Self::DailyLimitExceeded => {
                Refusal::new(403, "dailyLimitExceeded", "Daily Limit Exceeded").reply()
            }
            Self::Unauthorized => Refusal::unauthorized().reply(),
        }
    }
}
