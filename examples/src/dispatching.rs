//! A dispatcher's look at all calls: what is due, what has changed, and who has nobody left.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt};
use jada_reports::Failure;
use jada_roster::{
    Advanced, Changes, CharterChanges, CharterId, CrewCall, Error, Looked, LookedStream, Month,
};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::CallDesk;

/// What a dispatcher keeps from one look to the next.
#[derive(Debug)]
pub struct Dispatching {
    desk: CallDesk,
    months: u8,
    poll: Duration,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// The stream of changes, as long as there is one.
    changes: Option<CharterChanges>,
    /// Why the stream could not be read when it was last tried.
    unfollowed: Option<Failure>,
    /// When all months were last looked through; none if that is to be done.
    polled: Option<Instant>,
    /// What could not be read then.
    unread: Vec<Failure>,
    round: Round,
}

/// What has come of calls since it was last told.
#[derive(Debug, Default)]
struct Round {
    looked_at: usize,
    mailed: usize,
    /// The calls that failed: they are looked at again each time, until they do not.
    failed: BTreeMap<CharterId, Failure>,
    /// Rows that could not be read.
    unread: Vec<Failure>,
}

/// What a look did.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct Dispatched {
    /// How many calls were looked at.
    pub looked_at: usize,
    /// How many mails were put into the outbox.
    pub mailed: usize,
    /// How many mails were sent.
    pub sent: usize,
}

impl Dispatching {
    /// A dispatcher that looks through this month and so many after it, as often as it says, and that
    /// follows the changes of charters, where there is a stream of them.
    #[must_use]
    pub fn new(
        desk: CallDesk,
        changes: Option<CharterChanges>,
        months: u8,
        poll: Duration,
    ) -> Self {
        let seen = Mutex::new(Seen { changes, ..Seen::default() });
        Self { desk, months, poll, seen }
    }

    /// Ends when charters have changed and their calls were looked at; never without a stream.
    pub async fn changed(&self) {
        loop {
            match self.seen.lock().await.follow(&self.desk.call).await {
                Followed::Changes => return,
                Followed::Nothing => tokio::time::sleep(BETWEEN_ROUNDS).await,
                Followed::Off => std::future::pending().await,
            }
        }
    }

    /// Takes every step that is due, and mails what is owed. One call that fails keeps no other.
    ///
    /// # Errors
    /// After all was done that could be: calls that failed, rows that could not be read, mails that
    /// were not sent, and charters for which nobody is left.
    pub async fn look(&self) -> anyhow::Result<Dispatched> {
        let mut seen = self.seen.lock().await;
        let seen = &mut *seen;
        let call = &self.desk.call;
        seen.follow(call).await;
        let again: Vec<_> = std::mem::take(&mut seen.round.failed).into_keys().collect();
        seen.round.take(call.advance_each(again)).await;
        seen.round.take(call.advance_due()).await;
        if seen.polled.is_none_or(|polled| polled.elapsed() >= self.poll) {
            self.poll(seen).await?;
        }
        let drained = self.desk.drain().await;
        let exhausted = call.exhausted().map_ok(|opened| opened.charter.id().clone());
        let exhausted: BTreeSet<CharterId> = exhausted.try_collect().await?;
        let Round { looked_at, mailed, unread, .. } = seen.told();
        let rows = unread.iter().chain(&seen.unread).chain(&seen.unfollowed).next().cloned();
        if let Some(failure) = calls_failed(&seen.round.failed).or(rows) {
            return Err(failure.into());
        }
        let sent = drained?;
        if !exhausted.is_empty() {
            return Err(nobody_left(&exhausted).into());
        }
        Ok(Dispatched { looked_at, mailed, sent })
    }

    /// Gives up its share of the stream, so that another need not wait for it.
    ///
    /// # Errors
    /// Those of the store; the share lapses then.
    pub async fn release(&self) -> anyhow::Result<()> {
        if let Some(changes) = &mut self.seen.lock().await.changes {
            changes.release().await?;
        }
        Ok(())
    }

    async fn poll(&self, seen: &mut Seen) -> anyhow::Result<()> {
        let mut polled = Round::default();
        for month in self.months_ahead()? {
            polled.take(self.desk.call.advance_month(month)).await;
        }
        seen.polled = polled.unread.iter().all(|row| !row.is_transient()).then(Instant::now);
        seen.unread = std::mem::take(&mut polled.unread);
        seen.round.add(polled);
        Ok(())
    }

    fn months_ahead(&self) -> anyhow::Result<Vec<Month>> {
        let today = self.desk.clock.now().wall.to_zoned(TimeZone::UTC).date();
        // The day before counts: somewhere it is not over yet.
        let first = today.yesterday()?.first_of_month();
        let months = (0..=i32::from(self.months)).map(|ahead| first.checked_add(ahead.months()));
        months.map(|day| Ok(Month::of(day?)?)).collect()
    }
}

/// What a round of changes came to.
enum Followed {
    Changes,
    Nothing,
    /// There is no stream, or it cannot be read for now.
    Off,
}

impl Seen {
    /// Looks at the calls of charters that have changed. Where changes may have been missed, or cannot
    /// be followed, the next look is a poll.
    async fn follow(&mut self, call: &CrewCall) -> Followed {
        let Some(changes) = &mut self.changes else {
            return Followed::Off;
        };
        let round = RefCell::new(&mut self.round);
        let polled = changes.poll(async |changes| {
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
        });
        let polled = polled.await;
        self.unfollowed = None;
        match polled {
            Ok(polled) if polled.gaps > 0 => self.polled = None,
            Ok(polled) if polled.charters == 0 => return Followed::Nothing,
            Ok(_) => {}
            Err(error @ Error::StreamOff { .. }) => {
                let why = Failure::of(&error).why;
                tracing::warn!(why, "changes are no longer followed: charters are polled");
                (self.changes, self.polled) = (None, None);
                return Followed::Off;
            }
            Err(error) => {
                (self.unfollowed, self.polled) = (Some(Failure::of(&error)), None);
                return Followed::Off;
            }
        }
        Followed::Changes
    }

    /// What has come of calls; those that failed stay.
    fn told(&mut self) -> Round {
        let failed = std::mem::take(&mut self.round.failed);
        std::mem::replace(&mut self.round, Round { failed, ..Round::default() })
    }
}

impl fmt::Display for Dispatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { looked_at, mailed, sent } = self;
        write!(f, "{looked_at} calls looked at, {mailed} mails queued, {sent} sent")
    }
}

impl Round {
    async fn take(&mut self, mut looks: LookedStream<'_>) {
        while let Some(look) = looks.next().await {
            match look {
                Ok(Looked { charter, outcome, .. }) => self.looked(charter, outcome),
                Err(error) => self.unread.push(Failure::of(&error)),
            }
        }
    }

    fn looked(&mut self, charter: CharterId, outcome: Result<Advanced, Error>) {
        self.looked_at += 1;
        match outcome {
            Ok(advanced) => {
                self.mailed += advanced.mails;
                self.unread.extend(advanced.unreadable.iter().map(|error| Failure::of(error)));
                self.failed.remove(&charter);
            }
            // It was deleted meanwhile.
            Err(Error::NotFound { id, .. }) if id == charter.as_str() => {
                self.failed.remove(&charter);
            }
            Err(error) => drop(self.failed.insert(charter, Failure::of(&error))),
        }
    }

    fn add(&mut self, other: Self) {
        self.looked_at += other.looked_at;
        self.mailed += other.mailed;
        self.failed.extend(other.failed);
        self.unread.extend(other.unread);
    }
}

/// The first of the calls that failed, and how many there are.
fn calls_failed(failed: &BTreeMap<CharterId, Failure>) -> Option<Failure> {
    let (id, failure) = failed.first_key_value()?;
    let mut told = failure.clone();
    told.why = match failed.len() {
        1 => format!("the call for charter `{id}` failed: {}", failure.why),
        count => format!("{count} calls failed, the first for charter `{id}`: {}", failure.why),
    };
    Some(told)
}

fn nobody_left(exhausted: &BTreeSet<CharterId>) -> Failure {
    let ids: Vec<_> = exhausted.iter().map(CharterId::as_str).collect();
    let first = ids.first().copied().unwrap_or_default();
    Failure::needs_person(format!("nobody is left to call for {}", ids.join(", ")))
        .with_mend(format!("`call_plan --charter {first}` says why the others are not called"))
}

/// Between two looks at a stream without changes.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(1);
