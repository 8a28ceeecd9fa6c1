//! Berths: which are free, for which somebody is waited for, and which cannot wait for that.

use jiff::Timestamp;

use crate::call::notice::{Notice, NoticeKind};
use crate::call::step::{LastCall, Look, Reach, Wants};
use crate::call::{Asked, Call, Phase, Standing};
use crate::cascade::desk::open_places;
use crate::crew::role::Role;

impl<'a> Look<'a> {
    /// Whoever waits for a berth that is no longer free is told; where none is free, all is done.
    /// While it is not settled who sails, nobody is told that they do not.
    pub(super) fn fill(&mut self) {
        if self.call.phase == Phase::CalledOff {
            return;
        }
        if let (Reach::Booking, Some(before)) = (self.facts.reach, self.before) {
            return self.reopen(before);
        }
        if self.unsettled().next().is_some() {
            // Whoever answers meanwhile may be the last who was waited for.
            if self.call.is_open() && self.is_on() && self.cannot_wait() {
                self.call.due = Some(self.now);
            }
            return;
        }
        for position in 0..self.call.asked.len() {
            let asked = &self.call.asked[position];
            if asked.standing == Standing::Waiting && !self.is_vacant(&asked.berth) {
                self.stand(position, Standing::Missed);
                self.owe(NoticeKind::Taken, position);
            }
        }
        let vacant: Vec<Role> = self.vacant().cloned().collect();
        match self.call.phase {
            Phase::Calling | Phase::Exhausted if vacant.is_empty() => {
                (self.call.phase, self.call.due) = (Phase::Filled, None);
            }
            Phase::Filled if !vacant.is_empty() && self.is_on() => {
                (self.call.phase, self.call.due) = (Phase::Calling, Some(self.now));
            }
            // It casts off with a berth free.
            Phase::Calling | Phase::Exhausted
                if self.facts.wants == Wants::Crew && !self.is_on() =>
            {
                self.find_nobody(|_| true);
                self.call.phase = Phase::Exhausted;
            }
            Phase::Calling | Phase::Exhausted if self.is_on() && self.cannot_wait() => {
                self.call.due = Some(self.now);
            }
            // The wave that was to have the longest window has answered.
            Phase::Calling if self.is_on() => {
                let until = self.call.waits_until(self.now);
                self.call.due = self.call.due.map(|due| until.map_or(due, |until| due.min(until)));
            }
            _ => {}
        }
        if self.is_on() {
            self.call.unmanned.retain(|berth| vacant.contains(berth));
            self.call.vacant = vacant;
        }
    }

    /// Which berths are to be filled is not known here; that one has come to be free, is.
    fn reopen(&mut self, before: &Call) {
        let aboard = |call: &Call| call.asked.iter().filter(|asked| asked.has_berth()).count();
        let is_left = aboard(&self.call) < aboard(before) || self.assignments.is_empty();
        if self.call.phase == Phase::Filled && is_left && self.is_on() {
            (self.call.phase, self.call.due) = (Phase::Calling, Some(self.now));
        }
    }

    /// Where the last who was waited for has answered, or a berth is left without anybody that is
    /// called for before all who are.
    fn cannot_wait(&self) -> bool {
        let Some(before) = self.before else { return false };
        let has_answered =
            before.waits_until(self.now).is_some() && self.call.waits_until(self.now).is_none();
        let had_nobody =
            |berth: &Role| before.vacant.contains(berth) && !before.waits_for(berth, self.now);
        let has_nobody = |berth: &Role| !self.call.waits_for(berth, self.now);
        let mut left = self.vacant().filter(|berth| has_nobody(berth) && !had_nobody(berth));
        has_answered || left.any(|berth| self.comes_first(berth))
    }

    /// Whether a berth is called for before every one for which somebody is waited for.
    pub(super) fn comes_first(&self, berth: &Role) -> bool {
        let place = |berth: &Role| {
            let mut berths = self.facts.berths.iter();
            berths.position(|of_rules| of_rules.role() == berth).unwrap_or(usize::MAX)
        };
        let mut waiting = self.call.waiting(self.now);
        waiting.all(|asked| place(berth) < place(&asked.berth))
    }

    /// The roles of the berths that are not filled.
    pub(super) fn vacant(&self) -> impl Iterator<Item = &'a Role> + use<'a> {
        let open = open_places(&self.assignments, self.facts.berths).into_iter();
        open.filter(|(_, places)| *places > 0).map(|(berth, _)| berth.role())
    }

    pub(super) fn is_vacant(&self, berth: &Role) -> bool {
        self.vacant().any(|vacant| vacant == berth)
    }
}

impl Call {
    /// Those who have not answered, or not been heard to the end, and still have time to.
    pub(super) fn waiting(&self, now: Timestamp) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(move |asked| {
            let is_open = matches!(asked.standing, Standing::Waiting | Standing::Accepted);
            is_open && asked.until > now
        })
    }

    fn waits_for(&self, berth: &Role, now: Timestamp) -> bool {
        self.waiting(now).any(|asked| asked.berth == *berth)
    }

    /// Until when somebody is waited for; none if nobody is.
    pub(super) fn waits_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.waiting(now).map(|asked| asked.until).max()
    }

    /// The same without mails that are in an outbox by now. Whoever was asked by one of them has until
    /// `closes_at`, unless others were asked since their window was over.
    pub(crate) fn told(
        mut self,
        taken: &[Notice],
        now: Timestamp,
        closes_at: Timestamp,
        last_call: LastCall,
    ) -> Self {
        let is_due_after_windows = self.due == self.windows_end();
        let Self { round, wave, asked, owed, .. } = &mut self;
        for gone in owed.iter().filter(|owed| taken.contains(owed)) {
            let is_ask = gone.kind == NoticeKind::Ask && gone.round == *round;
            let to = |asked: &&mut Asked| is_ask && Some(&asked.crew) == gone.to.as_ref();
            if let Some(asked) = asked.iter_mut().find(to)
                && (asked.wave == *wave || asked.until > now)
            {
                asked.until = asked.until.max(closes_at);
            }
        }
        owed.retain(|owed| !taken.contains(owed));
        // One that an alert is to find is looked at as often as before.
        if self.phase == Phase::Calling && is_due_after_windows && self.unmanned.is_empty() {
            self.due = self.windows_end().map(|due| last_call.before(due, &self, now));
        }
        self
    }

    /// When the last window of those is over, or was, who have not answered.
    fn windows_end(&self) -> Option<Timestamp> {
        let waiting = self.asked.iter().filter(|asked| asked.standing == Standing::Waiting);
        waiting.map(|asked| asked.until).max()
    }
}
