//! Availability from the office's sheet: what a month's tab changes, worked out before it is written.

pub(crate) mod aliases;
mod matching;
mod merge;
pub(crate) mod report;
#[cfg(feature = "availability-sync")]
mod write;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::crew::CrewMember;
use crate::crew::availability::DayState;
use crate::error::Error;
use crate::month::Month;
use crate::roster::{RosterRepository, everyone};
use crate::sync::aliases::Aliases;
use crate::sync::matching::Matching;
use crate::sync::merge::{Merged, merged};
use crate::sync::report::{AbsentMember, AvailabilitySynced};
use crate::tab::{CellAddress, MonthTab};

/// What a month's tab changes of the crew's availability: compared, and nothing of it written.
///
/// **Who is who.** A person of the tab is found by the key column first, if it is not blank: a
/// `crew_id`, or the e-mail address or phone number of one member. A key that is nobody's is unknown,
/// even where the name fits. Without a key it is the name, exactly: in upper and lower case, but
/// however it is spaced; then a declared [alias](Aliases). Nobody is guessed. A name that two members
/// have, a key and a name of two members, and a member who stands twice in the tab are ambiguous:
/// nothing of theirs is taken; so is a name that a stored row has, or may have, that cannot be read.
///
/// **What is news.** Each day is compared with what the tab said at the last sync
/// ([`CrewMember::synced_availability`]). Where it still says that, what is stored stays, as the
/// member may have said otherwise since. Where it says something else, its word is taken; a cell
/// that was cleared takes the word away. If the member had said otherwise meanwhile, that is
/// reported as overruled. A member who stands in the tab no more is reported as absent, and keeps
/// what is stored. At the first sync each word of the tab is taken, and a blank cell takes
/// nothing away. A cell that was not understood, and a day that the tab does not have, change
/// nothing, and count as not read.
///
/// **What is remembered.** With the days, and in the same write, it is kept what the tab said. When a
/// row is written, that is kept of the tab's month and of [the 12 newest](Self::REMEMBERED) others,
/// so that rows do not grow for ever; syncing a month that was dropped is a first sync.
///
/// It is kept by month and not by sheet: two spreadsheets of one month take turns in it, so that
/// where they differ each sync overrules the other's word. Of each month sync one.
///
/// The feature `availability-sync` adds `write`, which writes it.
///
/// ```
/// # #[cfg(feature = "availability-sync")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), jada_roster::Error> {
/// use jada_roster::{Aliases, AvailabilitySync, CrewId, MonthTab, TabGrid, TabWords};
/// # use jada_roster::{CrewMember, MemoryRoster, PersonName, Role, RosterRepository};
/// # let roster = MemoryRoster::new();
/// # let (phone, email) = ("+15550100101".parse()?, "ada@example.com".parse()?);
/// # let name = PersonName::new("Ada Marsh")?;
/// # roster.add(&CrewMember::new(CrewId::new("c-1")?, name, phone, email, Role::Mate)).await?;
///
/// let grid = TabGrid::of([["name", "2026-05-03", "2026-05-04"], ["Addie", "yes", "no"]]);
/// let tab = MonthTab::read("crew", &grid, "2026-05".parse()?, &TabWords::new())?;
/// let aliases = Aliases::default().with("Addie", CrewId::new("c-1")?)?;
///
/// let sync = AvailabilitySync::read(&roster, &tab, &aliases).await?;
/// println!("to be done: {}", sync.report());
/// let synced = sync.write(&roster).await;
/// assert_eq!((synced.added.len(), synced.is_complete()), (2, true));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "availability-sync"))]
/// # fn main() {}
/// ```
#[derive(Debug)]
#[must_use = "nothing is written yet"]
pub struct AvailabilitySync {
    report: AvailabilitySynced,
    #[cfg_attr(not(feature = "availability-sync"), expect(dead_code, reason = "for `write`"))]
    pending: Vec<Pending>,
}

/// A member of whom something is to be written.
#[derive(Debug)]
struct Pending {
    at: CellAddress,
    /// What the tab says, to be compared again with what somebody else writes meanwhile.
    #[cfg_attr(not(feature = "availability-sync"), expect(dead_code, reason = "for `write`"))]
    days: BTreeMap<Date, Option<DayState>>,
    merged: Merged,
}

impl AvailabilitySync {
    /// Of how many months beside the tab's it is remembered what tabs said, the newest: 12, so that a
    /// year of tabs may be synced in any order.
    pub const REMEMBERED: u8 = 12;

    /// Compares a tab with a crew.
    pub fn of(
        tab: &MonthTab,
        crew: impl IntoIterator<Item = CrewMember>,
        aliases: &Aliases,
    ) -> Self {
        let crew: Vec<CrewMember> = crew.into_iter().collect();
        Self::compared(tab, &crew, Vec::new(), aliases)
    }

    fn compared(
        tab: &MonthTab,
        crew: &[CrewMember],
        unreadable: Vec<Error>,
        aliases: &Aliases,
    ) -> Self {
        let matching = Matching::of(tab.people(), crew, aliases, &unreadable);
        let absent = absent(tab, crew, &matching);
        let mut report = AvailabilitySynced::of(tab, matching.unknown, matching.ambiguous);
        let pending: Vec<Pending> = matching
            .members
            .into_iter()
            .filter_map(|(person, member)| {
                Pending::of(person.at(), member, person.days(), tab.month())
            })
            .collect();
        for pending in &pending {
            report.record(pending.at, &pending.merged);
        }
        (report.absent, report.unreadable) = (absent, unreadable);
        Self { report, pending }
    }

    /// Compares a tab with the crew of a roster, which is listed once. Rows that cannot be read are
    /// reported.
    ///
    /// # Errors
    /// [`Error::Unavailable`] is worth a retry. Those of listing the roster.
    pub async fn read(
        roster: &dyn RosterRepository,
        tab: &MonthTab,
        aliases: &Aliases,
    ) -> Result<Self, Error> {
        let (crew, unreadable) = everyone(roster).await?;
        Ok(Self::compared(tab, &crew, unreadable, aliases))
    }

    /// What writing it would do.
    pub fn report(&self) -> &AvailabilitySynced {
        &self.report
    }
}

/// By id, as a roster lists them in no order.
fn absent(tab: &MonthTab, crew: &[CrewMember], matching: &Matching<'_>) -> Vec<AbsentMember> {
    let meant = matching.meant();
    let others = crew.iter().filter(|member| !meant.contains(member.id()));
    let absent = others.filter_map(|member| AbsentMember::of(member, tab.month()));
    let mut absent: Vec<_> = absent.collect();
    absent.sort_by(|one, other| one.crew.cmp(&other.crew));
    absent
}

impl Pending {
    fn of(
        at: CellAddress,
        member: &CrewMember,
        days: impl Iterator<Item = (Date, Option<DayState>)>,
        month: Month,
    ) -> Option<Self> {
        let days = days.collect();
        let merged = merged(member, &days, month)?;
        Some(Self { at, days, merged })
    }
}
