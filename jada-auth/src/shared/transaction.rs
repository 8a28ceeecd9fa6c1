//! One refresh, step by step; see [`SharedProvider`](super::SharedProvider) for the order.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    Fetched, Inner, Origin,
    asking::Refusal,
    judge::{Purpose, Stored, Verdict},
};
use crate::{AccessToken, Error, Holder, Leasing, Moment, State};

/// How far a transaction has come.
struct Attempt {
    purpose: Purpose,
    started: Instant,
    /// Since when a sibling has had the lease.
    held_since: Option<Instant>,
    /// A sibling was at it while we looked on.
    waited: bool,
    /// What was handed out until now.
    before: Option<AccessToken>,
}

impl Attempt {
    fn had_another(&self, token: &AccessToken) -> bool {
        self.before.as_ref().is_some_and(|before| !before.is_same_as(token))
    }
}

/// What one turn came to.
enum Turn {
    Done(Result<Fetched, Error>),
    Again,
}

impl Inner {
    /// `started` is when who wants the token began to wait for it.
    pub(super) async fn transact(
        self: &Arc<Self>,
        purpose: Purpose,
        started: Instant,
    ) -> Result<Fetched, Error> {
        self.see_place().await;
        let before = self.current.load().as_ref().map(|current| current.token.clone());
        let mut attempt = Attempt { purpose, started, held_since: None, waited: false, before };
        let outcome = loop {
            match self.turn(&mut attempt).await {
                Ok(Turn::Done(outcome)) => break outcome,
                Ok(Turn::Again) => {}
                // The store or the configuration, before anything was asked.
                Err(error) if self.may_look_again(&error, &attempt) => {
                    self.vitals.stumbled();
                    sleep(STORE_PAUSE + jitter(STORE_PAUSE)).await;
                }
                Err(error) => break Err(error),
            }
        };
        match outcome {
            Ok(fetched) => Ok(fetched),
            Err(error) => self.fall_back(error, purpose),
        }
    }

    pub(super) async fn see_place(&self) {
        let see = async || self.vitals.place_is(self.store.warning().await);
        self.place.get_or_init(see).await;
    }

    async fn turn(self: &Arc<Self>, attempt: &mut Attempt) -> Result<Turn, Error> {
        self.save_unsaved().await?;
        self.source.reload().await?;
        let state = self.store.load().await?;
        if let Some(turn) = self.act(&state, attempt).await {
            return Ok(turn);
        }
        let mut lease = match self.store.try_lease().await? {
            Leasing::Taken(lease) => lease,
            Leasing::Held(holder) => return self.wait_for(&holder, attempt).await,
        };
        attempt.held_since = None;
        // Under the lease once more: a sibling may have come first.
        let state = lease.load().await?;
        if let Some(turn) = self.act(&state, attempt).await {
            return Ok(turn);
        }
        match self.ask(lease, state).await {
            Ok(token) => Ok(Turn::Done(Ok(Fetched { token, origin: Origin::Refreshed }))),
            // The next turn finds the pause in the store, and waits or gives up.
            Err(Refusal { error, marked: true }) if error.is_transient() => {
                if !self.may_wait(attempt) {
                    return Ok(Turn::Done(Err(error)));
                }
                self.vitals.stumbled();
                Ok(Turn::Again)
            }
            Err(refusal) => Ok(Turn::Done(Err(refusal.error))),
        }
    }

    /// Does what the state asks for; nothing is done when the issuer has to be asked.
    async fn act(&self, state: &State, attempt: &mut Attempt) -> Option<Turn> {
        let now = self.clock.now();
        self.hold(state, now);
        match self.judge(state, attempt.purpose, attempt.before.as_ref(), now) {
            Verdict::Ask => None,
            Verdict::Adopt(stored) => Some(Turn::Done(Ok(self.adopt(&stored, attempt)))),
            Verdict::Fail(error) => Some(Turn::Done(Err(error))),
            Verdict::Wait(until, error) => {
                let pause = Duration::try_from(now.wall.duration_until(until)).unwrap_or_default();
                let in_time = attempt.started.elapsed() + pause < LAST_START;
                if !(in_time && self.may_wait(attempt)) {
                    return Some(Turn::Done(Err(error)));
                }
                tracing::debug!(?pause, "waiting, as the store says");
                sleep(pause + jitter(PAUSE_JITTER)).await;
                attempt.held_since = None;
                Some(Turn::Again)
            }
        }
    }

    /// Takes note of a token that lives, if there is none yet: it is what is served when all fails.
    fn hold(&self, state: &State, now: Moment) {
        let current = self.current.load();
        if current.as_ref().is_some_and(|current| current.token.is_good_at(now)) {
            return;
        }
        let principal = self.source.principal();
        if self.check_identity(state, &principal).is_ok()
            && let Some(stored) = self.living(state, &principal, now)
        {
            self.publish(&stored.token, stored.life);
        }
    }

    /// Only who has nothing else waits: an older token that lives is served at once.
    fn may_wait(&self, attempt: &Attempt) -> bool {
        let current = self.current.load();
        let now = self.clock.now();
        let has_token = current.as_ref().is_some_and(|current| current.token.is_good_at(now));
        attempt.purpose == Purpose::Serve && !has_token
    }

    fn may_look_again(&self, error: &Error, attempt: &Attempt) -> bool {
        error.is_transient() && self.may_wait(attempt) && attempt.started.elapsed() < LAST_START
    }

    /// Hands out a token that a sibling, or this process's past, left in the store.
    fn adopt(&self, stored: &Stored, attempt: &Attempt) -> Fetched {
        let origin = if attempt.waited || attempt.had_another(&stored.token) {
            Origin::Sibling
        } else {
            Origin::Disk
        };
        self.publish(&stored.token, stored.life);
        self.vitals.adopted();
        tracing::debug!(%origin, generation = stored.token.generation(), "adopted a stored token");
        Fetched { token: stored.token.clone(), origin }
    }

    async fn wait_for(&self, holder: &Holder, attempt: &mut Attempt) -> Result<Turn, Error> {
        let error = || Error::LeaseHeld {
            holder: holder.to_string(),
            store: self.store.name(),
            mend: match holder.pid {
                Some(pid) => format!("`ps -fp {pid}` shows what it is doing"),
                None => "see which program uses it".to_owned(),
            },
        };
        if attempt.purpose == Purpose::Renew {
            return Ok(Turn::Done(Err(error())));
        }
        if !attempt.waited {
            attempt.waited = true;
            self.vitals.waited();
            tracing::debug!(%holder, "a sibling refreshes");
        }
        let held_since = *attempt.held_since.get_or_insert_with(Instant::now);
        let at_most = if self.may_wait(attempt) { LEASE_WAIT } else { LEASE_WAIT_WITH_TOKEN };
        if held_since.elapsed() > at_most || attempt.started.elapsed() > LAST_START {
            return Ok(Turn::Done(Err(error())));
        }
        sleep(TURN + jitter(TURN)).await;
        Ok(Turn::Again)
    }

    /// An older token that lives is better than none; health tells what is wrong.
    fn fall_back(&self, error: Error, purpose: Purpose) -> Result<Fetched, Error> {
        let now = self.clock.now();
        let skipped = purpose == Purpose::Renew && matches!(error, Error::LeaseHeld { .. });
        if !skipped {
            self.vitals.failed(&error, now.wall);
            tracing::warn!(error = %crate::health::with_causes(&error), "no new token");
        }
        if purpose != Purpose::Serve {
            return Err(error);
        }
        let current = self.current.load_full().map(|current| current.token.clone());
        let living = current.filter(|token| token.is_good_at(now) && !self.is_rejected(token));
        living.map(|token| Fetched { token, origin: Origin::Memory }).ok_or(error)
    }
}

fn jitter(at_most: Duration) -> Duration {
    at_most.mul_f64(fastrand::f64())
}

/// No attempt starts later than this after a caller asked; with the wait for its answer, a caller
/// hears within 40 s.
const LAST_START: Duration = Duration::from_secs(25);

/// How long a sibling may hold the lease: longer than it waits for its issuer.
const LEASE_WAIT: Duration = Duration::from_secs(15);

/// As above, by who still has a token to serve.
const LEASE_WAIT_WITH_TOKEN: Duration = Duration::from_secs(2);

/// Between two looks at a lease that is held: once to twice this.
const TURN: Duration = Duration::from_millis(10);

/// Before a store that failed for now is looked at again: once to twice this.
const STORE_PAUSE: Duration = Duration::from_millis(200);

const PAUSE_JITTER: Duration = Duration::from_millis(50);
