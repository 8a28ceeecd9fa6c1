//! The ways in which Gmail fails its client, scripted or drawn from a seed.

use std::time::Duration;

use crate::google::accident::Accident;
use crate::google::fault::When;
use crate::loopback::Delivery;

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

    /// What comes of it.
    pub(super) fn accident(self) -> Accident {
        match self {
            Self::ResetUnread => Accident::Delivered(Delivery::Reset, When::Before),
            Self::CloseUnread => Accident::Delivered(Delivery::Close, When::Before),
            Self::Reset(when) => Accident::Delivered(Delivery::Reset, when),
            Self::Close(when) => Accident::Delivered(Delivery::Close, when),
            Self::Hang(when) => Accident::Delivered(Delivery::Hang, when),
            Self::Status(status, when) => Accident::Status(status, when),
            Self::Html(when) => Accident::Page(when),
            Self::HalfBody => Accident::Delivered(Delivery::HalfBody, When::After),
            Self::TooManyRequests(wait) => Accident::TooManyRequests(wait),
            Self::RateLimitExceeded => {
                Accident::Refused(403, "rateLimitExceeded", "Rate Limit Exceeded")
            }
            Self::UserRateLimitExceeded => {
                Accident::Refused(403, "userRateLimitExceeded", "User Rate Limit Exceeded")
            }
            Self::DailyLimitExceeded => {
                Accident::Refused(403, "dailyLimitExceeded", "Daily Limit Exceeded")
            }
            Self::Unauthorized => Accident::Unauthorized,
        }
    }
}
