//! A fortnight of charters that are to be sailed by that crew, the same on every run.

use jada_roster::{
    Assignment, Charter, CharterEvent, CharterId, CrewId, Currency, EventColumns, Role, Status,
};
use jiff::ToSpan;
use jiff::civil::date;

/// So many confirmed charters by date, over the days of which the [`crew`](crate::crew()) has
/// spoken. Every other has its captain, every third a mate.
#[must_use]
pub fn events(count: usize) -> Vec<CharterEvent> {
    (0..count).map(|number| event(number, count)).collect()
}

fn event(number: usize, count: usize) -> CharterEvent {
    let id = CharterId::new(&format!("JUN-{number:05}")).unwrap();
    let day = date(2026, 6, 1) + i64::try_from(number * 14 / count).unwrap().days();
    let member = |offset| CrewId::new(&format!("crew-{:05}", 4 * number + offset)).unwrap();
    let captain = number.is_multiple_of(2).then(|| Assignment::new(member(0), Role::Captain));
    let mate = number.is_multiple_of(3).then(|| Assignment::new(member(1), Role::Mate));
    let charter = Charter::builder(id, day, Currency::USD)
        .status(Status::Confirmed)
        .extra([("hours".to_owned(), HOURS[number % HOURS.len()].to_owned())])
        .assignments(captain.into_iter().chain(mate));
    CharterEvent::of(charter.build().unwrap(), &EventColumns::default()).unwrap()
}

const HOURS: [&str; 5] = ["09:00-12:00", "13:00-17:00", "10:00-16:00", "18:00-23:30", ""];
