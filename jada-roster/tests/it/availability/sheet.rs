//! An office's sheet of which a person of the office changes cells, and the roster beside it.

use std::collections::BTreeMap;

use jada_roster::{
    Aliases, Availability, AvailabilitySync, AvailabilitySynced, CrewId, CrewMember, DayState,
    Month, MonthTab, PersonName, Role, RosterRepository, TabGrid, TabWords,
};
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// A month's tab with a row for each member: the key, the name, and a cell for each day.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) month: Month,
    rows: Vec<(String, String)>,
    cells: BTreeMap<(usize, Date), String>,
}

impl Sheet {
    /// Rows for members from number 0 on, without a word in them.
    pub(super) fn of(month: &str, members: usize) -> Self {
        let row = |number| (id(number).to_string(), name(number).to_string());
        let rows = (0..members).map(row).collect();
        Self { month: month.parse().unwrap(), rows, cells: BTreeMap::new() }
    }

    pub(super) fn days(&self) -> Vec<Date> {
        self.month.first_day().series(1.day()).take_while(|day| self.month.contains(*day)).collect()
    }

    /// Somebody of the office writes into the cell of a member and a day.
    pub(super) fn write(&mut self, member: usize, day: Date, word: &str) {
        self.cells.insert((member, day), word.to_owned());
    }

    pub(super) fn set(&mut self, member: usize, day: Date, state: Option<DayState>) {
        self.write(member, day, state.map_or("", DayState::as_str));
    }

    pub(super) fn name_row(&mut self, row: usize, key: &str, name: &str) {
        self.rows[row] = (key.to_owned(), name.to_owned());
    }

    pub(super) fn tab(&self) -> MonthTab {
        let days = self.days();
        let header = ["crew_id".to_owned(), "name".to_owned()];
        let header: Vec<String> =
            header.into_iter().chain(days.iter().map(ToString::to_string)).collect();
        let row = |(number, (key, name)): (usize, &(String, String))| {
            let cell = |day: &Date| self.cells.get(&(number, *day)).cloned().unwrap_or_default();
            let words = days.iter().map(cell);
            [key.clone(), name.clone()].into_iter().chain(words).collect::<Vec<String>>()
        };
        let rows = self.rows.iter().enumerate().map(row);
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
        let cells = rows.iter().map(|row| row.iter().map(String::as_str));
        MonthTab::read("crew", &TabGrid::of(cells), self.month, &TabWords::new()).unwrap()
    }
}

/// The plan of a sync.
pub(super) async fn plan(roster: &dyn RosterRepository, sheet: &Sheet) -> AvailabilitySync {
    AvailabilitySync::read(roster, &sheet.tab(), &Aliases::default()).await.unwrap()
}

pub(super) async fn sync(roster: &dyn RosterRepository, sheet: &Sheet) -> AvailabilitySynced {
    plan(roster, sheet).await.write(roster).await
}

/// A roster's members from number 0 on, of whom nothing is known yet.
pub(super) async fn hire(roster: &dyn RosterRepository, members: usize) {
    for number in 0..members {
        let phone = format!("+1555010{number:04}").parse().unwrap();
        let email = format!("crew.{number}@example.com").parse().unwrap();
        let member = CrewMember::new(id(number), name(number), phone, email, Role::Mate);
        roster.add(&member).await.unwrap();
    }
}

pub(super) async fn member(roster: &dyn RosterRepository, number: usize) -> CrewMember {
    roster.find(&id(number)).await.unwrap().unwrap()
}

/// What is stored of a member's day.
pub(super) async fn stored(
    roster: &dyn RosterRepository,
    number: usize,
    day: Date,
) -> Option<DayState> {
    member(roster, number).await.availability().on(day)
}

/// A member says something in the portal.
pub(super) async fn say(
    roster: &dyn RosterRepository,
    number: usize,
    day: Date,
    state: Option<DayState>,
) {
    let member = member(roster, number).await;
    let days: Availability = member.availability().clone().with(day, state);
    roster.update(&member.with_availability(days)).await.unwrap();
}

pub(super) fn id(number: usize) -> CrewId {
    CrewId::new(&format!("c-{number:04}")).unwrap()
}

pub(super) fn name(number: usize) -> PersonName {
    PersonName::new(&format!("Ann Rivers {number}")).unwrap()
}

pub(super) fn may(day: i8) -> Date {
    date(2026, 5, day)
}
