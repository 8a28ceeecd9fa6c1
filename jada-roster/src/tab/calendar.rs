//! Days and months as people write them.

use jiff::civil::{Date, Weekday};

use crate::tab::grid::{DateSystem, TabCell};
use crate::tab::words::fold;

/// What a cell says about which day it stands for, as far as it says it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DayText {
    pub(super) named: Named,
    pub(super) weekday: Option<Weekday>,
}

/// How a day is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// Day, month and year; not always one of the calendar.
    Whole { day: i8, month: i8, year: i16 },
    /// Day and month.
    InYear { day: i8, month: i8 },
    /// The day alone, 1 to 31.
    InMonth(i8),
    /// `5/3/2026`, of which it is not known which is the month.
    Either { first: i8, second: i8, year: Option<i16> },
}

impl DayText {
    /// Whether it says by itself more than a number.
    pub(super) fn is_dated(&self) -> bool {
        self.weekday.is_some() || !matches!(self.named, Named::InMonth(_))
    }

    /// None for what names no day.
    pub(super) fn of(cell: &TabCell, dates: DateSystem) -> Option<Self> {
        match cell {
            TabCell::Date(date) => Some(whole(*date)),
            TabCell::Number(number) => number_named(*number, dates),
            TabCell::Text(text) => text_named(text, dates),
            TabCell::Blank | TabCell::Bool(_) => None,
        }
    }
}

/// The month that a cell above days names: `May 2026`, `May`, `2026-05`, its first day, or a
/// sentence with `May 2026` in it. Without a year, the year is that of the month asked for.
pub(super) fn month_named(cell: &TabCell, dates: DateSystem, year: i16) -> Option<(i16, i8)> {
    let first = |date: Date| (date.day() == 1).then(|| (date.year(), date.month()));
    match cell {
        TabCell::Date(date) => first(*date),
        TabCell::Number(serial) => dates.date(*serial).and_then(first),
        TabCell::Text(text) => month_in_text(&fold(text), year),
        TabCell::Blank | TabCell::Bool(_) => None,
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
    let begins = |day: &Weekday| name_of(*day).starts_with(word);
    let days: Vec<Weekday> = WEEKDAYS.into_iter().filter(begins).collect();
    (word.chars().count() == 1 && !days.is_empty()).then_some(days)
}

/// The day, where the calendar has it.
pub(super) fn calendar_day(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// `monday`.
pub(super) fn name_of(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}

fn whole(date: Date) -> DayText {
    let named = Named::Whole { day: date.day(), month: date.month(), year: date.year() };
    DayText { named, weekday: None }
}

fn number_named(number: f64, dates: DateSystem) -> Option<DayText> {
    let day = (1_i8..=31).find(|day| f64::from(*day) == number);
    match day {
        Some(day) => Some(DayText { named: Named::InMonth(day), weekday: None }),
        None => dates.date(number).map(whole),
    }
}

fn text_named(text: &str, dates: DateSystem) -> Option<DayText> {
    let text = fold(text);
    let separators = |c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')');
    let mut tokens: Vec<&str> = text.split(separators).filter(|token| !token.is_empty()).collect();
    if tokens.len() > 1 && matches!(tokens.last(), Some(&("00:00" | "00:00:00" | "0:00"))) {
        tokens.pop();
    }
    let weekday = take_weekday(&mut tokens);
    let named = match tokens[..] {
        [one] => one_token(one).or_else(|| {
            let serial: f64 = digits(one, 5..=5)?.into();
            Some(whole(dates.date(serial)?).named)
        }),
        [one, two] => in_year(one, two).or_else(|| in_year(two, one)),
        [one, two, year] => with_year(one, two, year).or_else(|| with_year(two, one, year)),
        _ => None,
    };
    Some(DayText { named: named?, weekday })
}

/// Takes the first or the last of several words, where it is a day of the week.
fn take_weekday(tokens: &mut Vec<&str>) -> Option<Weekday> {
    let named = |token: &&str| weekday(token.trim_end_matches(['.', ':']));
    if tokens.len() < 2 {
        return None;
    }
    if let Some(day) = tokens.first().and_then(named) {
        tokens.remove(0);
        return Some(day);
    }
    let day = tokens.last().and_then(named)?;
    tokens.pop();
    Some(day)
}

fn one_token(token: &str) -> Option<Named> {
    if let Some(day) = day_number(token) {
        return Some(Named::InMonth(day));
    }
    let token = token.strip_suffix("t00:00:00").unwrap_or(token);
    let mark = ['-', '/', '.'].into_iter().find(|mark| token.contains(*mark))?;
    let parts: Vec<&str> = token.split(mark).collect();
    match (mark, &parts[..]) {
        (_, [year, month, day]) if year.len() == 4 => {
            let number = |text| digits(text, 1..=2).and_then(|it| i8::try_from(it).ok());
            let year = i16::try_from(digits(year, 4..=4)?).ok()?;
            Some(Named::Whole { day: number(day)?, month: number(month)?, year })
        }
        // Dots are between day, month and year, wherever dates have dots.
        ('.', [day, month, ""]) => Some(Named::InYear { day: number(day)?, month: number(month)? }),
        ('.', [day, month, year]) => {
            Some(Named::Whole { day: number(day)?, month: number(month)?, year: year_of(year)? })
        }
        ('-', [day, month]) if month_of(month).is_some() => in_year(day, month),
        ('-', [day, month, year]) if month_of(month).is_some() => with_year(day, month, year),
        ('/', [first, second]) => {
            Some(Named::Either { first: number(first)?, second: number(second)?, year: None })
        }
        ('/' | '-', [first, second, year]) => {
            let year = Some(year_of(year)?);
            Some(Named::Either { first: number(first)?, second: number(second)?, year })
        }
        _ => None,
    }
}

fn in_year(day: &str, month: &str) -> Option<Named> {
    Some(Named::InYear { day: day_number(day)?, month: month_of(month)? })
}

fn with_year(day: &str, month: &str, year: &str) -> Option<Named> {
    Some(Named::Whole { day: day_number(day)?, month: month_of(month)?, year: year_of(year)? })
}

/// `3`, `03`, `3.` and `3rd`, from 1 to 31.
fn day_number(token: &str) -> Option<i8> {
    let token = token.strip_suffix('.').unwrap_or(token);
    let endings = ["st", "nd", "rd", "th"];
    let token = endings.iter().find_map(|ending| token.strip_suffix(ending)).unwrap_or(token);
    number(token).filter(|day| (1..=31).contains(day))
}

fn number(token: &str) -> Option<i8> {
    digits(token, 1..=2).and_then(|number| i8::try_from(number).ok())
}

fn digits(token: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let shaped = length.contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_digit());
    shaped.then(|| token.parse().ok()).flatten()
}

/// Four digits, or two, of this century.
fn year_of(token: &str) -> Option<i16> {
    let token = token.trim_start_matches('\'');
    let century = if token.len() == 2 { 2_000 } else { 0 };
    let year = digits(token, 2..=4).filter(|_| token.len() != 3)?;
    i16::try_from(year + century).ok()
}

/// `May`, `sept.`, by the first three letters or more.
fn month_of(token: &str) -> Option<i8> {
    let token = token.trim_end_matches('.');
    let is_name = |name: &&str| token.len() >= 3 && name.to_lowercase().starts_with(token);
    let at = MONTHS.iter().position(|name| is_name(&name))?;
    i8::try_from(at + 1).ok()
}

/// `mo`, `tues`, `wednesday`, by the first two letters or more.
fn weekday(token: &str) -> Option<Weekday> {
    let is_name = |day: &Weekday| token.len() >= 2 && name_of(*day).starts_with(token);
    WEEKDAYS.into_iter().find(is_name)
}

fn month_in_text(text: &str, year: i16) -> Option<(i16, i8)> {
    let tokens: Vec<&str> = text.split([' ', ',', ':']).filter(|it| !it.is_empty()).collect();
    if let [one] = tokens[..] {
        let alone = month_of(one).map(|month| (year, month));
        return alone.or_else(|| month_in_numbers(one));
    }
    let pair = |pair: &[&str]| {
        let long = pair[1].trim_start_matches('\'').len();
        let year = year_of(pair[1]).filter(|_| long == 4 || tokens.len() == 2)?;
        Some((year, month_of(pair[0])?))
    };
    tokens.windows(2).find_map(pair)
}

/// `2026-05`, `05/2026`, `5.2026`, `may-26`.
fn month_in_numbers(token: &str) -> Option<(i16, i8)> {
    let (first, second) = token.split_once(['-', '/', '.'])?;
    let leads = digits(first, 4..=4).is_some();
    let (year, month) = if leads { (first, second) } else { (second, first) };
    let month = match month_of(month) {
        Some(month) => month,
        None => number(month).filter(|_| year.len() == 4)?,
    };
    (1..=12).contains(&month).then_some((year_of(year)?, month))
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

    fn read(text: &str) -> Option<DayText> {
        DayText::of(&text.into(), DateSystem::From1900)
    }

    #[test]
    fn a_day_is_read_as_people_write_it() {
        let whole = Named::Whole { day: 3, month: 5, year: 2026 };
        for text in [
            "2026-05-03",
            "2026/5/3",
            "2026-05-03T00:00:00",
            "2026-05-03 00:00",
            "03.05.2026",
            "3.5.26",
            "3 May 2026",
            "May 3, 2026",
            "3-May-26",
            "3rd May 2026",
            "46145",
            "Sun 3 May 2026",
            "2026-05-03 (Sunday)",
        ] {
            assert_eq!(read(text).map(|it| it.named), Some(whole), "{text}");
        }
        for text in ["3 May", "May 3", "3. May", "MAY 3rd", "3.5.", "03.05.", "3-may", "Sun, 3 May"]
        {
            let named = Named::InYear { day: 3, month: 5 };
            assert_eq!(read(text).map(|it| it.named), Some(named), "{text}");
        }
        for text in ["3", "03", "3.", "3rd", "Sun 3", "Sun\n3", "3 Su", "3 (Sun.)"] {
            assert_eq!(read(text).map(|it| it.named), Some(Named::InMonth(3)), "{text}");
        }
        let either = |year| Some(Named::Either { first: 5, second: 3, year });
        assert_eq!(read("5/3/2026").map(|it| it.named), either(Some(2026)));
        assert_eq!(read("05-03-26").map(|it| it.named), either(Some(2026)));
        assert_eq!(read("5/3").map(|it| it.named), either(None));
        assert_eq!(read("Tues 3").and_then(|it| it.weekday), Some(Weekday::Tuesday));
    }

    #[test]
    fn what_names_no_day_is_none() {
        for text in [
            "",
            "0",
            "32",
            "3.5",
            "week 19",
            "W 3",
            "May 2026",
            "May",
            "yes",
            "Boat 3",
            "19999",
            "1/2/3/4",
            "3 Mai",
            "+3",
            "-3",
            "3 4",
            "3 May 2026 noon",
            "٣",
            "mayor 3",
            "2026",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        for number in [0.0, 3.5, -3.0, 32.0, f64::NAN, f64::INFINITY, 46145.5] {
            assert_eq!(DayText::of(&TabCell::Number(number), DateSystem::From1900), None);
        }
    }

    #[test]
    fn a_month_is_read_above_days() {
        let read = |text: &str| month_named(&text.into(), DateSystem::From1900, 2026);
        for text in
            ["May 2026", "may", "MAY '26", "2026-05", "05/2026", "May-26", "Crew list, May 2026"]
        {
            assert_eq!(read(text), Some((2026, 5)), "{text}");
        }
        for text in ["", "2026", "you may ask Ann", "May be", "05-26", "13/2026", "maybe"] {
            assert_eq!(read(text), None, "{text}");
        }
        let first = TabCell::Number(46143.0);
        assert_eq!(month_named(&first, DateSystem::From1900, 2020), Some((2026, 5)));
        assert_eq!(read("2025-05"), Some((2025, 5)));
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
