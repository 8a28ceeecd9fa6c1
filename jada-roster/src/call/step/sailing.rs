//! What becomes of a charter: it moves, is called off, casts off, and the office puts crew aboard.

use jiff::Timestamp;

use crate::call::notice::NoticeKind;
use crate::call::step::{Look, Wants};
use crate::call::{Asked, Call, Phase, Standing};
use crate::cascade::voyage::Voyage;
use crate::crew::id::CrewId;

/// By when a charter is to have its crew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastCall {
    /// From when on whoever is left is asked at once, and a berth that stays free is told.
    pub(crate) since: Timestamp,
    /// The instant at which it has cast off; from then on nobody is asked.
    pub(crate) casts_off: Timestamp,
}

impl LastCall {
    /// When operations are told of a berth that is free: where somebody was asked so late that there is
    /// more time, half of what was left until it casts off goes by first.
    fn tells_at(self, call: &Call) -> Timestamp {
        let last = call.asked.iter().map(|asked| asked.at).max();
        let half = last.and_then(|at| at.checked_add(self.casts_off.duration_since(at) / 2).ok());
        self.since.max(half.unwrap_or(self.since)).min(self.casts_off)
    }

    /// Whether it is time to tell it.
    pub(super) fn is_over(self, call: &Call, now: Timestamp) -> bool {
        self.tells_at(call) <= now
    }

    /// That instant, or an earlier one at which there is something to tell.
    pub(super) fn before(self, due: Timestamp, call: &Call, now: Timestamp) -> Timestamp {
        let ahead = [self.since, self.tells_at(call), self.casts_off];
        ahead.into_iter().filter(|at| *at > now).fold(due, Timestamp::min)
    }
}

impl Look<'_> {
    /// A charter that is no longer confirmed, or moved to another day, calls off. One that is
    /// confirmed on another day, or again, is called for anew. Once it has cast off what is corrected
    /// about it changes nothing of who has sailed.
    pub(super) fn follow_charter(&mut self) {
        if self.has_sailed() {
            self.call.due = None;
            return;
        }
        let wants = self.facts.wants;
        let moved = self.call.sailing.date != self.facts.sailing.date;
        match wants {
            Wants::Nobody => self.call_off(),
            Wants::Crew if moved => self.call_off(),
            Wants::Crew | Wants::Nothing => {}
        }
        if self.is_on() && self.call.phase == Phase::CalledOff {
            self.call = self.call.again(self.facts, self.now);
            self.has_moved();
        } else if wants == Wants::Crew && self.call.phase != Phase::CalledOff {
            self.follow_particulars();
        }
        match self.is_on() {
            false => self.call.due = None,
            // It had cast off or sailed, and then the office put it right.
            true if self.call.is_open() => _ = self.call.due.get_or_insert(self.now),
            true => {}
        }
    }

    /// Those aboard are told of other hours, another boat and another harbour. Of a call that knows of
    /// no boat, since an older version wrote it, they know what there is to know.
    fn follow_particulars(&mut self) {
        let (sailing, place) = (self.facts.sailing, self.facts.place());
        let has_other_hours = self.call.sailing != sailing;
        let has_other_place = self.call.place.as_ref().is_some_and(|told| *told != place);
        if self.is_on() || has_other_hours {
            self.call.place = Some(place);
        }
        if has_other_hours {
            self.call.sailing = sailing;
            self.has_moved();
        }
        if has_other_hours || has_other_place && self.is_on() {
            self.tell_changes();
        }
    }

    /// Whoever was taken off at the same time hears that alone.
    fn tell_changes(&mut self) {
        for position in 0..self.call.asked.len() {
            let asked = &mut self.call.asked[position];
            let sails = self.assignments.iter().find(|sails| *sails.crew() == asked.crew);
            if let (Standing::Aboard, Some(sails)) = (asked.standing, sails) {
                asked.berth = sails.berth().clone();
                self.owe(NoticeKind::Changed, position);
            }
        }
    }

    /// Whether those who are aboard can sail at its new time is to be looked at.
    fn has_moved(&mut self) {
        self.call.moved = (!self.assignments.is_empty()).then_some(self.now);
    }

    /// Whether a crew is wanted, and there is time to ask for one.
    pub(super) fn is_on(&self) -> bool {
        self.facts.wants == Wants::Crew && self.now < self.facts.last_call.casts_off
    }

    /// Whether the sail that was called for has cast off. Where a crew is wanted later all the same, it
    /// has not.
    fn has_sailed(&self) -> bool {
        let sailing = self.call.sailing;
        let away = Voyage::on(sailing.date, sailing.hours).is_away(self.facts.zone);
        self.call.phase != Phase::CalledOff && away <= self.now && !self.is_on()
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
        (self.call.phase, self.call.due, self.call.moved) = (Phase::CalledOff, None, None);
        self.call.unmanned.clear();
    }

    /// Whoever the office has put aboard is, whatever they were asked. Whoever it has taken off, or
    /// given another berth, is told; the former is not asked again in this round. Who is penciled in on a charter that is off hears
    /// nothing yet, and of one that has sailed nothing more.
    pub(super) fn follow_office(&mut self) {
        if self.call.phase == Phase::CalledOff || self.has_sailed() {
            return;
        }
        for position in 0..self.call.asked.len() {
            let asked = &mut self.call.asked[position];
            let sails = self.assignments.iter().find(|sails| *sails.crew() == asked.crew);
            match (asked.has_berth(), sails) {
                (true, None) => self.stand(position, Standing::Released),
                (false, Some(sails)) => {
                    asked.berth = sails.berth().clone();
                    self.stand(position, Standing::Aboard);
                }
                (true, Some(sails)) if asked.berth != *sails.berth() => {
                    asked.berth = sails.berth().clone();
                    if self.call.asked[position].standing == Standing::Aboard && self.is_on() {
                        self.owe(NoticeKind::Changed, position);
                    }
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        self.welcome_back();
    }

    /// Whoever was asked in a round before, told since that they do not sail, and put aboard in this
    /// one, is told.
    fn welcome_back(&mut self) {
        let was_asked =
            |call: &Call, crew: &CrewId| call.asked.iter().any(|asked| asked.crew == *crew);
        for sails in self.assignments.clone() {
            let crew = sails.crew();
            if was_asked(&self.call, crew) || !self.call.former.contains(crew) {
                continue;
            }
            let (crew, berth, at) = (crew.clone(), sails.berth().clone(), self.now);
            let standing = Standing::Waiting;
            self.call.asked.push(Asked {
                crew,
                berth,
                wave: 0,
                at,
                until: at,
                standing,
                since: at,
            });
            self.stand(self.call.asked.len() - 1, Standing::Aboard);
        }
    }

    /// It is looked again before there is something to tell.
    pub(super) fn come_in_time(&mut self) {
        if let Some(due) = self.call.due.filter(|_| self.call.is_open()) {
            self.call.due = Some(self.facts.last_call.before(due, &self.call, self.now));
        }
    }
}
