//! What a token request said, for a test to compare.

use std::fmt;
use std::time::Instant;

use crate::loopback::Request;

/// A token request, as it arrived.
///
/// Its secrets are there to be compared; its `Debug` says only whether they were given.
#[derive(Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// When it had arrived completely, by the machine's clock.
    pub at: Instant,
    /// The form's `grant_type`, empty where there was none.
    pub grant_type: String,
    /// The client id of an `Authorization: Basic` header.
    pub basic: Option<String>,
    /// The form's `refresh_token`.
    pub refresh_token: Option<String>,
    /// The form's `code`, by which a consent is exchanged.
    pub code: Option<String>,
    /// The form's `scope`, as it was written.
    pub scope: Option<String>,
    /// The form's `assertion`: a signed JWT.
    pub assertion: Option<String>,
}

impl Recorded {
    pub(crate) fn new(request: &Request) -> Self {
        let mut form = request.form().unwrap_or_default();
        Self {
            at: Instant::now(),
            grant_type: form.remove("grant_type").unwrap_or_default(),
            basic: request.basic().map(|(id, _)| id),
            refresh_token: form.remove("refresh_token"),
            code: form.remove("code"),
            scope: form.remove("scope"),
            assertion: form.remove("assertion"),
        }
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("grant_type", &self.grant_type)
            .field("basic", &self.basic)
            .field("refresh_token", &self.refresh_token.as_ref().map(|_| "hidden"))
            .field("code", &self.code.as_ref().map(|_| "hidden"))
            .field("scope", &self.scope)
            .field("assertion", &self.assertion.as_ref().map(|_| "hidden"))
            .finish_non_exhaustive()
    }
}
