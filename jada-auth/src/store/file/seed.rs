//! What consent left, and whose the state beside it is.

use super::{Document, FileStore, failure::quoted, format};
use crate::{Error, Fingerprint, TokenStore};

/// A seed as one load saw it.
#[derive(Debug)]
pub(super) struct Seed {
    pub(super) fingerprint: Fingerprint,
    pub(super) account: Option<String>,
    /// Whether the state is another grant's, or none's.
    pub(super) is_new: bool,
}

impl Seed {
    /// Says in the state that the seed was adopted. With another grant comes its own account.
    pub(super) fn put(&self, state: &mut Document) {
        state.set("jada.seed", Some(format::fingerprint(self.fingerprint)));
        if self.is_new {
            state.set(ACCOUNT, self.account.as_deref().map(Into::into));
        }
    }
}

/// The account that a file names, where it names one.
pub(super) fn account(document: &Document) -> Option<&str> {
    let account = document.value(ACCOUNT).and_then(|account| account.as_str());
    account.filter(|account| !account.is_empty())
}

/// Checks that a state and the seed that it counts before are of one account.
///
/// # Errors
///
/// [`Error::OtherIdentity`], with the command for either account.
pub(super) fn check_account(
    store: &FileStore,
    state: &Document,
    seed: &Document,
) -> Result<(), Error> {
    let (Some(kept), Some(wanted)) = (account(state), account(seed)) else { return Ok(()) };
    if kept.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    let [state, seed] = [state, seed].map(|document| quoted(document.path()));
    Err(Error::OtherIdentity {
        store: store.name(),
        identity: format!("the account {wanted}"),
        mend: format!(
            "run `mv {state} {state}.old` to use {wanted}, or `mv {seed} {seed}.old` to use {kept}"
        ),
    })
}

const ACCOUNT: &str = "account";
