//! One look at many calls, in which the crew and the charters of a day are read once.

use std::collections::{BTreeSet, HashMap};

use futures_util::StreamExt;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::call::notice::Notice;
use crate::call::step::{self, Facts, NextWave, Wants};
use crate::call::{Call, Sailing};
use crate::calls::CalledCharter;
use crate::cascade::around::charters_around;
use crate::cascade::plan;
use crate::cascade::voyage::{Voyage, elsewhere};
use crate::charter::{Charter, CharterId};
use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::crew_call::CrewCall;
use crate::crew_call::postman::Letter;
use crate::error::Error;
use crate::event::CharterEvent;
use crate::status::{Kind, Status};

/// One look at many calls: the crew, and who sails on which day, are read when they are first
/// needed and then kept, so it is for a moment and not for hours.
#[derive(Debug)]
pub struct Pass<'a> {
    of: &'a CrewCall,
    crew: Option<Vec<CrewMember>>,
    around: HashMap<Date, Vec<CharterEvent>>,
}

/// What became of a look at a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advanced {
    /// The call as it is now; none for a charter that nobody is called for.
    pub call: Option<Call>,
    /// How many mails were handed over.
    pub mails: usize,
}

impl<'a> Pass<'a> {
    pub(super) fn of(of: &'a CrewCall) -> Self {
        Self { of, crew: None, around: HashMap::new() }
    }

    /// As [`CrewCall::advance`].
    ///
    /// # Errors
    /// As [`CrewCall::advance`].
    pub async fn advance(&mut self, id: &CharterId) -> Result<Advanced, Error> {
        loop {
            let opened = self.of.open(id).await?;
            let event = self.event(&opened.charter)?;
            self.read_what_decides(&event).await?;
            let now = self.of.now();
            let facts = self.facts(&event, now);
            let step = step::tick(opened.call.as_ref(), &facts, now, |asked| {
                self.next_wave(&event, asked, now)
            });
            let written = match step {
                None => opened,
                Some(step) => {
                    let write =
                        self.of.calls.write(&opened.charter, &step.call, &step.assignments).await;
                    match write {
                        Ok(written) => written,
                        Err(Error::VersionConflict { .. }) => {
                            self.forget();
                            continue;
                        }
                        Err(error) => return Err(error),
                    }
                }
            };
            return self.deliver(written).await;
        }
    }

    /// Hands over what is owed, then writes it off. What cannot be handed over stays owed.
    pub(super) async fn deliver(&mut self, mut opened: CalledCharter) -> Result<Advanced, Error> {
        let mut mails = 0;
        let Some(call) = opened.call.clone() else {
            return Ok(Advanced::default());
        };
        let owed = call.owed();
        let event = self.event(&opened.charter)?;
        for notice in owed {
            let member = match notice.to() {
                None => None,
                Some(id) => self.of.roster.find(id).await?,
            };
            // Whoever has left the crew meanwhile is not written to.
            if member.is_some() || notice.to().is_none() {
                let (notice, event, call) = (notice.clone(), event.clone(), call.clone());
                let letter = Letter { notice, event, call, member };
                self.of.postman.take(&letter).await?;
                mails += 1;
            }
        }
        if !owed.is_empty() {
            opened = self.write_off(opened, owed).await?;
        }
        Ok(Advanced { call: opened.call, mails })
    }

    /// Another who wrote meanwhile may have come to owe more: those stay.
    async fn write_off(
        &self,
        mut opened: CalledCharter,
        taken: &[Notice],
    ) -> Result<CalledCharter, Error> {
        loop {
            let CalledCharter { charter, call: Some(call) } = &opened else {
                return Ok(opened);
            };
            let left = taken.iter().fold(call.clone(), Call::without);
            if left == *call {
                return Ok(opened);
            }
            match self.of.calls.write(charter, &left, charter.assignments()).await {
                Err(Error::VersionConflict { .. }) => opened = self.of.open(charter.id()).await?,
                written => return written,
            }
        }
    }

    pub(super) fn event(&self, charter: &Charter) -> Result<CharterEvent, Error> {
        CharterEvent::of(charter.clone(), &self.of.columns)
    }

    pub(super) fn facts<'f>(&'f self, event: &'f CharterEvent, now: Timestamp) -> Facts<'f> {
        let wants = match (event.status(), event.charter().kind()) {
            (Status::Completed, _) => Wants::Nothing,
            (Status::Confirmed, kind) if *kind != Kind::Training => Wants::Crew,
            _ => Wants::Nobody,
        };
        Facts {
            wants,
            sailing: Sailing { date: event.date(), hours: event.hours() },
            casts_off: Voyage::of(event).is_away(self.of.rules.harbour().time_zone()),
            assignments: event.charter().assignments(),
            berths: self.of.rules.berths(),
            look_again: now.checked_add(CrewCall::LOOK_AGAIN).unwrap_or(Timestamp::MAX),
        }
    }

    /// Whether a member sails on another charter at that time.
    pub(super) async fn sails_elsewhere(
        &mut self,
        event: &CharterEvent,
        crew: &CrewId,
    ) -> Result<bool, Error> {
        self.read_around(event.date()).await?;
        let others = self.around.get(&event.date()).map(Vec::as_slice).unwrap_or_default();
        Ok(elsewhere(event, others).contains_key(crew))
    }

    /// What was read may be old news.
    pub(super) fn forget(&mut self) {
        (self.crew, self.around) = (None, HashMap::new());
    }

    async fn read_what_decides(&mut self, event: &CharterEvent) -> Result<(), Error> {
        if self.crew.is_none() {
            self.crew = Some(self.list().await?);
        }
        self.read_around(event.date()).await
    }

    /// One whose row cannot be read is not asked; that is no reason to ask nobody.
    async fn list(&self) -> Result<Vec<CrewMember>, Error> {
        let (mut crew, mut rows) = (Vec::new(), self.of.roster.list());
        while let Some(row) = rows.next().await {
            match row {
                Ok(member) => crew.push(member),
                Err(Error::CorruptItem { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(crew)
    }

    async fn read_around(&mut self, day: Date) -> Result<(), Error> {
        if !self.around.contains_key(&day) {
            let charters = charters_around(&*self.of.charters, day).await?;
            let events = charters.iter().map(|charter| self.event(charter));
            let events = events.collect::<Result<_, _>>()?;
            self.around.insert(day, events);
        }
        Ok(())
    }

    /// The first wave of a fresh plan, without those who were asked; with it whatever opens at the
    /// same time.
    fn next_wave(
        &self,
        event: &CharterEvent,
        asked: &BTreeSet<&CrewId>,
        now: Timestamp,
    ) -> Option<NextWave> {
        let others = self.around.get(&event.date()).map(Vec::as_slice).unwrap_or_default();
        let crew = self.crew.as_deref().unwrap_or_default();
        let left: Vec<CrewMember> =
            crew.iter().filter(|member| !asked.contains(member.id())).cloned().collect();
        let rules = &self.of.rules;
        let plan = plan(event, &left, others, rules, now);
        let opens_at = plan.waves().first()?.opens_at;
        let (together, later) =
            plan.waves().split_at(plan.waves().partition_point(|wave| wave.opens_at <= opens_at));
        let members = together.iter().flat_map(|wave| {
            wave.members.iter().map(|member| (member.id().clone(), wave.berth.clone()))
        });
        let closes_at = later
            .first()
            .map_or_else(|| rules.harbour().after(opens_at, rules.window()), |wave| wave.opens_at);
        Some(NextWave { members: members.collect(), opens_at, closes_at })
    }
}
