//! What a month's tab of an availability sheet says: who is free on which day, by the words in it.

mod beside;
mod calendar;
#[cfg(any(feature = "sheets", feature = "xlsx"))]
mod choice;
mod columns;
#[cfg(feature = "import")]
mod csv;
mod day;
#[cfg(any(feature = "import", feature = "sheets", feature = "xlsx"))]
mod filling;
pub(crate) mod grid;
mod halves;
mod line;
mod order;
mod other;
mod read;
mod search;
#[cfg(feature = "sheets")]
mod sheet;
mod told;
mod view;
pub(crate) mod words;
#[cfg(feature = "xlsx")]
mod xlsx;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::crew::availability::DayState;
use crate::error::Error;
use crate::month::Month;

/// What a month's tab says, person by person, before it is known who of the crew they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthTab {
    pub(crate) month: Month,
    pub(crate) people: Vec<TabPerson>,
    pub(crate) unread: Vec<UnreadCell>,
    pub(crate) missing: Vec<Date>,
    pub(crate) names_month: bool,
}

/// A person in a tab: a row of it, or a column where dates run down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabPerson {
    pub(crate) at: CellAddress,
    pub(crate) key: Option<String>,
    pub(crate) name: String,
    pub(crate) days: BTreeMap<Date, Option<DayState>>,
}

/// A cell that was not understood: it says neither yes nor no, and nothing was taken from it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadCell {
    /// Where it is.
    pub at: CellAddress,
    /// What it holds, shortened.
    pub found: String,
    /// What would have been understood.
    pub expected: String,
}

/// The place of a cell in its tab, both counted from 0; written as sheets do, `C5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellAddress {
    /// The row, from 0.
    pub(crate) row: u32,
    /// The column, from 0.
    pub(crate) column: u32,
}

impl MonthTab {
    /// Which month it is of.
    #[must_use]
    pub fn month(&self) -> Month {
        self.month
    }

    /// Everyone in it, in its order.
    #[must_use]
    pub fn people(&self) -> &[TabPerson] {
        &self.people
    }

    /// Every cell that was not understood, in the order of the tab.
    #[must_use]
    pub fn unread(&self) -> &[UnreadCell] {
        &self.unread
    }

    /// The days of the month of which the tab says nothing, in order: it has no such day, or its
    /// heading was not understood.
    #[must_use]
    pub fn missing(&self) -> &[Date] {
        &self.missing
    }

    /// Whether the tab itself says of which month it is: its days are dates, or a month or weekdays
    /// stand beside them. Bare numbers are days of whichever month was asked for, so that a tab of
    /// them is only as current as the title, or the person, that names the month.
    #[must_use]
    pub fn names_its_month(&self) -> bool {
        self.names_month
    }
}

impl TabPerson {
    /// Where their name stands, or their key if they have no name.
    #[must_use]
    pub fn at(&self) -> CellAddress {
        self.at
    }

    /// What stands in the key column, where the tab has one and it is not blank.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Their name as it stands there, trimmed; may be blank where there is a key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Each day of the tab whose cell was understood: what it says, or that it is blank.
    pub fn days(&self) -> impl Iterator<Item = (Date, Option<DayState>)> + '_ {
        self.days.iter().map(|(day, state)| (*day, *state))
    }
}

impl CellAddress {
    /// The cell in this row and column, both counted from 0.
    #[must_use]
    pub fn new(row: u32, column: u32) -> Self {
        Self { row, column }
    }

    /// Its row, counted from 0.
    #[must_use]
    pub fn row(self) -> u32 {
        self.row
    }

    /// Its column, counted from 0.
    #[must_use]
    pub fn column(self) -> u32 {
        self.column
    }

    fn turned(self) -> Self {
        Self { row: self.column, column: self.row }
    }
}

impl fmt::Display for UnreadCell {
    /// ``C5: `yes (till 3pm)`: expected one of yes, no, maybe, morning, afternoon, or nothing``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`: expected {}", self.at, self.found, self.expected)
    }
}

impl fmt::Display for CellAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = Vec::new();
        let mut left = u64::from(self.column) + 1;
        while left > 0 {
            let letter = u8::try_from((left - 1) % 26).unwrap_or_default();
            letters.push(char::from(b'A' + letter));
            left = (left - 1) / 26;
        }
        letters.iter().rev().try_for_each(|letter| write!(f, "{letter}"))?;
        write!(f, "{}", u64::from(self.row) + 1)
    }
}

impl FromStr for CellAddress {
    type Err = Error;

    /// # Errors
    /// [`Error::Invalid`] for anything but one to three letters and a number from 1 to 9999999.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid("cell", text, "an address such as C5");
        let digits = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (letters, row) = text.split_at(digits);
        let shaped = (1..=3).contains(&letters.len())
            && letters.bytes().all(|letter| letter.is_ascii_alphabetic())
            && (1..=7).contains(&row.len())
            && row.bytes().all(|digit| digit.is_ascii_digit());
        let row: u32 = row.parse().ok().filter(|row| shaped && *row > 0).ok_or_else(wrong)?;
        let value = |letter: u8| u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        let column = letters.bytes().fold(0, |column, letter| column * 26 + value(letter));
        Ok(Self { row: row - 1, column: column - 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        for text in ["A1", "Z5", "AA10", "ZZ1", "AAA1", "ZZZ9999999"] {
            assert_eq!(text.parse::<CellAddress>().unwrap().to_string(), text);
        }
        for text in ["", "A", "1", "A0", "AAAA1", "A10000000", "$A$1", "é1", "A1:B2", "A-1"] {
            assert!(text.parse::<CellAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_is_written_as_sheets_do() {
        for (row, column, text) in
            [(0, 0, "A1"), (4, 25, "Z5"), (9, 26, "AA10"), (0, 701, "ZZ1"), (0, 702, "AAA1")]
        {
            assert_eq!(CellAddress { row, column }.to_string(), text);
        }
    }
}
