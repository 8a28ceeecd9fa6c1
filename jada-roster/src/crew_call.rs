//! The call for the crew of charters, as it runs: who is due is stepped, and what is owed is mailed.

mod around;
mod contest;
mod delivery;
mod known;
#[cfg(feature = "mail")]
mod mail;
mod pass;
mod postman;
mod question;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use jada_auth::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp};

use self::known::{Known, Unread};
#[cfg(feature = "mail")]
pub use self::mail::{CallMail, CallMailBuilder};
pub use self::pass::{Advanced, Pass};
#[cfg(feature = "mock")]
pub use self::postman::MockPostman;
pub use self::postman::{Letter, NoPostman, Postman};
pub use self::question::Question;
use crate::call::step::{Counts, Facts, LastCall, Look, Wants};
use crate::call::{Answer, Outcome, Sailing};
use crate::calls::{CallRepository, CalledCharter};
use crate::cascade::rules::CallRules;
use crate::cascade::voyage::Voyage;
use crate::charter::{Charter, CharterId};
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::event::{CharterEvent, EventColumns};
use crate::month::Month;
use crate::repository::{CHARTER, CharterRepository};
use crate::roster::RosterRepository;
use crate::status::{Kind, Status};

/// Looks at calls, one after another as the stream is polled; dropping it stops.
pub type LookedStream<'a> = BoxStream<'a, Result<Looked, Error>>;

/// Calls the crew of charters, captains first, and nobody twice.
///
/// Each call is a [`Call`](crate::Call) on its charter's row, and each step of it one conditional write. What is
/// to be said is written with the step, as owed, then handed to a [`Postman`], and then written off.
/// So a step may be taken again after a kill at any instant, and by any number of programs at once:
/// of two that take it one wins, and what is owed is handed over under one key until it is written
/// off.
///
/// A charter is called off by cancelling it, and it may be deleted once its call is
/// [`CalledOff`](crate::Phase::CalledOff) and owes nothing. A row that is gone takes its call along: whoever was
/// asked or sails is told nothing, and a look at it is [`Error::NotFound`].
///
/// A berth that stays free is never silent: operations are told of it once nobody is left who could
/// have it, and in any case at the lead before the charter; where somebody was asked later than that,
/// when half of the time has gone by that was left to it until it casts off. What changes for those
/// aboard, they are told; who of them sails elsewhere at a new time is named to operations.
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

/// A look at one call of many.
#[derive(Debug)]
#[non_exhaustive]
pub struct Looked {
    /// Which charter's.
    pub charter: CharterId,
    /// What became of it, as [`CrewCall::advance`] gives it.
    pub outcome: Result<Advanced, Error>,
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
    /// left alone. One for which nobody was left looks anew for somebody to ask, though its hour is not
    /// over: somebody may have come since, and a person wants to know.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a charter; [`Error::CorruptItem`] and [`Error::Invalid`] for
    /// rows that a person mends. [`Error::Unavailable`] is worth a retry, as is [`Error::VersionConflict`]
    /// where others went on writing the row for two seconds: whatever was done stays, and nothing is
    /// done twice.
    pub async fn advance(&self, id: &CharterId) -> Result<Advanced, Error> {
        self.pass().advance(id).await
    }

    /// Begins to look at many charters: what they have in common is read once.
    #[must_use]
    pub fn pass(&self) -> Pass<'_> {
        Pass::of(self)
    }

    /// Takes an answer of a member, once for all that are the same, and hands over what is owed then.
    /// What cannot be handed over stays owed, and is whenever the call is looked at.
    ///
    /// A yes is one once the other charters of that time have been read after it was written: of two
    /// at the same time that are accepted at once, one is [`Outcome::Elsewhere`].
    ///
    /// # Errors
    /// As [`advance`](Self::advance) for what is stored. When it returns an error the answer may have
    /// been taken; giving it again is safe.
    pub async fn answer(
        &self,
        id: &CharterId,
        crew: &CrewId,
        answer: Answer,
    ) -> Result<Outcome, Error> {
        self.take(id, crew, answer, Counts::Last).await
    }

    /// As [`answer`](Self::answer), but of a member who has answered in this round before the first word
    /// stands, and is the outcome: of any number that come at once, one is taken.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub async fn answer_once(
        &self,
        id: &CharterId,
        crew: &CrewId,
        answer: Answer,
    ) -> Result<Outcome, Error> {
        self.take(id, crew, answer, Counts::First).await
    }

    async fn take(
        &self,
        id: &CharterId,
        crew: &CrewId,
        answer: Answer,
        counts: Counts,
    ) -> Result<Outcome, Error> {
        for _ in 0..ATTEMPTS {
            if let Some(outcome) = self.pass().answer(id, crew, answer, counts).await? {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Elsewhere)
    }

    /// Looks at every call that is due, or owes mails. One that fails does not keep the others.
    ///
    /// The stream yields [`Error::CorruptItem`] for a row that cannot be read, and goes on;
    /// [`Error::Unavailable`], worth a retry, ends it.
    #[must_use]
    pub fn advance_due(&self) -> LookedStream<'_> {
        self.look_at(self.calls.due(self.now()))
    }

    /// Looks at every charter of a month whose call is not as its booking asks: confirmed and not
    /// called for, moved, sailing at other hours, no longer confirmed, or with another crew than its
    /// call knows of. So the office's changes are followed without a stream of them.
    ///
    /// As [`advance_due`](Self::advance_due) for what fails.
    #[must_use]
    pub fn advance_month(&self, month: Month) -> LookedStream<'_> {
        let astray = self.calls.calls_of(month).filter_map(|called| {
            let id =
                called.map(|called| self.is_astray(&called).then(|| called.charter.id().clone()));
            std::future::ready(id.transpose())
        });
        self.look_at(astray.boxed())
    }

    /// Looks at these charters, such as those whose rows have changed. One that is gone fails with
    /// [`Error::NotFound`], as in [`advance`](Self::advance), and does not keep the others.
    #[must_use]
    pub fn advance_each(&self, ids: impl IntoIterator<Item = CharterId>) -> LookedStream<'_> {
        let ids: Vec<_> = ids.into_iter().map(Ok).collect();
        self.look_at(stream::iter(ids).boxed())
    }

    /// The charters with a berth for which nobody is left to ask, or no time to wait for an answer, as
    /// they are now: what an alert is to name until a person has decided, or somebody says yes after
    /// all. None that has cast off is among them: whether it sailed with a berth free its call's
    /// [`phase`](crate::Call::phase) says, which is [`Phase::Exhausted`](crate::Phase::Exhausted) then.
    ///
    /// As [`advance_due`](Self::advance_due) for what fails.
    #[must_use]
    pub fn exhausted(&self) -> BoxStream<'_, Result<CalledCharter, Error>> {
        // Such a call looks again within this time, so that it is due by then. Of one that has just come
        // to be so an index may not have heard, and lists it as it was: due.
        let now = self.now();
        let by = now.checked_add(Self::LOOK_AGAIN).unwrap_or(Timestamp::MAX);
        let mut seen = BTreeSet::new();
        let ids = self.calls.due(now).chain(self.calls.exhausted(by)).filter(move |id| {
            std::future::ready(id.as_ref().map_or(true, |id| seen.insert(id.clone())))
        });
        let opened = ids.then(async |id| self.calls.open(&id?).await);
        let wants_person = move |opened: &CalledCharter| {
            opened.call.as_ref().is_some_and(|call| call.wants_person(now))
        };
        let exhausted = opened
            .try_filter_map(move |opened| std::future::ready(Ok(opened.filter(wants_person))));
        exhausted.boxed()
    }

    fn look_at<'a>(&'a self, ids: BoxStream<'a, Result<CharterId, Error>>) -> LookedStream<'a> {
        let looked = stream::unfold((self.pass(), ids), |(mut pass, mut ids)| async move {
            let looked = match ids.next().await? {
                Ok(charter) => Ok(Looked { outcome: pass.advance_due(&charter).await, charter }),
                Err(error) => Err(error),
            };
            Some((looked, (pass, ids)))
        });
        looked.boxed()
    }

    /// Of one whose hours cannot be read whoever looks says so.
    fn is_astray(&self, called: &CalledCharter) -> bool {
        let event = match self.known(called) {
            Ok(Known { event, unread: None | Some(Unread::Guests(_)) }) => event,
            Ok(Known { unread: Some(Unread::Hours(_)), .. }) | Err(_) => return true,
        };
        let now = self.now();
        let look = Look::at(called.call.as_ref(), self.facts(&event, now), now);
        look.is_some_and(Look::wants_something)
    }

    fn event(&self, charter: &Charter) -> Result<CharterEvent, Error> {
        CharterEvent::of(charter.clone(), &self.columns)
    }

    fn facts<'a>(&'a self, event: &'a CharterEvent, now: Timestamp) -> Facts<'a> {
        let wants = match (event.status(), event.charter().kind()) {
            (Status::Completed, _) => Wants::Nothing,
            (Status::Confirmed, kind) if *kind != Kind::Training => Wants::Crew,
            _ => Wants::Nobody,
        };
        Facts {
            wants,
            sailing: Sailing { date: event.date(), hours: event.hours() },
            boat: event.boat(),
            harbour: event.harbour(),
            zone: self.rules.harbour().time_zone(),
            last_call: self.last_call(Sailing { date: event.date(), hours: event.hours() }),
            assignments: event.assignments(),
            berths: self.rules.berths(),
            look_again: now.checked_add(Self::LOOK_AGAIN).unwrap_or(Timestamp::MAX),
        }
    }

    fn last_call(&self, sailing: Sailing) -> LastCall {
        let voyage = Voyage::on(sailing.date, sailing.hours);
        let zone = self.rules.harbour().time_zone();
        let lead = self.rules.lead().max(LEAST_LEAD);
        let since = voyage.casts_off(zone).checked_sub(lead).unwrap_or(Timestamp::MIN);
        LastCall { since, casts_off: voyage.is_away(zone) }
    }

    async fn open(&self, id: &CharterId) -> Result<CalledCharter, Error> {
        let opened = self.calls.open(id).await?;
        opened.ok_or_else(|| Error::NotFound { what: CHARTER, id: id.to_string() })
    }

    /// Whether what was known at an instant may be acted upon. A program that was stopped for hours
    /// and goes on looks anew first.
    fn is_fresh(&self, known: Timestamp) -> bool {
        let age = self.now().duration_since(known);
        (SignedDuration::ZERO..=FRESH).contains(&age)
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

/// How often a yes is tried that is taken back because another was given at the same time.
const ATTEMPTS: u32 = 3;

/// So long before a charter casts off operations are told of a berth that is free, whatever the lead.
const LEAST_LEAD: Duration = Duration::from_secs(60 * 60);

/// How long what was read is acted upon.
const FRESH: SignedDuration = SignedDuration::from_mins(1);
