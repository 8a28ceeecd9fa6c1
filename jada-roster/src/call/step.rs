//! The steps of a call, each a function of what is known and of an instant.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::call::notice::{Notice, NoticeKind};
use crate::call::{Answer, Asked, Call, Outcome, Phase, Sailing, Standing};
use crate::cascade::berth::Berth;
use crate::cascade::desk::open_places;
use crate::charter::assignment::Assignment;
use crate::crew::id::CrewId;
use crate::crew::role::Role;

/// What is known of a charter when a step is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) wants: Wants,
    pub(crate) sailing: Sailing,
    /// The instant at which it casts off; from then on nobody is asked.
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

/// Who would be asked next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NextWave {
    pub(crate) members: Vec<(CrewId, Role)>,
    pub(crate) opens_at: Timestamp,
    /// The end of its window, if it opens now.
    pub(crate) closes_at: Timestamp,
}

/// What a member says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply<'a> {
    pub(crate) crew: &'a CrewId,
    pub(crate) answer: Answer,
    /// Whether they sail on another charter at that time.
    pub(crate) sails_elsewhere: bool,
}

/// What is to be written: the call, and who sails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) call: Call,
    pub(crate) assignments: Vec<Assignment>,
}

/// Takes whatever step is due, if one is. Who was asked in this round is given to `next`, which leaves
/// them out.
pub(crate) fn tick(
    call: Option<&Call>,
    facts: &Facts<'_>,
    now: Timestamp,
    next: impl FnOnce(&BTreeSet<&CrewId>) -> Option<NextWave>,
) -> Option<Step> {
    let mut hand = Hand::of(call, facts, now)?;
    hand.follow_charter(facts);
    hand.follow_office();
    hand.fill(facts);
    if hand.wants_wave(facts) {
        hand.ask(facts, next);
    }
    hand.outcome(call, facts)
}

/// Takes an answer. Without a step there is nothing to write, as when it was given before.
pub(crate) fn answer(
    call: &Call,
    facts: &Facts<'_>,
    reply: Reply<'_>,
    now: Timestamp,
) -> (Outcome, Option<Step>) {
    let off = facts.wants != Wants::Crew || facts.sailing.date != call.sailing.date;
    if off || call.phase == Phase::CalledOff || facts.casts_off <= now {
        return (Outcome::Over, None);
    }
    let Some(position) = call.asked.iter().position(|asked| asked.crew == *reply.crew) else {
        return (Outcome::NotAsked, None);
    };
    let mut hand = Hand { call: call.clone(), assignments: facts.assignments.to_vec(), now };
    hand.follow_office();
    let outcome = match reply.answer {
        Answer::Accept if reply.sails_elsewhere && !hand.sails(reply.crew) => Outcome::Elsewhere,
        Answer::Accept => hand.accept(position, facts),
        Answer::Decline => hand.decline(position),
    };
    hand.fill(facts);
    let step = hand.outcome(Some(call), facts);
    (outcome, step)
}

/// A call in the course of a step.
struct Hand {
    call: Call,
    assignments: Vec<Assignment>,
    now: Timestamp,
}

impl Hand {
    /// None where there is nothing to call for.
    fn of(call: Option<&Call>, facts: &Facts<'_>, now: Timestamp) -> Option<Self> {
        let call = match call {
            Some(call) => call.clone(),
            None if facts.wants == Wants::Crew && now < facts.casts_off => {
                Call::new(facts.sailing, now)
            }
            None => return None,
        };
        Some(Self { call, assignments: facts.assignments.to_vec(), now })
    }

    /// A charter that is no longer confirmed, or moved to another day, calls off. One that is
    /// confirmed on another day, or again, is called for anew.
    fn follow_charter(&mut self, facts: &Facts<'_>) {
        let is_on = facts.wants == Wants::Crew && self.now < facts.casts_off;
        let moved = self.call.sailing.date != facts.sailing.date;
        match facts.wants {
            Wants::Nobody => self.call_off(),
            Wants::Crew if moved => self.call_off(),
            Wants::Crew | Wants::Nothing => {}
        }
        if is_on && self.call.phase == Phase::CalledOff {
            self.begin_again(facts.sailing);
        } else if facts.wants == Wants::Crew && self.call.sailing != facts.sailing {
            self.call.sailing = facts.sailing;
            self.tell(Standing::Aboard, NoticeKind::Changed);
        }
        if facts.casts_off <= self.now {
            self.call.due = None;
        }
    }

    fn call_off(&mut self) {
        if self.call.phase == Phase::CalledOff {
            return;
        }
        self.tell(Standing::Aboard, NoticeKind::Released);
        self.tell(Standing::Waiting, NoticeKind::CalledOff);
        let called = |sails: &Assignment| {
            let asked = self.call.asked.iter().find(|asked| asked.crew == *sails.crew());
            asked.is_some_and(|asked| asked.standing == Standing::Aboard)
        };
        self.assignments.retain(|sails| !called(sails));
        for asked in &mut self.call.asked {
            match asked.standing {
                Standing::Aboard => asked.stand(Standing::Released, self.now),
                Standing::Waiting => asked.stand(Standing::Missed, self.now),
                Standing::Declined | Standing::Missed | Standing::Released => {}
            }
        }
        (self.call.phase, self.call.due) = (Phase::CalledOff, None);
    }

    fn begin_again(&mut self, sailing: Sailing) {
        let Call { round, owed, sequence, .. } = &mut self.call;
        let (round, owed, sequence) = (*round + 1, std::mem::take(owed), *sequence);
        self.call = Call { round, owed, sequence, ..Call::new(sailing, self.now) };
    }

    /// Whoever the office has put aboard is, whatever they were asked. Whoever it has taken off is
    /// told, and not asked again in this round.
    fn follow_office(&mut self) {
        for position in 0..self.call.asked.len() {
            let asked = &self.call.asked[position];
            let sails = self.sails(&asked.crew);
            match asked.standing {
                Standing::Aboard if !sails => self.stand(position, Standing::Released),
                Standing::Aboard => {}
                _ if sails => self.stand(position, Standing::Aboard),
                _ => {}
            }
        }
    }

    fn sails(&self, crew: &CrewId) -> bool {
        self.assignments.iter().any(|sails| sails.crew() == crew)
    }

    /// Where it means that they sail, or do not after all, they are told.
    fn stand(&mut self, position: usize, standing: Standing) {
        self.call.asked[position].stand(standing, self.now);
        match standing {
            Standing::Aboard => self.owe(NoticeKind::Aboard, position),
            Standing::Released => self.owe(NoticeKind::Released, position),
            Standing::Waiting | Standing::Declined | Standing::Missed => {}
        }
    }

    /// Whoever waits for a berth that is no longer free is told; where none is free, all is done.
    fn fill(&mut self, facts: &Facts<'_>) {
        if self.call.phase == Phase::CalledOff {
            return;
        }
        let vacant = vacant(facts.berths, &self.assignments);
        for position in 0..self.call.asked.len() {
            let asked = &mut self.call.asked[position];
            if asked.standing == Standing::Waiting && !vacant.contains(&&asked.berth) {
                asked.stand(Standing::Missed, self.now);
                self.owe(NoticeKind::Taken, position);
            }
        }
        match self.call.phase {
            Phase::Calling | Phase::Exhausted if vacant.is_empty() => {
                (self.call.phase, self.call.due) = (Phase::Filled, None);
            }
            Phase::Filled if !vacant.is_empty() => {
                (self.call.phase, self.call.due) = (Phase::Calling, Some(self.now));
            }
            _ => {}
        }
    }

    /// Whether the wave that is out is over: its window has passed, or nobody of it is waited for.
    fn wants_wave(&self, facts: &Facts<'_>) -> bool {
        let is_open = matches!(self.call.phase, Phase::Calling | Phase::Exhausted);
        let waits =
            |asked: &Asked| asked.wave == self.call.wave && asked.standing == Standing::Waiting;
        let is_due = self.call.due.is_some_and(|due| due <= self.now);
        let nobody_waits = self.call.phase == Phase::Calling && !self.call.asked.iter().any(waits);
        facts.wants == Wants::Crew
            && is_open
            && self.now < facts.casts_off
            && (is_due || nobody_waits)
    }

    fn ask(
        &mut self,
        facts: &Facts<'_>,
        next: impl FnOnce(&BTreeSet<&CrewId>) -> Option<NextWave>,
    ) {
        let asked: BTreeSet<&CrewId> = self.call.asked.iter().map(|asked| &asked.crew).collect();
        let Some(wave) = next(&asked).filter(|wave| !wave.members.is_empty()) else {
            if self.call.phase != Phase::Exhausted {
                self.call.phase = Phase::Exhausted;
                self.owe_operations(NoticeKind::NobodyLeft);
            }
            self.call.due = Some(facts.look_again);
            return;
        };
        self.call.phase = Phase::Calling;
        if wave.opens_at > self.now {
            self.call.due = Some(wave.opens_at);
            return;
        }
        self.call.wave += 1;
        self.call.due = Some(wave.closes_at);
        for (crew, berth) in wave.members {
            let (wave, at) = (self.call.wave, self.now);
            let standing = Standing::Waiting;
            self.call.asked.push(Asked { crew, berth, wave, at, standing, since: at });
            self.owe(NoticeKind::Ask, self.call.asked.len() - 1);
        }
    }

    fn accept(&mut self, position: usize, facts: &Facts<'_>) -> Outcome {
        let Asked { crew, berth, standing, .. } = self.call.asked[position].clone();
        if standing == Standing::Aboard {
            return Outcome::Aboard;
        }
        if !vacant(facts.berths, &self.assignments).contains(&&berth) {
            if standing == Standing::Waiting {
                self.call.asked[position].stand(Standing::Missed, self.now);
            }
            return Outcome::Taken;
        }
        self.assignments.push(Assignment::new(crew, berth));
        self.stand(position, Standing::Aboard);
        Outcome::Aboard
    }

    /// One who is aboard and declines after all frees the berth, and the call goes on.
    fn decline(&mut self, position: usize) -> Outcome {
        let Asked { crew, standing, .. } = self.call.asked[position].clone();
        match standing {
            Standing::Declined | Standing::Missed | Standing::Released => {}
            Standing::Waiting => self.call.asked[position].stand(Standing::Declined, self.now),
            Standing::Aboard => {
                self.assignments.retain(|sails| *sails.crew() != crew);
                self.call.asked[position].stand(Standing::Declined, self.now);
                self.owe(NoticeKind::Released, position);
            }
        }
        let waits =
            |asked: &Asked| asked.wave == self.call.wave && asked.standing == Standing::Waiting;
        if self.call.phase == Phase::Calling && !self.call.asked.iter().any(waits) {
            self.call.due = Some(self.now);
        }
        Outcome::Declined
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

    fn owe_operations(&mut self, kind: NoticeKind) {
        self.owe_to(kind, None, None);
    }

    fn owe_to(&mut self, kind: NoticeKind, to: Option<CrewId>, berth: Option<Role>) {
        self.call.sequence += 1;
        let Call { round, sequence, sailing, .. } = self.call;
        let since = self.now;
        self.call.owed.push(Notice { kind, to, berth, round, sequence, sailing, since });
    }

    /// What is to be written, where that differs from what is stored.
    fn outcome(self, before: Option<&Call>, facts: &Facts<'_>) -> Option<Step> {
        let is_new = before != Some(&self.call) || self.assignments != facts.assignments;
        is_new.then_some(Step { call: self.call, assignments: self.assignments })
    }
}

impl Call {
    /// A first round in which nobody was asked yet.
    fn new(sailing: Sailing, now: Timestamp) -> Self {
        Self {
            round: 1,
            sailing,
            phase: Phase::Calling,
            wave: 0,
            asked: Vec::new(),
            due: Some(now),
            owed: Vec::new(),
            sequence: 0,
        }
    }

    /// The same without a mail that is in an outbox by now.
    pub(crate) fn without(mut self, notice: &Notice) -> Self {
        self.owed.retain(|owed| owed != notice);
        self
    }
}

impl Asked {
    fn stand(&mut self, standing: Standing, now: Timestamp) {
        (self.standing, self.since) = (standing, now);
    }
}

/// The roles of the berths that are not filled.
fn vacant<'a>(berths: &'a [Berth], assignments: &[Assignment]) -> Vec<&'a Role> {
    let open = open_places(assignments, berths).into_iter().filter(|(_, places)| *places > 0);
    open.map(|(berth, _)| berth.role()).collect()
}

#[cfg(test)]
mod tests;
