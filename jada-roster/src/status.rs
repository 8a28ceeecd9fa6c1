//! Where a booking stands and what sort of trip it is, by the words of the office.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// Where a booking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// Asked for, not agreed.
    Pending,
    /// Agreed.
    Confirmed,
    /// Sailed.
    Completed,
    /// Called off.
    Cancelled,
}

impl Status {
    /// The word it is stored by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Status {
    /// Whether a booking may go from here to there; staying is no step.
    ///
    /// | from | to |
    /// |---|---|
    /// | pending | confirmed, cancelled |
    /// | confirmed | pending, completed, cancelled |
    /// | cancelled | pending, confirmed |
    /// | completed | confirmed |
    ///
    /// Back from completed, and from cancelled, are corrections of what was entered by mistake.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::Pending => matches!(to, Self::Confirmed | Self::Cancelled),
            Self::Confirmed => matches!(to, Self::Pending | Self::Completed | Self::Cancelled),
            Self::Cancelled => matches!(to, Self::Pending | Self::Confirmed),
            Self::Completed => matches!(to, Self::Confirmed),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Status {
    type Err = Error;

    /// Reads the word in upper or lower case.
    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Pending, Self::Confirmed, Self::Completed, Self::Cancelled]
            .into_iter()
            .find(|status| status.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| {
                Error::invalid("status", text, "one of pending, confirmed, completed, cancelled")
            })
    }
}

/// What sort of trip it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Guests on board, paid.
    Charter,
    /// An internal training sail of the crew; nobody pays.
    Training,
    /// Another word of the office's own: `regatta`.
    Other(KindWord),
}

/// A word for a kind of trip that is none of the known ones, trimmed and lower case.
///
/// It is made by reading a [`Kind`] from text, so that no `Other("training")` passes for a trip
/// that is paid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KindWord(String);

impl Kind {
    /// The word it is stored by.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Charter => "charter",
            Self::Training => "training",
            Self::Other(KindWord(word)) => word,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = Error;

    /// Reads a word in upper or lower case; blank is refused.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim().to_lowercase().as_str() {
            "" => Err(Error::invalid("kind", text, "charter, training, or another word")),
            "charter" => Ok(Self::Charter),
            "training" => Ok(Self::Training),
            word => Ok(Self::Other(KindWord(word.to_owned()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case() {
        assert_eq!("Confirmed".parse::<Status>().unwrap(), Status::Confirmed);
        assert_eq!(" TRAINING ".parse::<Kind>().unwrap(), Kind::Training);
        assert_eq!("Regatta".parse::<Kind>().unwrap(), Kind::Other(KindWord("regatta".into())));
        assert!("booked".parse::<Status>().is_err());
        assert!(" ".parse::<Kind>().is_err());
    }
}
