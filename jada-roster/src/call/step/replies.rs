//! Answering: what a member's word does to a call.
//!
//! A member may be asked for two charters that sail at the same time, and accept both at once: two
//! rows, and no condition that spans them. So a yes takes two writes. The first puts the member on
//! the charter's row; then whoever looks reads the other charters of that time, strongly consistent,
//! and the second write says that they are aboard, or takes them off again. Of two that are accepted
//! at once, each after its first write, at least one sees the other.

use jiff::Timestamp;

use crate::call::notice::{Notice, NoticeKind};
use crate::call::step::{Facts, Look, Reach, Step};
use crate::call::{Answer, Asked, Call, Outcome, Phase, Standing};
use crate::charter::assignment::Assignment;
use crate::crew::id::CrewId;
use crate::crew::role::Role;

/// What a member says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply<'a> {
    pub(crate) crew: &'a CrewId,
    pub(crate) answer: Answer,
    pub(crate) counts: Counts,
    /// Whether they sail on another charter at that time.
    pub(crate) sails_elsewhere: bool,
}

/// Which of a member's words counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// The first: whoever has answered has answered.
    First,
    /// The last: a yes may follow a no while the berth is free, and a no a yes.
    Last,
}

/// Takes an answer. Without a step there is nothing to write, as when it was given before.
pub(crate) fn answer(
    call: &Call,
    facts: Facts<'_>,
    reply: Reply<'_>,
    now: Timestamp,
) -> (Outcome, Option<Step>) {
    let Some(mut look) = Look::for_an_answer(call, facts, now) else {
        return (Outcome::Over, None);
    };
    let Some(position) = look.position_of(reply.crew) else {
        return (Outcome::NotAsked, None);
    };
    let outcome = match (look.said(position), reply.answer) {
        (Some(said), _) if reply.counts == Counts::First => said,
        (_, Answer::Accept) => look.accept(position, reply.sails_elsewhere),
        (_, Answer::Decline) => look.decline(position),
    };
    look.fill();
    (outcome, look.step())
}

/// As what a member was asked, and what has become of that; none while there is something for them to
/// say, or to say again: that they come is half said until it is known that they sail nowhere else.
pub(crate) fn so_far(
    call: &Call,
    facts: Facts<'_>,
    crew: &CrewId,
    now: Timestamp,
) -> (Option<Role>, Option<Outcome>) {
    let Some(look) = Look::for_an_answer(call, facts, now) else {
        return (None, Some(Outcome::Over));
    };
    let Some(position) = look.position_of(crew) else {
        return (None, Some(Outcome::NotAsked));
    };
    let Asked { berth, standing, .. } = &look.call.asked[position];
    let outcome = match standing {
        Standing::Aboard => Some(Outcome::Aboard),
        Standing::Declined => Some(Outcome::Declined),
        Standing::Released => Some(Outcome::Taken),
        Standing::Accepted => None,
        Standing::Waiting | Standing::Missed => (!look.is_vacant(berth)).then_some(Outcome::Taken),
    };
    (Some(berth.clone()), outcome)
}

impl<'a> Look<'a> {
    /// None where it is too late to answer. Whoever takes an answer does so by their own rules. What the look came to meanwhile is for whoever runs calls.
    fn for_an_answer(call: &'a Call, facts: Facts<'a>, now: Timestamp) -> Option<Self> {
        let is_on = |look: &Self| {
            look.is_on() && call.phase != Phase::CalledOff && look.call.round == call.round
        };
        Self::at(Some(call), Facts { reach: Reach::Whole, ..facts }, now).filter(is_on)
    }

    fn position_of(&self, crew: &CrewId) -> Option<usize> {
        self.call.asked.iter().position(|asked| asked.crew == *crew)
    }

    /// What a member has answered.
    fn said(&self, position: usize) -> Option<Outcome> {
        match self.call.asked[position].standing {
            Standing::Accepted | Standing::Aboard => Some(Outcome::Aboard),
            Standing::Declined => Some(Outcome::Declined),
            Standing::Waiting | Standing::Missed | Standing::Released => None,
        }
    }

    /// Those who have accepted, and of whom it is not known yet that they sail nowhere else.
    pub(crate) fn unsettled(&self) -> impl Iterator<Item = &CrewId> {
        let accepted = |asked: &&Asked| asked.standing == Standing::Accepted;
        self.call.asked.iter().filter(accepted).map(|asked| &asked.crew)
    }

    /// Whether it is to be looked up who sails elsewhere.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.call.moved.is_some() || self.unsettled().next().is_some()
    }

    /// Says of them that they are aboard, or that they sail elsewhere and wait as before. Where the
    /// charter has moved, operations are told who is aboard and cannot be.
    pub(crate) fn settle(&mut self, sails_elsewhere: impl Fn(&CrewId) -> bool) {
        for position in 0..self.call.asked.len() {
            let Asked { crew, standing, .. } = self.call.asked[position].clone();
            match standing {
                Standing::Accepted if sails_elsewhere(&crew) => {
                    self.assignments.retain(|sails| *sails.crew() != crew);
                    self.stand(position, Standing::Waiting);
                }
                Standing::Accepted => self.stand(position, Standing::Aboard),
                _ => {}
            }
        }
        if self.call.moved.take().is_some() {
            self.tell_who_sails_twice(sails_elsewhere);
        }
        self.fill();
    }

    fn tell_who_sails_twice(&mut self, sails_elsewhere: impl Fn(&CrewId) -> bool) {
        for sails in self.assignments.clone() {
            if sails_elsewhere(sails.crew()) {
                let clash = self.notice(NoticeKind::Clash, None, Some(sails.berth().clone()));
                let about = Some(sails.crew().clone());
                self.call.owed.push(Notice { about, ..clash });
            }
        }
    }

    /// A late yes is one while the berth is free. Whoever the office took off stays off.
    fn accept(&mut self, position: usize, sails_elsewhere: bool) -> Outcome {
        let Asked { crew, berth, standing, .. } = self.call.asked[position].clone();
        match standing {
            Standing::Aboard | Standing::Accepted => Outcome::Aboard,
            Standing::Released => Outcome::Taken,
            Standing::Waiting | Standing::Declined | Standing::Missed => {
                if !self.is_vacant(&berth) {
                    return Outcome::Taken;
                }
                if sails_elsewhere {
                    return Outcome::Elsewhere;
                }
                self.assignments.push(Assignment::new(crew, berth));
                self.stand(position, Standing::Accepted);
                Outcome::Aboard
            }
        }
    }

    /// One who is aboard and declines after all frees the berth, and the call goes on.
    fn decline(&mut self, position: usize) -> Outcome {
        let Asked { crew, standing, .. } = self.call.asked[position].clone();
        match standing {
            Standing::Declined | Standing::Released => {}
            Standing::Waiting | Standing::Missed => self.stand(position, Standing::Declined),
            Standing::Accepted => {
                self.assignments.retain(|sails| *sails.crew() != crew);
                self.stand(position, Standing::Declined);
            }
            Standing::Aboard => {
                self.assignments.retain(|sails| *sails.crew() != crew);
                self.stand(position, Standing::Declined);
                self.owe(NoticeKind::Released, position);
            }
        }
        Outcome::Declined
    }
}
