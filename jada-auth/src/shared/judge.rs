//! What a state in the store means for who wants a token; decides, and does nothing.

use std::time::Duration;

use jiff::Timestamp;

use super::{Inner, margin};
use crate::{
    AccessToken, Error, Fingerprint, Moment, Principal, State, StoredToken, store::CLOCK_TOLERANCE,
};

/// What a token is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be used now.
    Serve,
    /// To replace the current one before its end, if nobody else is at it.
    Renew,
    /// To see whether the issuer mints one.
    Probe,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The store has a token that will do.
    Adopt(Stored),
    /// Asking is of no use.
    Fail(Error),
    /// Nobody asks before then; the error is what went wrong the last time.
    Wait(Timestamp, Error),
    /// The issuer has to be asked.
    Ask,
}

/// A token of the store that lives, with its whole life.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) token: AccessToken,
    pub(super) life: Duration,
}

impl Inner {
    /// `before` is what was handed out before this refresh began.
    pub(super) fn judge(
        &self,
        state: &State,
        purpose: Purpose,
        before: Option<&AccessToken>,
        now: Moment,
    ) -> Verdict {
        let principal = self.source.principal();
        if let Err(error) = self.check_identity(state, &principal) {
            return Verdict::Fail(error);
        }
        let missing_consent = principal.client().is_some() && state.refresh_token.is_none();
        if purpose == Purpose::Probe {
            return if missing_consent { self.no_grant(&principal) } else { Verdict::Ask };
        }
        let stored = self.living(state, &principal, now);
        if let Some(stored) = &stored
            && will_do(stored, purpose, before, now)
        {
            return Verdict::Adopt(stored.clone());
        }
        if let Some(error) = self.rejected_fresh(state, now) {
            return Verdict::Fail(error);
        }
        if missing_consent {
            return self.no_grant(&principal);
        }
        let grant = principal.grant(state.refresh_token.as_ref());
        if let Some(dead) = state.dead.as_ref().filter(|dead| Some(dead.grant) == grant) {
            return Verdict::Fail(self.error_of_dead(dead));
        }
        match &state.not_before {
            Some(mark) if self.binds(mark, state, now.wall) => {
                Verdict::Wait(mark.until, self.error_of_pause(mark, now.wall))
            }
            _ => Verdict::Ask,
        }
    }

    /// The store's token, if it was minted for us, lives, and was not rejected.
    pub(super) fn living(
        &self,
        state: &State,
        principal: &Principal,
        now: Moment,
    ) -> Option<Stored> {
        let stored = state.token.as_ref()?;
        let ours = state.identity.is_none_or(|it| it == principal.identity(&self.scopes));
        if !ours || is_of_another_grant(state) {
            return None;
        }
        let (remaining, life) = lives(stored, now.wall)?;
        let scopes = stored.scopes.clone().unwrap_or_else(|| self.scopes.clone());
        let token = AccessToken::builder(stored.secret.clone(), now)
            .expires_in(remaining)
            .scopes(scopes)
            .generation(state.generation)
            .build()
            .ok()?;
        (!self.is_rejected(&token)).then_some(Stored { token, life })
    }

    /// A refresh token is bound to its client: presenting it as another would only kill it.
    pub(super) fn check_identity(&self, state: &State, principal: &Principal) -> Result<(), Error> {
        let marked = state.identity.is_none_or(|it| it == principal.identity(&self.scopes));
        let client = principal.client().zip(state.client.as_ref());
        let named = client.is_none_or(|(ours, theirs)| ours.id == theirs.id);
        // Consent that came after the mark replaces it.
        if named && (marked || is_of_another_grant(state)) {
            return Ok(());
        }
        let command = &self.consent_command;
        Err(Error::OtherIdentity {
            store: self.store.name(),
            identity: principal.to_string(),
            mend: match principal {
                Principal::AuthorizedUser(_) => {
                    let theirs = state.client.as_ref().map_or("its client", |client| &*client.id);
                    format!("restore {theirs} and its token endpoint, or run `{command}`")
                }
                Principal::Key { .. } => "give each key and set of scopes a file of its own".into(),
            },
        })
    }

    /// A token that was rejected right after its minting: the next one would be as well.
    fn rejected_fresh(&self, state: &State, now: Moment) -> Option<Error> {
        let stored = state.token.as_ref()?;
        let minted_at = stored.minted_at.filter(|at| *at <= now.wall)?;
        let retry_at = minted_at + FRESH;
        let token = AccessToken::builder(stored.secret.clone(), now).build().ok()?;
        let fresh = now.wall < retry_at && self.is_rejected(&token);
        fresh.then_some(Error::FreshTokenRejected { minted_at, retry_at })
    }

    fn no_grant(&self, principal: &Principal) -> Verdict {
        Verdict::Fail(Error::ConsentNeeded {
            what: format!("{principal}, of which {} has no refresh token,", self.store.name()),
            command: self.consent_command.clone(),
        })
    }
}

fn will_do(stored: &Stored, purpose: Purpose, before: Option<&AccessToken>, now: Moment) -> bool {
    let remaining = stored.token.remaining_at(now);
    match (purpose, before) {
        (Purpose::Renew, Some(before)) => {
            !before.is_same_as(&stored.token) && remaining > before.remaining_at(now)
        }
        (Purpose::Renew | Purpose::Serve, _) => remaining >= margin(stored.life),
        (Purpose::Probe, _) => false,
    }
}

/// Somebody consented anew since the token was minted.
pub(super) fn is_of_another_grant(state: &State) -> bool {
    let presented = state.refresh_token.as_ref().map(|token| Fingerprint::of([token.expose()]));
    state.renewed_by.is_some() && state.renewed_by != presented
}

/// What is left of the token's life, and the whole of it. None when it is over, or when nobody can
/// tell: without an expiry, or minted in what is the future by a clock that was set back.
fn lives(stored: &StoredToken, now: Timestamp) -> Option<(Duration, Duration)> {
    let expires_at = stored.expires_at?;
    let remaining = Duration::try_from(now.duration_until(expires_at)).ok()?;
    let Some(minted_at) = stored.minted_at else {
        return Some((remaining.min(FOREIGN_LIFE), FOREIGN_LIFE));
    };
    let life = Duration::try_from(minted_at.duration_until(expires_at)).ok()?;
    (minted_at <= now + CLOCK_TOLERANCE).then_some((remaining.min(life), life))
}

/// A token that is rejected within this time of its minting is not replaced before.
const FRESH: Duration = Duration::from_secs(60);

/// How long a token that another tool stored is believed at a time; it does not say when it was
/// minted.
const FOREIGN_LIFE: Duration = Duration::from_secs(3600);
