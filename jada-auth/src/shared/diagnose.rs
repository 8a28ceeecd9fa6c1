//! What a provider can tell of its grant.

use super::{
    Inner, SharedProvider,
    judge::{Purpose, Verdict},
};
use crate::{
    Diagnosis, Error, GrantFinding, Leasing, Scopes, State, diagnosis::texts, endpoint::shown,
};

impl SharedProvider {
    /// Looks at the store, and whether a refresh could write to it; asks nobody.
    pub async fn diagnose(&self) -> Diagnosis {
        let inner = &self.0;
        inner.see_place().await;
        let state = match self.read().await {
            Ok(state) => state,
            Err(error) => return Diagnosis::of_error(error),
        };
        let now = inner.clock.now();
        let error = match inner.judge(&state, Purpose::Serve, None, now) {
            Verdict::Fail(error) | Verdict::Wait(_, error) => Some(error),
            Verdict::Adopt(_) | Verdict::Ask => None,
        };
        let mut grant = inner.finding(&state);
        let unusable = match inner.try_out().await {
            Ok(holder) => {
                grant.lock_holder = holder;
                None
            }
            Err(error) => Some(error),
        };
        let missing = inner.missing(&state).filter(|missing| !missing.is_empty());
        let missing = missing.map(|missing| Error::ScopesMissing { missing });
        let error = unusable.or(error).or(missing);
        let mut diagnosis = Diagnosis::default().with_error(error);
        diagnosis.grant = Some(grant);
        diagnosis
    }

    /// Asks the issuer for a token, as [`refresh`](Self::refresh) does, then looks at the store.
    pub async fn diagnose_live(&self) -> Diagnosis {
        let asked = self.refresh().await;
        let mut diagnosis = self.diagnose().await;
        match asked {
            Ok(_) => diagnosis.live = Some("minted a token".to_owned()),
            Err(error) => {
                diagnosis.live = Some("minted none".to_owned());
                diagnosis = diagnosis.with_error(Some(error));
            }
        }
        diagnosis
    }

    async fn read(&self) -> Result<State, Error> {
        self.0.source.reload().await?;
        self.0.store.load().await
    }
}

impl Inner {
    fn finding(&self, state: &State) -> GrantFinding {
        let principal = self.source.principal();
        let token = state.token.as_ref();
        let expires_at = token.and_then(|token| token.expires_at);
        let granted = token.and_then(|token| token.scopes.as_ref());
        let left = |at| self.clock.now().wall.duration_until(at).as_secs();
        GrantFinding {
            principal: principal.to_string(),
            token_uri: shown(principal.token_uri()),
            store: self.store.name(),
            has_refresh_token: state.refresh_token.is_some(),
            scopes_asked: texts(&self.scopes),
            scopes_granted: granted.map(texts),
            scopes_missing: self.missing(state).as_ref().map(texts).unwrap_or_default(),
            generation: state.generation,
            expires_at: expires_at.map(|at| at.to_string()),
            expires_in: expires_at.map(left),
            dead: state.dead.as_ref().map(|dead| dead.code.clone()),
            not_before: state.not_before.as_ref().map(|mark| mark.until.to_string()),
            pending_since: state.pending.as_ref().map(|mark| mark.at.to_string()),
            lock_holder: None,
            warnings: self.vitals.health(None).warnings,
        }
    }

    fn missing(&self, state: &State) -> Option<Scopes> {
        let granted = state.token.as_ref()?.scopes.as_ref()?;
        Some(self.scopes.missing_from(granted))
    }

    /// Who has the lease; when nobody has, whether a refresh would find what it needs.
    async fn try_out(&self) -> Result<Option<String>, Error> {
        match self.store.try_lease().await? {
            Leasing::Held(holder) => Ok(Some(holder.to_string())),
            Leasing::Taken(mut lease) => {
                lease.prepare(None).await?;
                Ok(None)
            }
        }
    }
}
