//! Writes an invitation as [RFC 5545](https://www.rfc-editor.org/rfc/rfc5545) has it.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{EventTime, Invite, zone};
use crate::Address;

pub(super) fn render(invite: &Invite, stamp: Timestamp) -> String {
    let mut lines = Lines(String::new());
    lines.line("BEGIN", "VCALENDAR");
    lines.line("PRODID", "-//jada//jada-mail//EN");
    lines.line("VERSION", "2.0");
    lines.line("CALSCALE", "GREGORIAN");
    lines.line("METHOD", invite.method());
    write_zones(invite, &mut lines);
    write_event(invite, stamp, &mut lines);
    lines.line("END", "VCALENDAR");
    lines.0
}

fn write_zones(invite: &Invite, lines: &mut Lines) {
    let [start, end] = [&invite.start, &invite.end].map(EventTime::time_zone);
    for zone in start.into_iter().chain(end.filter(|end| start != Some(end))) {
        zone::write(zone, invite.start.timestamp(), invite.end.timestamp(), lines);
    }
}

fn write_event(invite: &Invite, stamp: Timestamp, lines: &mut Lines) {
    lines.line("BEGIN", "VEVENT");
    lines.text("UID", invite.uid.as_str());
    lines.line("DTSTAMP", &utc(stamp));
    lines.line("SEQUENCE", &invite.sequence.number().to_string());
    lines.line("STATUS", if invite.is_cancellation { "CANCELLED" } else { "CONFIRMED" });
    lines.time("DTSTART", &invite.start);
    lines.time("DTEND", &invite.end);
    lines.text("SUMMARY", invite.summary.as_str());
    if let Some(location) = &invite.location {
        lines.text("LOCATION", location.as_str());
    }
    if let Some(description) = &invite.description {
        lines.text("DESCRIPTION", description.as_str());
    }
    if let Some(url) = &invite.url {
        lines.line("URL", url.as_str());
    }
    lines.person("ORGANIZER", &invite.organizer);
    let property = if invite.is_accepted { ACCEPTED } else { INVITED };
    for attendee in &invite.attendees {
        lines.person(property, attendee);
    }
    lines.line("END", "VEVENT");
}

/// Lines of at most 75 bytes, of which a longer one goes on after a space.
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn line(&mut self, name: &str, value: &str) {
        let mut room = LONGEST_LINE;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if c.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LONGEST_LINE - 1;
            }
            room -= c.len_utf8();
            self.0.push(c);
        }
        self.0.push_str("\r\n");
    }

    fn text(&mut self, name: &str, text: &str) {
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\n' => escaped.push_str("\\n"),
                '\\' | ',' | ';' => escaped.extend(['\\', c]),
                _ => escaped.push(c),
            }
        }
        self.line(name, &escaped);
    }

    fn time(&mut self, name: &str, time: &EventTime) {
        let named = time.time_zone().and_then(|zone| Some((zone, zone.iana_name()?)));
        match named {
            None if time.is_day() => {
                let day = local(TimeZone::UTC.to_datetime(time.timestamp()));
                self.line(&format!("{name};VALUE=DATE"), &day[..DAY]);
            }
            None => self.line(name, &utc(time.timestamp())),
            Some((zone, tzid)) => {
                let clock = local(zone.to_datetime(time.timestamp()));
                self.line(&format!("{name};TZID={tzid}"), &clock);
            }
        }
    }

    /// A quote in a name is written as [RFC 6868](https://www.rfc-editor.org/rfc/rfc6868) has it.
    fn person(&mut self, property: &str, person: &Address) {
        let mut property = property.to_owned();
        if let Some(name) = person.name() {
            let name = name.replace('^', "^^").replace('"', "^'");
            property.extend([";CN=\"", &name, "\""]);
        }
        self.line(&property, &mailto(person.email()));
    }
}

/// As on the clocks: `20260704T110000`.
pub(super) fn local(time: DateTime) -> String {
    let (date, time) = (time.date(), time.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn utc(instant: Timestamp) -> String {
    local(TimeZone::UTC.to_datetime(instant)) + "Z"
}

/// The address as [RFC 6068](https://www.rfc-editor.org/rfc/rfc6068#section-2) has it.
fn mailto(email: &str) -> String {
    use std::fmt::Write as _;

    email.bytes().fold(String::from("mailto:"), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~!$'*+@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    })
}

const INVITED: &str =
    "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE";
const ACCEPTED: &str =
    "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE";
/// The length of `20260704`.
const DAY: usize = 8;
/// Without its CRLF (RFC 5545, 3.1).
const LONGEST_LINE: usize = 75;
