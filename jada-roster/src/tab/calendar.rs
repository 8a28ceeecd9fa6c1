//! Months and weekdays as people write them.

use jiff::civil::{Date, Weekday};

use crate::tab::day::{DayText, Named};
use crate::tab::grid::{DateSystem, TabCell};
use crate::tab::words::fold;

/// The month that a cell above days names, with its year or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MonthText {
    pub(super) year: Option<i16>,
    pub(super) month: i8,
}

impl MonthText {
    /// `May 2026`, `May`, `Month: May`, `2026-05`, its first day, or a sentence with `May 2026` in
    /// it.
    pub(super) fn of(cell: &TabCell, dates: DateSystem) -> Option<Self> {
        let text = match cell {
            TabCell::Text(text) => month_in_text(&fold(text)),
            _ => None,
        };
        text.or_else(|| match DayText::of(cell, dates)?.named {
            Named::Whole { day: 1, month, year } => Some(Self { year: Some(year), month }),
            Named::InYear { day: 1, month } => Some(Self { year: None, month }),
            Named::Either { first: 1, second: month, year: Some(year) }
            | Named::Either { first: month, second: 1, year: Some(year) } => {
                Some(Self { year: Some(year), month })
            }
            _ => None,
        })
    }
}

/// The days of the week that a cell of a line of weekdays may mean: `Mon`, `monday`, `T`.
pub(super) fn weekdays_named(cell: &TabCell) -> Option<Vec<Weekday>> {
    let TabCell::Text(text) = cell else { return None };
    let word = fold(text);
    let word = word.trim_end_matches('.');
    if let Some(day) = weekday(word) {
        return Some(vec![day]);
    }
    let begins = |day: &Weekday| name_of(*day).to_lowercase().starts_with(word);
    let days: Vec<Weekday> = WEEKDAYS.into_iter().filter(begins).collect();
    (word.chars().count() == 1 && !days.is_empty()).then_some(days)
}

/// The day, where the calendar has it.
pub(super) fn calendar_day(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// `Monday`.
pub(super) fn name_of(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// `May`, `sept.`, by the first three letters or more.
pub(super) fn month_of(token: &str) -> Option<i8> {
    let token = token.trim_end_matches('.');
    let is_name = |name: &str| token.len() >= 3 && name.to_lowercase().starts_with(token);
    let at = MONTHS.iter().position(|name| is_name(name))?;
    i8::try_from(at + 1).ok()
}

/// `mo`, `tues`, `wednesday`, by the first two letters or more.
pub(super) fn weekday(token: &str) -> Option<Weekday> {
    let is_name =
        |day: &Weekday| token.len() >= 2 && name_of(*day).to_lowercase().starts_with(token);
    WEEKDAYS.into_iter().find(is_name)
}

fn month_in_text(text: &str) -> Option<MonthText> {
    let (_, after) = text.rsplit_once(':').unwrap_or(("", text));
    if let Some(month) = month_of(after.trim_matches([' ', ',', '(', ')', '[', ']'])) {
        return Some(MonthText { year: None, month });
    }
    let marks = [' ', ',', ':', '(', ')', '[', ']'];
    let tokens: Vec<&str> = text.split(marks).filter(|it| !it.is_empty()).collect();
    if let [one] = tokens[..] {
        return month_in_numbers(one);
    }
    let pair = |pair: &[&str]| {
        let long = pair[1].trim_start_matches('\'').len();
        let year = year_of(pair[1]).filter(|_| long == 4 || tokens.len() == 2)?;
        Some(MonthText { year: Some(year), month: month_of(pair[0])? })
    };
    tokens.windows(2).find_map(pair)
}

/// `2026-05`, `05/2026`, `5.2026`, `may-26`.
fn month_in_numbers(token: &str) -> Option<MonthText> {
    let (first, second) = token.split_once(['-', '/', '.'])?;
    let leads = digits(first, 4..=4).is_some();
    let (year, month) = if leads { (first, second) } else { (second, first) };
    let month = match month_of(month) {
        Some(month) => month,
        None => number(month).filter(|_| year.len() == 4)?,
    };
    let year = Some(year_of(year)?);
    (1..=12).contains(&month).then_some(MonthText { year, month })
}

pub(super) fn number(token: &str) -> Option<i8> {
    digits(token, 1..=2).and_then(|number| i8::try_from(number).ok())
}

pub(super) fn digits(token: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let shaped = length.contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_digit());
    shaped.then(|| token.parse().ok()).flatten()
}

/// Four digits, or two, of this century.
pub(super) fn year_of(token: &str) -> Option<i16> {
    let token = token.trim_start_matches('\'');
    let century = if token.len() == 2 { 2_000 } else { 0 };
    let year = digits(token, 2..=4).filter(|_| token.len() != 3)?;
    i16::try_from(year + century).ok()
}

const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// The English names.
pub(super) const MONTHS: [&str; 12] = crate::month::NAMES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_above_days() {
        let of = |cell: &TabCell| MonthText::of(cell, DateSystem::From1900);
        let read = |text: &str| of(&text.into());
        let may = |year| Some(MonthText { year, month: 5 });
        for text in [
            "May 2026",
            "MAY '26",
            "2026-05",
            "05/2026",
            "May-26",
            "Crew list, May 2026",
            "Availability (May 2026)",
            "[May 2026]",
            "2026-05-01",
            "01.05.2026",
            "5/1/2026",
        ] {
            assert_eq!(read(text), may(Some(2026)), "{text}");
        }
        for text in ["may", "(May)", "Month: May", "1 May"] {
            assert_eq!(read(text), may(None), "{text}");
        }
        for text in
            ["", "2026", "you may ask Ann", "May be", "05-26", "13/2026", "maybe", "2026-05-02"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        let first = TabCell::Number(46143.0);
        assert_eq!(of(&first), may(Some(2026)));
        assert_eq!(read("2025-05"), may(Some(2025)));
    }

    #[test]
    fn one_letter_of_a_weekday_may_be_two_of_them() {
        assert_eq!(weekdays_named(&"T".into()), Some(vec![Weekday::Tuesday, Weekday::Thursday]));
        assert_eq!(weekdays_named(&"Wed.".into()), Some(vec![Weekday::Wednesday]));
        for text in ["", "x", "yes", "sum", "moon"] {
            assert_eq!(weekdays_named(&text.into()), None, "{text}");
        }
    }
}
