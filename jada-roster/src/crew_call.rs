//! The call for the crew of charters, as it runs: who is due is stepped, and what is owed is mailed.

#[cfg(feature = "mail")]
mod mail;
mod pass;
mod postman;

use std::fmt;
use std::sync::Arc;

use futures_util::TryStreamExt;
use jada_auth::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp};

#[cfg(feature = "mail")]
pub use self::mail::{CallMail, CallMailBuilder};
pub use self::pass::{Advanced, Pass};
#[cfg(feature = "mock")]
pub use self::postman::MockPostman;
pub use self::postman::{Letter, Postman};
use crate::call::step::{self, Reply};
use crate::call::{Answer, Outcome};
use crate::calls::{CallRepository, CalledCharter};
use crate::cascade::rules::CallRules;
use crate::charter::CharterId;
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::event::EventColumns;
use crate::month::Month;
use crate::repository::{CHARTER, CharterRepository};
use crate::roster::RosterRepository;

/// Calls the crew of charters, captains first, and nobody twice.
///
/// Each call is a [`Call`](crate::Call) on its charter's row, and each step of it one conditional write. What is
/// to be said is written with the step, as owed, then handed to a [`Postman`], and then written off.
/// So a step may be taken again after a kill at any instant, and by any number of programs at once:
/// of two that take it one wins, and what is owed is handed over under one key until it is written
/// off.
#[derive(Clone)]
pub struct CrewCall {
    calls: Arc<dyn CallRepository>,
    charters: Arc<dyn CharterRepository>,
    roster: Arc<dyn RosterRepository>,
    postman: Arc<dyn Postman>,
    rules: Arc<CallRules>,
    columns: EventColumns,
    clock: Arc<dyn Clock>,
}

/// Builds a [`CrewCall`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct CrewCallBuilder(CrewCall);

impl CrewCall {
    /// How long a call that found nobody left waits until it looks again: an hour.
    pub const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(1);

    /// Begins with where charters, their calls and the crew are kept, by which rules crew are called,
    /// and who takes their mails.
    pub fn builder<C>(
        charters: Arc<C>,
        roster: Arc<dyn RosterRepository>,
        rules: CallRules,
        postman: Arc<dyn Postman>,
    ) -> CrewCallBuilder
    where
        C: CallRepository + CharterRepository + 'static,
    {
        CrewCallBuilder(Self {
            calls: Arc::clone(&charters) as Arc<dyn CallRepository>,
            charters,
            roster,
            postman,
            rules: Arc::new(rules),
            columns: EventColumns::default(),
            clock: Arc::new(SystemClock),
        })
    }

    /// Takes whatever step is due for a charter, and hands over what is owed. One that wants nothing is
    /// left alone.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a charter; [`Error::CorruptItem`] and [`Error::Invalid`] for
    /// rows that a person mends. [`Error::Unavailable`] is worth a retry: whatever was done stays, and
    /// nothing is done twice.
    pub async fn advance(&self, id: &CharterId) -> Result<Advanced, Error> {
        self.pass().advance(id).await
    }

    /// Begins to look at many charters: what they have in common is read once.
    #[must_use]
    pub fn pass(&self) -> Pass<'_> {
        Pass::of(self)
    }

    /// Takes an answer of a member, once for all that are the same, and hands over what is owed then.
    ///
    /// # Errors
    /// As [`advance`](Self::advance). When it returns an error the answer may have been taken; giving
    /// it again is safe.
    pub async fn answer(
        &self,
        id: &CharterId,
        crew: &CrewId,
        answer: Answer,
    ) -> Result<Outcome, Error> {
        let mut pass = self.pass();
        loop {
            let opened = self.open(id).await?;
            let Some(call) = &opened.call else {
                return Ok(Outcome::NotAsked);
            };
            let event = pass.event(&opened.charter)?;
            let sails_elsewhere = pass.sails_elsewhere(&event, crew).await?;
            let now = self.now();
            let reply = Reply { crew, answer, sails_elsewhere };
            let (outcome, step) = step::answer(call, &pass.facts(&event, now), reply, now);
            let Some(step) = step else {
                return Ok(outcome);
            };
            match self.calls.write(&opened.charter, &step.call, &step.assignments).await {
                // What is owed is in the row: whoever looks at what is due finishes it.
                Ok(written) => return pass.deliver(written).await.map(|_| outcome),
                Err(Error::VersionConflict { .. }) => pass.forget(),
                Err(error) => return Err(error),
            }
        }
    }

    /// Looks at every call that is due, or owes mails. One that fails does not keep the others.
    ///
    /// # Errors
    /// [`Error::Unavailable`], worth a retry, when the list of them cannot be read.
    pub async fn advance_due(&self) -> Result<Vec<(CharterId, Result<Advanced, Error>)>, Error> {
        let mut pass = self.pass();
        let mut due = self.calls.due(self.now());
        let mut advanced = Vec::new();
        while let Some(id) = due.try_next().await? {
            let outcome = pass.advance(&id).await;
            advanced.push((id, outcome));
        }
        Ok(advanced)
    }

    /// Looks at every charter of a month whose call is not as its booking asks.
    ///
    /// # Errors
    /// As [`advance_due`](Self::advance_due).
    pub async fn advance_month(
        &self,
        month: Month,
    ) -> Result<Vec<(CharterId, Result<Advanced, Error>)>, Error> {
        let mut pass = self.pass();
        let mut astray = self.calls.astray(month);
        let mut advanced = Vec::new();
        while let Some(id) = astray.try_next().await? {
            let outcome = pass.advance(&id).await;
            advanced.push((id, outcome));
        }
        Ok(advanced)
    }

    async fn open(&self, id: &CharterId) -> Result<CalledCharter, Error> {
        let opened = self.calls.open(id).await?;
        opened.ok_or_else(|| Error::NotFound { what: CHARTER, id: id.to_string() })
    }

    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }
}

impl CrewCallBuilder {
    /// In which columns of a charter its hours and its boat stand.
    pub fn columns(mut self, columns: EventColumns) -> Self {
        self.0.columns = columns;
        self
    }

    /// Where the time comes from; by default this machine's clocks.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// The runner of calls.
    pub fn build(self) -> CrewCall {
        self.0
    }
}

impl fmt::Debug for CrewCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, roster, rules, postman, .. } = self;
        let mut call = f.debug_struct("CrewCall");
        call.field("calls", calls).field("roster", roster).field("rules", rules);
        call.field("postman", postman).finish_non_exhaustive()
    }
}
