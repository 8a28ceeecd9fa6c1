//! When an event is, as an operator writes it.

use std::str::FromStr;

use jiff::{Span, Timestamp, Zoned, civil::DateTime, tz::TimeZone};

/// When an event begins and ends, written as `START/DURATION`.
///
/// The start is an instant (RFC 3339, such as `2026-06-07T07:00:00Z`), or what the clocks of a zone
/// show (`2026-06-07T09:00[Europe/Paris]`); the duration is `PT2H` as in ISO 8601, or `2h30m`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slot {
    /// The first moment.
    pub start: Zoned,
    /// When it is over.
    pub end: Zoned,
}

impl FromStr for Slot {
    type Err = String;

    /// Reads `START/DURATION`.
    ///
    /// # Errors
    ///
    /// What was expected, in one line.
    fn from_str(text: &str) -> Result<Self, String> {
        // The name of a zone has slashes of its own.
        let (start, duration) = text.rsplit_once('/').ok_or_else(|| format!("expected {FORM}"))?;
        let wrong = |what: &str, error: jiff::Error| format!("{what}: {error}; expected {FORM}");
        let duration: Span = duration.parse().map_err(|error| wrong("the duration", error))?;
        let start = match start.contains('[') {
            true => by_the_clocks(start)?,
            false => {
                let instant: Timestamp =
                    start.parse().map_err(|error| wrong("the start", error))?;
                instant.to_zoned(TimeZone::UTC)
            }
        };
        let end = start.checked_add(duration).map_err(|error| wrong("the duration", error))?;
        match start < end {
            true => Ok(Self { start, end }),
            false => Err(format!("the duration is not more than none; expected {FORM}")),
        }
    }
}

fn by_the_clocks(text: &str) -> Result<Zoned, String> {
    let wrong = |error: jiff::Error| format!("the start: {error}; expected {FORM}");
    let start: Zoned = text.parse().map_err(wrong)?;
    match start.datetime() == text.parse::<DateTime>().map_err(wrong)? {
        true => Ok(start),
        false => Err(format!("the start: the clocks are put forward past `{text}`")),
    }
}

const FORM: &str = "START/DURATION, such as 2026-06-07T07:00:00Z/PT2H or \
                    2026-06-07T09:00[Europe/Paris]/2h30m";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_or_the_hour_of_a_zone_and_a_duration_of_either_form() {
        for (text, start, end) in [
            ("2026-06-07T07:00:00Z/PT2H", "2026-06-07T07:00:00Z", "2026-06-07T09:00:00Z"),
            ("2026-06-07T09:00+02:00/2h30m", "2026-06-07T07:00:00Z", "2026-06-07T09:30:00Z"),
            ("2026-06-07T09:00[Europe/Paris]/90m", "2026-06-07T07:00:00Z", "2026-06-07T08:30:00Z"),
            // A day on which the clocks are put forward has 23 hours.
            ("2026-03-28T12:00[Europe/Paris]/P1D", "2026-03-28T11:00:00Z", "2026-03-29T10:00:00Z"),
        ] {
            let slot: Slot = text.parse().unwrap();
            let expected: [Timestamp; 2] = [start, end].map(|text| text.parse().unwrap());
            assert_eq!([slot.start.timestamp(), slot.end.timestamp()], expected, "{text}");
        }
        let slot: Slot = "2026-06-07T09:00[Europe/Paris]/90m".parse().unwrap();
        assert_eq!(slot.start.time_zone().iana_name(), Some("Europe/Paris"));
    }

    #[test]
    fn what_is_not_understood_is_told_with_an_example() {
        for (text, what) in [
            ("2026-06-07T07:00:00Z", "expected START/DURATION"),
            ("2026-06-07T07:00/PT2H", "the start: "),
            ("tomorrow/PT2H", "the start: "),
            ("2026-06-07T07:00:00Z/soon", "the duration: "),
            ("2026-06-07T07:00:00Z/2026-06-07T08:00:00Z", "the duration: "),
            ("2026-06-07T07:00:00Z/-2h", "the duration is not more than none"),
            ("2026-06-07T09:00[Europe/Nowhere]/2h", "Europe/Nowhere"),
            ("2026-03-29T02:30[Europe/Paris]/2h", "the clocks are put forward"),
        ] {
            let error = text.parse::<Slot>().unwrap_err();
            assert!(error.contains(what) && !error.contains('\n'), "{text}: {error}");
        }
    }
}
