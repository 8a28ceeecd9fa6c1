//! What the cells of a row say of days, taken together with what stands beside them.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};

use crate::tab::UnreadCell;
use crate::tab::beside::{Labels, Weekdays};
use crate::tab::calendar::{MonthText, calendar_day, name_of};
use crate::tab::day::{DayText, Named};
use crate::tab::order::Order;
use crate::tab::view::View;

/// A row with cells that may be days.
pub(super) struct Told {
    pub(super) row: u32,
    pub(super) days: BTreeMap<u32, DayText>,
    labels: Labels,
    pub(super) weekdays: Option<Weekdays>,
    order: Option<Order>,
    /// Columns between the first day and the last that hold something else.
    strangers: Vec<u32>,
    /// How many say by themselves more than a number, and how many have their month with them.
    dated: usize,
    with_month: usize,
}

impl Told {
    /// None where there are no two; an error where it is not told which number is the month.
    pub(super) fn of(view: &View<'_>, row: u32) -> Result<Option<Self>, String> {
        let grid = &view.grid;
        let day = |(column, cell)| Some((column, DayText::of(cell, grid.dates())?));
        let mut days: BTreeMap<u32, DayText> = grid.row(row).filter_map(day).collect();
        drop_corner(view, row, &mut days);
        let columns: Vec<u32> = days.keys().copied().collect();
        let [first, .., last] = columns[..] else { return Ok(None) };
        let within = grid.row(row).map(|(column, _)| column);
        let within = within.filter(|it| (first..last).contains(it) && !days.contains_key(it));
        let order = Order::of(days.values().map(|day| &day.named), view.month);
        let order = order.map_err(|what| format!("{} {what}", view.range(row, first, last)))?;
        let count = |is: fn(&DayText) -> bool| days.values().filter(|day| is(day)).count();
        Ok(Some(Self {
            row,
            dated: count(DayText::is_dated),
            with_month: count(|day| !matches!(day.named, Named::InMonth(_))),
            strangers: within.collect(),
            labels: Labels::of(view, row, first),
            weekdays: Weekdays::beside(view, row, &columns),
            order,
            days,
        }))
    }

    /// The date of a column's day, which lies in the month; or what was expected.
    pub(super) fn date(&self, view: &View<'_>, column: u32, day: DayText) -> Result<Date, String> {
        let month = view.month;
        let (year, number) = (month.first_day().year(), month.first_day().month());
        let date = match day.named {
            Named::Whole { day, month, year } => calendar_day(year, month, day),
            Named::InYear { day, month } => calendar_day(year, month, day),
            Named::Either { .. } => self.order.and_then(|it| it.date(day.named, month)),
            Named::InMonth(_) if !self.labels.is_empty() && self.labels.at(column).is_none() => {
                return Err(format!("its month above it, or a date such as {}", month.first_day()));
            }
            Named::InMonth(_) if day.weekday.is_none() && self.with_month >= 2 => {
                return Err("a date, as the others are".to_owned());
            }
            Named::InMonth(day) => match self.labels.at(column) {
                Some(label) => calendar_day(label.year.unwrap_or(year), label.month, day),
                None => calendar_day(year, number, day),
            },
        };
        let date = date.filter(|date| month.contains(*date));
        let date = date.ok_or_else(|| format!("a day of {month}"))?;
        let own = day.weekday.as_slice();
        let beside = self.weekdays.as_ref().and_then(|it| it.at(column)).unwrap_or_default();
        let agrees = |days: &[Weekday]| days.is_empty() || days.contains(&date.weekday());
        match agrees(own) && agrees(beside) {
            true => Ok(date),
            false => Err(format!("{}, which {date} is", name_of(date.weekday()))),
        }
    }

    /// How many say by themselves more than a number.
    pub(super) fn dated(&self) -> usize {
        self.dated
    }

    /// Whether months or weekdays stand beside it.
    pub(super) fn is_explained(&self) -> bool {
        !self.labels.is_empty() || self.weekdays.is_some()
    }

    /// What stands among the days, and is none.
    pub(super) fn strangers(&self, view: &View<'_>) -> Vec<UnreadCell> {
        let expected = || format!("a day of {}", view.month);
        self.strangers.iter().map(|it| view.unread(self.row, *it, expected())).collect()
    }

    /// `B1:AF1`.
    pub(super) fn range(&self, view: &View<'_>) -> String {
        let ends = self.days.keys().next().zip(self.days.keys().last());
        ends.map(|(first, last)| view.range(self.row, *first, *last)).unwrap_or_default()
    }
}

/// A month before the days, typed as `May 2026`, is kept by a sheet as its first day.
fn drop_corner(view: &View<'_>, row: u32, days: &mut BTreeMap<u32, DayText>) {
    let mut all = days.iter();
    let Some((&corner, first)) = all.next() else { return };
    let is_month = MonthText::of(view.cell(row, corner), view.grid.dates()).is_some();
    if first.is_dated() && is_month && all.len() >= 2 && all.all(|(_, day)| !day.is_dated()) {
        days.remove(&corner);
    }
}
