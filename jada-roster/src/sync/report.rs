//! What a sync of availability found and did.

use std::fmt;

use jiff::civil::Date;

use crate::crew::CrewMember;
use crate::crew::availability::DayState;
use crate::crew::contact::PersonName;
use crate::crew::id::CrewId;
use crate::error::{Error, count, shorten};
use crate::month::Month;
use crate::sync::merge::{Change, Merged};
use crate::tab::{CellAddress, MonthTab, TabPerson, UnreadCell};

/// What a sync of a month's tab did, or, of a plan, would do; all in the order of the tab.
///
/// Displays as one line.
#[derive(Debug)]
#[must_use = "some of it may not have been taken, or be left over"]
#[non_exhaustive]
pub struct AvailabilitySynced {
    /// Which month the tab is of.
    pub month: Month,
    /// Words about days of which nothing was stored.
    pub added: Vec<DayChange>,
    /// Words in the place of others.
    pub changed: Vec<DayChange>,
    /// Words that are gone, since their cell was cleared.
    pub removed: Vec<DayChange>,
    /// Those changes of the above by which a word is gone that the member, or somebody else, had
    /// said elsewhere since the last sync.
    pub overruled: Vec<DayChange>,
    /// The members whose rows were written: where nothing was added, changed or removed, the row
    /// remembers that the tab says what was stored already.
    pub written: Vec<CrewId>,
    /// The members whose rows were to be written and could not be; the next sync finishes it.
    pub left_over: Vec<LeftOver>,
    /// People who are nobody on the crew. Nothing of theirs was taken.
    pub unknown: Vec<UnknownPerson>,
    /// People who may be several members, or stand more than once. Nothing of theirs was taken.
    pub ambiguous: Vec<AmbiguousPerson>,
    /// The members of whom the tab of this month has said something before, and who stand in it no
    /// more. What is stored of them stays.
    pub absent: Vec<AbsentMember>,
    /// The cells that were not understood. Nothing was taken from them, and nothing taken away.
    pub unread: Vec<UnreadCell>,
    /// The days of the month that the tab does not have. Nothing was changed about them.
    pub missing: Vec<Date>,
    /// Stored rows that cannot be read, each an [`Error::CorruptItem`]: those members are unknown.
    pub unreadable: Vec<Error>,
}

/// A day about which something else is stored of a member.
///
/// Displays as ``B5: Ada Marsh, 2026-05-03: `no` instead of `yes` ``.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DayChange {
    /// Where the member stands in the tab.
    pub at: CellAddress,
    /// Whose day.
    pub crew: CrewId,
    /// Their name.
    pub name: PersonName,
    /// Which day.
    pub day: Date,
    /// What was stored.
    pub before: Option<DayState>,
    /// What the tab says.
    pub after: Option<DayState>,
}

/// A person in a tab who is nobody on the crew.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownPerson {
    /// Where they stand.
    pub at: CellAddress,
    /// Their key, where the tab has one.
    pub key: Option<String>,
    /// Their name as it stands there.
    pub name: String,
    /// Why.
    pub why: WhyUnknown,
}

/// Why a person is nobody on the crew.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyUnknown {
    /// Nobody has their key.
    Key {
        /// Whom the name means, which was not heeded.
        named: Vec<CrewId>,
    },
    /// There is no key, nobody has their name, and it is no alias.
    Name,
    /// Their name is an alias of somebody who is not on the crew.
    Alias {
        /// Of whom.
        crew: CrewId,
    },
}

impl WhyUnknown {
    /// Who may be meant.
    pub(super) fn meant(&self) -> &[CrewId] {
        match self {
            Self::Key { named } => named,
            Self::Name => &[],
            Self::Alias { crew } => std::slice::from_ref(crew),
        }
    }
}

/// A person in a tab who may be several members, or stands more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AmbiguousPerson {
    /// Where they stand, never empty.
    pub places: Vec<CellAddress>,
    /// Their key, where the tab has one.
    pub key: Option<String>,
    /// Their name as it stands there.
    pub name: String,
    /// Why.
    pub why: WhyAmbiguous,
}

/// Why it is not known who a person is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyAmbiguous {
    /// Several members have their key.
    Key {
        /// Who.
        crew: Vec<CrewId>,
    },
    /// There is no key, and several members have their name.
    Name {
        /// Who.
        crew: Vec<CrewId>,
    },
    /// Their key is that of one member, and their name that of another.
    KeyAndName {
        /// Who has the key.
        key: CrewId,
        /// Whom the name means.
        named: Vec<CrewId>,
    },
    /// A stored row that cannot be read has their name, or may have it.
    Unreadable {
        /// Whom the name means of those who can be read: one, or none.
        crew: Vec<CrewId>,
        /// The keys of the rows, never empty.
        rows: Vec<String>,
    },
    /// The same member stands in several places.
    StandsOften {
        /// Who.
        crew: CrewId,
    },
}

impl WhyAmbiguous {
    /// Who may be meant.
    pub(super) fn meant(&self) -> Vec<&CrewId> {
        match self {
            Self::Key { crew } | Self::Name { crew } | Self::Unreadable { crew, .. } => {
                crew.iter().collect()
            }
            Self::KeyAndName { key, named } => named.iter().chain([key]).collect(),
            Self::StandsOften { crew } => vec![crew],
        }
    }
}

/// A member of whom a month's tab has said something before, and who stands in it no more.
///
/// Displays as ``Ada Marsh (`c-1`) stands in the tab no more; what it said of 3 days stays``.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbsentMember {
    /// Who.
    pub crew: CrewId,
    /// Their name.
    pub name: PersonName,
    /// The days of the month of which the tab spoke, never empty.
    pub days: Vec<Date>,
}

/// A member whose row was to be written and could not be. What the tab says of them is not lost: the
/// next sync finds it again.
///
/// Displays as a line without the cause.
#[derive(Debug)]
#[non_exhaustive]
pub struct LeftOver {
    /// Where they stand in the tab.
    pub at: CellAddress,
    /// Who.
    pub crew: CrewId,
    /// Their name.
    pub name: PersonName,
    /// What was to be written. Where the answer to a write was lost it may have been.
    pub changes: Vec<DayChange>,
    /// Why; by [`Error::is_transient`] it is known whether a sync is worth a retry as it is.
    pub error: Error,
}

impl AvailabilitySynced {
    pub(super) fn of(
        tab: &MonthTab,
        unknown: Vec<UnknownPerson>,
        ambiguous: Vec<AmbiguousPerson>,
    ) -> Self {
        let (unread, missing) = (tab.unread().to_vec(), tab.missing().to_vec());
        Self { unknown, ambiguous, unread, missing, ..Self::nothing(tab.month()) }
    }

    fn nothing(month: Month) -> Self {
        Self {
            month,
            added: Vec::new(),
            changed: Vec::new(),
            removed: Vec::new(),
            overruled: Vec::new(),
            written: Vec::new(),
            left_over: Vec::new(),
            unknown: Vec::new(),
            ambiguous: Vec::new(),
            absent: Vec::new(),
            unread: Vec::new(),
            missing: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    /// The same before anything was written.
    #[cfg(feature = "availability-sync")]
    pub(super) fn unwritten(self) -> Self {
        let Self { month, unknown, ambiguous, absent, unread, missing, unreadable, .. } = self;
        Self { unknown, ambiguous, absent, unread, missing, unreadable, ..Self::nothing(month) }
    }

    pub(super) fn record(&mut self, at: CellAddress, merged: &Merged) {
        self.written.push(merged.member.id().clone());
        for (change, told) in merged.changes.iter().zip(DayChange::of(at, merged)) {
            if change.overrules {
                self.overruled.push(told.clone());
            }
            match (told.before, told.after) {
                (None, _) => self.added.push(told),
                (_, None) => self.removed.push(told),
                _ => self.changed.push(told),
            }
        }
    }

    /// Whether everything that the tab says was taken: nobody is unknown, ambiguous or left over,
    /// no cell is unread, and no stored row unreadable. Days may be missing, and members absent.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.left_over.is_empty()
            && self.unknown.is_empty()
            && self.ambiguous.is_empty()
            && self.unread.is_empty()
            && self.unreadable.is_empty()
    }
}

impl fmt::Display for AvailabilitySynced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (added, changed, removed) = (self.added.len(), self.changed.len(), self.removed.len());
        write!(f, "{}: {added} added, {changed} changed, {removed} removed", self.month)?;
        write!(f, ", {} written", count(self.written.len(), "member", "members"))?;
        let others = [
            (self.overruled.len(), "overruled"),
            (self.left_over.len(), "left over"),
            (self.unknown.len(), "unknown"),
            (self.ambiguous.len(), "ambiguous"),
            (self.absent.len(), "absent"),
            (self.unread.len(), "unread"),
            (self.unreadable.len(), "rows unreadable"),
        ];
        let mut others = others.iter().filter(|(count, _)| *count > 0);
        others.try_for_each(|(count, what)| write!(f, ", {count} {what}"))
    }
}

impl DayChange {
    pub(super) fn of(at: CellAddress, merged: &Merged) -> Vec<Self> {
        let (crew, name) = (merged.member.id(), merged.member.name());
        let told = |change: &Change| Self {
            at,
            crew: crew.clone(),
            name: name.clone(),
            day: change.day,
            before: change.before,
            after: change.after,
        };
        merged.changes.iter().map(told).collect()
    }
}

impl fmt::Display for DayChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, name, day, .. } = self;
        write!(f, "{at}: {name}, {day}: {} instead of {}", word(self.after), word(self.before))
    }
}

impl UnknownPerson {
    pub(super) fn new(person: &TabPerson, why: WhyUnknown) -> Self {
        let (key, name) = (person.key().map(str::to_owned), person.name().to_owned());
        Self { at: person.at(), key, name, why }
    }
}

impl fmt::Display for UnknownPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, name) = (shown(self.key.as_deref()), shown(Some(&self.name)));
        write!(f, "{}: ", self.at)?;
        match &self.why {
            WhyUnknown::Key { named } => {
                write!(f, "nobody on the crew has the key {key}")?;
                match named.as_slice() {
                    [] => Ok(()),
                    named => write!(f, ", though {name} is {}", list(named, "or")),
                }
            }
            WhyUnknown::Name => write!(f, "nobody on the crew is called {name}"),
            WhyUnknown::Alias { crew } => {
                write!(f, "{name} is an alias of `{crew}`, who is not on the crew")
            }
        }
    }
}

impl AmbiguousPerson {
    pub(super) fn new(person: &TabPerson, places: Vec<CellAddress>, why: WhyAmbiguous) -> Self {
        let (key, name) = (person.key().map(str::to_owned), person.name().to_owned());
        Self { places, key, name, why }
    }
}

impl fmt::Display for AmbiguousPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, name) = (shown(self.key.as_deref()), shown(Some(&self.name)));
        let places: Vec<String> = self.places.iter().map(ToString::to_string).collect();
        write!(f, "{}: ", joined(&places, "and"))?;
        match &self.why {
            WhyAmbiguous::Key { crew } => {
                write!(f, "the key {key} is that of {}", list(crew, "and"))
            }
            WhyAmbiguous::Name { crew } => write!(f, "{name} is the name of {}", list(crew, "and")),
            WhyAmbiguous::KeyAndName { key, named } => {
                write!(f, "the key is that of `{key}`, and {name} is {}", list(named, "or"))
            }
            WhyAmbiguous::Unreadable { crew, rows } => {
                let crew = crew.iter().map(|id| format!("`{id}`, or "));
                let rows: Vec<String> = rows.iter().map(|row| shown(Some(row))).collect();
                let (crew, rows) = (crew.collect::<String>(), joined(&rows, "or"));
                write!(f, "{name} is {crew}a row that cannot be read: {rows}")
            }
            WhyAmbiguous::StandsOften { crew } => write!(f, "`{crew}` stands there more than once"),
        }
    }
}

impl AbsentMember {
    /// None where the month's tab has never said anything of the member.
    pub(super) fn of(member: &CrewMember, month: Month) -> Option<Self> {
        let days = member.synced_availability().days().map(|(day, _)| day);
        let days: Vec<Date> = days.filter(|day| month.contains(*day)).collect();
        let (crew, name) = (member.id().clone(), member.name().clone());
        (!days.is_empty()).then_some(Self { crew, name, days })
    }
}

impl fmt::Display for AbsentMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { crew, name, days } = self;
        let days = count(days.len(), "day", "days");
        write!(f, "{name} (`{crew}`) stands in the tab no more; what it said of {days} stays")
    }
}

impl fmt::Display for LeftOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (`{}`) was left over", self.at, self.name, self.crew)
    }
}

fn word(state: Option<DayState>) -> String {
    state.map_or_else(|| "nothing".to_owned(), |state| format!("`{state}`"))
}

fn shown(text: Option<&str>) -> String {
    format!("`{}`", shorten(text.unwrap_or_default().trim()))
}

fn list(crew: &[CrewId], conjunction: &str) -> String {
    let ids: Vec<String> = crew.iter().map(|id| format!("`{id}`")).collect();
    joined(&ids, conjunction)
}

/// `a`, `a and b`, `a, b and c`.
fn joined(items: &[String], conjunction: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} {conjunction} {last}", before.join(", ")),
    }
}
