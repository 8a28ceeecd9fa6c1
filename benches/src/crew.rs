//! A crew that is the same on every run.

use jada_roster::{CascadeLevel, CrewId, CrewMember, DayState, PersonName, Role};
use jiff::ToSpan;
use jiff::civil::date;

/// So many members, with a fortnight of days each.
#[must_use]
pub fn crew(count: usize) -> Vec<CrewMember> {
    (0..count).map(member).collect()
}

fn member(number: usize) -> CrewMember {
    let roles = [Role::Captain, Role::Mate, Role::Crew, Role::Crew];
    let level = u8::try_from(1 + number % 4).unwrap();
    let days = (0..14_i32).map(|day| {
        let state = DayState::ALL[(number + usize::try_from(day).unwrap()) % DayState::ALL.len()];
        (date(2026, 6, 1).checked_add(day.days()).unwrap(), state)
    });
    CrewMember::new(
        CrewId::new(&format!("crew-{number:05}")).unwrap(),
        PersonName::new(&format!("Member {number}")).unwrap(),
        format!("+1555{:07}", 100_000 + number).parse().unwrap(),
        format!("member-{number}@example.com").parse().unwrap(),
        roles[number % roles.len()].clone(),
    )
    .with_cascade_level(CascadeLevel::new(level).unwrap())
    .with_availability(days.collect())
}
