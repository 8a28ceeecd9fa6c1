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

    /// Asks the next wave, if it may open now; without one, operations are told once, and it is looked
    /// again.
    pub(crate) fn ask(&mut self, next: Option<NextWave>) {
        let Some(wave) = next.filter(|wave| !wave.members.is_empty()) else {
            if self.call.phase != Phase::Exhausted {
                self.call.phase = Phase::Exhausted;
                self.owe_to(NoticeKind::NobodyLeft, None, None);
            }
            self.call.due = Some(self.facts.look_again);
            return;
        };
        if wave.opens_at > self.now {
            self.call.due = Some(wave.opens_at);
            return;
        }
        self.call.phase = Phase::Calling;
        self.call.wave += 1;
        self.call.due = Some(wave.closes_at);
        for (crew, berth) in wave.members {
            let (wave, at) = (self.call.wave, self.now);
            let standing = Standing::Waiting;
            self.call.asked.push(Asked { crew, berth, wave, at, standing, since: at });
            self.owe(NoticeKind::Ask, self.call.asked.len() - 1);
        }
    }
}
