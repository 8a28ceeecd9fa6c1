//! Days as people write them.

use jiff::civil::{Date, Weekday};

use crate::tab::calendar::{digits, month_of, number, weekday, year_of};
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

    /// Whether both are numbers, and this is the next.
    pub(super) fn follows(self, other: Self) -> bool {
        match (self.named, other.named) {
            (Named::InMonth(day), Named::InMonth(before)) => day == before + 1,
            _ => false,
        }
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
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
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
}
