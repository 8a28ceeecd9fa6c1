//! Calls as a script plans them: for each berth everyone is copied, filtered and sorted.

use jada_roster::{CharterEvent, CrewMember, DayPart, DayState, Role};
use jiff::civil::Time;

/// Who is called for a captain, a mate and two of the crew, wave by wave.
#[must_use]
pub fn plain_cascade(
    event: &CharterEvent,
    crew: &[CrewMember],
    others: &[CharterEvent],
) -> Vec<Vec<CrewMember>> {
    let mut waves = Vec::new();
    for (berth, places) in [(Role::Captain, 1), (Role::Mate, 1), (Role::Crew, 2)] {
        let assigned = event.assignments();
        if assigned.iter().filter(|assigned| *assigned.berth() == berth).count() >= places {
            continue;
        }
        let mut called = crew.to_vec();
        called.retain(|member| {
            *member.role() == berth
                && said(member, event).is_some()
                && !assigned.iter().any(|assigned| assigned.crew() == member.id())
                && !others.iter().any(|other| is_away(member, event, other))
        });
        called.sort_by_key(|member| {
            let (name, id) = (member.name().to_string(), member.id().to_string());
            (member.cascade_level(), said(member, event), name, id)
        });
        let levels = called.chunk_by(|one, next| one.cascade_level() == next.cascade_level());
        waves.extend(levels.map(<[CrewMember]>::to_vec));
    }
    waves
}

/// How soon a member is called by what they have said, if at all.
fn said(member: &CrewMember, event: &CharterEvent) -> Option<u8> {
    let part = event.hours().map_or(DayPart::Day, |hours| hours.part());
    match (member.availability().on(event.date()), part) {
        (Some(DayState::Yes), _)
        | (Some(DayState::Morning), DayPart::Morning)
        | (Some(DayState::Afternoon), DayPart::Afternoon) => Some(0),
        (Some(DayState::Maybe), _) => Some(1),
        (None, _) => Some(2),
        _ => None,
    }
}

fn is_away(member: &CrewMember, event: &CharterEvent, other: &CharterEvent) -> bool {
    let hours = |event: &CharterEvent| match event.hours() {
        Some(hours) => (hours.starts(), hours.ends()),
        None => (Time::MIN, Time::MAX),
    };
    let (mine, theirs) = (hours(event), hours(other));
    other.id() != event.id()
        && other.date() == event.date()
        && mine.0 < theirs.1
        && theirs.0 < mine.1
        && other.assignments().iter().any(|assigned| assigned.crew() == member.id())
}
