//! A dispatcher follows the stream of changes, and says so when it cannot.

use std::cell::RefCell;

use jada_reports::Failure;
use jada_roster::{Changes, CharterChanges, CrewCall, Error};

use crate::dispatched::Round;
use crate::{CallDeskArgs, Log};

/// The stream of changes, as far as it can be followed.
#[derive(Debug)]
pub(crate) struct Following {
    log: Log,
    changes: Option<CharterChanges>,
    off: Option<Off>,
}

/// Why it is not followed for now.
#[derive(Debug)]
enum Off {
    /// Somebody has turned it off.
    Stream(String),
    Failed(Failure),
}

/// What a round of changes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    /// Their calls were looked at.
    Changes,
    Nothing,
    /// Some may have been missed: every charter is to be looked at.
    Missed,
    /// It cannot be followed, as it could not the last time.
    Off,
}

impl Following {
    pub(crate) fn new(log: Log) -> Self {
        Self { log, changes: None, off: None }
    }

    /// What a test follows, which turns it off.
    #[cfg(test)]
    pub(crate) fn of(changes: CharterChanges) -> Self {
        Self { changes: Some(changes), ..Self::new(Log::Text) }
    }

    /// Looks at the calls of charters that have changed.
    pub(crate) async fn follow(
        &mut self,
        desk: &CallDeskArgs,
        call: &CrewCall,
        round: &mut Round,
    ) -> Followed {
        let round = RefCell::new(round);
        let handler = async |changes| {
            match changes {
                Changes::Charters(ids) => {
                    let mut followed = Round::default();
                    followed.take(call.advance_each(ids)).await;
                    round.borrow_mut().add(followed);
                }
                Changes::Missed(gap) => tracing::warn!("{gap}: every charter is looked at"),
                _ => {}
            }
            Ok(())
        };
        let changes = match &mut self.changes {
            Some(changes) => changes,
            none => match desk.changes().await {
                Ok(changes) => none.insert(changes),
                Err(error) => return self.lose(Off::Failed(Failure::of(error.as_ref()))),
            },
        };
        match changes.poll(handler).await {
            Err(error @ Error::StreamOff { .. }) => self.lose(Off::Stream(Failure::of(&error).why)),
            Err(error) => self.lose(Off::Failed(Failure::of(&error))),
            Ok(polled) => {
                if self.off.take().is_some() {
                    self.log.note("note: changes are followed again");
                }
                match (polled.gaps, polled.charters) {
                    (0, 0) => Followed::Nothing,
                    (0, _) => Followed::Changes,
                    _ => Followed::Missed,
                }
            }
        }
    }

    fn lose(&mut self, off: Off) -> Followed {
        let followed = if self.off.is_none() { Followed::Missed } else { Followed::Off };
        if let (Off::Stream(why), Followed::Missed) = (&off, followed) {
            self.log.note(&format!(
                "note: changes are not followed, and charters are polled alone: {why}"
            ));
        }
        self.off = Some(off);
        followed
    }

    /// Whether it is to be followed, and cannot be.
    pub(crate) fn is_off(&self) -> bool {
        self.off.is_some()
    }

    /// Why it is off, where that is nobody's failure.
    pub(crate) fn degraded(&self) -> Option<String> {
        match &self.off {
            Some(Off::Stream(why)) => Some(why.clone()),
            _ => None,
        }
    }

    /// What keeps it from being followed, by its name.
    pub(crate) fn failure(&self) -> Option<(String, Failure)> {
        match &self.off {
            Some(Off::Failed(failure)) => Some(("stream".to_owned(), failure.clone())),
            _ => None,
        }
    }

    pub(crate) async fn release(&mut self) -> Result<(), Error> {
        match &mut self.changes {
            Some(changes) => changes.release().await,
            None => Ok(()),
        }
    }
}
