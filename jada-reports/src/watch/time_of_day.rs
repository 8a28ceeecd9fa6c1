//! A time of day in a time zone: 06:00 in Paris, each day once, whatever its clocks do.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::pace::later;

/// A time that each day has once: where clocks skip it, as much later as they skip; where they show
/// it twice, the first.
#[derive(Clone, Debug)]
pub(crate) struct TimeOfDay {
    pub(super) time: Time,
    pub(super) zone: TimeZone,
}

impl TimeOfDay {
    /// The first that comes after an instant.
    pub(super) fn after(&self, instant: Timestamp) -> Timestamp {
        let today = instant.to_zoned(self.zone.clone()).date();
        let days = [Ok(today), today.tomorrow()].into_iter().flatten();
        let mut times = days.filter_map(|day| self.on(day));
        times.find(|time| *time > instant).unwrap_or(Timestamp::MAX)
    }

    /// The first that comes an interval after a run began, which may have been late, or a little
    /// early by one of two clocks.
    pub(super) fn next(&self, began: Timestamp, interval: Duration) -> Timestamp {
        self.after(later(began, interval.saturating_sub(DAY) + EARLY))
    }

    fn on(&self, day: Date) -> Option<Timestamp> {
        let zoned = day.to_datetime(self.time).to_zoned(self.zone.clone());
        zoned.ok().map(|zoned| zoned.timestamp())
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);
/// A run that begins so soon before the time is that of the time.
const EARLY: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    /// As New York, by the rules of POSIX, which need no database.
    fn at(hour: i8, minute: i8) -> TimeOfDay {
        let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        TimeOfDay { time: Time::constant(hour, minute, 0, 0), zone }
    }

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_comes_once_a_day_whatever_clocks_do() {
        let cases = [
            (6, 0, "2026-05-03T09:59:59Z", "2026-05-03T10:00:00Z"),
            (6, 0, "2026-05-03T10:00:00Z", "2026-05-04T10:00:00Z"),
            (6, 0, "2026-12-31T11:00:00Z", "2027-01-01T11:00:00Z"),
            // Clocks go forward at 02:00, and back at 02:00.
            (6, 0, "2026-03-07T11:00:00Z", "2026-03-08T10:00:00Z"),
            (2, 30, "2026-03-07T07:30:00Z", "2026-03-08T07:30:00Z"),
            (6, 0, "2026-10-31T10:00:00Z", "2026-11-01T11:00:00Z"),
            (1, 30, "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"),
        ];
        for (hour, minute, after, expected) in cases {
            let found = at(hour, minute).after(instant(after));
            assert_eq!(found, instant(expected), "{hour:02}:{minute:02} after {after}");
        }
    }

    #[test]
    fn a_run_is_followed_by_one_at_the_time_however_late_or_early_it_was() {
        let cases = [
            ("2026-05-03T10:00:01Z", 1, "2026-05-04T10:00:00Z"),
            ("2026-05-03T09:59:58Z", 1, "2026-05-04T10:00:00Z"),
            ("2026-05-03T23:30:00Z", 1, "2026-05-04T10:00:00Z"),
            ("2026-05-03T06:00:00Z", 1, "2026-05-03T10:00:00Z"),
            ("2026-05-03T10:00:01Z", 7, "2026-05-10T10:00:00Z"),
        ];
        for (began, days, expected) in cases {
            let next = at(6, 0).next(instant(began), DAY * days);
            assert_eq!(next, instant(expected), "{began} and {days} days");
        }
        let hourly = at(6, 0).next(instant("2026-05-03T10:00:01Z"), DAY / 24);
        assert_eq!(hourly, instant("2026-05-04T10:00:00Z"), "once a day at most");
    }
}
