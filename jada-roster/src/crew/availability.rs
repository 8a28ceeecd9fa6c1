//! On which days a member is free, as far as they have said.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::error::Error;

/// What a member has said about which day, in the harbour's calendar; about all others, nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Availability(
    /// By day, each once: a whole crew is asked about one day by few looks at memory.
    Vec<(Date, DayState)>,
);

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
        self.place(day).ok().map(|at| self.0[at].1)
    }

    /// The same with this said about a day; with none, nothing is.
    #[must_use]
    pub fn with(mut self, day: Date, state: Option<DayState>) -> Self {
        match (self.place(day), state) {
            (Ok(at), Some(state)) => self.0[at].1 = state,
            (Ok(at), None) => _ = self.0.remove(at),
            (Err(at), Some(state)) => self.0.insert(at, (day, state)),
            (Err(_), None) => {}
        }
        self
    }

    /// Every day that something was said about, in order.
    pub fn days(&self) -> impl Iterator<Item = (Date, DayState)> + '_ {
        self.0.iter().copied()
    }

    fn place(&self, day: Date) -> Result<usize, usize> {
        self.0.binary_search_by_key(&day, |(day, _)| *day)
    }
}

impl FromIterator<(Date, DayState)> for Availability {
    /// Of a day that stands twice the last is kept.
    fn from_iter<I: IntoIterator<Item = (Date, DayState)>>(days: I) -> Self {
        let days: BTreeMap<Date, DayState> = days.into_iter().collect();
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_was_said_last_of_a_day_counts_and_can_be_taken_back() {
        let [may, june, july] = [5, 6, 7].map(|month| date(2026, month, 1));
        let said = [(july, DayState::No), (may, DayState::Maybe), (july, DayState::Yes)];
        let days = Availability::from_iter(said).with(june, Some(DayState::Morning));
        let in_order = [(may, DayState::Maybe), (june, DayState::Morning), (july, DayState::Yes)];
        assert!(days.days().eq(in_order));
        assert_eq!([may, june, july].map(|day| days.on(day)), in_order.map(|(_, said)| Some(said)));

        let days = days.with(june, None).with(june, None).with(may, Some(DayState::No));
        assert!(days.days().eq([(may, DayState::No), (july, DayState::Yes)]));
        assert_eq!(days.on(june), None);
        assert_eq!(days, [(july, DayState::Yes), (may, DayState::No)].into_iter().collect());
    }
}
