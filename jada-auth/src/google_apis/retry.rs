//! The second try of a call whose token was rejected.

use std::{fmt, time::Duration};

use google_apis_common::{Delegate, MethodInfo, Response, Retry};
use hyper::StatusCode;
use serde_json::Value;

use super::{GoogleApis, handed};
use crate::AccessToken;

/// Lets a call try again, once, when the server answers 401, with a token that is not the rejected
/// one; all other failures end the call.
///
/// The token that was sent with the call is invalidated and no other, so that many calls whose
/// token is rejected cause one refresh, and an answer that comes late spoils no newer token. When
/// there is no other token, the call ends with `MissingToken` and the reason. A second 401 ends it
/// with what the server said: `BadRequest`, in whose JSON `error.code` is 401, or `Failure` with
/// the response where that is no JSON. Then see whether the account may do this at all.
///
/// A chunk of a resumable upload is never sent again: the generated crates would go on behind it.
///
/// It comes from [`GoogleApis::delegate`], serves one call after the other, and does nothing for a
/// hub whose `auth` is another adapter. A delegate of your own keeps one, and passes on `begin`,
/// `pre_request`, `chunk_size` and `http_failure`. An `auth` of your own around the adapter passes
/// the token on at once, without awaiting anything after.
pub struct RetryOn401 {
    adapter: GoogleApis,
    /// What the request under way was sent with.
    sent: Option<AccessToken>,
    tries: Tries,
}

#[derive(Debug)]
enum Tries {
    First,
    Second,
}

impl RetryOn401 {
    pub(super) fn new(adapter: GoogleApis) -> Self {
        Self { adapter, sent: None, tries: Tries::First }
    }
}

impl Delegate for RetryOn401 {
    fn begin(&mut self, _: MethodInfo) {
        // What a call without a delegate left there is not of this call.
        handed::clear();
        self.sent = None;
        self.tries = Tries::First;
    }

    fn pre_request(&mut self) {
        self.sent = handed::take(self.adapter.0.id);
    }

    fn chunk_size(&mut self) -> u64 {
        // Chunks are sent without a token, and must not be tried again.
        self.sent = None;
        CHUNK_SIZE
    }

    fn http_failure(&mut self, response: &Response, _: Option<&Value>) -> Retry {
        let sent = self.sent.take();
        match (response.status(), &self.tries, sent) {
            (StatusCode::UNAUTHORIZED, Tries::First, Some(rejected)) => {
                self.adapter.0.reject(&rejected);
                self.tries = Tries::Second;
                Retry::After(Duration::ZERO)
            }
            _ => Retry::Abort,
        }
    }
}

impl fmt::Debug for RetryOn401 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryOn401")
            .field("adapter", &self.adapter)
            .field("tries", &self.tries)
            .finish_non_exhaustive()
    }
}

/// As in the generated crates: 8 MiB.
const CHUNK_SIZE: u64 = 1 << 23;
