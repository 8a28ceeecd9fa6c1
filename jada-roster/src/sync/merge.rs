//! What a tab makes of a member: the tab now, the tab at the last sync, and what is stored.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::crew::CrewMember;
use crate::crew::availability::{Availability, DayState};
use crate::month::Month;
use crate::sync::AvailabilitySync;

/// A member as they are to be stored, and what that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) member: CrewMember,
    pub(super) changes: Vec<Change>,
}

/// A day about which something else is stored from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) day: Date,
    pub(super) before: Option<DayState>,
    pub(super) after: Option<DayState>,
    /// The member, or whoever else, has said something since the last sync too.
    pub(super) overrules: bool,
}

/// What the days of a tab make of a member; none where the tab says nothing new.
///
/// Without a change there may still be something to write: what the tab said, so that it is not
/// taken for news again after the member has changed their mind.
pub(super) fn merged(
    member: &CrewMember,
    days: &BTreeMap<Date, Option<DayState>>,
    month: Month,
) -> Option<Merged> {
    let (mut stored, mut base) =
        (member.availability().clone(), member.synced_availability().clone());
    let (mut changes, mut is_news) = (Vec::new(), false);
    for (&day, &said) in days {
        let (said_before, before) = (base.on(day), stored.on(day));
        if said == said_before {
            continue;
        }
        is_news = true;
        base = base.with(day, said);
        if said != before {
            stored = stored.with(day, said);
            let overrules = before != said_before;
            changes.push(Change { day, before, after: said, overrules });
        }
    }
    let base = remembered(&base, month);
    let member = member.clone().with_availability(stored).with_synced_availability(base);
    is_news.then_some(Merged { member, changes })
}

/// Of the tab's month and the newest others: one that was mistyped, years ahead, takes the place of
/// the oldest alone.
fn remembered(base: &Availability, month: Month) -> Availability {
    let months: BTreeSet<Date> = base.days().map(|(day, _)| day.first_of_month()).collect();
    let others = months.into_iter().rev().filter(|first| *first != month.first_day());
    let newest: BTreeSet<Date> = others.take(AvailabilitySync::REMEMBERED.into()).collect();
    let is_kept = |day: Date| month.contains(day) || newest.contains(&day.first_of_month());
    base.days().filter(|(day, _)| is_kept(*day)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::crew::availability::DayState::{Maybe, No, Yes};
    use crate::sync::matching::tests::ada;

    const DAY: Date = date(2026, 5, 3);

    fn on(day: Date, state: Option<DayState>) -> Availability {
        Availability::default().with(day, state)
    }

    /// What is stored and remembered afterwards, and whether a word was overruled; none where
    /// nothing is written.
    fn after(
        base: Option<DayState>,
        stored: Option<DayState>,
        tab: Option<DayState>,
    ) -> Option<(Option<DayState>, Option<DayState>, bool)> {
        let member =
            ada().with_availability(on(DAY, stored)).with_synced_availability(on(DAY, base));
        let merged = merged(&member, &BTreeMap::from([(DAY, tab)]), may())?;
        let Merged { member, changes } = merged;
        let (now, base) = (member.availability().on(DAY), member.synced_availability().on(DAY));
        assert_eq!(changes.len(), usize::from(now != stored));
        assert!(changes.iter().all(|change| (change.before, change.after) == (stored, now)));
        Some((now, base, changes.iter().any(|change| change.overrules)))
    }

    fn may() -> Month {
        "2026-05".parse().unwrap()
    }

    #[test]
    fn a_word_is_news_only_where_the_tab_said_something_else_before() {
        let (yes, no, maybe, none) = (Some(Yes), Some(No), Some(Maybe), None);
        let cases = [
            // The first sync.
            (none, none, none, None),
            (none, no, none, None),
            (none, none, yes, Some((yes, yes, false))),
            (none, yes, yes, Some((yes, yes, false))),
            (none, no, yes, Some((yes, yes, true))),
            // The tab says what it said.
            (yes, yes, yes, None),
            (yes, no, yes, None),
            (yes, none, yes, None),
            // The tab alone was changed.
            (yes, yes, no, Some((no, no, false))),
            (yes, yes, none, Some((none, none, false))),
            // Both were.
            (yes, no, no, Some((no, no, false))),
            (yes, none, none, Some((none, none, false))),
            (yes, no, maybe, Some((maybe, maybe, true))),
            (yes, no, none, Some((none, none, true))),
            (yes, none, no, Some((no, no, true))),
        ];
        for (base, stored, tab, expected) in cases {
            assert_eq!(after(base, stored, tab), expected, "{base:?} {stored:?} {tab:?}");
        }
    }

    #[test]
    fn days_that_the_tab_does_not_have_stay_as_they_are() {
        let (stored, base) = (on(date(2026, 5, 4), Some(No)), on(date(2026, 5, 5), Some(Yes)));
        let member = ada().with_availability(stored).with_synced_availability(base);
        let Merged { member, changes } =
            merged(&member, &BTreeMap::from([(DAY, Some(Yes))]), may()).unwrap();
        assert_eq!(changes.len(), 1);
        assert_eq!(member.availability().on(date(2026, 5, 4)), Some(No));
        assert_eq!(member.synced_availability().on(date(2026, 5, 5)), Some(Yes));
    }

    fn remembered_months(synced: &Availability) -> Vec<String> {
        let months: BTreeSet<Date> = synced.days().map(|(day, _)| day.first_of_month()).collect();
        months.into_iter().map(|first| first.strftime("%Y-%m").to_string()).collect()
    }

    #[test]
    fn of_tabs_of_thirteen_months_it_is_remembered_what_they_said_and_others_are_dropped() {
        let first = |month: i8| date(2025, month, 1);
        let year: Availability = (1..=12).map(|month| (first(month), Yes)).collect();
        let said = year.with(date(2024, 12, 31), Some(Yes));
        let member = ada().with_availability(said.clone()).with_synced_availability(said.clone());
        assert_eq!(merged(&member, &BTreeMap::from([(DAY, None)]), may()), None, "no write for it");
        let merged = merged(&member, &BTreeMap::from([(DAY, Some(No))]), may()).unwrap();
        let base = remembered_months(merged.member.synced_availability());
        assert_eq!((base.len(), &*base[0], &*base[12]), (13, "2025-01", "2026-05"));
        assert_eq!(*merged.member.availability(), said.with(DAY, Some(No)), "what is stored stays");
    }

    #[test]
    fn a_month_that_was_mistyped_costs_the_oldest_and_one_of_long_ago_costs_none_that_is_newer() {
        let year: Availability = (1..=12).map(|month| (date(2025, month, 1), Yes)).collect();
        let member = ada().with_synced_availability(year.with(date(2024, 12, 1), Some(Yes)));
        for (month, oldest) in [("2036-05", "2025-01"), ("2020-05", "2020-05")] {
            let month: Month = month.parse().unwrap();
            let mut member = member.clone();
            for said in [No, Maybe] {
                let days = BTreeMap::from([(month.first_day(), Some(said))]);
                member = merged(&member, &days, month).unwrap().member;
            }
            let base = remembered_months(member.synced_availability());
            assert_eq!((base.len(), base[0].as_str()), (13, oldest));
            assert!(base.contains(&"2025-12".to_owned()));
        }
    }
}
