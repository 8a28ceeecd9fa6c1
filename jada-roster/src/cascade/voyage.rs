//! From when to when a charter keeps its crew, and who is away on others meanwhile.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use crate::charter::CharterId;
use crate::charter::assignment::Assignment;
use crate::charter::hours::Hours;
use crate::crew::id::CrewId;
use crate::event::CharterEvent;
use crate::status::Status;

/// From when to when a charter keeps its crew, by the clocks of the harbour: the whole day where its
/// hours are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Voyage {
    starts: DateTime,
    /// Not a part of it.
    ends: DateTime,
    /// When it has cast off for sure.
    away: DateTime,
}

impl Voyage {
    pub(crate) fn of(event: &CharterEvent) -> Self {
        Self::on(event.date(), event.hours())
    }

    /// That of a charter on a day, at these hours if they are known.
    pub(crate) fn on(day: Date, hours: Option<Hours>) -> Self {
        let next = day_after(day);
        let Some(hours) = hours else {
            let (starts, ends) = (day.to_datetime(Time::MIN), next.to_datetime(Time::MIN));
            return Self { starts, ends, away: ends };
        };
        let starts = day.to_datetime(hours.starts());
        let last = if hours.ends_next_day() { next } else { day };
        Self { starts, ends: last.to_datetime(hours.ends()), away: starts }
    }

    /// The first instant at which it may cast off.
    pub(crate) fn casts_off(self, zone: &TimeZone) -> Timestamp {
        instant(self.starts, zone)
    }

    /// The instant at which it has cast off for sure.
    pub(crate) fn is_away(self, zone: &TimeZone) -> Timestamp {
        instant(self.away, zone)
    }

    fn overlaps(self, other: Self) -> bool {
        self.starts < other.ends && other.starts < self.ends
    }
}

/// A charter on which somebody may sail while another is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Other<'a> {
    pub(crate) id: &'a CharterId,
    pub(crate) voyage: Voyage,
    pub(crate) crew: &'a [Assignment],
}

impl<'a> Other<'a> {
    /// Those of these that are not cancelled.
    pub(crate) fn of_all(events: &'a [CharterEvent]) -> impl Iterator<Item = Self> {
        let sail = events.iter().filter(|event| event.status() != Status::Cancelled);
        sail.map(|event| Self {
            id: event.id(),
            voyage: Voyage::of(event),
            crew: event.assignments(),
        })
    }
}

/// Who sails on others while this charter is under way, and on which of them first.
pub(crate) fn elsewhere<'a>(
    event: &CharterEvent,
    others: impl Iterator<Item = Other<'a>>,
) -> HashMap<&'a CrewId, &'a CharterId> {
    let voyage = Voyage::of(event);
    let mut sailing: HashMap<&CrewId, (Voyage, &CharterId)> = HashMap::new();
    for Other { id, voyage: theirs, crew } in others {
        if id == event.id() || !theirs.overlaps(voyage) {
            continue;
        }
        for assignment in crew {
            match sailing.entry(assignment.crew()) {
                Entry::Vacant(entry) => _ = entry.insert((theirs, id)),
                Entry::Occupied(mut entry) => {
                    let first = (*entry.get()).min((theirs, id));
                    entry.insert(first);
                }
            }
        }
    }
    sailing.into_iter().map(|(crew, (_, charter))| (crew, charter)).collect()
}

/// A time that is skipped by the clocks is the one that they show instead, and of two it is the first.
fn instant(time: DateTime, zone: &TimeZone) -> Timestamp {
    zone.to_timestamp(time).unwrap_or(Timestamp::MAX)
}

fn day_after(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}
