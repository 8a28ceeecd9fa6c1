//! A month as a member sees it: which days are over, what they have said, who else is free.

use std::iter::successors;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::crew::CrewMember;
use crate::crew::availability::{Availability, DayState};
use crate::error::Error;
use crate::month::Month;

/// A month of the portal, and the day on which it is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    pub(super) month: Month,
    today: Date,
}

/// A day of a month.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    pub(super) date: Date,
    today: Date,
}

/// What a member has said about a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnDay {
    pub(super) day: Day,
    pub(super) stored: Option<DayState>,
    /// What is stored, or what was chosen instead and could not be saved.
    pub(super) chosen: Option<DayState>,
}

/// Who is free on a day: of all day, of a part of it, and of perhaps, those who said so.
#[derive(Debug)]
pub(super) struct FreeDay<'a> {
    pub(super) day: Day,
    pub(super) people: Vec<(DayState, Vec<&'a str>)>,
}

impl Calendar {
    /// The month that was asked for, or else the one of `today`: text that is no month is none, nor
    /// is one that lies further off than the portal's pages go.
    pub(super) fn asked_for(month: Option<&str>, today: Date) -> Result<Self, Error> {
        let asked = month.and_then(|text| text.parse().ok());
        let month = asked.filter(|month| is_shown(*month, today));
        Ok(Self { month: month.map_or_else(|| Month::of(today), Ok)?, today })
    }

    /// The month before, where that is shown.
    pub(super) fn before(&self) -> Option<Month> {
        self.neighbour(self.month.first_day().yesterday())
    }

    /// The month after, where that is shown.
    pub(super) fn after(&self) -> Option<Month> {
        self.neighbour(self.month.last_day().tomorrow())
    }

    fn neighbour(&self, day: Result<Date, jiff::Error>) -> Option<Month> {
        let month = day.ok().and_then(|day| Month::of(day).ok());
        month.filter(|month| is_shown(*month, self.today))
    }

    /// Whether there is a day that one can still say something about.
    pub(super) fn is_open(&self) -> bool {
        self.month.last_day() >= self.today
    }

    /// Whether it is a day of this month that is not over.
    pub(super) fn takes(&self, date: Date) -> bool {
        self.month.contains(date) && date >= self.today
    }

    pub(super) fn has_past(&self) -> bool {
        self.month.first_day() < self.today
    }

    fn days(&self) -> impl Iterator<Item = Day> + use<> {
        let Self { month, today } = *self;
        let dates = successors(Some(month.first_day()), |day| day.tomorrow().ok());
        dates.take_while(move |day| month.contains(*day)).map(move |date| Day { date, today })
    }

    pub(super) fn own_days(&self, stored: &Availability, chosen: &Availability) -> Vec<OwnDay> {
        let own =
            |day: Day| OwnDay { day, stored: stored.on(day.date), chosen: chosen.on(day.date) };
        self.days().map(own).collect()
    }

    /// Who is free on which day of the month, from today on where it is not over: those who say no,
    /// or nothing, are not.
    pub(super) fn free_days<'a>(&self, crew: &'a [CrewMember]) -> Vec<FreeDay<'a>> {
        let who = |day: Day, state| {
            let said =
                crew.iter().filter(|member| member.availability().on(day.date) == Some(state));
            (state, said.map(|member| member.name().as_str()).collect())
        };
        let free = |day| {
            let said = FREE.map(|state| who(day, state)).into_iter();
            let people = said.filter(|(_, names): &(_, Vec<_>)| !names.is_empty()).collect();
            FreeDay { day, people }
        };
        let is_over = !self.is_open();
        self.days().filter(|day| is_over || day.is_open()).map(free).collect()
    }
}

impl Day {
    /// Whether one can still say something about it.
    pub(super) fn is_open(&self) -> bool {
        self.date >= self.today
    }

    /// The day in words, without its year: `Tue 1 Dec`.
    pub(super) fn label(&self) -> String {
        self.date.strftime("%a %-d %b").to_string()
    }

    /// What the style sheet tells it by: its column, from Monday's 1 to Sunday's 7, and what it is.
    pub(super) fn class(&self) -> String {
        let weekday = self.date.weekday();
        let is_weekend = matches!(weekday, Weekday::Saturday | Weekday::Sunday);
        let weekend = if is_weekend { " weekend" } else { "" };
        let today = if self.date == self.today { " today" } else { "" };
        format!(" c{}{weekend}{today}", weekday.to_monday_one_offset())
    }
}

impl OwnDay {
    /// Whether something else is stored than what was chosen.
    pub(super) fn is_contested(&self) -> bool {
        self.stored != self.chosen
    }
}

const FREE: [DayState; 4] =
    [DayState::Yes, DayState::Morning, DayState::Afternoon, DayState::Maybe];

/// From a year ago until a year and a half ahead: nobody plans further, and a row stays small.
fn is_shown(month: Month, today: Date) -> bool {
    let from = today.first_of_month().saturating_sub(12.months());
    let until = today.last_of_month().saturating_add(18.months());
    month.first_day() >= from && month.first_day() <= until
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn december(today: Date) -> Calendar {
        Calendar::asked_for(Some("2026-12"), today).unwrap()
    }

    #[test]
    fn months_are_shown_from_a_year_ago_until_a_year_and_a_half_ahead() {
        let today = date(2026, 12, 31);
        let shown = |text| Calendar::asked_for(Some(text), today).unwrap().month.to_string();
        for text in ["2025-12", "2026-12", "2028-06"] {
            assert_eq!(shown(text), text);
        }
        for text in ["2025-11", "2028-07", "9999-12", "2026-13", "<b>", ""] {
            assert_eq!(shown(text), "2026-12", "{text}");
        }
        let first = Calendar::asked_for(Some("2025-12"), today).unwrap();
        assert_eq!((first.before(), first.after()), (None, Some("2026-01".parse().unwrap())));
        let last = Calendar::asked_for(Some("2028-06"), today).unwrap();
        assert_eq!((last.before(), last.after()), (Some("2028-05".parse().unwrap()), None));
    }

    #[test]
    fn today_can_be_changed_and_yesterday_cannot() {
        let days: Vec<_> = december(date(2026, 12, 2)).days().collect();
        assert_eq!(days.len(), 31);
        assert_eq!((days[0].is_open(), days[1].is_open()), (false, true));
        assert_eq!(days[0].class(), " c2");
        assert_eq!(days[1].class(), " c3 today");
        assert_eq!(
            (days[4].label().as_str(), days[4].class().as_str()),
            ("Sat 5 Dec", " c6 weekend")
        );
    }

    #[test]
    fn a_month_is_open_until_its_last_day_is_over() {
        assert!(december(date(2026, 12, 31)).is_open() && december(date(2026, 12, 31)).has_past());
        assert!(!december(date(2027, 1, 1)).is_open());
        assert!(!december(date(2026, 12, 1)).has_past());
    }
}
