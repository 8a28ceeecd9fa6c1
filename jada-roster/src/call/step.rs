//! The steps of a call, each a function of what is known and of an instant.

mod berths;
mod replies;
mod waves;

use jiff::{SignedDuration, Timestamp};

use crate::call::notice::{Notice, NoticeKind};
use crate::call::{Asked, Call, Phase, Sailing, Standing};
use crate::cascade::berth::Berth;
use crate::charter::assignment::Assignment;
use crate::crew::id::CrewId;
use crate::crew::role::Role;

pub(crate) use self::replies::{Counts, Reply, answer, so_far};
pub(crate) use self::waves::NextWave;

/// What is known of a charter when a step is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) wants: Wants,
    pub(crate) sailing: Sailing,
    /// The instant at which it has cast off; from then on nobody is asked.
    pub(crate) casts_off: Timestamp,
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
}

impl<'a> Look<'a> {
    /// None where there is nothing to call for.
    pub(crate) fn at(before: Option<&'a Call>, facts: Facts<'a>, now: Timestamp) -> Option<Self> {
        let call = match before {
            Some(call) => call.clone(),
            None if facts.wants == Wants::Crew && now < facts.casts_off => {
                Call::new(facts.sailing, now)
            }
            None => return None,
        };
        let mut look = Self { before, facts, now, call, assignments: facts.assignments.to_vec() };
        look.follow_charter();
        look.follow_office();
        look.fill();
        Some(look)
    }

    /// Whether there is something to do: to settle, to ask, or to write.
    pub(crate) fn wants_something(self) -> bool {
        self.unsettled().next().is_some() || self.wants_wave() || self.step().is_some()
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

    /// A charter that is no longer confirmed, or moved to another day, calls off. One that is
    /// confirmed on another day, or again, is called for anew.
    fn follow_charter(&mut self) {
        let Facts { wants, sailing, .. } = self.facts;
        let moved = self.call.sailing.date != sailing.date;
        match wants {
            Wants::Nobody => self.call_off(),
            Wants::Crew if moved => self.call_off(),
            Wants::Crew | Wants::Nothing => {}
        }
        if self.is_on() && self.call.phase == Phase::CalledOff {
            self.call = self.call.again(sailing, self.now);
        } else if wants == Wants::Crew && self.call.sailing != sailing {
            self.call.sailing = sailing;
            self.tell(Standing::Aboard, NoticeKind::Changed);
        }
        match self.is_on() {
            false => self.call.due = None,
            // It had cast off or sailed, and then the office put it right.
            true if self.call.is_open() => _ = self.call.due.get_or_insert(self.now),
            true => {}
        }
    }

    /// Whether a crew is wanted, and there is time to ask for one.
    fn is_on(&self) -> bool {
        self.facts.wants == Wants::Crew && self.now < self.facts.casts_off
    }

    fn call_off(&mut self) {
        if self.call.phase == Phase::CalledOff {
            return;
        }
        self.tell(Standing::Aboard, NoticeKind::Released);
        self.tell(Standing::Accepted, NoticeKind::CalledOff);
        self.tell(Standing::Waiting, NoticeKind::CalledOff);
        for asked in &mut self.call.asked {
            if asked.has_berth() {
                self.assignments.retain(|sails| *sails.crew() != asked.crew);
            }
            match asked.standing {
                Standing::Aboard => asked.stand(Standing::Released, self.now),
                Standing::Waiting | Standing::Accepted => asked.stand(Standing::Missed, self.now),
                Standing::Declined | Standing::Missed | Standing::Released => {}
            }
        }
        (self.call.phase, self.call.due) = (Phase::CalledOff, None);
    }

    /// Whoever the office has put aboard is, whatever they were asked. Whoever it has taken off is
    /// told, and not asked again in this round.
    fn follow_office(&mut self) {
        for position in 0..self.call.asked.len() {
            let asked = &mut self.call.asked[position];
            let sails = self.assignments.iter().find(|sails| *sails.crew() == asked.crew);
            match (asked.has_berth(), sails) {
                (true, None) => self.stand(position, Standing::Released),
                (false, Some(sails)) => {
                    asked.berth = sails.berth().clone();
                    self.stand(position, Standing::Aboard);
                }
                (true, Some(sails)) => asked.berth = sails.berth().clone(),
                (false, None) => {}
            }
        }
    }

    /// An ask that did not leave in time is not sent to one whom nobody waits for.
    fn drop_idle_asks(&mut self) {
        let is_on = self.is_on();
        let Call { round, asked, owed, .. } = &mut self.call;
        owed.retain(|notice| {
            let is_waiting = |asked: &Asked| {
                Some(&asked.crew) == notice.to.as_ref() && asked.standing == Standing::Waiting
            };
            let is_wanted = is_on && notice.round == *round && asked.iter().any(is_waiting);
            notice.kind != NoticeKind::Ask || is_wanted
        });
    }

    /// One that has its crew is looked at once a day, and when it casts off: whatever becomes of it is
    /// followed, wherever it moves to.
    fn watch(&mut self) {
        if self.call.phase != Phase::Filled || !self.is_on() {
            return;
        }
        let a_day_on = self.now.checked_add(A_DAY).unwrap_or(Timestamp::MAX);
        let latest = a_day_on.min(self.facts.casts_off);
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
        self.call.sequence += 1;
        let Call { round, sequence, sailing, .. } = self.call;
        let (call, since) = (self.call.name.clone(), self.now);
        self.call.owed.push(Notice { call, kind, to, berth, round, sequence, sailing, since });
    }
}

impl Call {
    /// A first round in which nobody was asked yet.
    fn new(sailing: Sailing, now: Timestamp) -> Self {
        Self {
            name: None,
            round: 1,
            sailing,
            phase: Phase::Calling,
            wave: 0,
            asked: Vec::new(),
            vacant: Vec::new(),
            due: Some(now),
            owed: Vec::new(),
            sequence: 0,
        }
    }

    /// The next round, which owes what the one before does.
    fn again(&mut self, sailing: Sailing, now: Timestamp) -> Self {
        let Self { round, sequence, .. } = *self;
        let (name, owed) = (self.name.take(), std::mem::take(&mut self.owed));
        Self { name, round: round + 1, owed, sequence, ..Self::new(sailing, now) }
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
