//! What a server's refusal means: whether time heals it, and what an operator can do.

use std::{fmt, time::Duration};

/// Whether another try later may fare better. A request that must not be done twice fares no
/// better after a status that leaves open whether it was done.
pub(super) fn heals_by_itself(status: u16, reason: Option<&str>, repeatable: bool) -> bool {
    match status {
        429 => true,
        403 => reason.is_some_and(|reason| QUOTA.contains(&reason)),
        408 | 500 | 502 | 503 | 504 | 520..=530 => repeatable,
        _ => false,
    }
}

/// With the server's word and sentence, or else with what mends it.
#[expect(clippy::too_many_arguments, reason = "thiserror hands over every field")]
pub(super) fn fmt_api(
    request: &str,
    status: &u16,
    reason: &Option<String>,
    message: &Option<String>,
    retry_after: &Option<Duration>,
    _: &bool,
    after_doubt: &bool,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "{request} was answered {status}")?;
    if let Some(reason) = reason {
        write!(f, " ({reason})")?;
    }
    if let Some(message) = message {
        write!(f, ": {message}")?;
    }
    if *after_doubt {
        f.write_str(": an earlier try lost its answer and may have done it, so look first")?;
    }
    if let Some(wait) = retry_after {
        return write!(f, ": try again in {} s", wait.as_millis().div_ceil(1000).max(1));
    }
    match mend(*status, reason.as_deref()) {
        Some(mend) => write!(f, ": {mend}"),
        None => Ok(()),
    }
}

fn mend(status: u16, reason: Option<&str>) -> Option<&'static str> {
    match (status, reason) {
        (_, Some("dailyLimitExceeded" | "quotaExceeded")) => {
            Some("try again tomorrow, or ask for more quota")
        }
        (429, _) => Some("try again later"),
        (403, Some(reason)) if QUOTA.contains(&reason) => Some("try again later"),
        (403, Some("accessNotConfigured" | "SERVICE_DISABLED")) => {
            Some("enable the API in the project that the OAuth client belongs to")
        }
        (403, Some("insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT")) => {
            Some("consent to the scope that this call needs, and ask for it")
        }
        (300..=399, _) => Some("redirects are not followed, so use the address that it leads to"),
        (401, _) => Some("a new token was rejected too, so see whether the account may do this"),
        (404, _) => Some("check the address and the ids in it, and whether the account may see it"),
        (408 | 500.., _) => Some("the server fails for now, so try again later"),
        _ => None,
    }
}

/// By which Google says that a quota is used up, of seconds or of the day
/// ([Gmail](https://developers.google.com/workspace/gmail/api/guides/handle-errors),
/// [Drive](https://developers.google.com/workspace/drive/api/guides/handle-errors)).
const QUOTA: [&str; 7] = [
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "sharingRateLimitExceeded",
    "dailyLimitExceeded",
    "quotaExceeded",
    "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_says_what_heals_it() {
        for status in 100..=999 {
            let repeatable = matches!(status, 408 | 429 | 500 | 502 | 503 | 504 | 520..=530);
            assert_eq!(heals_by_itself(status, None, true), repeatable, "{status}");
            assert_eq!(heals_by_itself(status, None, false), status == 429, "{status}");
        }
    }

    #[test]
    fn a_quota_heals_by_itself_and_other_refusals_do_not() {
        for reason in QUOTA {
            assert!(heals_by_itself(403, Some(reason), false), "{reason}");
            assert!(!heals_by_itself(400, Some(reason), false), "{reason}");
        }
        for reason in ["insufficientPermissions", "domainPolicy", ""] {
            assert!(!heals_by_itself(403, Some(reason), true), "{reason}");
        }
    }
}
