//! Tells a calendar what the clocks of a zone show while an event lasts.
//!
//! Each change of the clocks is written as one of its own, without a rule for other years: the
//! last one before the event, those during it, and the next one after it.

use jiff::{
    Timestamp,
    civil::{DateTime, datetime},
    tz::{Offset, TimeZone, TimeZoneTransition},
};

use super::ics::{Lines, local};

/// Writes a [`VTIMEZONE`](https://www.rfc-editor.org/rfc/rfc5545#section-3.6.5).
pub(super) fn write(zone: &TimeZone, start: Timestamp, end: Timestamp, lines: &mut Lines) {
    lines.line("BEGIN", "VTIMEZONE");
    lines.line("TZID", zone.iana_name().unwrap_or_default());
    at_the_start(zone, start).write(lines);
    // A zone that never changed has one transition, at the beginning of time.
    let next = zone.following(start).take_while(|next| next.timestamp() > start);
    for transition in next.filter(|it| is_change(zone, it)) {
        Observance::of(zone, &transition).write(lines);
        if transition.timestamp() > end {
            break;
        }
    }
    lines.line("END", "VTIMEZONE");
}

/// What holds at the start. A change before 1970 says no more than that it holds.
fn at_the_start(zone: &TimeZone, start: Timestamp) -> Observance {
    let next = start + jiff::SignedDuration::from_secs(1);
    let last = zone.preceding(next).find(|it| is_change(zone, it));
    if let Some(last) = last.filter(|last| last.timestamp() >= Timestamp::UNIX_EPOCH) {
        return Observance::of(zone, &last);
    }
    let info = zone.to_offset_info(start);
    Observance {
        begin: datetime(1970, 1, 1, 0, 0, 0, 0),
        from: info.offset(),
        to: info.offset(),
        name: info.abbreviation().to_owned(),
        is_daylight: info.dst().is_dst(),
    }
}

/// Some systems list instants at which nothing changes, the last that 32 bits can hold for one.
fn is_change(zone: &TimeZone, transition: &TimeZoneTransition<'_>) -> bool {
    let Ok(before) = transition.timestamp().checked_sub(jiff::SignedDuration::from_secs(1)) else {
        return true;
    };
    let before = zone.to_offset_info(before);
    let (offset, dst) = (transition.offset(), transition.dst());
    (before.offset(), before.dst(), before.abbreviation())
        != (offset, dst, transition.abbreviation())
}

struct Observance {
    /// As on the clocks before they changed.
    begin: DateTime,
    from: Offset,
    to: Offset,
    name: String,
    is_daylight: bool,
}

impl Observance {
    fn of(zone: &TimeZone, transition: &TimeZoneTransition<'_>) -> Self {
        let instant = transition.timestamp();
        let before = zone.to_offset_info(instant - jiff::SignedDuration::from_secs(1));
        let (from, to) = (before.offset(), transition.offset());
        // Ireland's winter and Morocco's Ramadan are "daylight" time that is behind; calendars
        // expect one that is ahead, as in tzdata's rearguard form.
        let is_daylight = match before.dst() == transition.dst() {
            true => transition.dst().is_dst(),
            false => to > from,
        };
        Self {
            begin: from.to_datetime(instant),
            from,
            to,
            name: transition.abbreviation().to_owned(),
            is_daylight,
        }
    }

    fn write(&self, lines: &mut Lines) {
        let kind = if self.is_daylight { "DAYLIGHT" } else { "STANDARD" };
        lines.line("BEGIN", kind);
        lines.line("DTSTART", &local(self.begin));
        lines.line("TZOFFSETFROM", &utc_offset(self.from));
        lines.line("TZOFFSETTO", &utc_offset(self.to));
        if self.name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-".contains(&b)) {
            lines.line("TZNAME", &self.name);
        }
        lines.line("END", kind);
    }
}

/// `+0200`, with seconds where there are any.
fn utc_offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match seconds {
        0 => format!("{sign}{hours:02}{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}{seconds:02}"),
    }
}
