//! What a member is on board, what that lets them see, and when they are called.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// What a member is on board.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Commands a boat.
    Captain,
    /// Commands a boat, hired for a trip.
    Skipper,
    /// Second to the captain.
    Mate,
    /// Sails along.
    Crew,
    /// Any other, by its name in lower case: see [`Role::from_str`].
    Other(RoleName),
}

/// The name of a role that this crate has no word for: 1 to 60 characters, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoleName(String);

/// What someone may see or do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// See and say on which days one is free oneself.
    EditOwnAvailability,
    /// See who is on the crew, and in which role.
    SeeRoster,
    /// See who is free on which day.
    SeeAvailability,
    /// See phone numbers and e-mail addresses of others.
    SeeContacts,
    /// See the charters on which one sails.
    SeeOwnEvents,
    /// See all charters, without what is about money.
    SeeAllEvents,
}

impl Role {
    /// Whether this role may do so.
    ///
    /// | | own days and charters | roster | days of others | contacts, all charters |
    /// |---|---|---|---|---|
    /// | captain, skipper | yes | yes | yes | yes |
    /// | mate | yes | yes | yes | no |
    /// | crew | yes | yes | no | no |
    /// | any other | yes | no | no | no |
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match permission {
            Permission::EditOwnAvailability | Permission::SeeOwnEvents => true,
            Permission::SeeRoster => !matches!(self, Self::Other(_)),
            Permission::SeeAvailability => {
                matches!(self, Self::Captain | Self::Skipper | Self::Mate)
            }
            Permission::SeeContacts | Permission::SeeAllEvents => {
                matches!(self, Self::Captain | Self::Skipper)
            }
        }
    }

    /// The word it is stored by.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Captain => "captain",
            Self::Skipper => "skipper",
            Self::Mate => "mate",
            Self::Crew => "crew",
            Self::Other(name) => &name.0,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Error;

    /// Reads the word in upper or lower case; what is no word of ours is a role by that name.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is blank, longer than 60 characters, or not printable.
    fn from_str(text: &str) -> Result<Self, Error> {
        let word = text.trim().to_lowercase();
        Ok(match word.as_str() {
            "captain" => Self::Captain,
            "skipper" => Self::Skipper,
            "mate" => Self::Mate,
            "crew" => Self::Crew,
            "" => return Err(Error::invalid("role", text, ROLE)),
            _ if word.chars().count() > 60 || word.chars().any(char::is_control) => {
                return Err(Error::invalid("role", text, ROLE));
            }
            _ => Self::Other(RoleName(word)),
        })
    }
}

/// When a member is called, 1 to 99: those of level 1 first, then those of level 2, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CascadeLevel(u8);

impl CascadeLevel {
    /// Called first.
    pub const FIRST: Self = Self(1);
    /// Called last: 99, and what a row that names no level is read as.
    pub const LAST: Self = Self(99);

    /// Takes a level.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a number that is not 1 to 99.
    pub fn new(level: u8) -> Result<Self, Error> {
        if (Self::FIRST.0..=Self::LAST.0).contains(&level) {
            return Ok(Self(level));
        }
        Err(Error::invalid("cascade level", &level.to_string(), LEVEL))
    }

    /// The number, 1 to 99.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for CascadeLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for CascadeLevel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let level =
            text.trim().parse().map_err(|_| Error::invalid("cascade level", text, LEVEL))?;
        Self::new(level).map_err(|_| Error::invalid("cascade level", text, LEVEL))
    }
}

const ROLE: &str = "captain, mate, crew, skipper, or another name of at most 60 characters";
const LEVEL: &str = "a whole number from 1 (called first) to 99";
