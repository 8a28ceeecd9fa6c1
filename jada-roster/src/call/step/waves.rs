//! Asking: one wave after another, until somebody comes or nobody is left.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::call::notice::NoticeKind;
use crate::call::step::Look;
use crate::call::{Asked, Phase, Standing};
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

impl Look<'_> {
    /// Whether the wave that is out is over, and there is time for another.
    pub(crate) fn wants_wave(&self) -> bool {
        let is_due = self.call.due.is_some_and(|due| due <= self.now);
        is_due && self.call.is_open() && self.is_on()
    }

    /// Who was asked in this round, and is not again.
    pub(crate) fn asked(&self) -> BTreeSet<&CrewId> {
        self.call.asked.iter().map(|asked| &asked.crew).collect()
    }

    /// Asks the next wave, if it may open now. While somebody is waited for that is one for a berth
    /// that comes before theirs. Without one, operations are told once, and it is looked again.
    pub(crate) fn ask(&mut self, next: Option<NextWave>) {
        let comes_first = |wave: &NextWave| {
            wave.members.first().is_some_and(|(_, berth)| self.comes_first(berth))
        };
        let Some(wave) = next.filter(comes_first) else {
            let waits_until = self.call.waits_until(self.now);
            if waits_until.is_none() {
                self.find_nobody();
            }
            self.call.due = waits_until.or(Some(self.facts.look_again));
            return;
        };
        if wave.opens_at > self.now {
            self.call.due = Some(wave.opens_at);
            return;
        }
        self.call.phase = Phase::Calling;
        self.call.wave += 1;
        let (until, number, at) = (wave.closes_at, self.call.wave, self.now);
        for (crew, berth) in wave.members {
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
        self.call.due = self.call.waits_until(self.now);
    }

    fn find_nobody(&mut self) {
        if self.call.phase != Phase::Exhausted {
            self.call.phase = Phase::Exhausted;
            self.owe_to(NoticeKind::NobodyLeft, None, None);
        }
    }
}
