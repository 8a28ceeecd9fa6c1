//! Asking: one wave after another, until somebody comes or nobody is left.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::call::notice::{Notice, NoticeKind};
use crate::call::step::Look;
use crate::call::{Asked, Call, Phase, Standing};
use crate::crew::id::CrewId;
use crate::crew::role::Role;

/// Who would be asked next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NextWave {
    pub(crate) members: Vec<(CrewId, Role)>,
    pub(crate) opens_at: Timestamp,
    /// The end of its window, if it opens now.
    pub(crate) closes_at: Timestamp,
}

/// Who is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) wave: Option<NextWave>,
    /// The berths to which somebody could come who would be asked sooner or later, or is waited for.
    pub(crate) berths: Vec<Role>,
}

impl Look<'_> {
    /// Whether the wave that is out is over, and there is time for another. One that is not out since
    /// the outbox takes none of its asks is waited for as long again, or until time is short.
    pub(crate) fn wants_wave(&self) -> bool {
        let is_due = self.is_early || self.call.due.is_some_and(|due| due <= self.now);
        let is_held = self.call.is_unsent(self.now) && !self.is_short();
        is_due && self.call.is_open() && self.is_on() && !is_held
    }

    /// Looks for somebody to ask though it is not due yet, where nobody was left.
    pub(crate) fn begin_anew(&mut self) {
        self.is_early = self.call.phase == Phase::Exhausted;
    }

    /// Who is not asked in this round, or not again. Whoever was too late may be.
    pub(crate) fn asked(&self) -> BTreeSet<&CrewId> {
        let asked = self.call.asked.iter().filter(|asked| asked.standing != Standing::Missed);
        asked.map(|asked| &asked.crew).collect()
    }

    /// Who is waited for.
    pub(crate) fn waited_for(&self) -> BTreeSet<&CrewId> {
        self.call.waiting(self.now).map(|asked| &asked.crew).collect()
    }

    /// Asks the next wave, if it may open now. While somebody is waited for that is one for a berth
    /// that comes before theirs, until time is short. Of each berth for which nobody is left operations
    /// are told once while it is free.
    pub(crate) fn ask(&mut self, next: Next) {
        self.tell_what_stays_free(&next);
        let is_short = self.is_short();
        // One that looks early, and finds nobody, keeps its hour.
        let hour = self.call.due.filter(|due| self.is_early && *due > self.now);
        let may_open = |wave: &NextWave| {
            let berth = wave.members.first().map(|(_, berth)| berth);
            berth.is_some_and(|berth| is_short || self.comes_first(berth))
        };
        let due = match next.wave.filter(may_open) {
            Some(wave) if wave.opens_at > self.now => hour.into_iter().chain([wave.opens_at]).min(),
            Some(wave) => {
                self.open(wave);
                self.call.waits_until(self.now)
            }
            None => hour.or(self.call.waits_until(self.now)).or(Some(self.facts.look_again)),
        };
        // So that an alert finds it.
        let look_again = (!self.call.unmanned.is_empty()).then_some(self.facts.look_again);
        self.call.due = due.into_iter().chain(look_again).min();
        self.come_in_time();
    }

    /// Where nobody can be asked now, and there is no time to wait for those who are asked, that is
    /// every berth which is free.
    fn tell_what_stays_free(&mut self, next: &Next) {
        let (call, now) = (&self.call, self.now);
        let opens_now = next.wave.as_ref().is_some_and(|wave| wave.opens_at <= now);
        let is_over = !opens_now && self.facts.last_call.is_over(call, now);
        let waited_for: Vec<Role> = call.waiting(now).map(|asked| asked.berth.clone()).collect();
        let can_be_filled =
            |berth: &Role| [&waited_for, &next.berths].iter().any(|of| of.contains(berth));
        self.find_nobody(|berth| is_over || !can_be_filled(berth));
        if is_over || next.wave.is_none() && waited_for.is_empty() {
            self.call.phase = Phase::Exhausted;
        }
    }

    fn open(&mut self, wave: NextWave) {
        self.call.phase = Phase::Calling;
        self.call.wave += 1;
        let (until, number, at) = (wave.closes_at, self.call.wave, self.now);
        for (crew, berth) in wave.members {
            let is_of_them = |notice: &Notice| notice.to.as_ref() == Some(&crew);
            self.call.owed.retain(|owed| owed.kind != NoticeKind::Ask || !is_of_them(owed));
            self.call.asked.retain(|asked| asked.crew != crew);
            let standing = Standing::Waiting;
            self.call.asked.push(Asked {
                crew,
                berth,
                wave: number,
                at,
                until,
                standing,
                since: at,
            });
            self.owe(NoticeKind::Ask, self.call.asked.len() - 1);
        }
    }

    /// Tells operations of free berths of these that they were not told of.
    pub(super) fn find_nobody(&mut self, is_of_these: impl Fn(&Role) -> bool) {
        let vacant: Vec<Role> = self.vacant().filter(|berth| is_of_these(berth)).cloned().collect();
        for berth in vacant {
            if !self.call.unmanned.contains(&berth) {
                self.owe_to(NoticeKind::NobodyLeft, None, Some(berth.clone()));
                self.call.unmanned.push(berth);
            }
        }
    }

    fn is_short(&self) -> bool {
        self.facts.last_call.since <= self.now
    }
}

impl Call {
    /// Whether no ask of the wave has left, and that is no longer so than its window was: one mail that
    /// is never taken does not end a call.
    fn is_unsent(&self, now: Timestamp) -> bool {
        let is_owed = |asked: &Asked| {
            let to = |owed: &Notice| owed.to.as_ref() == Some(&asked.crew);
            let is_ask = |owed: &&Notice| owed.kind == NoticeKind::Ask && owed.round == self.round;
            let is_recent = now.duration_since(asked.until) < asked.until.duration_since(asked.at);
            let is_waiting = asked.standing == Standing::Waiting && is_recent;
            is_waiting && self.owed.iter().filter(is_ask).any(to)
        };
        let mut wave = self.asked.iter().filter(|asked| asked.wave == self.wave).peekable();
        wave.peek().is_some() && wave.all(is_owed)
    }
}
