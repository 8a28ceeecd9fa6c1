//! The hours of a day in which nobody is called.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;

use crate::charter::hours::Hours;
use crate::error::Error;

/// The hours of a day in which nobody is called, by the clocks of the harbour, to the minute:
/// `21:00-07:00`. They may run over midnight; the minute at which they end is not one of them.
///
/// On days on which the clocks are changed it is quiet whenever they show such an hour: a time that
/// is shown twice is quiet twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuietHours {
    starts: Time,
    ends: Time,
}

impl QuietHours {
    /// 21:00 to 07:00, the default.
    pub const NIGHT: Self =
        Self { starts: Time::constant(21, 0, 0, 0), ends: Time::constant(7, 0, 0, 0) };

    /// From one time of the day to another, of which seconds are cut off.
    ///
    /// # Errors
    /// [`Error::Invalid`] where both are the same, which could mean never or always.
    pub fn new(starts: Time, ends: Time) -> Result<Self, Error> {
        Self::of(Hours::new(starts, ends))
    }

    /// The first time that is quiet.
    #[must_use]
    pub fn starts(self) -> Time {
        self.starts
    }

    /// The first time after them.
    #[must_use]
    pub fn ends(self) -> Time {
        self.ends
    }

    /// Whether it is quiet when the clocks show this.
    #[must_use]
    pub fn contains(self, time: Time) -> bool {
        match self.starts < self.ends {
            true => self.starts <= time && time < self.ends,
            false => self.starts <= time || time < self.ends,
        }
    }

    fn of(hours: Hours) -> Result<Self, Error> {
        if hours.starts() == hours.ends() {
            return Err(Error::invalid("quiet hours", &hours.to_string(), "two different times"));
        }
        Ok(Self { starts: hours.starts(), ends: hours.ends() })
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hours::new(self.starts, self.ends).fmt(f)
    }
}

impl FromStr for QuietHours {
    type Err = Error;

    /// Reads two times of 24 hours with a dash between them: `21:00-07:00`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let hours = text.parse();
        Self::of(hours.map_err(|_| Error::invalid("quiet hours", text, "two times: 21:00-07:00"))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_run_over_midnight() {
        for (text, quiet, loud) in [
            ("21:00-07:00", ["21:00", "23:59:59", "00:00", "06:59:59"], ["07:00", "20:59:59"]),
            ("13:00-15:30", ["13:00", "14:00", "15:00", "15:29:59"], ["12:59:59", "15:30"]),
        ] {
            let hours: QuietHours = text.parse().unwrap();
            assert_eq!(hours.to_string(), text);
            assert!(quiet.iter().all(|time| hours.contains(time.parse().unwrap())), "{text}");
            assert!(!loud.iter().any(|time| hours.contains(time.parse().unwrap())), "{text}");
        }
        assert_eq!(QuietHours::NIGHT, "21:00-07:00".parse().unwrap());
        for text in ["", "21-7", "21:00", "21:00-21:00", "never"] {
            let refused = text.parse::<QuietHours>().unwrap_err().to_string();
            assert!(refused.starts_with("quiet hours `"), "{refused}");
        }
    }
}
