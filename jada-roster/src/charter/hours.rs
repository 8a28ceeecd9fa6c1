//! When on its day a charter sails.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;

use crate::error::Error;

/// When on its day a charter sails, in the harbour's own time, to the minute: `09:00-13:00`.
///
/// One that ends at or before the time at which it starts ends on the next day: `20:00-01:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    starts: Time,
    ends: Time,
}

/// Which part of a day a charter takes, in the words of [`DayState`](crate::DayState).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DayPart {
    /// It ends by noon.
    Morning,
    /// It starts at noon or later.
    Afternoon,
    /// Both, or nobody has said.
    Day,
}

impl Hours {
    /// From one time of the day to another, of which seconds are cut off.
    #[must_use]
    pub fn new(starts: Time, ends: Time) -> Self {
        Self { starts: to_the_minute(starts), ends: to_the_minute(ends) }
    }

    /// When it casts off.
    #[must_use]
    pub fn starts(self) -> Time {
        self.starts
    }

    /// When it is back.
    #[must_use]
    pub fn ends(self) -> Time {
        self.ends
    }

    /// Whether it is back on the day after.
    #[must_use]
    pub fn ends_next_day(self) -> bool {
        self.ends <= self.starts
    }

    /// Which part of the day it takes.
    #[must_use]
    pub fn part(self) -> DayPart {
        match (self.starts, self.ends) {
            (starts, _) if starts >= NOON => DayPart::Afternoon,
            (_, ends) if ends <= NOON && !self.ends_next_day() => DayPart::Morning,
            _ => DayPart::Day,
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { starts, ends } = self;
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            starts.hour(),
            starts.minute(),
            ends.hour(),
            ends.minute()
        )
    }
}

impl FromStr for Hours {
    type Err = Error;

    /// Reads two times of 24 hours with a dash between them: `9:00-13:00`, `09:00 – 13:00`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text.split_once(['-', '–']).and_then(|(starts, ends)| {
            Some(Self { starts: time_from_text(starts)?, ends: time_from_text(ends)? })
        });
        parts.ok_or_else(|| Error::invalid("hours", text, "two times such as 09:00-13:00"))
    }
}

/// A time of 24 hours: `9:00`, `13:30`.
fn time_from_text(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time =
        matches!(hour.len(), 1 | 2) && minute.len() == 2 && digits(hour) && digits(minute);
    is_time.then(|| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok())?
}

fn to_the_minute(time: Time) -> Time {
    Time::constant(time.hour(), time.minute(), 0, 0)
}

const NOON: Time = Time::constant(12, 0, 0, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_and_told_alike() {
        for (text, told, part) in [
            ("9:00-12:00", "09:00-12:00", DayPart::Morning),
            (" 09:30 – 13:00 ", "09:30-13:00", DayPart::Day),
            ("12:00-16:00", "12:00-16:00", DayPart::Afternoon),
            ("20:00-01:30", "20:00-01:30", DayPart::Afternoon),
            ("08:00-08:00", "08:00-08:00", DayPart::Day),
        ] {
            let hours: Hours = text.parse().unwrap();
            assert_eq!((hours.to_string().as_str(), hours.part()), (told, part), "{text}");
        }
        for text in ["", "9-13", "09:00", "09:00-25:00", "09:60-10:00", "a:00-10:00", "+9:00-10:00"]
        {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
    }
}
