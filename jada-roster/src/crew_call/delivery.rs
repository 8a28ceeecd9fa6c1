//! Handing over what a call owes, and writing it off.

use jiff::Timestamp;

use crate::call::notice::{Notice, NoticeKind};
use crate::calls::CalledCharter;
use crate::crew_call::CrewCall;
use crate::crew_call::postman::Letter;
use crate::error::Error;

/// What became of what was owed.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// How many mails were handed over.
    pub(super) mails: usize,
    /// What kept the first from being handed over that was not.
    pub(super) failed: Option<Error>,
    /// Whether an ask was kept back since what was known was of long ago.
    is_outdated: bool,
}

impl Delivery {
    /// Hands over what is owed by a row as it was at an instant, then writes it off. One that cannot be
    /// handed over stays owed, and does not keep the others.
    pub(super) async fn deliver(
        &mut self,
        of: &CrewCall,
        opened: CalledCharter,
        known: Timestamp,
    ) -> Result<CalledCharter, Error> {
        let owed = opened.call.as_ref().map(|call| call.owed().to_vec()).unwrap_or_default();
        if owed.is_empty() {
            return Ok(opened);
        }
        let event = of.event(&opened.charter)?;
        let mut taken = Vec::with_capacity(owed.len());
        for notice in owed {
            let member = match notice.to() {
                None => None,
                Some(id) => of.roster.find(id).await?,
            };
            let is_gone = member.is_none() && notice.to().is_some();
            let letter = Letter { notice, event: event.clone(), member };
            // Nothing is waited for between the look at the clock and the handing over.
            let is_ask = letter.notice.kind() == NoticeKind::Ask;
            let (is_quiet, is_old) = (of.is_quiet(), !of.is_fresh(known));
            match () {
                // Whoever has left the crew meanwhile is not written to.
                () if is_gone => taken.push(letter.notice),
                // One that was written before quiet hours and is late waits for their end.
                () if is_ask && is_quiet => {}
                // Whether they are waited for still is to be looked at first.
                () if is_ask && is_old => self.is_outdated = true,
                () => match of.postman.take(&letter).await {
                    Ok(()) => {
                        self.mails += 1;
                        taken.push(letter.notice);
                    }
                    Err(error) => _ = self.failed.get_or_insert(error),
                },
            }
        }
        write_off(of, opened, &taken).await
    }

    /// Whether asks were kept back since the last time since what was known was of long ago.
    pub(super) fn was_outdated(&mut self) -> bool {
        std::mem::take(&mut self.is_outdated)
    }
}

/// Another who wrote meanwhile may have come to owe more: those stay.
async fn write_off(
    of: &CrewCall,
    mut opened: CalledCharter,
    taken: &[Notice],
) -> Result<CalledCharter, Error> {
    loop {
        let CalledCharter { charter, call: Some(call) } = &opened else {
            return Ok(opened);
        };
        let now = of.now();
        let closes_at = of.rules.harbour().after(now, of.rules.window());
        let left = call.clone().told(taken, now, closes_at);
        if left == *call {
            return Ok(opened);
        }
        match of.calls.write(charter, &left, charter.assignments()?).await {
            Err(Error::VersionConflict { .. }) => opened = of.open(charter.id()).await?,
            written => return written,
        }
    }
}

impl CrewCall {
    fn is_quiet(&self) -> bool {
        let now = self.now();
        self.rules.harbour().earliest(now) > now
    }
}
