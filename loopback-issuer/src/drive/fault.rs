//! The ways in which Drive fails its client, scripted or drawn from a seed.

use std::time::Duration;

use crate::google::accident::Accident;
use crate::google::fault::When;
use crate::loopback::Delivery;

/// What befalls one request to a [`Drive`](crate::Drive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DriveFault {
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
    /// All is done that was asked, and the answer is half of its JSON, called whole.
    TruncatedJson,
    /// Half of a chunk is read and kept, in whole quanta of 256 KiB, and this status answers; to
    /// any other request it is a [`Status`](Self::Status) before the deed.
    MidChunk(u16),
    /// Half of a chunk is read and kept, in whole quanta, and the connection is reset (RST); any
    /// other request is a [`Reset`](Self::Reset) before the deed.
    ResetMidChunk,
    /// Half of a chunk is kept, in whole quanta, and `Range` says so; to any other request nothing.
    ShortRange,
    /// The session of an upload that is not complete is forgotten: 404; to any other request
    /// nothing.
    Expire,
    /// An upload is completed, and of what is kept the first byte is another; to any other request
    /// nothing. It is not in the [mix](Self::MIX).
    Corrupt,
    /// Nothing is done: 429 `rateLimitExceeded`, and a `Retry-After` of so many whole seconds.
    TooManyRequests(Option<Duration>),
    /// Nothing is done: this status and reason, such as 403 `userRateLimitExceeded` or
    /// `storageQuotaExceeded`.
    Refused(u16, &'static str),
    /// Nothing is done: 401, and the request's token is not good any more; another of its
    /// [name](crate::DriveBuilder::token) is.
    Unauthorized,
}

impl DriveFault {
    /// Everything that may befall a client of Drive's any day, each as often as another.
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
        Self::Status(503, When::Before),
        Self::Status(503, When::After),
        Self::Html(When::Before),
        Self::Html(When::After),
        Self::HalfBody,
        Self::TruncatedJson,
        Self::MidChunk(503),
        Self::ResetMidChunk,
        Self::ShortRange,
        Self::Expire,
        Self::TooManyRequests(None),
        Self::TooManyRequests(Some(Duration::ZERO)),
        Self::Refused(403, "rateLimitExceeded"),
        Self::Refused(403, "userRateLimitExceeded"),
        Self::Unauthorized,
    ];

    /// Whether half of a chunk is read, and no more.
    pub(super) fn cuts(self) -> bool {
        matches!(self, Self::MidChunk(_) | Self::ResetMidChunk)
    }

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
            Self::TruncatedJson => Accident::HalfJson,
            Self::MidChunk(status) => Accident::Status(status, When::Before),
            Self::ResetMidChunk => Accident::Delivered(Delivery::Reset, When::Before),
            Self::ShortRange | Self::Expire | Self::Corrupt => Accident::UNSEEN,
            Self::TooManyRequests(wait) => Accident::TooManyRequests(wait),
            Self::Refused(status, reason) => Accident::Refused(status, reason, "It is refused."),
            Self::Unauthorized => Accident::Unauthorized,
        }
    }
}
