//! On which days a member is free, as far as they have said.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::error::Error;

/// What a member has said about which day, in the harbour's calendar; about all others, nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Availability(BTreeMap<Date, DayState>);

/// What a member has said about a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DayState {
    /// Free all day.
    Yes,
    /// Not free.
    No,
    /// Perhaps free.
    Maybe,
    /// Free before noon.
    Morning,
    /// Free after noon.
    Afternoon,
}

impl Availability {
    /// What was said about a day.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<DayState> {
        self.0.get(&day).copied()
    }

    /// The same with this said about a day; with none, nothing is.
    #[must_use]
    pub fn with(mut self, day: Date, state: Option<DayState>) -> Self {
        match state {
            Some(state) => self.0.insert(day, state),
            None => self.0.remove(&day),
        };
        self
    }

    /// Every day that something was said about, in order.
    pub fn days(&self) -> impl Iterator<Item = (Date, DayState)> + '_ {
        self.0.iter().map(|(day, state)| (*day, *state))
    }
}

impl FromIterator<(Date, DayState)> for Availability {
    fn from_iter<I: IntoIterator<Item = (Date, DayState)>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

impl DayState {
    /// Every state, in the order in which a form offers them.
    pub const ALL: [Self; 5] = [Self::Yes, Self::No, Self::Maybe, Self::Morning, Self::Afternoon];

    /// The word it is stored by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Maybe => "maybe",
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
        }
    }
}

impl fmt::Display for DayState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DayState {
    type Err = Error;

    /// Reads the word in upper or lower case.
    fn from_str(text: &str) -> Result<Self, Error> {
        let word = text.trim();
        Self::ALL.into_iter().find(|state| state.as_str().eq_ignore_ascii_case(word)).ok_or_else(
            || Error::invalid("availability", text, "yes, no, maybe, morning or afternoon"),
        )
    }
}
