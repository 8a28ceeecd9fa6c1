//! What a tab makes of a member: the tab now, the tab at the last sync, and what is stored.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::crew::CrewMember;
use crate::crew::availability::DayState;
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
    let oldest = remembered_since(month);
    let base = base.days().filter(|(day, _)| *day >= oldest).collect();
    let member = member.clone().with_availability(stored).with_synced_availability(base);
    is_news.then_some(Merged { member, changes })
}

fn remembered_since(month: Month) -> Date {
    month.first_day().saturating_sub(i32::from(AvailabilitySync::REMEMBERED).months())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::crew::availability::Availability;
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

    #[test]
    fn what_tabs_said_is_remembered_for_a_year_and_dropped_with_the_next_write() {
        let (forgotten, oldest, later) = (date(2025, 4, 30), date(2025, 5, 1), date(2027, 1, 1));
        let days = [forgotten, oldest, later].map(|day| (day, Yes));
        let said = Availability::from_iter(days);
        let member = ada().with_availability(said.clone()).with_synced_availability(said.clone());
        assert_eq!(merged(&member, &BTreeMap::from([(DAY, None)]), may()), None, "no write for it");
        let merged = merged(&member, &BTreeMap::from([(DAY, Some(No))]), may()).unwrap();
        let base: Vec<Date> =
            merged.member.synced_availability().days().map(|(day, _)| day).collect();
        assert_eq!(base, [oldest, DAY, later]);
        assert_eq!(*merged.member.availability(), said.with(DAY, Some(No)), "what is stored stays");
    }
}
