//! The three cookies of the portal. Their prefix makes browsers refuse them unless they are `Secure`,
//! of this host alone, and of all its paths
//! ([RFC 6265bis, 4.1.3.2](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2)).

use std::time::Duration;

use crate::links::BrowserNonce;
use crate::links::text::LinkText;
use crate::portal::answered::Answered;

pub(super) const BROWSER: &str = "__Host-jada-browser";
pub(super) const SESSION: &str = "__Host-jada-session";
/// What came of an answer, and by which link it was given.
pub(super) const ANSWER: &str = "__Host-jada-answer";
pub(super) const SESSION_LIFE: Duration = Duration::from_secs(30 * 60);
const BROWSER_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Tells this browser from others for a day, so that who presses a button twice pressed it once.
pub(super) fn browser(nonce: &BrowserNonce) -> String {
    set(BROWSER, nonce.expose(), BROWSER_LIFE)
}

pub(super) fn session(text: &LinkText) -> String {
    set(SESSION, text.expose(), SESSION_LIFE)
}

pub(super) fn answered(answered: &Answered) -> String {
    set(ANSWER, &answered.cookie(), SESSION_LIFE)
}

/// Takes the session from the browser.
pub(super) fn no_session() -> String {
    set(SESSION, "", Duration::ZERO)
}

fn set(name: &str, value: &str, life: Duration) -> String {
    let life = life.as_secs();
    format!("{name}={value}; Path=/; Max-Age={life}; HttpOnly; Secure; SameSite=Lax")
}
