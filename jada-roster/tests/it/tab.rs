//! A month's tab of availability, from whatever it is kept in.

mod golden;
mod grids;
mod properties;
mod sheet;
mod workbook;

use std::fmt::Write as _;

use jada_roster::{DayState, Error, Month, MonthTab, TabGrid, TabWords};

fn may() -> Month {
    "2026-05".parse().unwrap()
}

fn read(grid: &TabGrid, words: &TabWords) -> Result<MonthTab, Error> {
    MonthTab::read("May", grid, may(), words)
}

/// What a tab says, a line for each person, each unread cell, and the days that are missing.
fn told(tab: &MonthTab) -> String {
    let mut text = String::new();
    for person in tab.people() {
        let key = person.key().map(|key| format!(" {key}")).unwrap_or_default();
        let days = runs(person.days().map(|(day, state)| (day.day(), state.map_or(".", letter))));
        writeln!(text, "{}{key} `{}`:{days}", person.at(), person.name()).unwrap();
    }
    for cell in tab.unread() {
        writeln!(text, "? {cell}").unwrap();
    }
    let missing = runs(tab.missing().iter().map(|day| (day.day(), "")));
    if !missing.is_empty() {
        writeln!(text, "missing{missing}").unwrap();
    }
    text
}

/// `y`, `n`, `?`, `m` and `a`; a blank day is `.`.
fn letter(state: DayState) -> &'static str {
    match state {
        DayState::Yes => "y",
        DayState::No => "n",
        DayState::Maybe => "?",
        DayState::Morning => "m",
        DayState::Afternoon => "a",
        other => other.as_str(),
    }
}

/// ` 1-3y 4n`.
fn runs<'a>(days: impl Iterator<Item = (i8, &'a str)>) -> String {
    let mut runs: Vec<(i8, i8, &str)> = Vec::new();
    for (day, letter) in days {
        match runs.last_mut() {
            Some((_, last, same)) if *last + 1 == day && *same == letter => *last = day,
            _ => runs.push((day, day, letter)),
        }
    }
    let run = |(first, last, letter): &(i8, i8, &str)| match first == last {
        true => format!(" {first}{letter}"),
        false => format!(" {first}-{last}{letter}"),
    };
    runs.iter().map(run).collect()
}
