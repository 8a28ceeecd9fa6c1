//! Which of the two numbers of `5/3/2026` is the month.

use crate::month::Month;
use crate::tab::calendar::calendar_day;
use crate::tab::day::Named;

/// How such days are written throughout a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

impl Order {
    /// The one order in which the days of a line make sense: all in the month, or else all in the
    /// calendar and two in the month. None where there are no such days; an error where both make
    /// sense, or neither.
    pub(super) fn of<'a>(
        days: impl Iterator<Item = &'a Named> + Clone,
        month: Month,
    ) -> Result<Option<Self>, String> {
        let days = days.filter(|day| matches!(day, Named::Either { .. }));
        let all = days.clone().count();
        let counts = |order: Self| {
            let dates = days.clone().map(|day| order.date(*day, month)).collect::<Vec<_>>();
            let within = dates.iter().flatten().filter(|date| month.contains(**date)).count();
            (dates.iter().flatten().count() == all).then_some(within)
        };
        let both = [Self::DayFirst, Self::MonthFirst].map(|order| (order, counts(order)));
        let that = |fits: &dyn Fn(usize) -> bool| {
            let mut fitting = both.iter().filter(|(_, within)| within.is_some_and(fits));
            fitting.next().filter(|_| fitting.next().is_none()).map(|(order, _)| *order)
        };
        if all == 0 {
            return Ok(None);
        }
        that(&|within| within == all).or_else(|| that(&|within| within >= 2)).map(Some).ok_or_else(
            || "does not say whether the day or the month is first; write 2026-05-03".to_owned(),
        )
    }

    /// The date of such a day; without a year, that of the month asked for.
    pub(super) fn date(self, day: Named, month: Month) -> Option<jiff::civil::Date> {
        let Named::Either { first, second, year } = day else { return None };
        let year = year.unwrap_or(month.first_day().year());
        match self {
            Self::DayFirst => calendar_day(year, second, first),
            Self::MonthFirst => calendar_day(year, first, second),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(days: &[(i8, i8)]) -> Result<Option<Order>, String> {
        let either = |(first, second): &(i8, i8)| Named::Either {
            first: *first,
            second: *second,
            year: Some(2026),
        };
        let days: Vec<Named> = days.iter().map(either).collect();
        Order::of(days.iter(), "2026-05".parse().unwrap())
    }

    #[test]
    fn the_order_is_that_in_which_all_days_make_sense() {
        assert_eq!(order(&[]), Ok(None));
        assert_eq!(order(&[(5, 1), (5, 2), (5, 3)]), Ok(Some(Order::MonthFirst)));
        assert_eq!(order(&[(1, 5), (2, 5), (3, 5)]), Ok(Some(Order::DayFirst)));
        assert_eq!(order(&[(4, 30), (5, 1), (5, 2)]), Ok(Some(Order::MonthFirst)));
        assert_eq!(order(&[(30, 4), (1, 5), (2, 5)]), Ok(Some(Order::DayFirst)));
    }

    #[test]
    fn an_order_that_is_not_told_is_not_guessed() {
        for days in [
            // May 4, 5 May and 6 May, or 5 April: two of each in the month.
            &[(4, 5), (5, 5), (5, 6)][..],
            &[(5, 13), (13, 5)],
            &[(13, 13)],
            &[(5, 5)],
        ] {
            assert!(order(days).is_err(), "{days:?}");
        }
    }
}
