//! What is to be said by mail in the course of a call, and under which key.

use jiff::Timestamp;

use crate::call::Sailing;
use crate::charter::CharterId;
use crate::crew::id::CrewId;
use crate::crew::role::Role;

/// A mail that a call owes, until it is in an outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The name of its call.
    pub(crate) call: Option<Box<str>>,
    pub(crate) kind: NoticeKind,
    pub(crate) to: Option<CrewId>,
    pub(crate) berth: Option<Role>,
    pub(crate) round: u32,
    pub(crate) sequence: u32,
    pub(crate) sailing: Sailing,
    pub(crate) since: Timestamp,
    pub(crate) about: Option<CrewId>,
}

/// What a mail of a call says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoticeKind {
    /// Will you sail? With a personal link.
    Ask,
    /// You sail; with an invitation for the calendar.
    Aboard,
    /// The hours, the boat or the harbour have changed; with the invitation's update.
    Changed,
    /// You do not sail after all, as the charter was called off or moved; with the invitation's
    /// cancellation.
    Released,
    /// The berth that you were asked about is no longer free.
    Taken,
    /// The charter that you were asked about was called off or moved.
    CalledOff,
    /// Nobody is left to ask for a berth, or there is no time to wait for an answer. To operations.
    NobodyLeft,
    /// A member is aboard, and sails elsewhere at the charter's new time. To operations.
    Clash,
}

impl Notice {
    /// What it says.
    #[must_use]
    pub fn kind(&self) -> NoticeKind {
        self.kind
    }

    /// To whom; none for operations.
    #[must_use]
    pub fn to(&self) -> Option<&CrewId> {
        self.to.as_ref()
    }

    /// About which berth.
    #[must_use]
    pub fn berth(&self) -> Option<&Role> {
        self.berth.as_ref()
    }

    /// About which member; none where it speaks of no other than to whom it goes.
    #[must_use]
    pub fn about(&self) -> Option<&CrewId> {
        self.about.as_ref()
    }

    /// The round of the call, from 1.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.round
    }

    /// The revision of the invitation, larger with each that a charter's call sends.
    #[must_use]
    pub fn sequence(&self) -> u32 {
        self.sequence
    }

    /// When the charter sails of which it speaks; of one that was moved, when it was to sail.
    #[must_use]
    pub fn sailing(&self) -> Sailing {
        self.sailing
    }

    /// When it came to be owed.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// What tells it from every other, the same however often it is tried.
    #[must_use]
    pub fn key(&self, charter: &CharterId) -> String {
        let Self { kind, round, sequence, .. } = self;
        let to = self.to.as_ref().map_or("operations", CrewId::as_str);
        let key = format!("{charter}/{round}/{sequence}/{}/{to}", kind.as_str());
        match &self.call {
            Some(call) => format!("{call}/{key}"),
            None => key,
        }
    }
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Ask,
        Self::Aboard,
        Self::Changed,
        Self::Released,
        Self::Taken,
        Self::CalledOff,
        Self::NobodyLeft,
        Self::Clash,
    ];

    /// The word it is stored by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Aboard => "aboard",
            Self::Changed => "changed",
            Self::Released => "released",
            Self::Taken => "taken",
            Self::CalledOff => "called-off",
            Self::NobodyLeft => "nobody-left",
            Self::Clash => "clash",
        }
    }
}
