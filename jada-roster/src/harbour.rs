//! Where boats lie: by which clocks they sail, and when people there are not to be disturbed.

pub(crate) mod quiet_hours;

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil::Time};

use crate::harbour::quiet_hours::QuietHours;

/// Where boats lie: by which clocks they sail, and when nobody there is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harbour {
    name: String,
    zone: TimeZone,
    quiet: Option<QuietHours>,
}

impl Harbour {
    /// A harbour with its time zone, which is quiet from 21:00 to 07:00
    /// ([`QuietHours::NIGHT`]). With a name it is that one alone: who is called by its rules for a
    /// charter that names another is told so. With an empty one it is any.
    #[must_use]
    pub fn new(name: impl Into<String>, zone: TimeZone) -> Self {
        Self { name: name.into(), zone, quiet: Some(QuietHours::NIGHT) }
    }

    /// The same with other quiet hours.
    #[must_use]
    pub fn with_quiet_hours(mut self, quiet: QuietHours) -> Self {
        self.quiet = Some(quiet);
        self
    }

    /// The same where people are called around the clock.
    #[must_use]
    pub fn without_quiet_hours(mut self) -> Self {
        self.quiet = None;
        self
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// By which clocks its charters sail.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// When nobody is called, if ever.
    #[must_use]
    pub fn quiet_hours(&self) -> Option<QuietHours> {
        self.quiet
    }

    /// The first instant, from this one on, at which people may be called: it, or the end of the quiet
    /// hours it falls into.
    #[must_use]
    pub fn earliest(&self, instant: Timestamp) -> Timestamp {
        self.quiet.map_or(instant, |quiet| self.end_of(quiet, instant))
    }

    /// The instant at which people could have been called for so long since this one. Quiet hours do
    /// not count, and what falls due in them is put off to their end.
    #[must_use]
    pub fn after(&self, instant: Timestamp, calling: Duration) -> Timestamp {
        let mut left = SignedDuration::try_from(calling).unwrap_or(SignedDuration::MAX);
        let Some(quiet) = self.quiet else {
            return later(instant, left).unwrap_or(Timestamp::MAX);
        };
        let mut now = self.end_of(quiet, instant);
        loop {
            let evening = self.start_of(quiet, now);
            let day = now.duration_until(evening);
            if left < day || evening == Timestamp::MAX {
                return later(now, left).unwrap_or(Timestamp::MAX);
            }
            left -= day;
            now = self.end_of(quiet, evening);
        }
    }

    fn end_of(&self, quiet: QuietHours, mut now: Timestamp) -> Timestamp {
        while quiet.contains(self.clock(now)) && now < Timestamp::MAX {
            now = self.next(quiet.ends(), now);
        }
        now
    }

    fn start_of(&self, quiet: QuietHours, mut now: Timestamp) -> Timestamp {
        while !quiet.contains(self.clock(now)) && now < Timestamp::MAX {
            now = self.next(quiet.starts(), now);
        }
        now
    }

    /// When the clocks next show this time, or are changed before they come to it.
    fn next(&self, time: Time, now: Timestamp) -> Timestamp {
        let wait = match self.clock(now).duration_until(time) {
            wait if wait > SignedDuration::ZERO => wait,
            passed => passed + DAY,
        };
        let shown = later(now, wait).unwrap_or(Timestamp::MAX);
        let changed = self.zone.following(now).next().map(|change| change.timestamp());
        changed.map_or(shown, |changed| shown.min(changed))
    }

    fn clock(&self, now: Timestamp) -> Time {
        self.zone.to_datetime(now).time()
    }
}

fn later(instant: Timestamp, duration: SignedDuration) -> Option<Timestamp> {
    instant.checked_add(duration).ok()
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn harbour(zone: &str, quiet: &str) -> Harbour {
        let zone = TimeZone::get(zone).unwrap();
        Harbour::new("Harbour", zone).with_quiet_hours(quiet.parse().unwrap())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn what_falls_into_quiet_hours_waits_for_their_end() {
        let oslo = harbour("Europe/Oslo", "21:00-07:00");
        for (instant, earliest) in [
            ("2026-06-01T18:59:59.999Z", "2026-06-01T18:59:59.999Z"),
            ("2026-06-01T19:00:00Z", "2026-06-02T05:00:00Z"),
            ("2026-06-02T04:59:59.999Z", "2026-06-02T05:00:00Z"),
            ("2026-06-02T05:00:00Z", "2026-06-02T05:00:00Z"),
        ] {
            assert_eq!(oslo.earliest(at(instant)), at(earliest), "{instant}");
        }
        let siesta = harbour("Europe/Oslo", "13:00-15:30");
        assert_eq!(siesta.earliest(at("2026-06-01T11:00:00Z")), at("2026-06-01T13:30:00Z"));
        let day = oslo.without_quiet_hours();
        assert_eq!(day.earliest(at("2026-06-01T23:00:00Z")), at("2026-06-01T23:00:00Z"));
    }

    #[test]
    fn it_is_quiet_when_the_clocks_say_so_on_days_when_they_are_changed_too() {
        for (zone, quiet, instant, earliest) in [
            // Nights of 9 and of 11 hours.
            ("America/New_York", "21:00-07:00", "2026-03-08T02:00Z", "2026-03-08T11:00Z"),
            ("America/New_York", "21:00-07:00", "2026-11-01T01:00Z", "2026-11-01T12:00Z"),
            // 02:30 is skipped: it is 03:00 when it would be.
            ("America/New_York", "21:00-02:30", "2026-03-08T05:00Z", "2026-03-08T07:00Z"),
            // 01:30 is shown twice. After the first there is half an hour, and then it is 01:00 again.
            ("America/New_York", "21:00-01:30", "2026-11-01T04:00Z", "2026-11-01T05:30Z"),
            ("America/New_York", "21:00-01:30", "2026-11-01T06:00Z", "2026-11-01T06:30Z"),
            // Half an hour is all by which the clocks are changed.
            ("Australia/Lord_Howe", "21:00-07:00", "2026-04-04T11:00Z", "2026-04-04T20:30Z"),
            ("Australia/Lord_Howe", "21:00-07:00", "2026-10-03T12:00Z", "2026-10-03T20:00Z"),
            // A day that was left out.
            ("Pacific/Apia", "21:00-07:00", "2011-12-30T09:00Z", "2011-12-30T17:00Z"),
        ] {
            let harbour = harbour(zone, quiet);
            assert_eq!(harbour.earliest(at(instant)), at(earliest), "{zone} {quiet} {instant}");
        }
    }

    #[test]
    fn calling_time_does_not_run_in_quiet_hours() {
        let oslo = harbour("Europe/Oslo", "21:00-07:00");
        for (instant, hours, after) in [
            ("2026-06-01T10:00:00Z", 2, "2026-06-01T12:00:00Z"),
            ("2026-06-01T18:00:00Z", 2, "2026-06-02T06:00:00Z"),
            // Due when the quiet hours begin, so at their end.
            ("2026-06-01T17:00:00Z", 2, "2026-06-02T05:00:00Z"),
            ("2026-06-01T22:00:00Z", 2, "2026-06-02T07:00:00Z"),
            ("2026-06-01T22:00:00Z", 0, "2026-06-02T05:00:00Z"),
            ("2026-06-01T05:00:00Z", 28, "2026-06-03T05:00:00Z"),
        ] {
            assert_eq!(oslo.after(at(instant), HOUR * hours), at(after), "{instant} {hours} h");
        }
        let always = oslo.without_quiet_hours();
        assert_eq!(always.after(at("2026-06-01T18:00:00Z"), HOUR * 9), at("2026-06-02T03:00:00Z"));
    }

    #[test]
    fn the_end_of_time_is_no_endless_night() {
        let utc = harbour("UTC", "21:00-20:59");
        assert_eq!(utc.earliest(Timestamp::MAX), Timestamp::MAX);
        for quiet in ["21:00-20:59", "21:00-07:00", "03:00-04:00"] {
            let harbour = harbour("UTC", quiet);
            assert_eq!(harbour.after(Timestamp::MAX, Duration::MAX), Timestamp::MAX);
            assert!(harbour.after(Timestamp::MIN, HOUR) > Timestamp::MIN);
        }
    }

    /// What [`Harbour::after`] gives, by looking at the clock each minute.
    fn minute_by_minute(harbour: &Harbour, instant: Timestamp, mut left: u64) -> Timestamp {
        let quiet = harbour.quiet_hours().unwrap();
        let mut now = instant;
        loop {
            let is_quiet = quiet.contains(harbour.zone.to_datetime(now).time());
            match left {
                0 if !is_quiet => return now,
                _ if is_quiet => {}
                _ => left -= 1,
            }
            now += SignedDuration::from_mins(1);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn calling_time_is_what_a_clock_shows_that_is_looked_at_each_minute(
            (zone, day) in select(vec![
                ("America/New_York", date(2026, 3, 7)),
                ("America/New_York", date(2026, 10, 31)),
                ("Australia/Lord_Howe", date(2026, 4, 4)),
                ("Australia/Lord_Howe", date(2026, 10, 3)),
                ("Pacific/Apia", date(2011, 12, 29)),
            ]),
            (starts, ends) in (0..96_i8, 0..96_i8).prop_filter("no hours", |(a, b)| a != b),
            (minute, calling) in (0..2_880_i64, 0..300_u64),
        ) {
            let quarter = |of: i8| Time::constant(of / 4, of % 4 * 15, 0, 0);
            let quiet = QuietHours::new(quarter(starts), quarter(ends)).unwrap();
            let zone = TimeZone::get(zone).unwrap();
            let midnight = zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap();
            let instant = midnight + SignedDuration::from_mins(minute);
            let harbour = Harbour::new("Harbour", zone).with_quiet_hours(quiet);
            let after = harbour.after(instant, Duration::from_secs(60 * calling));
            prop_assert_eq!(after, minute_by_minute(&harbour, instant, calling));
            let earliest = minute_by_minute(&harbour, instant, 0);
            prop_assert_eq!(harbour.earliest(instant), earliest);
        }
    }
}
