//! What a failed call means for a mail.

use std::time::Duration;

use jada_auth::Error as Failure;
use jiff::{SignedDuration, Timestamp};

use crate::Error;

/// What a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A mail or a draft, which must not be made twice.
    Sending,
    /// What became of one, which may be asked again and again.
    Proving,
    /// Mails of whomever, for the caller.
    Reading,
}

/// What a failure means.
#[derive(Debug, PartialEq)]
enum Verdict {
    NotYet(Option<Duration>),
    InDoubt,
    Refused,
    Blocked,
}

/// The error that `failure` is, which stays its source; `now` is a UTC instant.
pub(super) fn sorted(failure: Failure, step: Step, now: Timestamp) -> Error {
    let (verdict, retry_after) = (verdict(&failure, step, now), failure.retry_after());
    let source = Box::new(failure);
    match verdict {
        Verdict::NotYet(retry_after) => Error::Unavailable { retry_after, source },
        Verdict::InDoubt => {
            let retry_after = retry_after.filter(|_| step == Step::Sending);
            Error::InDoubt { retry_after, source }
        }
        Verdict::Refused => Error::Refused { source },
        Verdict::Blocked => Error::Blocked { source },
    }
}

fn verdict(failure: &Failure, step: Step, now: Timestamp) -> Verdict {
    match failure {
        Failure::Transient { retry_after, .. } => Verdict::NotYet(*retry_after),
        Failure::LeaseHeld { .. } | Failure::Connect { .. } => Verdict::NotYet(None),
        // Of an upload, what is repeatable is a part that leaves the mail incomplete.
        Failure::Ambiguous { repeatable: true, .. } => Verdict::NotYet(None),
        Failure::Ambiguous { repeatable: false, .. } => Verdict::InDoubt,
        Failure::Decode { .. } if step == Step::Sending => Verdict::InDoubt,
        Failure::Decode { .. } => Verdict::NotYet(None),
        Failure::Api { status, reason, message, retry_after, repeatable, after_doubt, .. } => {
            if *after_doubt && !*repeatable {
                return Verdict::InDoubt;
            }
            match status {
                408 | 500 | 502..=599 if *repeatable => Verdict::NotYet(*retry_after),
                408 | 500 | 502..=599 => Verdict::InDoubt,
                403 | 429 if failure.is_transient() => {
                    let said = retry_after.or_else(|| said_in(message.as_deref()?, now));
                    Verdict::NotYet(said.or_else(|| Some(usual_wait(reason.as_deref(), now))))
                }
                _ if step == Step::Proving => Verdict::Blocked,
                // An upload's address that the server has forgotten, again and again.
                404 | 410 if step == Step::Sending && *repeatable && reason.is_none() => {
                    Verdict::NotYet(*retry_after)
                }
                400 if reason.as_deref() == Some("failedPrecondition") => Verdict::Blocked,
                // Without Google's word for it, it is not about the mail but the address.
                400 | 404 | 422 if reason.is_some() => Verdict::Refused,
                413 => Verdict::Refused,
                _ => Verdict::Blocked,
            }
        }
        Failure::ConsentNeeded { .. }
        | Failure::ConsentNotGiven { .. }
        | Failure::RotationInterrupted { .. }
        | Failure::FreshTokenRejected { .. }
        | Failure::OtherIdentity { .. }
        | Failure::File { .. }
        | Failure::Refused { .. }
        | Failure::ScopesMissing { .. }
        | Failure::TokenExpired { .. }
        | Failure::TokenRejected { .. }
        | Failure::MalformedScope { .. }
        | Failure::MalformedServiceKey { .. }
        | Failure::MalformedToken { .. } => Verdict::Blocked,
        // The enum may grow; what is unknown is not repeated behind anybody's back.
        other if other.may_have_been_executed() => Verdict::InDoubt,
        other if other.is_transient() => Verdict::NotYet(other.retry_after()),
        _ => Verdict::Blocked,
    }
}

/// Whether the server says of a draft that it is one no more, since it was sent or deleted.
///
/// What was sent from Gmail's own pages keeps the draft's id, and is called no draft.
pub(super) fn is_gone(failure: &Failure) -> bool {
    match failure {
        Failure::Api { status: 404, reason, .. } => reason.is_some(),
        Failure::Api { status: 400, message: Some(message), .. } => {
            message.to_ascii_lowercase().contains("not a draft")
        }
        _ => false,
    }
}

/// The wait that Gmail writes into the sentence of its refusal, and not into a header:
/// `User-rate limit exceeded. Retry after 2026-05-01T12:00:05.000Z`.
fn said_in(message: &str, now: Timestamp) -> Option<Duration> {
    let (_, after) = message.split_once("Retry after ")?;
    let until: Timestamp = after.split_whitespace().next()?.parse().ok()?;
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Some(wait.clamp(LEAST_WAIT, DAY))
}

fn usual_wait(reason: Option<&str>, now: Timestamp) -> Duration {
    match reason {
        Some("dailyLimitExceeded" | "quotaExceeded") => until_tomorrow(now),
        _ => MINUTE,
    }
}

/// Until the quotas of the day begin anew, which they do at midnight Pacific time. That is 08:00
/// UTC, or in summer an hour earlier; the later of the two needs no table of time zones.
fn until_tomorrow(now: Timestamp) -> Duration {
    let since = now.as_second().rem_euclid(86_400) - 8 * 3_600;
    let left = SignedDuration::from_secs((-since).rem_euclid(86_400));
    let left = left - SignedDuration::from_nanos(now.subsec_nanosecond().into());
    Duration::try_from(left).unwrap_or(DAY).max(LEAST_WAIT)
}

/// The quota that is meant is one of a minute.
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
/// A clock that is behind the server's would call again at once.
const LEAST_WAIT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, error::Error as _};

    use jada_auth::FileProblem;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn noon() -> Timestamp {
        "2026-05-01T12:00:00Z".parse().unwrap()
    }

    fn later(seconds: u64) -> Verdict {
        Verdict::NotYet(Some(Duration::from_secs(seconds)))
    }

    /// An answer that is no success, to something that is repeatable or not.
    fn api(status: u16, reason: Option<&str>, repeatable: bool) -> Failure {
        Failure::Api {
            request: "POST https://gmail.example/x".to_owned(),
            status,
            reason: reason.map(str::to_owned),
            message: Some("No.".to_owned()),
            retry_after: None,
            repeatable,
            after_doubt: false,
        }
    }

    fn asked_to_wait(failure: Failure) -> Failure {
        let Failure::Api { request, status, reason, message, repeatable, after_doubt, .. } =
            failure
        else {
            panic!("{failure:?}");
        };
        let retry_after = Some(7 * SECOND);
        Failure::Api { request, status, reason, message, retry_after, repeatable, after_doubt }
    }

    fn after_doubt(failure: Failure) -> Failure {
        let Failure::Api { request, status, reason, message, repeatable, retry_after, .. } =
            failure
        else {
            panic!("{failure:?}");
        };
        let after_doubt = true;
        Failure::Api { request, status, reason, message, retry_after, repeatable, after_doubt }
    }

    fn ambiguous(repeatable: bool) -> Failure {
        Failure::Ambiguous { request: "x".to_owned(), repeatable, source: None }
    }

    /// What it means for a mail that is sent, for what is asked about one, and for what is read.
    fn table() -> Vec<(Failure, [Verdict; 3])> {
        use Verdict::{Blocked, InDoubt, NotYet, Refused};

        let same = |verdict: fn() -> Verdict| [verdict(), verdict(), verdict()];
        let text = || "x".to_owned();
        let transient =
            |retry_after| Failure::Transient { action: text(), retry_after, source: None };
        let (decode, connect) = (
            Failure::Decode { request: text(), source: None },
            Failure::Connect { request: text(), source: None },
        );
        let mut table = vec![
            (transient(None), same(|| NotYet(None))),
            (transient(Some(7 * SECOND)), same(|| later(7))),
            (
                Failure::LeaseHeld { holder: text(), store: text(), mend: text() },
                same(|| NotYet(None)),
            ),
            (connect, same(|| NotYet(None))),
            (ambiguous(true), same(|| NotYet(None))),
            (ambiguous(false), same(|| InDoubt)),
            (decode, [InDoubt, NotYet(None), NotYet(None)]),
            (Failure::ConsentNeeded { what: text(), command: text() }, same(|| Blocked)),
            (Failure::ConsentNotGiven { why: text(), command: text() }, same(|| Blocked)),
            (
                Failure::RotationInterrupted { what: text(), at: noon(), command: text() },
                same(|| Blocked),
            ),
            (Failure::FreshTokenRejected { minted_at: noon(), retry_at: noon() }, same(|| Blocked)),
            (
                Failure::OtherIdentity { store: text(), identity: text(), mend: text() },
                same(|| Blocked),
            ),
            (
                Failure::File {
                    path: "x".into(),
                    problem: FileProblem::Mode { mode: 0o644 },
                    mend: text(),
                    source: None,
                },
                same(|| Blocked),
            ),
            (Failure::Refused { action: text(), mend: text(), source: None }, same(|| Blocked)),
            (Failure::ScopesMissing { missing: "x".parse().unwrap() }, same(|| Blocked)),
            (Failure::TokenExpired { expires_at: noon() }, same(|| Blocked)),
            (Failure::TokenRejected { rejected_at: noon() }, same(|| Blocked)),
            (Failure::MalformedScope { scope: text(), byte: None }, same(|| Blocked)),
            (Failure::MalformedServiceKey { what: text(), mend: text() }, same(|| Blocked)),
            (Failure::MalformedToken { byte: None }, same(|| Blocked)),
        ];
        let about_the_mail = || [Refused, Blocked, Refused];
        for (reason, expected) in [
            (Some("invalidArgument"), about_the_mail()),
            (Some("failedPrecondition"), same(|| Blocked)),
            (None, same(|| Blocked)),
        ] {
            table.push((api(400, reason, false), expected));
        }
        table.extend([
            (api(404, Some("notFound"), false), about_the_mail()),
            (api(404, None, false), same(|| Blocked)),
            (api(404, None, true), [NotYet(None), Blocked, Blocked]),
            (api(410, None, true), [NotYet(None), Blocked, Blocked]),
            (api(422, Some("invalid"), false), about_the_mail()),
            (api(413, None, false), about_the_mail()),
            (api(302, None, false), same(|| Blocked)),
            (api(401, Some("authError"), false), same(|| Blocked)),
            (api(403, Some("domainPolicy"), false), same(|| Blocked)),
            (api(403, Some("insufficientPermissions"), false), same(|| Blocked)),
            (api(403, None, false), same(|| Blocked)),
            (api(405, None, false), same(|| Blocked)),
            (api(409, Some("conflict"), false), same(|| Blocked)),
            (api(501, None, false), same(|| Blocked)),
            (after_doubt(api(400, Some("invalid"), false)), same(|| InDoubt)),
            (after_doubt(api(400, Some("invalid"), true)), about_the_mail()),
            // 20 hours until 08:00 UTC.
            (api(403, Some("dailyLimitExceeded"), false), same(|| later(72_000))),
            (api(403, Some("quotaExceeded"), false), same(|| later(72_000))),
            (api(429, Some("dailyLimitExceeded"), false), same(|| later(72_000))),
            (asked_to_wait(api(403, Some("dailyLimitExceeded"), false)), same(|| later(7))),
            (api(429, None, false), same(|| later(60))),
            (api(429, Some("rateLimitExceeded"), true), same(|| later(60))),
            (api(403, Some("rateLimitExceeded"), false), same(|| later(60))),
            (api(403, Some("userRateLimitExceeded"), false), same(|| later(60))),
            (asked_to_wait(api(429, Some("rateLimitExceeded"), false)), same(|| later(7))),
            (asked_to_wait(api(503, None, true)), same(|| later(7))),
            (asked_to_wait(api(503, None, false)), same(|| InDoubt)),
        ]);
        for status in [408, 500, 502, 503, 504, 520, 599] {
            table.push((api(status, Some("backendError"), true), same(|| NotYet(None))));
            table.push((api(status, None, false), same(|| InDoubt)));
        }
        table
    }

    #[test]
    fn every_failure_means_one_of_four_things_for_a_mail() {
        for (failure, expected) in table() {
            for (step, expected) in
                [Step::Sending, Step::Proving, Step::Reading].iter().zip(expected)
            {
                assert_eq!(verdict(&failure, *step, noon()), expected, "{step:?}: {failure:?}");
            }
        }
    }

    #[test]
    fn the_table_has_every_kind_of_failure() {
        let kinds: BTreeSet<_> = table()
            .iter()
            .map(|(failure, _)| format!("{failure:?}").split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(kinds.len(), 19, "{kinds:?}");
    }

    #[test]
    fn what_is_asked_about_a_mail_is_never_in_doubt_and_never_refused() {
        for status in 100..=999 {
            for reason in [None, Some("notFound"), Some("rateLimitExceeded")] {
                let verdict = verdict(&api(status, reason, true), Step::Proving, noon());
                assert!(!matches!(verdict, Verdict::Refused | Verdict::InDoubt), "{status}");
            }
        }
    }

    #[test]
    fn the_failure_stays_reachable_as_the_source() {
        for step in [Step::Sending, Step::Proving, Step::Reading] {
            for (failure, _) in table() {
                let text = failure.to_string();
                let error = sorted(failure, step, noon());
                let source = error.source().unwrap().downcast_ref::<Failure>().unwrap();
                assert_eq!(source.to_string(), text);
                assert!(!error.to_string().contains(&text));
            }
        }
    }

    #[test]
    fn the_wait_that_gmail_writes_into_its_sentence_is_kept() {
        for (message, wait) in [
            ("User-rate limit exceeded. Retry after 2026-05-01T12:00:05.000Z", Some(5)),
            ("Retry after 2026-05-01T12:01:00Z (Mail sending)", Some(60)),
            ("Retry after 2026-05-01T11:00:00Z", Some(1)),
            ("Retry after 2029-05-01T11:00:00Z", Some(86_400)),
            ("Retry after a while", None),
            ("Retry after ", None),
            ("Slow down", None),
        ] {
            assert_eq!(said_in(message, noon()).map(|wait| wait.as_secs()), wait, "{message}");
        }
    }

    #[test]
    fn tomorrow_begins_at_eight_in_the_morning_utc() {
        for (now, seconds) in [
            ("2026-05-01T08:00:01Z", 86_399),
            ("2026-05-01T00:00:00Z", 28_800),
            ("2026-05-01T07:59:50Z", 10),
            ("2026-05-01T07:59:59.9Z", 1),
            ("2026-05-01T23:59:59Z", 28_801),
            ("1969-12-31T23:59:59Z", 28_801),
        ] {
            assert_eq!(until_tomorrow(now.parse().unwrap()).as_secs(), seconds, "{now}");
        }
    }

    #[test]
    fn a_draft_is_gone_by_googles_word_alone() {
        let said = |status, message: &str| match api(status, Some("invalidArgument"), false) {
            Failure::Api { request, reason, retry_after, repeatable, after_doubt, .. } => {
                let message = Some(message.to_owned());
                Failure::Api {
                    request,
                    status,
                    reason,
                    message,
                    retry_after,
                    repeatable,
                    after_doubt,
                }
            }
            other => other,
        };
        assert!(is_gone(&api(404, Some("notFound"), false)));
        assert!(is_gone(&said(400, "Message not a draft")));
        assert!(!is_gone(&api(404, None, false)));
        assert!(!is_gone(&said(400, "Invalid To header")));
        assert!(!is_gone(&said(403, "Message not a draft")));
        assert!(!is_gone(&ambiguous(false)));
    }
}
