//! Handing over what a call owes, and writing it off.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::call::notice::{Notice, NoticeKind};
use crate::call::{Asked, Call};
use crate::calls::CalledCharter;
use crate::charter::assignment::Assignment;
use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::crew_call::CrewCall;
use crate::crew_call::contest::Contest;
use crate::crew_call::postman::Letter;
use crate::error::Error;
use crate::event::CharterEvent;

/// What became of what was owed.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// How many mails were handed over.
    pub(super) mails: usize,
    /// What kept the first from being handed over that was not.
    pub(super) failed: Option<Error>,
    /// Since when what is owed is known, and whether an ask was kept back as that was long ago.
    known: Timestamp,
    is_outdated: bool,
    /// To whom one was not: what comes after it waits, so that the last that they hear is true.
    kept_back: BTreeSet<Option<CrewId>>,
}

impl Delivery {
    /// Hands over what is owed by a row as it was at an instant, then writes it off. One that cannot be
    /// handed over stays owed, and keeps none but those to the same member. The crew is `listed` as far
    /// as it was just now.
    pub(super) async fn deliver(
        &mut self,
        of: &CrewCall,
        opened: CalledCharter,
        listed: &[CrewMember],
        known: Timestamp,
    ) -> Result<CalledCharter, Error> {
        let Some(call) = opened.call.clone().filter(|call| !call.owed().is_empty()) else {
            return Ok(opened);
        };
        self.known = known;
        let event = of.known(&opened)?.event;
        let mut named = Named { listed, read: HashMap::new() };
        let mut taken = Vec::with_capacity(call.owed().len());
        for notice in call.owed() {
            if self.kept_back.contains(&notice.to) {
                continue;
            }
            match self.hand_over(of, notice, &event, &call, &mut named).await {
                Ok(true) => taken.push(notice.clone()),
                Ok(false) => {}
                Err(error) => {
                    self.kept_back.insert(notice.to.clone());
                    self.failed.get_or_insert(error);
                }
            }
        }
        write_off(of, opened, &taken).await
    }

    /// Whether an ask was kept back, until it has been looked whether they are waited for still.
    pub(super) fn was_outdated(&mut self) -> bool {
        std::mem::take(&mut self.is_outdated)
    }

    /// Tells whether the notice is done with: whoever has left the crew meanwhile is not written to,
    /// and nobody is asked in quiet hours, nor by those of another harbour.
    async fn hand_over(
        &mut self,
        of: &CrewCall,
        notice: &Notice,
        event: &CharterEvent,
        call: &Call,
        named: &mut Named<'_>,
    ) -> Result<bool, Error> {
        let member = match notice.to() {
            None => None,
            Some(id) => match named.find(of, id).await? {
                None => return Ok(true),
                member => member,
            },
        };
        let crew = named.all(of, notice, call, event).await?;
        let (notice, event, call) = (notice.clone(), event.clone(), call.clone());
        let letter = Letter { notice, event, call, member, crew };
        if letter.notice.kind() == NoticeKind::Ask
            && let Err(error) = of.check_harbour(&letter.event)
        {
            self.failed.get_or_insert(error);
            return Ok(false);
        }
        // Nothing is waited for between the look at the clocks and the handing over.
        if letter.notice.kind() == NoticeKind::Ask && !self.may_ask(of) {
            return Ok(false);
        }
        of.postman.take(&letter).await?;
        self.mails += 1;
        Ok(true)
    }

    /// An ask that was written before quiet hours and is late waits for their end. Whether one that was
    /// written long ago is for anybody is to be looked at first.
    fn may_ask(&mut self, of: &CrewCall) -> bool {
        let now = of.now();
        let is_quiet = of.rules.harbour().earliest(now) > now;
        let is_fresh = of.is_fresh(self.known);
        self.is_outdated |= !is_quiet && !is_fresh;
        !is_quiet && is_fresh
    }
}

/// The members whom the letters of a call name: each that was not listed just now is read once.
#[derive(Debug)]
struct Named<'a> {
    listed: &'a [CrewMember],
    read: HashMap<CrewId, Option<CrewMember>>,
}

impl Named<'_> {
    async fn find(&mut self, of: &CrewCall, id: &CrewId) -> Result<Option<CrewMember>, Error> {
        if let Some(member) = self.listed.iter().find(|member| member.id() == id) {
            return Ok(Some(member.clone()));
        }
        if let Some(member) = self.read.get(id) {
            return Ok(member.clone());
        }
        let member = of.roster.find(id).await?;
        self.read.insert(id.clone(), member.clone());
        Ok(member)
    }

    /// Those who sail, and for operations those who were asked too. One whose row cannot be read is
    /// no reason to tell nobody.
    async fn all(
        &mut self,
        of: &CrewCall,
        notice: &Notice,
        call: &Call,
        event: &CharterEvent,
    ) -> Result<Vec<CrewMember>, Error> {
        let asked = call.asked().iter().map(Asked::crew).filter(|_| notice.to().is_none());
        let sail = event.assignments().iter().map(Assignment::crew);
        let mut crew = Vec::new();
        for id in sail.chain(asked).collect::<BTreeSet<_>>() {
            match self.find(of, id).await {
                Ok(member) => crew.extend(member),
                Err(Error::CorruptItem { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(crew)
    }
}

/// Another who wrote meanwhile may have come to owe more: those stay.
async fn write_off(
    of: &CrewCall,
    mut opened: CalledCharter,
    taken: &[Notice],
) -> Result<CalledCharter, Error> {
    let mut contest = Contest::default();
    loop {
        let CalledCharter { charter, call: Some(call) } = &opened else {
            return Ok(opened);
        };
        let now = of.now();
        let closes_at = of.rules.harbour().after(now, of.rules.window());
        let left = call.clone().told(taken, now, closes_at, of.last_call(call.sailing()));
        if left == *call {
            return Ok(opened);
        }
        match of.calls.write(charter, &left, charter.assignments()?).await {
            Err(error @ Error::VersionConflict { .. }) => {
                contest.lost(error)?;
                opened = of.open(charter.id()).await?;
            }
            written => return written,
        }
    }
}
