//! Why nobody is called for a charter, or somebody is not.

use std::fmt;

use crate::charter::CharterId;
use crate::crew::availability::DayState;
use crate::crew::role::Role;
use crate::status::Status;

/// Whether crew are called for a charter at all, or why nobody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Crew are called, unless every berth is filled.
    Called,
    /// It is not confirmed.
    NotConfirmed {
        /// Where the booking stands.
        status: Status,
    },
    /// It is an internal training sail of the crew.
    Training,
    /// It has cast off; one whose hours are not known, when its day is over.
    Departed,
    /// Quiet hours last until it casts off. A person decides whom to wake.
    Quiet,
}

/// Why a member is not called. Of several reasons it is the first of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason<'a> {
    /// Nobody is called for the charter.
    Nobody(Verdict),
    /// They sail on it already.
    Assigned {
        /// As what.
        berth: &'a Role,
    },
    /// No berth is for their role.
    RoleNotNeeded,
    /// The berths for their role are filled.
    BerthFilled {
        /// The first of them.
        berth: &'a Role,
    },
    /// They sail on another charter at that time, which is not cancelled.
    SailsElsewhere {
        /// The first of them.
        charter: &'a CharterId,
    },
    /// They are not free on that day.
    NotFree,
    /// They are free on a part of that day which is not the charter's. One whose hours are not known
    /// takes the whole day.
    OtherPart {
        /// What they have said.
        said: DayState,
    },
    /// They are perhaps free, and the rules leave such members alone.
    Maybe,
    /// They have said nothing of that day, and the rules leave such members alone.
    Silent,
    /// They would be called, but have no e-mail address. A person adds it, or calls them.
    NoEmail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Called => f.write_str("crew are called"),
            Self::NotConfirmed { status } => write!(f, "it is {status}"),
            Self::Training => f.write_str("it is a training sail of the crew"),
            Self::Departed => f.write_str("it has cast off"),
            Self::Quiet => f.write_str("quiet hours last until it casts off"),
        }
    }
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody(verdict) => write!(f, "nobody is called: {verdict}"),
            Self::Assigned { berth } => write!(f, "sails on it already, as {berth}"),
            Self::RoleNotNeeded => f.write_str("no berth is for their role"),
            Self::BerthFilled { berth } => write!(f, "the berth of {berth} is filled"),
            Self::SailsElsewhere { charter } => write!(f, "sails on `{charter}` at that time"),
            Self::NotFree => f.write_str("is not free on that day"),
            Self::OtherPart { said } => write!(f, "is free in the {said} alone"),
            Self::Maybe => f.write_str("is perhaps free on that day"),
            Self::Silent => f.write_str("has said nothing of that day"),
            Self::NoEmail => f.write_str("has no e-mail address"),
        }
    }
}
