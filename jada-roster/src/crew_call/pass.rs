//! One look at many calls, in which the crew and the charters of a month are read once.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};

use crate::call::step::{self, Counts, Look, Next, NextWave, Reply, Step};
use crate::call::{Answer, Call, Outcome, Phase, Standing};
use crate::calls::CalledCharter;
use crate::cascade::rules::CallRules;
use crate::cascade::voyage::elsewhere;
use crate::cascade::{CallPlan, plan_of};
use crate::charter::CharterId;
use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::crew_call::CrewCall;
use crate::crew_call::around::Around;
use crate::crew_call::contest::Contest;
use crate::crew_call::delivery::Delivery;
use crate::crew_call::known::{Known, Unread};
use crate::error::Error;
use crate::event::CharterEvent;
use crate::random::letters;
use crate::repository::CHARTER;

/// One look at many calls: the crew, and who sails on which day, are read when they are first
/// needed and then kept, for ten minutes.
#[derive(Debug)]
pub struct Pass<'a> {
    of: &'a CrewCall,
    since: Timestamp,
    crew: Option<Vec<CrewMember>>,
    around: Around,
    unreadable: Vec<Error>,
}

/// What became of a look at a call.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Advanced {
    /// The call as it is now; none for a charter that nobody is called for.
    pub call: Option<Call>,
    /// How many mails were handed over.
    pub mails: usize,
    /// Rows of the crew, and of charters around, that could not be read: whom and what they are about
    /// was left out of account. With them what of this charter could not be, without which the call
    /// went on. Each is named once in a pass; a person mends it.
    pub unreadable: Vec<Error>,
}

/// How far a look goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// What has become of the charter is followed, and what was accepted is settled.
    Follow,
    /// The next wave is asked too, if one is due.
    Ask,
    /// As well as of a call for which nobody was left, though it is not due yet.
    AskAnew,
}

impl<'a> Pass<'a> {
    pub(super) fn of(of: &'a CrewCall) -> Self {
        let (since, around) = (of.now(), Around::default());
        Self { of, since, crew: None, around, unreadable: Vec::new() }
    }

    /// As [`CrewCall::advance`].
    ///
    /// What is owed from before leaves first, so that a wave whose asks are late has its window before
    /// the next one opens. Where another wrote meanwhile all is begun anew, since they may have come to
    /// owe something.
    ///
    /// # Errors
    /// As [`CrewCall::advance`].
    pub async fn advance(&mut self, id: &CharterId) -> Result<Advanced, Error> {
        self.advance_as_far(id, Extent::AskAnew).await
    }

    /// As [`advance`](Self::advance), but one for which nobody was left keeps its hour.
    pub(super) async fn advance_due(&mut self, id: &CharterId) -> Result<Advanced, Error> {
        self.advance_as_far(id, Extent::Ask).await
    }

    async fn advance_as_far(&mut self, id: &CharterId, extent: Extent) -> Result<Advanced, Error> {
        let (mut delivery, mut contest) = (Delivery::default(), Contest::default());
        let opened = loop {
            let known = self.of.now();
            let mut opened = self.of.open(id).await?;
            if opened.call.as_ref().is_some_and(|call| !call.owed().is_empty()) {
                opened = self.follow(opened).await?;
                opened = delivery.deliver(self.of, opened, self.listed(), known).await?;
            }
            if delivery.was_outdated() {
                continue;
            }
            let known = self.of.now();
            let written = match self.step(&opened, extent).await {
                Ok(None) => break opened,
                Ok(Some(written)) => written,
                Err(error @ Error::VersionConflict { .. }) => {
                    contest.lost(error)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let told = delivery.deliver(self.of, written, self.listed(), known).await?;
            if !delivery.was_outdated() {
                break told;
            }
        };
        let mut unreadable = std::mem::take(&mut self.unreadable);
        unreadable.append(&mut self.around.unreadable());
        match delivery.failed {
            None => Ok(Advanced { call: opened.call, mails: delivery.mails, unreadable }),
            Some(error) => Err(error),
        }
    }

    /// None for a yes that was taken back, since they have said it of another charter of that time.
    pub(super) async fn answer(
        &mut self,
        id: &CharterId,
        crew: &CrewId,
        answer: Answer,
        counts: Counts,
    ) -> Result<Option<Outcome>, Error> {
        let known = self.of.now();
        let (opened, outcome) = self.take(id, crew, answer, counts).await?;
        let opened = self.follow(opened).await?;
        let mut delivery = Delivery::default();
        let opened = delivery.deliver(self.of, opened, self.listed(), known).await?;
        match outcome {
            Outcome::Aboard => Ok(opened.call.and_then(|call| outcome_of_yes(&call, crew))),
            outcome => Ok(Some(outcome)),
        }
    }

    async fn take(
        &mut self,
        id: &CharterId,
        crew: &CrewId,
        answer: Answer,
        counts: Counts,
    ) -> Result<(CalledCharter, Outcome), Error> {
        let mut contest = Contest::default();
        loop {
            self.forget_what_is_old();
            let opened = self.of.open(id).await?;
            let Some(call) = &opened.call else {
                return Ok((opened, Outcome::NotAsked));
            };
            let event = self.of.known(&opened)?.event;
            let others = self.around.day(self.of, event.date()).await?;
            let sails_elsewhere = elsewhere(&event, others).contains_key(crew);
            let now = self.of.now();
            let reply = Reply { crew, answer, counts, sails_elsewhere };
            let (outcome, step) = step::answer(call, self.of.facts(&event, now), reply, now);
            let Some(Step { call, assignments }) = step else {
                return Ok((opened, outcome));
            };
            match self.of.calls.write(&opened.charter, &call, &assignments).await {
                Ok(written) => return Ok((written, outcome)),
                Err(error @ Error::VersionConflict { .. }) => contest.lost(error)?,
                Err(error) => return Err(error),
            }
        }
    }

    /// Follows what has become of the charter. Where another was first it looks again.
    async fn follow(&mut self, mut opened: CalledCharter) -> Result<CalledCharter, Error> {
        let mut contest = Contest::default();
        loop {
            match self.step(&opened, Extent::Follow).await {
                Ok(None) => return Ok(opened),
                Ok(Some(written)) => return Ok(written),
                Err(error @ Error::VersionConflict { .. }) => {
                    contest.lost(error)?;
                    opened = self.of.open(opened.charter.id()).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes what a look comes to, if that is anything. After a long while it is as if another had
    /// been first.
    async fn step(
        &mut self,
        opened: &CalledCharter,
        extent: Extent,
    ) -> Result<Option<CalledCharter>, Error> {
        let now = self.of.now();
        let Some(Step { mut call, assignments }) = self.look(opened, extent, now).await? else {
            return Ok(None);
        };
        if opened.call.is_none() {
            call = call.named(&letters(NAME)?);
        }
        if !self.of.is_fresh(now) {
            return Err(Error::conflict(CHARTER, opened.charter.id()));
        }
        self.of.calls.write(&opened.charter, &call, &assignments).await.map(Some)
    }

    async fn look(
        &mut self,
        opened: &CalledCharter,
        extent: Extent,
        now: Timestamp,
    ) -> Result<Option<Step>, Error> {
        self.forget_what_is_old();
        let Known { event, unread } = self.of.known(opened)?;
        let facts = self.of.facts(&event, now);
        let Some(mut look) = Look::at(opened.call.as_ref(), facts, now) else {
            return Ok(None);
        };
        if look.is_unsettled() {
            let away = self.around.away(self.of, &event).await?;
            look.settle(|crew| away.contains(crew));
        }
        match extent {
            Extent::Follow => return Ok(look.step()),
            Extent::Ask => {}
            Extent::AskAnew => look.begin_anew(),
        }
        match unread {
            Some(Unread::Hours(error)) if look.wants_wave() => {
                return look.step().map(Some).ok_or(error);
            }
            unread => self.unreadable.extend(unread.map(Error::from)),
        }
        if look.wants_wave() {
            // Whoever has left the charter by this look frees a berth in it.
            let event = event.clone().with_assignments(look.assignments().to_vec());
            let next = self.next(&event, &look, now).await?;
            look.ask(next);
        }
        Ok(look.step())
    }

    /// So a pass that was stopped, and goes on, calls by what is so now.
    fn forget_what_is_old(&mut self) {
        let now = self.of.now();
        if !(SignedDuration::ZERO..=KEPT).contains(&now.duration_since(self.since)) {
            self.unreadable.append(&mut self.around.unreadable());
            (self.since, self.crew, self.around) = (now, None, Around::default());
        }
    }

    /// The first wave of a fresh plan, without those who were asked; with it whatever opens at the
    /// same time.
    async fn next(
        &mut self,
        event: &CharterEvent,
        look: &Look<'_>,
        now: Timestamp,
    ) -> Result<Next, Error> {
        if self.crew.is_none() {
            self.crew = Some(self.list().await?);
        }
        let (rules, asked) = (&self.of.rules, look.asked());
        check_harbour(event, rules)?;
        let others = self.around.day(self.of, event.date()).await?;
        let crew = self.crew.iter().flatten().filter(|member| !asked.contains(member.id()));
        let plan = plan_of(event, crew, others, rules, now);
        let listed = self.crew.as_deref().unwrap_or_default();
        let berths = berths_left(&plan, listed, &look.waited_for(), rules);
        Ok(Next { wave: first_of(&plan, rules), berths })
    }

    fn listed(&self) -> &[CrewMember] {
        self.crew.as_deref().unwrap_or_default()
    }

    /// One whose row cannot be read is not asked, and it is said; that is no reason to ask nobody.
    async fn list(&mut self) -> Result<Vec<CrewMember>, Error> {
        let (mut crew, mut rows) = (Vec::new(), self.of.roster.list());
        while let Some(row) = rows.next().await {
            match row {
                Ok(member) => crew.push(member),
                Err(error @ Error::CorruptItem { .. }) => self.unreadable.push(error),
                Err(error) => return Err(error),
            }
        }
        Ok(crew)
    }
}

/// Letters and digits of a call's name: of a billion calls of one charter no two have the same.
const NAME: usize = 16;

/// Quiet hours are told by the clocks of the harbour that was named, and those of another may differ.
fn check_harbour(event: &CharterEvent, rules: &CallRules) -> Result<(), Error> {
    let (named, theirs) = (rules.harbour().name(), event.harbour());
    if named.is_empty() || theirs.is_empty() || named == theirs {
        return Ok(());
    }
    let expected = format!("`{named}`, by whose clocks crew are called");
    Err(Error::invalid("the harbour of the charter", theirs, expected))
}

fn first_of(plan: &CallPlan<'_>, rules: &CallRules) -> Option<NextWave> {
    let opens_at = plan.waves().first()?.opens_at;
    let together = plan.waves().iter().take_while(|wave| wave.opens_at <= opens_at);
    let members = together.flat_map(|wave| {
        wave.members.iter().map(|member| (member.id().clone(), wave.berth.clone()))
    });
    let closes_at = rules.harbour().after(opens_at, rules.window());
    Some(NextWave { members: members.collect(), opens_at, closes_at })
}

/// The berths to which somebody could come who is to be called, or is waited for.
fn berths_left(
    plan: &CallPlan<'_>,
    listed: &[CrewMember],
    waited_for: &BTreeSet<&CrewId>,
    rules: &CallRules,
) -> Vec<Role> {
    let to_call = plan.waves().iter().flat_map(|wave| wave.members.iter().copied());
    let waited_for = listed.iter().filter(|member| waited_for.contains(member.id()));
    let roles: Vec<&Role> = to_call.chain(waited_for).map(CrewMember::role).collect();
    let berths = rules.berths().iter();
    let left = berths.filter(|berth| roles.iter().any(|role| berth.takes(role)));
    left.map(|berth| berth.role().clone()).collect()
}

/// How long the crew, and who sails on which day, are kept in mind.
const KEPT: SignedDuration = SignedDuration::from_mins(10);

/// What has become of a yes by the time that it is settled.
fn outcome_of_yes(call: &Call, crew: &CrewId) -> Option<Outcome> {
    let asked = call.asked().iter().find(|asked| asked.crew() == crew);
    match asked.map(|asked| asked.standing()) {
        Some(Standing::Waiting) => None,
        Some(Standing::Aboard | Standing::Accepted) => Some(Outcome::Aboard),
        Some(Standing::Declined) => Some(Outcome::Declined),
        _ if call.phase() == Phase::CalledOff => Some(Outcome::Over),
        Some(Standing::Missed | Standing::Released) => Some(Outcome::Taken),
        // A new round, in which they were not asked.
        None => Some(Outcome::Over),
    }
}
