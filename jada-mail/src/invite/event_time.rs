//! When an event begins or ends.

use jiff::{
    Timestamp, Zoned,
    civil::{Date, Time},
    tz::TimeZone,
};

/// When an event begins or ends: an instant, and the time zone whose clocks it goes by, if any.
///
/// Whole seconds; what is less is dropped. Made of a [`Timestamp`], which is shown in each
/// reader's own zone, or of a [`Zoned`]. A zone without a name in the IANA database (an offset) is
/// not kept, nor is that of an hour which clocks show twice, the second time: a calendar takes such
/// an hour for the first ([RFC 5545, 3.3.5](https://www.rfc-editor.org/rfc/rfc5545#section-3.3.5)).
/// The instant is the same either way.
///
/// Made of a [`Date`] it is a day without an hour, by whatever clocks the reader goes; the end of an
/// event is then the day after its last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTime {
    instant: Timestamp,
    zone: Option<TimeZone>,
    is_day: bool,
}

impl EventTime {
    /// Returns the instant; of a day, its midnight in UTC.
    pub fn timestamp(&self) -> Timestamp {
        self.instant
    }

    /// Returns the zone whose clocks it goes by.
    pub fn time_zone(&self) -> Option<&TimeZone> {
        self.zone.as_ref()
    }

    /// Tells whether it is a day without an hour.
    pub fn is_day(&self) -> bool {
        self.is_day
    }
}

impl From<Date> for EventTime {
    fn from(day: Date) -> Self {
        let midnight = TimeZone::UTC.to_ambiguous_timestamp(day.to_datetime(Time::midnight()));
        // UTC shows each hour once, and the last day that there is has its midnight.
        let instant = midnight.compatible().unwrap_or(Timestamp::MAX);
        Self { instant, zone: None, is_day: true }
    }
}

impl From<Timestamp> for EventTime {
    fn from(instant: Timestamp) -> Self {
        Self { instant: whole_seconds(instant), zone: None, is_day: false }
    }
}

impl From<&Zoned> for EventTime {
    fn from(zoned: &Zoned) -> Self {
        let instant = whole_seconds(zoned.timestamp());
        let zone = zoned.time_zone();
        let hour = zone.to_ambiguous_zoned(zone.to_datetime(instant)).compatible();
        let is_told = hour.is_ok_and(|hour| hour.timestamp() == instant);
        let zone = Some(zone).filter(|zone| is_told && has_name(zone)).cloned();
        Self { instant, zone, is_day: false }
    }
}

impl From<Zoned> for EventTime {
    fn from(zoned: Zoned) -> Self {
        Self::from(&zoned)
    }
}

/// A name is written into the invitation; whoever made the zone may have called it anything.
fn has_name(zone: &TimeZone) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
    zone.iana_name().is_some_and(|name| {
        !name.is_empty() && name.bytes().all(is_plain) && !["UTC", "Etc/UTC"].contains(&name)
    })
}

fn whole_seconds(instant: Timestamp) -> Timestamp {
    let second = instant.as_second() - i64::from(instant.subsec_nanosecond() < 0);
    Timestamp::from_second(second).unwrap_or(instant)
}
