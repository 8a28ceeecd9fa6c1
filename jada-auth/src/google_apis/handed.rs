//! Which token a call got, for a delegate that is not told.
//!
//! A generated method awaits `get_token`, and calls `pre_request` without another `await` between:
//! in the same poll, and so on the same thread. What `get_token` put last is therefore what its own
//! call takes.

use std::cell::Cell;

use crate::AccessToken;

/// Notes what an adapter hands out.
pub(super) fn put(adapter: u64, token: AccessToken) {
    HANDED.set(Some((adapter, token)));
}

/// Forgets what was put last on this thread.
pub(super) fn clear() {
    HANDED.set(None);
}

/// What was put last on this thread, if it was put by that adapter and not taken since.
pub(super) fn take(adapter: u64) -> Option<AccessToken> {
    let (by, token) = HANDED.take()?;
    (by == adapter).then_some(token)
}

thread_local! {
    static HANDED: Cell<Option<(u64, AccessToken)>> = const { Cell::new(None) };
}
