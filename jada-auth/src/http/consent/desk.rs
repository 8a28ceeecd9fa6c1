//! Where answers are handed in, by a browser or by hand: the first one counts.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{oneshot, watch};

use super::{
    page::Page,
    question::{Answer, Astray, Question},
};
use crate::Error;

/// What the connections, the pastes and the one who waits have in common.
pub(super) struct Desk {
    pub(super) question: Question,
    pub(super) port: u16,
    started: AtomicBool,
    /// Taken by the first answer.
    waiting: Mutex<Option<oneshot::Sender<HandedIn>>>,
}

impl Desk {
    pub(super) fn new(question: Question, port: u16, waiting: oneshot::Sender<HandedIn>) -> Self {
        let waiting = Mutex::new(Some(waiting));
        Self { question, port, started: AtomicBool::new(false), waiting }
    }

    /// The address to ask at, the first time.
    pub(super) fn start(&self) -> Option<&str> {
        let first = !self.started.swap(true, Ordering::Relaxed);
        first.then(|| self.question.url.expose())
    }

    pub(super) fn hand_in(&self, handed_in: HandedIn) -> Result<(), TooLate> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        waiting.and_then(|waiting| waiting.send(handed_in).ok()).ok_or(TooLate)
    }
}

pub(super) struct HandedIn {
    pub(super) answer: Answer,
    /// None for one that was handed in by hand.
    pub(super) reply: Option<Reply>,
}

/// The way back to the browser.
pub(super) struct Reply {
    pub(super) page: oneshot::Sender<Page>,
    /// Errs once the connection is over.
    pub(super) closed: watch::Receiver<()>,
}

/// Another answer came first, or nobody waits any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooLate;

/// Takes the answer by hand, for a browser that runs on another machine than this process.
///
/// There the browser ends at an address that does not load, `http://127.0.0.1:PORT/callback?…`,
/// and has the answer in it. A clone hands in to the same [`Consent`](crate::Consent), from any
/// thread.
#[derive(Clone)]
pub struct Paste(Arc<Desk>);

impl Paste {
    pub(super) fn new(desk: &Arc<Desk>) -> Self {
        Self(Arc::clone(desk))
    }

    /// Hands in the address that the browser ended at, as a whole or its query alone. What comes
    /// of it is told by [`Consent::wait`](crate::Consent::wait).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for text that is no such address, for the answer to another consent, and
    /// when this one was answered already. The first two are worth another try by the human; it
    /// says so.
    pub fn redirected(&self, text: &str) -> Result<(), Error> {
        let answer = self.0.question.read(&query(text)).map_err(|astray| {
            not_taken(match astray {
                Astray::NoAnswer => {
                    "paste the whole address that the browser ended at, with `code=` and `state=` \
                     in it"
                }
                Astray::WrongState => {
                    "it answers another consent: open the address that was printed last, and \
                     paste what the browser ends at then"
                }
            })
        })?;
        let handed_in = self.0.hand_in(HandedIn { answer, reply: None });
        handed_in.map_err(|TooLate| not_taken("this consent was answered already, or is over"))
    }
}

impl fmt::Debug for Paste {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paste").field("port", &self.0.port).finish_non_exhaustive()
    }
}

/// What stands between the first `?` and the `#`, or all of it; without what a terminal or a
/// person put around it.
fn query(text: &str) -> String {
    let text = PASTE_MARKS.iter().fold(text.to_owned(), |text, mark| text.replace(mark, ""));
    let around = |it: char| it.is_whitespace() || it.is_control() || "\"'`<>\u{feff}".contains(it);
    let text = text.trim_matches(around);
    let text = text.split_once('?').map_or(text, |(_, query)| query);
    text.split('#').next().unwrap_or(text).to_owned()
}

fn not_taken(mend: &str) -> Error {
    let action = "taking the pasted address".to_owned();
    Error::Refused { action, mend: mend.to_owned(), source: None }
}

/// By which a terminal tells what is pasted from what is typed.
const PASTE_MARKS: [&str; 2] = ["\u{1b}[200~", "\u{1b}[201~"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_found_in_whatever_was_copied() {
        for text in [
            "http://127.0.0.1:4242/callback?code=a&state=b",
            " http://127.0.0.1:4242/callback?code=a&state=b#\n",
            "?code=a&state=b",
            "code=a&state=b\r\n",
            "\"http://127.0.0.1:4242/callback?code=a&state=b\"",
            "\u{1b}[200~\u{feff}<http://127.0.0.1:4242/callback?code=a&state=b>\u{1b}[201~\n",
        ] {
            assert_eq!(query(text), "code=a&state=b", "{text:?}");
        }
    }
}
