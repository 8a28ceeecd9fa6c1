//! Who of the crew is called for which berth, and in which order.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::cascade::berth::Berth;
use crate::cascade::reason::Reason;
use crate::cascade::rules::{Call, CallRules};
use crate::cascade::voyage::{Other, elsewhere};
use crate::cascade::{Shortage, Wave};
use crate::charter::CharterId;
use crate::charter::assignment::Assignment;
use crate::charter::hours::{DayPart, Hours};
use crate::crew::CrewMember;
use crate::crew::availability::DayState;
use crate::crew::id::CrewId;
use crate::crew::role::{CascadeLevel, Role};
use crate::event::CharterEvent;

/// What there is to call for, and who cannot come.
pub(super) struct Desk<'a> {
    event: &'a CharterEvent,
    rules: &'a CallRules,
    part: DayPart,
    /// Each berth of the rules, and how many of its places are open.
    berths: Vec<(&'a Berth, usize)>,
    elsewhere: HashMap<&'a CrewId, &'a CharterId>,
}

/// A member who is called: for which berth of the rules, at which level, by what they have said.
#[derive(Clone, Copy)]
pub(super) struct Called<'a> {
    berth: usize,
    level: CascadeLevel,
    answer: Answer,
    /// How their name begins, so that sorting seldom has to look it up.
    initials: u128,
    member: &'a CrewMember,
}

/// What a member has said of the day, those who are called first before the others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Free,
    Maybe,
    Silent,
}

impl<'a> Desk<'a> {
    pub(super) fn of(
        event: &'a CharterEvent,
        others: impl Iterator<Item = Other<'a>>,
        rules: &'a CallRules,
    ) -> Self {
        let part = event.hours().map_or(DayPart::Day, Hours::part);
        let berths = open_places(event.assignments(), &rules.berths);
        Self { event, rules, part, berths, elsewhere: elsewhere(event, others) }
    }

    /// Calls a member for the first open berth of their role, or says why not.
    pub(super) fn call(&self, member: &'a CrewMember) -> Result<Called<'a>, Reason<'a>> {
        let assignments = self.event.assignments();
        if let Some(assigned) = assignments.iter().find(|found| found.crew() == member.id()) {
            return Err(Reason::Assigned { berth: assigned.berth() });
        }
        let berth = self.berth_for(member.role())?;
        if let Some(charter) = self.elsewhere.get(member.id()) {
            return Err(Reason::SailsElsewhere { charter });
        }
        let answer = self.answer_of(member)?;
        if member.email().is_none() {
            return Err(Reason::NoEmail);
        }
        let (level, initials) = (member.cascade_level(), initials(member.name().as_str()));
        Ok(Called { berth, level, answer, initials, member })
    }

    /// The first open berth for a role.
    fn berth_for(&self, role: &Role) -> Result<usize, Reason<'a>> {
        let fitting = || self.berths.iter().enumerate().filter(|(_, (berth, _))| berth.takes(role));
        let open = fitting().find(|(_, (_, open))| *open > 0);
        let filled = fitting().next().map(|(_, (berth, _))| berth.role());
        match (open, filled) {
            (Some((at, _)), _) => Ok(at),
            (None, Some(berth)) => Err(Reason::BerthFilled { berth }),
            (None, None) => Err(Reason::RoleNotNeeded),
        }
    }

    fn answer_of(&self, member: &CrewMember) -> Result<Answer, Reason<'a>> {
        let said = member.availability().on(self.event.date());
        match (said, self.part) {
            (Some(DayState::Yes), _)
            | (Some(DayState::Morning), DayPart::Morning)
            | (Some(DayState::Afternoon), DayPart::Afternoon) => Ok(Answer::Free),
            (Some(DayState::No), _) => Err(Reason::NotFree),
            (Some(said @ (DayState::Morning | DayState::Afternoon)), _) => {
                Err(Reason::OtherPart { said })
            }
            (Some(DayState::Maybe), _) => match self.rules.maybe {
                Call::Last => Ok(Answer::Maybe),
                Call::Never => Err(Reason::Maybe),
            },
            (None, _) => match self.rules.silent {
                Call::Last => Ok(Answer::Silent),
                Call::Never => Err(Reason::Silent),
            },
        }
    }

    /// Those who are called, in their order, level by level.
    pub(super) fn waves(
        &self,
        called: &[Called<'a>],
        times: impl Iterator<Item = Timestamp>,
    ) -> Vec<Wave<'a>> {
        let at_most = self.rules.at_most.map_or(usize::MAX, usize::from);
        let levels = called.chunk_by(|one, next| one.level() == next.level());
        let waves = levels.flat_map(|level| level.chunks(at_most)).zip(times);
        waves
            .map(|(members, opens_at)| Wave {
                berth: self.berths[members[0].berth].0.role(),
                level: members[0].level,
                opens_at,
                members: members.iter().map(|called| called.member).collect(),
            })
            .collect()
    }

    /// The berths for which too few are called.
    pub(super) fn shortages(&self, called: &[Called<'a>]) -> Vec<Shortage<'a>> {
        let berths = self.berths.iter().enumerate();
        let counted = berths.map(|(at, (berth, open))| Shortage {
            berth: berth.role(),
            open: *open,
            called: called.iter().filter(|called| called.berth == at).count(),
        });
        counted.filter(|berth| berth.called < berth.open).collect()
    }
}

impl<'a> Called<'a> {
    fn level(&self) -> (usize, CascadeLevel) {
        (self.berth, self.level)
    }

    /// Where they stand among those who are called.
    pub(super) fn place(&self) -> impl Ord + use<'a> {
        let Self { berth, level, answer, initials, member } = *self;
        (berth, level, answer, initials, member.name(), member.id())
    }
}

/// The first 16 bytes of a name, which order like names do: none holds a byte of zero.
fn initials(name: &str) -> u128 {
    let mut first = [0; 16];
    first.iter_mut().zip(name.bytes()).for_each(|(first, byte)| *first = byte);
    u128::from_be_bytes(first)
}

/// Each berth, with how many of its places nobody has.
pub(crate) fn open_places<'a>(
    assignments: &[Assignment],
    berths: &'a [Berth],
) -> Vec<(&'a Berth, usize)> {
    let mut open: Vec<(&Berth, usize)> =
        berths.iter().map(|berth| (berth, usize::from(berth.places().get()))).collect();
    for assignment in assignments {
        let role = assignment.berth();
        let named = open.iter().position(|(berth, _)| berth.role() == role);
        let filled = named.or_else(|| open.iter().position(|(berth, _)| berth.takes(role)));
        if let Some((_, places)) = filled.and_then(|at| open.get_mut(at)) {
            *places = places.saturating_sub(1);
        }
    }
    open
}
