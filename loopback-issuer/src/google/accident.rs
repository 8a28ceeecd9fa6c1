//! What comes of a fault, whichever API it befalls.

use std::time::Duration;

use super::fault::When;
use super::refusal::Refusal;
use crate::loopback::{Delivery, Reply};

/// What becomes of a request and of its answer.
#[derive(Clone, Copy)]
pub(crate) enum Accident {
    /// The answer gets to the client like this.
    Delivered(Delivery, When),
    /// All is done, and the answer is half of its JSON, called whole.
    HalfJson,
    /// A page of HTML with 200, as a proxy gives it.
    Page(When),
    /// This status, 500 to 599.
    Status(u16, When),
    /// Nothing is done: 429, and a `Retry-After` of so many whole seconds.
    TooManyRequests(Option<Duration>),
    /// Nothing is done: a status, its reason, and its message.
    Refused(u16, &'static str, &'static str),
    /// Nothing is done: 401.
    Unauthorized,
}

impl Accident {
    /// Nothing is seen of it in the answer.
    pub(crate) const UNSEEN: Self = Self::Delivered(Delivery::Whole, When::After);

    /// Whether the request is not to be done.
    pub(crate) fn prevents(self) -> bool {
        match self {
            Self::Delivered(_, when) | Self::Page(when) | Self::Status(_, when) => {
                when == When::Before
            }
            Self::HalfJson => false,
            Self::TooManyRequests(_) | Self::Refused(..) | Self::Unauthorized => true,
        }
    }

    /// What becomes of an answer.
    pub(crate) fn befall(self, good: Reply) -> Reply {
        match self {
            Self::Delivered(delivery, _) => good.delivered(delivery),
            Self::HalfJson => good.halved(),
            Self::Page(_) => Reply::new(200).body("text/html; charset=utf-8", PAGE),
            Self::Status(status, _) => Refusal::unavailable(status).reply(),
            Self::TooManyRequests(wait) => Refusal::too_many_requests().retry_after(wait).reply(),
            Self::Refused(status, reason, message) => Refusal::new(status, reason, message).reply(),
            Self::Unauthorized => Refusal::unauthorized().reply(),
        }
    }
}

/// What a proxy answers with 200 instead of Google.
const PAGE: &str = "<!doctype html><title>Sign in</title><form><input type=password></form>";
