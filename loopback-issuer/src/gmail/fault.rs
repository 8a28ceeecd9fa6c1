//! The ways in which Gmail fails its client, scripted or drawn from a seed.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use fastrand::Rng;

use super::method::GmailMethod;
use super::refusal::Refusal;
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

/// On which side of an accident the deed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// Nothing was done of what was asked.
    Before,
    /// All was done that was asked.
    After,
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

/// What is to befall the next requests.
pub(super) struct Faults {
    rng: Rng,
    rate: f64,
    mix: Vec<GmailFault>,
    scripted: HashMap<GmailMethod, VecDeque<GmailFault>>,
}

impl Faults {
    pub(super) fn new(rng: Rng, rate: f64, mix: Vec<GmailFault>) -> Self {
        Self { rng, rate, mix, scripted: HashMap::new() }
    }

    pub(super) fn script(&mut self, method: GmailMethod, fault: GmailFault) {
        self.scripted.entry(method).or_default().push_back(fault);
    }

    /// Nothing goes wrong any more.
    pub(super) fn heal(&mut self) {
        self.rate = 0.0;
        self.scripted.clear();
    }

    /// A scripted fault befalls in any case, one that is drawn only whom it may.
    pub(super) fn next(
        &mut self,
        method: GmailMethod,
        may_befall: impl Fn(GmailFault) -> bool,
    ) -> Option<GmailFault> {
        let scripted = self.scripted.get_mut(&method).and_then(VecDeque::pop_front);
        scripted.or_else(|| self.draw().filter(|fault| may_befall(*fault)))
    }

    fn draw(&mut self) -> Option<GmailFault> {
        if self.rng.f64() >= self.rate || self.mix.is_empty() {
            return None;
        }
        Some(self.mix[self.rng.usize(..self.mix.len())])
    }
}

const PAGE: &str = "<!doctype html><title>Sign in</title><form><input type=password></form>";
