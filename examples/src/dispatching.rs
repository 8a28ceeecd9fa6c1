//! A dispatcher's look at all calls: what is due, what went astray, and who has nobody left.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use jada_reports::Failure;
use jada_roster::{Advanced, CharterId, Error, Month, Phase};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use tokio::sync::Mutex;

use crate::{CallDesk, Dispatched};

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
    polled: Option<Instant>,
    /// The charters for which nobody is left; none until all open calls were looked through once.
    exhausted: Option<BTreeSet<CharterId>>,
}

impl Dispatching {
    /// A dispatcher that looks through this month and those after it, each so often.
    #[must_use]
    pub fn new(desk: CallDesk, months: u8, poll: Duration) -> Self {
        Self { desk, months, poll, seen: Mutex::default() }
    }

    /// Takes every step that is due, and mails what is owed. One call that fails keeps no other.
    ///
    /// # Errors
    /// After all was done that could be: calls that failed, and charters for which nobody is left.
    pub async fn look(&self) -> anyhow::Result<Dispatched> {
        let mut seen = self.seen.lock().await;
        let mut looked = self.desk.call.advance_due().await?;
        if seen.polled.is_none_or(|polled| polled.elapsed() >= self.poll) {
            for month in self.months_ahead()? {
                looked.extend(self.desk.call.advance_month(month).await?);
            }
            seen.polled = Some(Instant::now());
        }
        let exhausted = self.exhausted(seen.exhausted.take(), &looked).await?;
        seen.exhausted = Some(exhausted.clone());
        let mailed = looked.iter().filter_map(|(_, look)| look.as_ref().ok());
        let mailed = mailed.map(|advanced| advanced.mails).sum();
        let sent = self.desk.drain().await?;
        check(&looked)?;
        if !exhausted.is_empty() {
            return Err(nobody_left(&exhausted).into());
        }
        Ok(Dispatched { looked_at: looked.len(), mailed, sent })
    }

    fn months_ahead(&self) -> anyhow::Result<Vec<Month>> {
        let today = self.desk.clock.now().wall.to_zoned(TimeZone::UTC).date();
        // The day before counts: somewhere it is not over yet.
        let first = today.yesterday()?.first_of_month();
        let months = (0..=i32::from(self.months)).map(|ahead| first.checked_add(ahead.months()));
        months.map(|day| Ok(Month::of(day?)?)).collect()
    }

    /// All open calls are read once; after that those that were looked at, and those known before.
    async fn exhausted(
        &self,
        known: Option<BTreeSet<CharterId>>,
        looked: &[(CharterId, Result<Advanced, Error>)],
    ) -> anyhow::Result<BTreeSet<CharterId>> {
        let mut candidates: BTreeSet<CharterId> = match known {
            Some(known) => known,
            None => self.desk.calls.due(Timestamp::MAX).try_collect().await?,
        };
        candidates.extend(looked.iter().map(|(id, _)| id.clone()));
        let mut exhausted = BTreeSet::new();
        for id in candidates {
            let call = self.desk.calls.open(&id).await?.and_then(|opened| opened.call);
            let is_ahead = |due: Option<Timestamp>| due.is_some();
            if call.is_some_and(|call| call.phase() == Phase::Exhausted && is_ahead(call.due())) {
                exhausted.insert(id);
            }
        }
        Ok(exhausted)
    }
}

/// The first of the calls that failed, and how many there are.
fn check(looked: &[(CharterId, Result<Advanced, Error>)]) -> Result<(), Failure> {
    let failed: Vec<_> =
        looked.iter().filter_map(|(id, look)| Some((id, look.as_ref().err()?))).collect();
    let Some((id, error)) = failed.first() else {
        return Ok(());
    };
    let mut failure = Failure::of(*error);
    failure.why = format!("{} calls failed, the first for `{id}`: {}", failed.len(), failure.why);
    Err(failure)
}

fn nobody_left(exhausted: &BTreeSet<CharterId>) -> Failure {
    let ids: Vec<_> = exhausted.iter().map(CharterId::as_str).collect();
    let first = ids.first().copied().unwrap_or_default();
    Failure::needs_person(format!("nobody is left to call for {}", ids.join(", ")))
        .with_mend(format!("`call_plan --charter {first}` says why the others are not called"))
}
