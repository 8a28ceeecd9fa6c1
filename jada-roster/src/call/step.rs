//! The steps of a call, each a function of what is known and of an instant.

mod berths;
mod replies;
mod sailing;
mod waves;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::call::notice::{Notice, NoticeKind};
use crate::call::{Asked, Call, Phase, Place, Sailing, Standing};
use crate::cascade::berth::Berth;
use crate::charter::assignment::Assignment;
use crate::crew::id::CrewId;
use crate::crew::role::Role;

pub(crate) use self::replies::{Counts, Reply, answer, so_far};
pub(crate) use self::sailing::LastCall;
pub(crate) use self::waves::{Next, NextWave};

/// What is known of a charter when a step is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) wants: Wants,
    pub(crate) sailing: Sailing,
    /// What the columns say of boat and harbour.
    pub(crate) boat: &'a str,
    pub(crate) harbour: &'a str,
    /// That of the harbour.
    pub(crate) zone: &'a TimeZone,
    pub(crate) last_call: LastCall,
    /// Who sails, by the charter's row.
    pub(crate) assignments: &'a [Assignment],
    /// The berths that are to be filled.
    pub(crate) berths: &'a [Berth],
    /// When a call that found nobody looks again.
    pub(crate) look_again: Timestamp,
}

/// What a booking asks of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// A crew.
    Crew,
    /// Nobody: it is not confirmed, or no longer, or a sail that crew are not called for.
    Nobody,
    /// Nothing more: it has sailed.
    Nothing,
}

/// What is to be written: the call, and who sails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) call: Call,
    pub(crate) assignments: Vec<Assignment>,
}

/// A look at a call, in the course of which it follows what has become of the charter.
///
/// Whoever looks [settles](Self::settle) what members have accepted, [asks](Self::ask) the next wave
/// if one is due, and writes the [step](Self::step) that this comes to.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    before: Option<&'a Call>,
    facts: Facts<'a>,
    now: Timestamp,
    call: Call,
    assignments: Vec<Assignment>,
    /// Whether it asks before it is due.
    is_early: bool,
}

impl<'a> Look<'a> {
    /// None where there is nothing to call for.
    pub(crate) fn at(before: Option<&'a Call>, facts: Facts<'a>, now: Timestamp) -> Option<Self> {
        let call = match before {
            Some(call) => call.clone(),
            None if facts.wants == Wants::Crew && now < facts.last_call.casts_off => {
                Call::new(facts, now)
            }
            None => return None,
        };
        let assignments = facts.assignments.to_vec();
        let mut look = Self { before, facts, now, call, assignments, is_early: false };
        look.follow_charter();
        look.follow_office();
        look.fill();
        look.come_in_time();
        Some(look)
    }

    /// Whether there is something to do: to settle, to ask, or to write.
    pub(crate) fn wants_something(self) -> bool {
        self.is_unsettled() || self.wants_wave() || self.step().is_some()
    }

    /// Who sails, as far as this look.
    pub(crate) fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    /// What is to be written, where that differs from what is stored.
    pub(crate) fn step(mut self) -> Option<Step> {
        self.drop_idle_asks();
        self.watch();
        let is_new = self.before != Some(&self.call) || self.assignments != self.facts.assignments;
        is_new.then_some(Step { call: self.call, assignments: self.assignments })
    }

    /// An ask that did not leave in time is not sent to one whom nobody waits for. Whoever is waited
    /// for, and did not get it, is as if they had not been asked.
    fn drop_idle_asks(&mut self) {
        let is_on = self.is_on();
        let Call { round, asked, owed, .. } = &mut self.call;
        let is_dropped = |notice: &Notice, asked: &[Asked]| {
            let is_waiting = |asked: &Asked| {
                Some(&asked.crew) == notice.to.as_ref() && asked.standing == Standing::Waiting
            };
            let is_wanted = is_on && notice.round == *round && asked.iter().any(is_waiting);
            notice.kind == NoticeKind::Ask && !is_wanted
        };
        let dropped: Vec<Notice> =
            owed.extract_if(.., |notice| is_dropped(notice, asked)).collect();
        let is_of_round = |notice: &&Notice| notice.round == *round;
        for notice in dropped.iter().filter(is_of_round) {
            asked.retain(|asked| {
                Some(&asked.crew) != notice.to.as_ref() || asked.standing != Standing::Waiting
            });
        }
    }

    /// One that has its crew is looked at once a day, and when it casts off: whatever becomes of it is
    /// followed, wherever it moves to.
    fn watch(&mut self) {
        if self.call.phase != Phase::Filled || !self.is_on() {
            return;
        }
        let a_day_on = self.now.checked_add(A_DAY).unwrap_or(Timestamp::MAX);
        let latest = a_day_on.min(self.facts.last_call.casts_off);
        let is_ahead = |due: &Timestamp| *due > self.now && *due <= latest;
        self.call.due = self.call.due.filter(is_ahead).or(Some(latest));
    }

    /// Where it means that they sail, or do not after all, they are told.
    fn stand(&mut self, position: usize, standing: Standing) {
        self.call.asked[position].stand(standing, self.now);
        match standing {
            Standing::Aboard => self.owe(NoticeKind::Aboard, position),
            Standing::Released => self.owe(NoticeKind::Released, position),
            Standing::Waiting | Standing::Accepted | Standing::Declined | Standing::Missed => {}
        }
    }

    fn tell(&mut self, standing: Standing, kind: NoticeKind) {
        for position in 0..self.call.asked.len() {
            if self.call.asked[position].standing == standing {
                self.owe(kind, position);
            }
        }
    }

    fn owe(&mut self, kind: NoticeKind, position: usize) {
        let Asked { crew, berth, .. } = self.call.asked[position].clone();
        self.owe_to(kind, Some(crew), Some(berth));
    }

    fn owe_to(&mut self, kind: NoticeKind, to: Option<CrewId>, berth: Option<Role>) {
        let notice = self.notice(kind, to, berth);
        self.call.owed.push(notice);
    }

    fn notice(&mut self, kind: NoticeKind, to: Option<CrewId>, berth: Option<Role>) -> Notice {
        self.call.sequence += 1;
        let Call { round, sequence, sailing, .. } = self.call;
        let (call, since) = (self.call.name.clone(), self.now);
        Notice { call, kind, to, berth, round, sequence, sailing, since, about: None }
    }
}

impl Facts<'_> {
    fn place(self) -> Place {
        Place { boat: self.boat.to_owned(), harbour: self.harbour.to_owned() }
    }
}

impl Call {
    /// A first round in which nobody was asked yet.
    fn new(facts: Facts<'_>, now: Timestamp) -> Self {
        Self {
            name: None,
            round: 1,
            sailing: facts.sailing,
            phase: Phase::Calling,
            wave: 0,
            asked: Vec::new(),
            vacant: Vec::new(),
            due: Some(now),
            owed: Vec::new(),
            sequence: 0,
            unmanned: Vec::new(),
            former: Vec::new(),
            place: Some(facts.place()),
            moved: None,
        }
    }

    /// The next round, which owes what the one before does, and knows whom that one has asked.
    fn again(&mut self, facts: Facts<'_>, now: Timestamp) -> Self {
        let Self { round, sequence, .. } = *self;
        let (name, owed) = (self.name.take(), std::mem::take(&mut self.owed));
        let mut former = std::mem::take(&mut self.former);
        for asked in self.asked.drain(..) {
            if !former.contains(&asked.crew) {
                former.push(asked.crew);
            }
        }
        Self { name, round: round + 1, owed, former, sequence, ..Self::new(facts, now) }
    }

    fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Calling | Phase::Exhausted)
    }
}

impl Asked {
    fn stand(&mut self, standing: Standing, now: Timestamp) {
        (self.standing, self.since) = (standing, now);
    }

    fn has_berth(&self) -> bool {
        matches!(self.standing, Standing::Accepted | Standing::Aboard)
    }
}

const A_DAY: SignedDuration = SignedDuration::from_hours(24);

#[cfg(test)]
mod tests;
