//! What a store knows of a link, and whether it opens: the rules that all backends share.

use jiff::Timestamp;

use crate::crew::id::CrewId;
use crate::error::Error;
use crate::links::pepper::{LinkDigest, NonceDigest};
use crate::links::{
    LinkKind, LinkRefusal, LinkSpec, OpenLink, Peeked, Purpose, SAME_BROWSER, Verified,
};

/// A link that its digest alone names.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) crew: CrewId,
    pub(crate) purpose: Purpose,
    pub(crate) kind: LinkKind,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) used: Option<Use>,
    pub(crate) revoked: bool,
}

/// Who used a single-use link up.
#[derive(Clone)]
pub(crate) struct Use {
    pub(crate) at: Timestamp,
    pub(crate) nonce: Option<NonceDigest>,
    /// Drawn for each attempt, so that one whose answer was lost knows its own write.
    pub(crate) attempt: String,
}

/// A member's standing link for one purpose, and the one that it replaced.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(crate) crew: CrewId,
    pub(crate) current: Option<LinkDigest>,
    pub(crate) issued_at: Option<Timestamp>,
    /// With the instant from which it opens nothing; [`TAKEN_BACK`] for one that never had time.
    pub(crate) replaced: Option<(LinkDigest, Timestamp)>,
}

/// What is asked of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Verify,
    Consume,
    Redeem,
    Peek,
}

/// One attempt to open a link.
pub(crate) struct Attempt<'a> {
    pub(crate) asked: Asked,
    pub(crate) purpose: &'a Purpose,
    pub(crate) nonce: Option<NonceDigest>,
    pub(crate) id: &'a str,
    pub(crate) now: Timestamp,
}

/// Why a link does not open, and whose it is where that is known: for the audit log.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) reason: LinkRefusal,
    pub(crate) crew: Option<CrewId>,
}

/// A refusal, or a failure to find out.
#[derive(Debug)]
pub(crate) enum Denied {
    Refused(Refusal),
    Failed(Error),
}

impl Asked {
    pub(crate) fn admits(self, kind: LinkKind) -> bool {
        match self {
            Self::Verify => matches!(kind, LinkKind::Standing | LinkKind::Session),
            Self::Consume => kind == LinkKind::SingleUse,
            Self::Peek => matches!(kind, LinkKind::SingleUse | LinkKind::Session),
            // Not a session: whoever holds one would prolong it for ever.
            Self::Redeem => matches!(kind, LinkKind::SingleUse | LinkKind::Standing),
        }
    }
}

impl Attempt<'_> {
    fn is_for(&self, purpose: &Purpose) -> bool {
        match self.asked {
            Asked::Peek => self.purpose.covers(purpose),
            Asked::Verify | Asked::Consume | Asked::Redeem => self.purpose == purpose,
        }
    }
}

impl Record {
    /// Whether it is a single-use link for this purpose, of before an instant, that is open still.
    pub(crate) fn is_outdated(&self, purpose: &Purpose, before: Timestamp, now: Timestamp) -> bool {
        // A table keeps milliseconds: what came within the same one is not older.
        let before = before.as_millisecond();
        let is_older = self.issued_at.is_some_and(|issued_at| issued_at.as_millisecond() < before);
        self.kind == LinkKind::SingleUse
            && self.purpose == *purpose
            && is_older
            && self.is_open(now)
    }

    /// What it would open for an attempt that looks.
    pub(crate) fn peeked(&self, attempt: &Attempt<'_>) -> Result<Peeked, Refusal> {
        let Verified { crew, kind, expires_at, .. } = self.judge(attempt)?;
        Ok(Peeked { crew, purpose: self.purpose.clone(), kind, expires_at })
    }

    /// Whether it opens for an attempt; if it is a single-use link, after the attempt's own use too.
    pub(crate) fn judge(&self, attempt: &Attempt<'_>) -> Result<Verified, Refusal> {
        if !attempt.is_for(&self.purpose) {
            return Err(LinkRefusal::Unknown.into());
        }
        if !attempt.asked.admits(self.kind) {
            return Err(self.refusal(LinkRefusal::WrongKind));
        }
        if self.revoked {
            return Err(self.refusal(LinkRefusal::Revoked));
        }
        match &self.used {
            Some(used) if used.is_by(attempt) => Ok(self.verified()),
            Some(_) => Err(self.refusal(LinkRefusal::Used)),
            None if self.is_over(attempt.now) => Err(self.refusal(LinkRefusal::Expired)),
            None => Ok(self.verified()),
        }
    }

    /// Whether it was plain text once: nothing is known of when that was issued.
    #[cfg(feature = "dynamodb")]
    pub(crate) fn is_of_older_tool(&self) -> bool {
        self.kind == LinkKind::Standing && self.issued_at.is_none()
    }

    /// Whether it may open still, for whomever.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        !self.revoked && self.used.is_none() && !self.is_over(now)
    }

    /// Whether it may open for anyone: one that was used a moment ago may, for the browser that has
    /// used it.
    #[cfg(feature = "dynamodb")]
    pub(crate) fn opens_for_someone(&self, now: Timestamp) -> bool {
        let again = |used: &Use| used.at.checked_add(SAME_BROWSER).is_ok_and(|end| now < end);
        self.is_open(now) || (!self.revoked && self.used.as_ref().is_some_and(again))
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// What may be told of it, if it may open still.
    pub(crate) fn open_link(&self, now: Timestamp) -> Option<OpenLink> {
        let (purpose, kind) = (self.purpose.clone(), self.kind);
        let link =
            OpenLink { purpose, kind, issued_at: self.issued_at, expires_at: self.expires_at };
        self.is_open(now).then_some(link)
    }

    pub(crate) fn verified(&self) -> Verified {
        let (crew, kind) = (self.crew.clone(), self.kind);
        Verified { crew, kind, issued_at: self.issued_at, expires_at: self.expires_at }
    }

    fn refusal(&self, reason: LinkRefusal) -> Refusal {
        Refusal { reason, crew: Some(self.crew.clone()) }
    }
}

impl Use {
    /// Whether an attempt made this use itself, or comes from the same browser at once after it.
    fn is_by(&self, attempt: &Attempt<'_>) -> bool {
        let same_browser = matches!((&self.nonce, &attempt.nonce), (Some(a), Some(b)) if a == b);
        let end = self.at.checked_add(SAME_BROWSER).unwrap_or(Timestamp::MAX);
        self.attempt == attempt.id || (same_browser && attempt.now < end)
    }
}

impl Standing {
    /// Whether a text of this digest opens.
    pub(crate) fn judge(&self, digest: &LinkDigest, now: Timestamp) -> Result<Verified, Refusal> {
        let (crew, kind) = (self.crew.clone(), LinkKind::Standing);
        if self.current.as_ref() == Some(digest) {
            return Ok(Verified { crew, kind, issued_at: self.issued_at, expires_at: None });
        }
        match &self.replaced {
            Some((replaced, until)) if replaced == digest => {
                if *until == TAKEN_BACK {
                    return Err(Refusal { reason: LinkRefusal::Revoked, crew: Some(crew) });
                }
                if *until <= now {
                    return Err(Refusal { reason: LinkRefusal::Expired, crew: Some(crew) });
                }
                Ok(Verified { crew, kind, issued_at: None, expires_at: Some(*until) })
            }
            _ => Err(LinkRefusal::Unknown.into()),
        }
    }

    /// What may be told of those that open.
    pub(crate) fn open_links(&self, purpose: &Purpose, now: Timestamp) -> Vec<OpenLink> {
        let link = |issued_at, expires_at| {
            let (purpose, kind) = (purpose.clone(), LinkKind::Standing);
            OpenLink { purpose, kind, issued_at, expires_at }
        };
        let in_grace = self.replaced.as_ref().filter(|(_, until)| now < *until);
        let in_grace = in_grace.map(|(_, until)| link(None, Some(*until)));
        let current = self.current.as_ref().map(|_| link(self.issued_at, None));
        in_grace.into_iter().chain(current).collect()
    }

    /// How many texts open.
    pub(crate) fn open(&self, now: Timestamp) -> usize {
        let in_grace = self.replaced.as_ref().is_some_and(|(_, until)| now < *until);
        usize::from(self.current.is_some()) + usize::from(in_grace)
    }
}

impl From<LinkRefusal> for Refusal {
    fn from(reason: LinkRefusal) -> Self {
        Self { reason, crew: None }
    }
}

impl<T: Into<Refusal>> From<T> for Denied {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The end of what was taken back at once: no clock, however wrong, is before it.
pub(crate) const TAKEN_BACK: Timestamp = Timestamp::UNIX_EPOCH;
/// How many single-use links and sessions of one member may be open.
pub(crate) const MOST_OPEN: usize = 64;
/// So many of them stay free of links to one of the many things of a page, for sessions and others.
const KEPT_FREE: usize = 16;

/// How many may be open where one like this is issued.
pub(crate) fn most_open(spec: &LinkSpec) -> usize {
    let is_of_many = spec.kind() == LinkKind::SingleUse && spec.purpose().subject().is_some();
    if is_of_many { MOST_OPEN - KEPT_FREE } else { MOST_OPEN }
}
