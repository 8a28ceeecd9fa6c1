//! Whom to call for a charter, and when: captains of level 1 first, and a reason for everyone else.

pub(crate) mod around;
pub(crate) mod berth;
pub(crate) mod desk;
pub(crate) mod reason;
pub(crate) mod rules;
pub(crate) mod voyage;

use std::iter::successors;

use jiff::Timestamp;

use crate::cascade::desk::{Called, Desk};
use crate::cascade::reason::{Reason, Verdict};
use crate::cascade::rules::CallRules;
use crate::cascade::voyage::{Other, Voyage};
use crate::crew::CrewMember;
use crate::crew::role::{CascadeLevel, Role};
use crate::event::CharterEvent;
use crate::status::{Kind, Status};

/// Whom to call for a charter and when, and why the others are not called. Each member of the crew
/// stands in it once.
#[derive(Clone, Debug)]
pub struct CallPlan<'a> {
    event: &'a CharterEvent,
    verdict: Verdict,
    waves: Vec<Wave<'a>>,
    not_called: Vec<NotCalled<'a>>,
    shortages: Vec<Shortage<'a>>,
}

/// Members who are called for a berth at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wave<'a> {
    /// What they are asked to sail as.
    pub berth: &'a Role,
    /// The level that they are all of.
    pub level: CascadeLevel,
    /// When it opens, if the berth is still open then; never in quiet hours.
    pub opens_at: Timestamp,
    /// Who is called, at least one: those who are free, then those who are perhaps, then those who
    /// have said nothing; among those by name, then by id.
    pub members: Vec<&'a CrewMember>,
}

/// A member who is not called, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotCalled<'a> {
    /// Who.
    pub member: &'a CrewMember,
    /// Why.
    pub reason: Reason<'a>,
}

/// A berth that stays open even if everyone who is called for it accepts. A person has to see to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shortage<'a> {
    /// Which berth.
    pub berth: &'a Role,
    /// How many places are open, 1 to 255.
    pub open: usize,
    /// How many are called, fewer than that.
    pub called: usize,
}

/// Plans the calls for a charter: nothing is read, sent or written.
///
/// `crew` is everyone, each once, as a roster lists them; in which order does not matter, and
/// [`CallPlan::not_called`] keeps it. `others` are charters on which somebody may sail at that time,
/// such as [`charters_around`](crate::charters_around) finds; the charter itself may be among them,
/// and one that is back when this casts off keeps nobody.
///
/// Members are told apart by their ids. A roster refuses an e-mail address that another member has, but
/// an older tool may have left two rows with one: both are called, since they may be two people who
/// share a mailbox. Whether they are one is for a person to see, who then mends the roster.
///
/// The berths of `rules` are called for in their order, and for each the levels in theirs: a wave for
/// everyone of a level. The first opens now, or when quiet hours end; each further one when the window
/// before it is over, or together with it where that would be less than the lead before the charter
/// casts off. Assignments fill berths: the one of their name, else the first that takes such a role.
///
/// Nobody stands in a plan twice, so a member who may fill two open berths is called for the first
/// alone. If another has filled it meanwhile, they may be called for the second by a new plan.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), jada_roster::Error> {
/// use jada_roster::{
///     CallRules, Charter, CharterEvent, CharterId, CrewId, CrewMember, Currency, EventColumns,
///     Harbour, PersonName, Role, Status, plan,
/// };
/// use jiff::{civil::date, tz::TimeZone};
///
/// let id = CharterId::new("C-1")?;
/// let charter = Charter::builder(id, date(2026, 5, 3), Currency::USD).status(Status::Confirmed);
/// let event = CharterEvent::of(charter.build()?, &EventColumns::default())?;
/// let (phone, email) = ("+1 555 010 0101".parse()?, "ada@example.com".parse()?);
/// let (id, name) = (CrewId::new("ada")?, PersonName::new("Ada Marsh")?);
/// let crew = [CrewMember::new(id, name, phone, email, Role::Captain)];
///
/// let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build()?;
/// let night = "2026-05-01T23:30:00Z".parse().unwrap();
/// let plan = plan(&event, &crew, &[], &rules, night);
/// assert_eq!(plan.waves()[0].members, [&crew[0]]);
/// assert_eq!(plan.waves()[0].opens_at, "2026-05-02T07:00:00Z".parse().unwrap());
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn plan<'a>(
    event: &'a CharterEvent,
    crew: &'a [CrewMember],
    others: &'a [CharterEvent],
    rules: &'a CallRules,
    now: Timestamp,
) -> CallPlan<'a> {
    plan_of(event, crew.iter(), Other::of_all(others), rules, now)
}

/// The same for those of the crew that the iterator gives.
pub(crate) fn plan_of<'a>(
    event: &'a CharterEvent,
    crew: impl Iterator<Item = &'a CrewMember>,
    others: impl Iterator<Item = Other<'a>>,
    rules: &'a CallRules,
    now: Timestamp,
) -> CallPlan<'a> {
    let first = rules.harbour.earliest(now);
    let verdict = verdict_on(event, rules, now, first);
    if verdict != Verdict::Called {
        return CallPlan::of_nobody(event, verdict, crew);
    }
    let desk = Desk::of(event, others, rules);
    let at_most = crew.size_hint().1.unwrap_or_default();
    let (mut called, mut not_called) = (Vec::with_capacity(at_most), Vec::with_capacity(at_most));
    for member in crew {
        match desk.call(member) {
            Ok(call) => called.push(call),
            Err(reason) => not_called.push(NotCalled { member, reason }),
        }
    }
    called.sort_unstable_by_key(Called::place);
    let waves = desk.waves(&called, opening_times(event, rules, first));
    CallPlan { event, verdict, waves, not_called, shortages: desk.shortages(&called) }
}

impl<'a> CallPlan<'a> {
    /// The charter.
    #[must_use]
    pub fn event(&self) -> &'a CharterEvent {
        self.event
    }

    /// Whether crew are called at all.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Who is called, in order. A wave opens with or after the one before it; none is left to open
    /// once its berth is filled.
    #[must_use]
    pub fn waves(&self) -> &[Wave<'a>] {
        &self.waves
    }

    /// Who is not called, in the order of the crew.
    #[must_use]
    pub fn not_called(&self) -> &[NotCalled<'a>] {
        &self.not_called
    }

    /// Berths for which too few are called, in the order of the rules.
    #[must_use]
    pub fn shortages(&self) -> &[Shortage<'a>] {
        &self.shortages
    }

    fn of_nobody(
        event: &'a CharterEvent,
        verdict: Verdict,
        crew: impl Iterator<Item = &'a CrewMember>,
    ) -> Self {
        let reason = Reason::Nobody(verdict);
        let not_called = crew.map(|member| NotCalled { member, reason }).collect();
        Self { event, verdict, waves: Vec::new(), not_called, shortages: Vec::new() }
    }
}

fn verdict_on(
    event: &CharterEvent,
    rules: &CallRules,
    now: Timestamp,
    first: Timestamp,
) -> Verdict {
    let away = Voyage::of(event).is_away(rules.harbour.time_zone());
    match (event.status(), event.charter().kind()) {
        (Status::Confirmed, Kind::Training) => Verdict::Training,
        (Status::Confirmed, _) if now >= away => Verdict::Departed,
        (Status::Confirmed, _) if first >= away => Verdict::Quiet,
        (Status::Confirmed, _) => Verdict::Called,
        (status, _) => Verdict::NotConfirmed { status },
    }
}

/// When each wave opens.
fn opening_times(
    event: &CharterEvent,
    rules: &CallRules,
    first: Timestamp,
) -> impl Iterator<Item = Timestamp> {
    let casts_off = Voyage::of(event).casts_off(rules.harbour.time_zone());
    let last = casts_off.checked_sub(rules.lead).unwrap_or(Timestamp::MIN);
    successors(Some(first), move |before| {
        let next = rules.harbour.after(*before, rules.window);
        Some(if next <= last { next } else { *before })
    })
}

#[cfg(test)]
mod tests;
