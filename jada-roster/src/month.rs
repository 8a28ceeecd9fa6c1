//! A calendar month, the period that a statement speaks of.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::error::Error;

/// A calendar month from 1900-01 to 9999-12, written `2026-05`.
///
/// Years before 1900 are refused because a worksheet's calendar begins there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first: Date,
}

impl Month {
    /// The month of a date.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the date lies before 1900.
    pub fn of(date: Date) -> Result<Self, Error> {
        if date.year() < FIRST_YEAR {
            return Err(Error::invalid("month", &date.to_string(), "a year from 1900 to 9999"));
        }
        Ok(Self { first: date.first_of_month() })
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Date {
        self.first
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.first.last_of_month()
    }

    /// Whether the date lies in this month.
    #[must_use]
    pub fn contains(self, date: Date) -> bool {
        date.year() == self.first.year() && date.month() == self.first.month()
    }

    /// The English name with the year: `May 2026`.
    #[must_use]
    pub fn title(self) -> String {
        let name = NAMES[usize::from(self.first.month().unsigned_abs()) - 1];
        format!("{name} {}", self.first.year())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let date = (text.len() == 7).then(|| date_from_text(&format!("{text}-01")).ok());
        date.flatten()
            .map(|first| Self { first })
            .ok_or_else(|| Error::invalid("month", text, "YYYY-MM, for instance 2026-05"))
    }
}

/// Reads `YYYY-MM-DD` and nothing else: no week dates, no time, no missing zeros.
pub(crate) fn date_from_text(text: &str) -> Result<Date, Error> {
    let wrong = || Error::invalid("date", text, "YYYY-MM-DD, for instance 2026-05-03");
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date: Date = if shaped {
        text.parse().map_err(|_| wrong())?
    } else {
        return Err(wrong());
    };
    if date.year() < FIRST_YEAR {
        return Err(Error::invalid("date", text, "a year from 1900 to 9999"));
    }
    Ok(date)
}

const FIRST_YEAR: i16 = 1900;

/// The English names of the months.
pub(crate) const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_month_reads_as_it_is_written() {
        let may: Month = "2026-05".parse().unwrap();
        assert_eq!(may.to_string(), "2026-05");
        assert_eq!(may.title(), "May 2026");
        assert_eq!(may.last_day(), date(2026, 5, 31));
        assert!(may.contains(date(2026, 5, 1)) && !may.contains(date(2026, 6, 1)));
        assert!(!may.contains(date(2025, 5, 1)));
    }

    #[test]
    fn a_month_that_is_none_is_refused() {
        for text in ["", "2026", "2026-13", "2026-5", "26-05", "2026-05-01", "1899-12", "२०२६-05"]
        {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_date_is_read_strictly() {
        assert_eq!(date_from_text("2028-02-29").unwrap(), date(2028, 2, 29));
        for text in
            ["2026-02-29", "20260501", "2026-5-1", "2026-05-01T00:00", "05/01/2026", "0001-01-01"]
        {
            assert!(date_from_text(text).is_err(), "{text}");
        }
    }
}
