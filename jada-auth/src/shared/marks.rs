//! What went wrong, as a mark for siblings, and from a mark back as an error.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::Inner;
use crate::{
    Dead, Error, Fingerprint, Heals, MintFailure, NotBefore, Secret, State, error::Source,
    store::CLOCK_TOLERANCE,
};

impl Inner {
    /// The mark that spares the issuer a grant which it called dead, or a client that it does not
    /// know; none for what may come right without us hearing of it.
    pub(super) fn dead(
        grant: Option<Fingerprint>,
        failure: &MintFailure,
        interrupted: bool,
        at: Timestamp,
    ) -> Option<Dead> {
        let lasting = match failure.heals {
            Heals::ByConsent => true,
            Heals::ByConfiguration => CLIENT_CODES.contains(&&*failure.code),
            Heals::ByItself => false,
        };
        let interrupted = interrupted && failure.heals == Heals::ByConsent;
        let code = if interrupted { INTERRUPTED.to_owned() } else { failure.code.clone() };
        let (grant, heals) = (grant.filter(|_| lasting)?, failure.heals);
        Some(Dead { grant, code, mend: failure.mend.clone(), heals, at })
    }

    /// The pause after a failure: what the issuer wants, or else longer with each failure in a row.
    pub(super) fn pause(&self, state: &State, failure: &MintFailure, now: Timestamp) -> NotBefore {
        let earlier = state.not_before.as_ref();
        let asked = self.asked(failure.heals, state.refresh_token.as_ref());
        let same = earlier.filter(|earlier| earlier.asked.is_none_or(|it| it == asked));
        let row = same.filter(|earlier| {
            let pause = Duration::try_from(earlier.from.duration_until(earlier.until));
            let ends_after = pause.unwrap_or_default().max(ROW_ENDS_AFTER);
            now <= after(earlier.until, ends_after) && earlier.from <= after(now, CLOCK_TOLERANCE)
        });
        let attempts = row.map_or(1, |row| row.attempts.saturating_add(1));
        let (first, longest) = match failure.heals {
            Heals::ByItself => (FIRST_PAUSE, LONGEST_PAUSE),
            Heals::ByConsent | Heals::ByConfiguration => (FIRST_LASTING, LONGEST_LASTING),
        };
        let doubled = first.saturating_mul(1 << (attempts - 1).min(16)).min(longest);
        // Half of it at random: enough to part siblings, and still a bound on how many ask.
        let pause = doubled.mul_f64(0.5 + 0.5 * fastrand::f64());
        let pause = pause.max(failure.retry_after.unwrap_or_default()).min(LONGEST_LASTING);
        // Who asks in spite of a pause does not end it for the others.
        let binding = earlier.filter(|earlier| self.binds(earlier, state, now));
        let until = binding.map_or(after(now, pause), |it| it.until.max(after(now, pause)));
        let (code, mend) = (failure.code.clone(), failure.mend.clone());
        NotBefore {
            from: now,
            until,
            attempts,
            asked: Some(asked),
            code,
            mend,
            heals: failure.heals,
        }
    }

    /// What a pause speaks of: see [`NotBefore::asked`].
    pub(super) fn asked(&self, heals: Heals, refresh_token: Option<&Secret>) -> Fingerprint {
        let principal = self.source.principal();
        match heals {
            Heals::ByItself => Fingerprint::of([principal.token_uri()]),
            Heals::ByConsent | Heals::ByConfiguration => principal.asked(refresh_token),
        }
    }

    /// Tells whether nobody asks now. A mark of a clock that was set back since binds nobody, nor
    /// does one that is longer than any that is made.
    pub(super) fn binds(&self, mark: &NotBefore, state: &State, now: Timestamp) -> bool {
        let asked = self.asked(mark.heals, state.refresh_token.as_ref());
        mark.until > now
            && mark.asked.is_none_or(|it| it == asked)
            && mark.until <= after(mark.from, LONGEST_LASTING)
            && mark.from <= after(now, CLOCK_TOLERANCE)
    }

    pub(super) fn error_of_dead(&self, dead: &Dead) -> Error {
        let (principal, command) = (self.source.principal(), self.consent_command.clone());
        match dead.heals {
            Heals::ByConsent if dead.code == INTERRUPTED => Error::RotationInterrupted {
                what: format!("the grant to {principal}"),
                at: dead.at,
                command,
            },
            Heals::ByConsent => Error::ConsentNeeded {
                what: format!(
                    "the grant to {principal}, which {} refused at {:.0} with `{}`,",
                    self.issuer(),
                    dead.at,
                    dead.code
                ),
                command,
            },
            Heals::ByConfiguration | Heals::ByItself => {
                let mend = dead.mend.as_deref().unwrap_or_else(|| mend_of(&dead.code));
                let mend = format!("{mend}; once it is mended elsewhere, `{LIVE}` asks again");
                self.refused(Some(mend), Answered::new(&dead.code, None))
            }
        }
    }

    pub(super) fn error_of_pause(&self, mark: &NotBefore, now: Timestamp) -> Error {
        let cause = Answered::new(&mark.code, None);
        match mark.heals {
            Heals::ByItself => self.transient(mark, now, cause),
            Heals::ByConsent | Heals::ByConfiguration => self.refused(mark.mend.clone(), cause),
        }
    }

    /// What the failure itself is told as, with all that caused it.
    pub(super) fn error_of(
        &self,
        failure: &MintFailure,
        pause: Option<&NotBefore>,
        now: Timestamp,
    ) -> Error {
        let cause = Answered::new(&failure.code, failure.source.clone());
        match pause.filter(|pause| pause.heals == Heals::ByItself) {
            Some(pause) => self.transient(pause, now, cause),
            None => self.refused(failure.mend.clone(), cause),
        }
    }

    fn transient(&self, mark: &NotBefore, now: Timestamp, cause: Answered) -> Error {
        Error::Transient {
            action: self.action(),
            retry_after: Duration::try_from(now.duration_until(mark.until)).ok(),
            source: Some(Arc::new(cause)),
        }
    }

    fn refused(&self, mend: Option<String>, cause: Answered) -> Error {
        let mend = mend.unwrap_or_else(|| mend_of(&cause.code).to_owned());
        Error::Refused { action: self.action(), mend, source: Some(Arc::new(cause)) }
    }

    fn action(&self) -> String {
        format!("asking {} for a token", self.issuer())
    }
}

/// What the issuer, or the way to it, answered: a word from a list, and what was underneath.
#[derive(Debug)]
struct Answered {
    code: String,
    source: Option<Source>,
}

impl Answered {
    fn new(code: &str, source: Option<Source>) -> Self {
        Self { code: code.to_owned(), source }
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)
    }
}

impl std::error::Error for Answered {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

fn after(at: Timestamp, time: Duration) -> Timestamp {
    at.checked_add(time).unwrap_or(Timestamp::MAX)
}

fn mend_of(code: &str) -> &'static str {
    match code {
        "invalid_client" => {
            "check the client id and secret; another client file is taken up by itself"
        }
        "unauthorized_client" => {
            "let the client use this grant, or the service account these scopes for this subject"
        }
        _ => "check the configuration",
    }
}

/// The command that asks in spite of a mark.
const LIVE: &str = "token_doctor --live";

/// The code of a dead mark that a crash left; no issuer says it.
pub(super) const INTERRUPTED: &str = "interrupted";

/// Codes after which the same client with the same secret is never asked for again.
const CLIENT_CODES: [&str; 2] = ["invalid_client", "unauthorized_client"];

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const FIRST_LASTING: Duration = Duration::from_secs(60);
const LONGEST_LASTING: Duration = Duration::from_secs(3600);

/// A failure this long after the last pause, or as long as that was, begins a new row.
const ROW_ENDS_AFTER: Duration = Duration::from_secs(60);
