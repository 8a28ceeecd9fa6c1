//! A dispatcher's look at all calls: what is due, what has changed, and who has nobody left.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use futures_util::StreamExt;
use jada_reports::{Failure, Health};
use jada_roster::{CalledCharter, CharterId, Month, Status};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::dispatched::Round;
use crate::exit::failure_of;
use crate::following::{Followed, Following};
use crate::unfilled::told_of;
use crate::{CallDesk, CallDeskArgs, Dispatched, Log, Mailed, WatchArgs, duration};

/// The flags by which an operator says where a dispatcher looks, and how often.
#[derive(Args, Clone, Debug)]
pub struct DispatchingArgs {
    /// How often it looks for charters that were confirmed, moved or cancelled
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10m")]
    poll: Duration,
    /// How many months after this one it looks through
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    months: u8,
    /// Follow the changes of charters by the stream of their table, and turn that on where it is off
    #[arg(long, conflicts_with_all = ["once", "check"])]
    streams: bool,
}

/// What a dispatcher keeps from one look to the next.
#[derive(Debug)]
pub struct Dispatching {
    desk: CallDeskArgs,
    args: DispatchingArgs,
    state: PathBuf,
    log: Log,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    /// Opened by the first look, so that what is wrong with it is on record as any failure is.
    desk: Option<Arc<CallDesk>>,
    /// The stream of changes, if it is to be followed.
    following: Option<Following>,
    /// When all months were last looked through; none if that is to be done.
    polled: Option<Instant>,
    round: Round,
    /// Of what has cast off unfilled it was told.
    told: BTreeSet<String>,
    /// It was said that mails are left as files.
    noted: bool,
}

impl Dispatching {
    /// A dispatcher of a watched job.
    ///
    /// # Errors
    /// What is to be said of the calls, and was not.
    pub fn new(
        desk: CallDeskArgs,
        args: DispatchingArgs,
        watch: &WatchArgs,
    ) -> anyhow::Result<Self> {
        desk.check()?;
        let following = args.streams.then(|| Following::new(watch.log()));
        let (polled, round, told) = (None, Round::default(), BTreeSet::new());
        let seen = Seen { desk: None, following, polled, round, told, noted: false };
        let (state, log, seen) = (watch.state().to_owned(), watch.log(), Mutex::new(seen));
        Ok(Self { desk, args, state, log, seen })
    }

    /// Ends when charters have changed, or may have; never where no stream is followed.
    pub async fn changed(&self) {
        loop {
            let mut seen = self.seen.lock().await;
            match self.follow(&mut seen).await {
                None => break,
                Some(Followed::Changes | Followed::Missed) => return,
                Some(Followed::Nothing) => {
                    drop(seen);
                    sleep(BETWEEN_ROUNDS).await;
                }
                Some(Followed::Off) => {
                    drop(seen);
                    return sleep(self.args.poll.min(POLL_INSTEAD)).await;
                }
            }
        }
        pending().await
    }

    /// Takes every step that is due, mails what is owed, and shows what was done. One call that fails
    /// keeps no other.
    ///
    /// # Errors
    /// After all was done that could be: calls that failed, rows that could not be read, mails that
    /// were not sent, and charters for which nobody is left. Before, what cannot be opened.
    pub async fn look(
        &self,
        show: impl Fn(&Dispatched) -> anyhow::Result<()>,
    ) -> anyhow::Result<Dispatched> {
        let seen = &mut *self.seen.lock().await;
        let desk = self.open(seen).await?;
        seen.round.read_again(&*desk.calls).await;
        self.follow(seen).await;
        let again = seen.round.failed();
        seen.round.take(desk.call.advance_each(again)).await;
        seen.round.take(desk.call.advance_due()).await;
        if seen.polled.is_none_or(|polled| polled.elapsed() >= self.poll_each(seen)) {
            self.poll(seen, &desk).await?;
        }
        read_crew(&desk, &mut seen.round).await?;
        let unfilled = self.unfilled(seen, &desk).await?;
        let mailed_now = desk.drain().await;
        if let Some(note) = mailed_now.note().filter(|_| !std::mem::replace(&mut seen.noted, true))
        {
            self.log.note(&note);
        }
        let Mailed { sent, left_in, kept_back, .. } = mailed_now;

        let Round { looked_at, mailed, .. } = seen.round;
        let degraded = seen.following.as_ref().and_then(Following::degraded);
        let stream = seen.following.as_ref().and_then(Following::failure);
        let failures = kept_back.into_iter().chain(unfilled).chain(seen.round.failures());
        let failure = Failure::all(failures.chain(stream));
        seen.round.told();
        let dispatched = Dispatched { looked_at, mailed, sent, left_in, degraded };
        show(&dispatched)?;
        match failure {
            None => Ok(dispatched),
            Some(failure) => Err(failure.with_report(serde_json::to_value(&dispatched)?).into()),
        }
    }

    /// Gives up its share of the stream, so that another need not wait for it.
    ///
    /// # Errors
    /// Those of the store; the share lapses then.
    pub async fn release(&self) -> anyhow::Result<()> {
        match &mut self.seen.lock().await.following {
            Some(following) => Ok(following.release().await?),
            None => Ok(()),
        }
    }

    async fn open(&self, seen: &mut Seen) -> anyhow::Result<Arc<CallDesk>> {
        self.desk.check_store()?;
        if let Some(desk) = &seen.desk {
            return Ok(Arc::clone(desk));
        }
        let opened = self.desk.open().await;
        let desk = Arc::new(opened.map_err(|error| failure_of(&error))?);
        Ok(Arc::clone(seen.desk.insert(desk)))
    }

    /// None where there is nothing to follow, or no desk to call from yet.
    async fn follow(&self, seen: &mut Seen) -> Option<Followed> {
        let (desk, following) = (seen.desk.as_ref()?, seen.following.as_mut()?);
        let followed = following.follow(&self.desk, &desk.call, &mut seen.round).await;
        if followed == Followed::Missed {
            seen.polled = None;
        }
        Some(followed)
    }

    /// More often while changes are to be followed, and are not.
    fn poll_each(&self, seen: &Seen) -> Duration {
        match seen.following.as_ref().is_some_and(Following::is_off) {
            true => self.args.poll.min(POLL_INSTEAD),
            false => self.args.poll,
        }
    }

    async fn poll(&self, seen: &mut Seen, desk: &CallDesk) -> anyhow::Result<()> {
        seen.round.forget_unread();
        let mut are_all = true;
        for month in self.months_ahead(desk)? {
            are_all &= seen.round.take(desk.call.advance_month(month)).await;
        }
        seen.polled = are_all.then(Instant::now);
        Ok(())
    }

    fn months_ahead(&self, desk: &CallDesk) -> anyhow::Result<Vec<Month>> {
        let today = desk.clock.now().wall.to_zoned(TimeZone::UTC).date();
        // The day before counts: somewhere it is not over yet.
        let first = today.yesterday()?.first_of_month();
        let months = (0..=i32::from(self.args.months)).map(|on| first.checked_add(on.months()));
        months.map(|day| Ok(Month::of(day?)?)).collect()
    }

    /// The charters for which nobody is left; and once, those that have cast off so.
    async fn unfilled(
        &self,
        seen: &mut Seen,
        desk: &CallDesk,
    ) -> anyhow::Result<BTreeMap<String, Failure>> {
        let (mut found, mut exhausted) = (BTreeMap::new(), desk.call.exhausted());
        while let Some(opened) = exhausted.next().await {
            match opened {
                Ok(opened) => {
                    let id = opened.charter.id();
                    found.extend(opened.call.and_then(|call| desk.unfilled(id, &call)));
                }
                Err(error) => seen.round.unread(&error),
            }
        }
        let before = Health::read(&self.state)?.map(|health| health.parts).unwrap_or_default();
        let gone = before.keys().filter(|name| !found.contains_key(*name));
        let gone: BTreeSet<CharterId> = gone.filter_map(|name| told_of(name)).collect();
        let looked_at: Vec<_> = seen.round.cast_off.drain(..).collect();
        for id in gone.iter().chain(&looked_at) {
            match desk.calls.open(id).await {
                Ok(Some(CalledCharter { charter, call: Some(call), .. })) => {
                    // The office closes its book on what has sailed; that is no news. Nor is what an
                    // index does not show for a moment.
                    let is_news = gone.contains(id) || charter.status() == Status::Confirmed;
                    let left = desk.unfilled(id, &call).filter(|_| is_news);
                    let is_left = call.due().is_some();
                    found
                        .extend(left.filter(|(name, _)| is_left || seen.told.insert(name.clone())));
                }
                Ok(_) => {}
                Err(error) => seen.round.unread(&error),
            }
        }
        Ok(found)
    }
}

/// One who cannot be read is asked by nobody, whether anybody is to be asked just now or not.
async fn read_crew(desk: &CallDesk, round: &mut Round) -> anyhow::Result<()> {
    match desk.crew().await {
        Ok(crew) => crew.unreadable.iter().for_each(|error| round.unread(error)),
        Err(error) => round.unread(&error.downcast()?),
    }
    Ok(())
}

/// Between two looks at a stream without changes.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(1);
/// How often charters are polled at least while changes are not followed.
const POLL_INSTEAD: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests;
