//! A month's tab of availability, from whatever it is kept in.

mod golden;

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
        write!(text, "{}{key} `{}`:", person.at(), person.name()).unwrap();
        for (day, state) in person.days() {
            write!(text, " {}{}", day.day(), state.map_or("-", letter)).unwrap();
        }
        text.push('\n');
    }
    for cell in tab.unread() {
        writeln!(text, "? {}: `{}`: {}", cell.at, cell.found, cell.expected).unwrap();
    }
    let missing: Vec<String> = tab.missing().iter().map(|day| day.day().to_string()).collect();
    if !missing.is_empty() {
        writeln!(text, "missing {}", ranges(&missing)).unwrap();
    }
    text
}

/// `y`, `n`, `?`, `m` and `a`.
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

/// `4-7 9`.
fn ranges(days: &[String]) -> String {
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for day in days.iter().map(|day| day.parse::<u8>().unwrap()) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => runs.push((day, day)),
        }
    }
    let run = |(first, last): &(u8, u8)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    runs.iter().map(run).collect::<Vec<_>>().join(" ")
}
