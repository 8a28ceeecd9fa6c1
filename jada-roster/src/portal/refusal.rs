//! What the portal answers when it does not do what was asked.

use std::time::Duration;

use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;

use crate::error::Error;

/// Why the portal does not do what was asked, as far as the one who asked is told.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) retry_after: Option<Duration>,
    pub(super) again: Option<Again>,
}

/// The form that was sent, to send it once more: nothing that somebody has filled in is lost.
pub(super) struct Again {
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
}

impl Refusal {
    /// A link that opens nothing: one answer for all reasons.
    pub(super) const LINK: Self = Self::new(
        StatusCode::FORBIDDEN,
        "This link does not open anything",
        "It may have been used already, or it is too old, or a newer one has replaced it. \
         Try again in a few minutes, or ask whoever sent it to you for a new one.",
    );

    /// A link in an ask that opens nothing: one answer for all reasons.
    pub(super) const ANSWER: Self = Self::new(
        StatusCode::FORBIDDEN,
        "This link does not open anything",
        "It takes one answer, which may have been given already; or it is too old, or a newer one \
         has replaced it. If you are not sure what was answered, or want to change it, call \
         operations.",
    );

    /// No session that shows what came of an answer: one answer for all reasons.
    pub(super) const ANSWERED: Self = Self::new(
        StatusCode::UNAUTHORIZED,
        "This page is closed",
        "For your safety it closes half an hour after your answer, which stays as it is. If you \
         are not sure, or want to change it, call operations.",
    );

    /// The charter that somebody was asked about is in the books no more.
    pub(super) const NO_CHARTER: Self = Self::new(
        StatusCode::GONE,
        "There is no such charter any more",
        "Nobody is asked about it, and there is nothing to do.",
    );

    /// No session: one answer for all reasons.
    pub(super) const SESSION: Self = Self::new(
        StatusCode::UNAUTHORIZED,
        "Please open your link again",
        "For your safety your page closes after half an hour. Your link opens it again; a link \
         that works only once does not, so ask for a new one.",
    );

    /// A form that another site has sent, or a browser that hides where it came from.
    pub(super) const CROSS_SITE: Self = Self::new(
        StatusCode::FORBIDDEN,
        "Please open your link again",
        "This request did not come from your crew page, so nothing was done.",
    );

    /// A browser that has not kept the cookie of the page before.
    pub(super) const NO_COOKIES: Self = Self::new(
        StatusCode::FORBIDDEN,
        "Your browser keeps no cookies",
        "Nothing was done, and your link is as it was. Please try again; if you see this once \
         more, allow cookies for this page, or open your link in another browser.",
    );

    /// A form that holds something else than ours does.
    pub(super) const FORM: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "That could not be read",
        "Nothing was changed. Go back to your crew page and try again.",
    );

    pub(super) const NOT_FOUND: Self = Self::new(
        StatusCode::NOT_FOUND,
        "There is no such page",
        "Check the address, or open your link again.",
    );

    pub(super) const WRONG_METHOD: Self = Self::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "That does not work here",
        "Open your link again.",
    );

    const TOO_MANY: Self = Self::new(
        StatusCode::TOO_MANY_REQUESTS,
        "One moment, please",
        "That was tried too often. Wait a minute, then try again.",
    );

    const TROUBLE: Self = Self::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "Something is not working",
        "Nothing is wrong with your link, and nothing was lost. Please try again in a moment.",
    );

    const fn new(status: StatusCode, title: &'static str, text: &'static str) -> Self {
        Self { status, title, text, retry_after: None, again: None }
    }

    /// Asked too often, until `wait` has passed.
    pub(super) fn too_many(wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..Self::TOO_MANY }
    }

    /// The same with the form to send again, where trying again makes sense.
    pub(super) fn or_again(self, action: &str, fields: &[(String, String)]) -> Self {
        if self.retry_after.is_some() { self.again(action, fields) } else { self }
    }

    /// The same with the form to send again.
    pub(super) fn again(self, action: &str, fields: &[(String, String)]) -> Self {
        let (action, fields) = (action.to_owned(), fields.to_vec());
        Self { again: Some(Again { action, fields }), ..self }
    }
}

impl From<Error> for Refusal {
    /// The store's trouble is told to the log, and to the outside as trouble alone.
    fn from(error: Error) -> Self {
        match error {
            // A text that is found does not count towards the limit on those of older tools: an answer
            // of its own would tell used links from unknown ones.
            Error::LinkRefused { .. } | Error::TooManyAttempts { .. } => Self::LINK,
            error => {
                tracing::error!(error = causes(&error), "the portal cannot answer");
                let wait = error.retry_after().unwrap_or(PATIENCE).max(SHORTEST_WAIT);
                Self { retry_after: Some(wait), ..Self::TROUBLE }
            }
        }
    }
}

impl From<FormRejection> for Refusal {
    fn from(rejection: FormRejection) -> Self {
        Self { status: rejection.status(), ..Self::FORM }
    }
}

impl std::fmt::Debug for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Again").field("action", &self.action).finish_non_exhaustive()
    }
}

/// The chain of causes, on one line.
fn causes(error: &Error) -> String {
    let mut line = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}

const SHORTEST_WAIT: Duration = Duration::from_secs(1);
/// Until a person has mended the store.
const PATIENCE: Duration = Duration::from_secs(30);
