//! What goes wrong with a request on a session, drawn from a seed.

use fastrand::Rng;
use jada_loopback_issuer::Delivery;

use super::Refusal;

/// How often a request on a session goes wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultRate {
    share: f64,
    kinds: u8,
}

impl FaultRate {
    /// Nothing goes wrong.
    pub(crate) const NONE: Self = Self { share: 0.0, kinds: KINDS };

    /// This share of the requests goes wrong, 0 ≤ share ≤ 1, each kind of fault as often as another.
    pub(crate) fn of(share: f64) -> Self {
        Self { share, ..Self::NONE }
    }

    /// Sessions do not expire.
    pub(crate) fn without_expiry(self) -> Self {
        Self { kinds: KINDS - 1, ..self }
    }

    /// What befalls a request whose body has this length.
    pub(super) fn draw(self, rng: &mut Rng, length: usize) -> Option<Fault> {
        (rng.f64() < self.share).then(|| match rng.u8(..self.kinds) {
            0 => Fault::ResetUnread,
            1 => Fault::CloseUnread,
            2 if length > 0 => Fault::cut(rng, length),
            3 if length > 0 => Fault::Short(Kept::less(rng, length)),
            4 | 5 => Fault::unavailable(rng, length),
            6 => Fault::TooManyRequests,
            7 => Fault::Unauthorized,
            EXPIRY => Fault::Expired { status: one_of(rng, [404, 410]) },
            // The status query has no body that could be cut.
            _ => Fault::Lost(one_of(rng, UNANSWERED)),
        })
    }
}

/// What befalls a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    ResetUnread,
    CloseUnread,
    /// So many bytes of the chunk are read, and the connection ends.
    Cut {
        read: usize,
        kept: Kept,
        delivery: Delivery,
    },
    /// The chunk is read, and 308 tells of less than was sent.
    Short(Kept),
    /// The chunk is read, and the answer is a 5xx, whatever was stored.
    Unavailable {
        status: u16,
        kept: Kept,
    },
    /// All is done that was asked, and the answer is lost.
    Lost(Delivery),
    TooManyRequests,
    Unauthorized,
    /// The session is gone, and with it all that it stored.
    Expired {
        status: u16,
    },
}

impl Fault {
    fn cut(rng: &mut Rng, length: usize) -> Self {
        let read = rng.usize(..length);
        let kept = one_of(rng, [Kept::Nothing, Kept::Part(read)]);
        Self::Cut { read, kept, delivery: one_of(rng, [Delivery::Reset, Delivery::Close]) }
    }

    fn unavailable(rng: &mut Rng, length: usize) -> Self {
        let status = one_of(rng, [500, 502, 503, 504]);
        let kept = if rng.bool() { Kept::All } else { Kept::less(rng, length) };
        Self::Unavailable { status, kept }
    }

    /// How much is stored of a chunk, where the request comes to that.
    pub(super) fn kept(self) -> Result<Kept, Refusal> {
        match self {
            Self::Cut { kept, .. } | Self::Short(kept) | Self::Unavailable { kept, .. } => Ok(kept),
            Self::Lost(_) => Ok(Kept::All),
            Self::ResetUnread | Self::CloseUnread => Ok(Kept::Nothing),
            Self::TooManyRequests => Err(Refusal(429, "rateLimitExceeded")),
            Self::Unauthorized => Err(Refusal(401, "authError")),
            Self::Expired { status } => Err(Refusal(status, "notFound")),
        }
    }
}

/// How much of a chunk is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Nothing,
    /// So many bytes, rounded down so that a multiple of 256 KiB is stored altogether.
    Part(usize),
    All,
}

impl Kept {
    fn less(rng: &mut Rng, length: usize) -> Self {
        if rng.bool() { Self::Nothing } else { Self::Part(rng.usize(..length.max(1))) }
    }
}

fn one_of<T: Copy, const N: usize>(rng: &mut Rng, choices: [T; N]) -> T {
    choices[rng.usize(..N)]
}

const UNANSWERED: [Delivery; 4] =
    [Delivery::Reset, Delivery::Close, Delivery::HalfHead, Delivery::HalfBody];
const EXPIRY: u8 = 9;
/// The last of them is the expiry.
const KINDS: u8 = EXPIRY + 1;
