//! The question to the issuer, and what of its answer is stored for everybody.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Inner, judge::is_of_another_grant, marks::INTERRUPTED, saving::Unsaved};
use crate::{
    AccessToken, Error, Fingerprint, Heals, Lease, MintFailure, MintRequest, Minted, Moment,
    Pending, Secret, Spent, State, StoredToken, patience::within,
};

/// Why there is no token of the issuer, and whether the store says so too.
pub(super) struct Refusal {
    pub(super) error: Error,
    pub(super) marked: bool,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, marked: false }
    }
}

impl Inner {
    /// Asks once, under the lease, and stores what comes of it.
    pub(super) async fn ask(
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
                let kept = pending.filter(|_| failure.spent != Spent::No);
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
    fn replace_refresh_token(&self, state: &mut State, rotated: Secret) {
        let same_grant = state.renewed_by == renewed_by(state);
        state.refresh_token = Some(rotated);
        if same_grant {
            state.renewed_by = renewed_by(state);
        }
        state.pending = None;
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

/// For a source that sets no time-out of its own.
const ANSWER_WAIT: Duration = Duration::from_secs(14);

/// For a process that was stopped meanwhile; longer than a source's own.
const ANSWER_GRACE: Duration = Duration::from_secs(5);
