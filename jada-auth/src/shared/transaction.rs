//! One refresh, step by step; see [`SharedProvider`](super::SharedProvider) for the order.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::{
    Fetched, Inner, Origin,
    judge::{Purpose, Stored, Verdict, is_of_another_grant},
    marks::INTERRUPTED,
};
use crate::{
    AccessToken, Error, Fingerprint, Heals, Holder, Lease, Leasing, MintFailure, MintRequest,
    Minted, Moment, Pending, State, StoredToken, patience::within,
};

/// An answer of the issuer that could not be stored yet. Its lease is kept: a sibling would
/// present a refresh token that the issuer has replaced.
pub(super) struct Unsaved {
    pub(super) lease: Box<dyn Lease>,
    pub(super) state: State,
}

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

/// Why there is no token of the issuer, and whether the store says so too.
struct Refusal {
    error: Error,
    marked: bool,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, marked: false }
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
        let error = || Error::LeaseHeld { holder: holder.to_string(), store: self.store.name() };
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

    async fn ask(
        self: &Arc<Self>,
        mut lease: Box<dyn Lease>,
        mut state: State,
    ) -> Result<AccessToken, Refusal> {
        let principal = self.source.principal();
        let grant = principal.grant(state.refresh_token.as_ref());
        // Whatever comes of it, the refresh token is this client's: consent may have changed it.
        state.client = principal.client().cloned();
        let identity = principal.identity(&self.scopes);
        let interrupted = state.pending.take().filter(|pending| Some(pending.grant) == grant);
        if let Some(interrupted) = &interrupted {
            tracing::warn!(since = %interrupted.at, "an earlier refresh was interrupted");
        }
        let asked_at = self.clock.now();
        let began = interrupted.clone();
        let pending = grant.map(|grant| began.unwrap_or(Pending { grant, at: asked_at.wall }));
        lease.prepare(pending.as_ref()).await?;
        self.vitals.requested();
        tracing::debug!(generation = state.generation, "asking the issuer");
        let request = MintRequest::new(state.refresh_token.as_ref(), &self.scopes);
        let mint = self.source.mint(request);
        let answer = within(Instant::now(), ANSWER_WAIT, ANSWER_GRACE, mint).await;
        let answer = answer.unwrap_or_else(|| {
            Err(MintFailure::new(Heals::ByItself, "no answer in time").answer_lost())
        });
        let minted = answer.and_then(|minted| {
            let token = self.token_of(&minted, &state, asked_at)?;
            Ok((minted, token))
        });
        let (issuer_time, answered_at) = (issuer_time(&minted), self.clock.now());
        self.vitals.issuer_showed(issuer_time, asked_at, answered_at);
        match minted {
            Ok((minted, token)) => {
                state.identity = Some(identity);
                Ok(self.accept(lease, state, minted, token, asked_at).await)
            }
            Err(failure) => {
                let kept = pending.filter(|_| failure.spent != crate::Spent::No);
                state.pending = kept.or_else(|| interrupted.clone());
                let at = interrupted.map(|pending| pending.at);
                Err(self.refuse(lease, state, failure, grant, at).await)
            }
        }
    }

    /// The token of an answer; an answer whose token is over on arrival is none.
    fn token_of(
        &self,
        minted: &Minted,
        state: &State,
        asked_at: Moment,
    ) -> Result<AccessToken, MintFailure> {
        let useless = |code| {
            let mut failure = MintFailure::new(Heals::ByItself, code);
            failure.refresh_token.clone_from(&minted.refresh_token);
            failure.issuer_time = minted.issuer_time;
            failure
        };
        let before = state.token.as_ref().filter(|_| !is_of_another_grant(state));
        let before = before.and_then(|token| token.scopes.clone());
        let scopes = minted.scopes.clone().or(before).unwrap_or_else(|| self.scopes.clone());
        let token = AccessToken::builder(minted.access_token.clone(), asked_at)
            .expires_in(minted.expires_in)
            .scopes(scopes)
            .generation(state.generation.saturating_add(1))
            .build()
            .map_err(|error| useless("malformed token").caused_by(error))?;
        match token.is_good_at(self.clock.now()) {
            true => Ok(token),
            false => Err(useless("token over on arrival")),
        }
    }

    /// Stores the answer, and only then hands the token out.
    async fn accept(
        self: &Arc<Self>,
        mut lease: Box<dyn Lease>,
        mut state: State,
        minted: Minted,
        token: AccessToken,
        asked_at: Moment,
    ) -> AccessToken {
        let mut stored = StoredToken::new(minted.access_token);
        stored.minted_at = Some(asked_at.wall);
        stored.expires_at = Some(token.expires_at());
        stored.scopes = Some(token.scopes().clone());
        state.token = Some(stored);
        state.generation = token.generation();
        state.refresh_token = minted.refresh_token.or(state.refresh_token);
        state.renewed_by = renewed_by(&state);
        (state.dead, state.not_before, state.pending) = (None, None, None);
        let life = token.remaining_at(asked_at);
        match lease.commit(&state).await {
            Ok(()) => {
                self.vitals.saved();
                self.vitals.recovered();
            }
            Err(error) => self.keep_unsaved(Unsaved { lease, state }, &error).await,
        }
        self.publish(&token, life);
        self.vitals.refreshed();
        tracing::info!(generation = token.generation(), expires_at = %token.expires_at(), "refreshed");
        token
    }

    /// Leaves a mark for the siblings, and tells what is wrong.
    async fn refuse(
        self: &Arc<Self>,
        mut lease: Box<dyn Lease>,
        mut state: State,
        failure: MintFailure,
        grant: Option<Fingerprint>,
        interrupted_at: Option<Timestamp>,
    ) -> Refusal {
        let now = self.clock.now().wall;
        // Asking once more makes no revoked grant of an interrupted one.
        let known = state.dead.take().filter(|dead| Some(dead.grant) == grant);
        let earlier = known.as_ref().filter(|dead| dead.code == INTERRUPTED).map(|dead| dead.at);
        let interrupted_at = interrupted_at.or(earlier);
        let at = interrupted_at.unwrap_or(now);
        if let Some(rotated) = failure.refresh_token.clone() {
            self.replace_refresh_token(&mut state, rotated);
        }
        state.dead = Self::dead(grant, &failure, interrupted_at.is_some(), at);
        state.not_before = match &state.dead {
            Some(_) => None,
            None => Some(self.pause(&state, &failure, now)),
        };
        if state.dead.is_some() {
            state.pending = None;
        }
        let error = match &state.dead {
            Some(dead) if dead.heals == Heals::ByConsent => self.error_of_dead(dead),
            _ => self.error_of(&failure, state.not_before.as_ref(), now),
        };
        // A probe that hears nothing new leaves a dead grant dead.
        if state.dead.is_none() && failure.refresh_token.is_none() {
            state.dead = known;
        }
        tracing::warn!(
            code = %failure.code,
            heals = ?failure.heals,
            interrupted = state.dead.as_ref().is_some_and(|dead| dead.code == INTERRUPTED),
            "the issuer minted no token"
        );
        let unsaved = lease.commit(&state).await.err();
        match &unsaved {
            None => self.vitals.saved(),
            Some(unsaved) if failure.refresh_token.is_some() => {
                self.keep_unsaved(Unsaved { lease, state }, unsaved).await;
            }
            Some(unsaved) => self.vitals.unsaved(unsaved),
        }
        Refusal { error, marked: unsaved.is_none() }
    }

    /// The token that is there stays good under the new refresh token.
    fn replace_refresh_token(&self, state: &mut State, rotated: crate::Secret) {
        let same_grant = state.renewed_by == renewed_by(state);
        state.refresh_token = Some(rotated);
        if same_grant {
            state.renewed_by = renewed_by(state);
        }
        state.pending = None;
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

fn renewed_by(state: &State) -> Option<Fingerprint> {
    state.refresh_token.as_ref().map(|token| Fingerprint::of([token.expose()]))
}

fn issuer_time(answer: &Result<(Minted, AccessToken), MintFailure>) -> Option<Timestamp> {
    match answer {
        Ok((minted, _)) => minted.issuer_time,
        Err(failure) => failure.issuer_time,
    }
}

fn jitter(at_most: Duration) -> Duration {
    at_most.mul_f64(fastrand::f64())
}

/// No attempt starts later than this after a caller asked; with the wait for its answer, a caller
/// hears within 40 s.
const LAST_START: Duration = Duration::from_secs(25);

/// For a source that sets no time-out of its own.
const ANSWER_WAIT: Duration = Duration::from_secs(14);

/// For a process that was stopped meanwhile; longer than a source's own.
const ANSWER_GRACE: Duration = Duration::from_secs(5);

/// How long a sibling may hold the lease: longer than it waits for its issuer.
const LEASE_WAIT: Duration = Duration::from_secs(15);

/// As above, by who still has a token to serve.
const LEASE_WAIT_WITH_TOKEN: Duration = Duration::from_secs(2);

/// Between two looks at a lease that is held: once to twice this.
const TURN: Duration = Duration::from_millis(10);

/// Before a store that failed for now is looked at again: once to twice this.
const STORE_PAUSE: Duration = Duration::from_millis(200);

const PAUSE_JITTER: Duration = Duration::from_millis(50);
