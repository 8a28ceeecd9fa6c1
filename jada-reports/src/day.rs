//! A day as a statement writes it.

use std::fmt;

use jiff::civil::Date;

/// Writes `Sun 3 May`; the year stands in the title.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day(pub(crate) Date);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weekday = usize::from(self.0.weekday().to_monday_zero_offset().unsigned_abs());
        let month = usize::from(self.0.month().unsigned_abs()) - 1;
        f.write_str(WEEKDAYS[weekday])?;
        write!(f, " {} ", self.0.day())?;
        f.write_str(MONTHS[month])
    }
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_is_written_with_its_weekday() {
        assert_eq!(Day(date(2026, 5, 3)).to_string(), "Sun 3 May");
        assert_eq!(Day(date(2026, 12, 28)).to_string(), "Mon 28 Dec");
    }
}
