//! What the audit log gets: who, what for, and the true reason; never a text, a digest or a nonce.

use tracing::{info, warn};

use crate::crew::id::CrewId;
use crate::error::Error;
use crate::links::record::{Denied, Record, Refusal};
use crate::links::{Link, LinkKind, LinkSpec, Peeked, Presented, Purpose, Verified};

/// Notes how an attempt to open a link ended, and gives outsiders no more than the reason.
pub(crate) fn attempted(
    presented: &Presented,
    outcome: Result<Verified, Denied>,
) -> Result<Verified, Error> {
    let verified = outcome.map_err(|denied| told(presented, denied))?;
    opened(presented, &verified);
    Ok(verified)
}

/// Notes how a look at a link ended, likewise.
pub(crate) fn peeked(
    presented: &Presented,
    outcome: Result<Peeked, Denied>,
) -> Result<Peeked, Error> {
    let peeked = outcome.map_err(|denied| told(presented, denied))?;
    info!(
        target: TARGET,
        event = "peeked",
        crew = peeked.crew.as_str(),
        purpose = peeked.purpose.as_str(),
        kind = peeked.kind.as_str(),
        source = presented.source(),
    );
    Ok(peeked)
}

fn told(presented: &Presented, denied: Denied) -> Error {
    match denied {
        Denied::Refused(Refusal { reason, crew }) => {
            refused(presented, crew.as_ref(), &reason.to_string());
            Error::LinkRefused { reason }
        }
        Denied::Failed(error @ Error::TooManyAttempts { .. }) => {
            refused(presented, None, "too many were tried");
            error
        }
        Denied::Failed(error) => error,
    }
}

fn opened(presented: &Presented, verified: &Verified) {
    let event = if verified.kind == LinkKind::SingleUse { "consumed" } else { "verified" };
    info!(
        target: TARGET,
        event,
        crew = verified.crew.as_str(),
        purpose = presented.purpose().as_str(),
        kind = verified.kind.as_str(),
        source = presented.source(),
    );
}

fn refused(presented: &Presented, crew: Option<&CrewId>, reason: &str) {
    warn!(
        target: TARGET,
        event = "refused",
        crew = crew.map(CrewId::as_str),
        purpose = presented.purpose().as_str(),
        reason,
        source = presented.source(),
    );
}

pub(crate) fn issued(spec: &LinkSpec, outcome: Result<Link, Error>) -> Result<Link, Error> {
    made("issued", spec, outcome)
}

pub(crate) fn rotated(spec: &LinkSpec, outcome: Result<Link, Error>) -> Result<Link, Error> {
    made("rotated", spec, outcome)
}

fn made(event: &'static str, spec: &LinkSpec, outcome: Result<Link, Error>) -> Result<Link, Error> {
    outcome.inspect(|link| {
        info!(
            target: TARGET,
            event,
            crew = link.crew.as_str(),
            purpose = spec.purpose().as_str(),
            kind = spec.kind().as_str(),
        );
    })
}

/// Notes that `count` links were taken back; without a purpose, those for all.
pub(crate) fn revoked(
    crew: &CrewId,
    purpose: Option<&Purpose>,
    outcome: Result<usize, Error>,
) -> Result<usize, Error> {
    outcome.inspect(|count| {
        info!(
            target: TARGET,
            event = "revoked",
            crew = crew.as_str(),
            purpose = purpose.map(Purpose::as_str),
            count,
        );
    })
}

pub(crate) fn ended(presented: &Presented, crew: &CrewId) {
    info!(
        target: TARGET,
        event = "revoked",
        crew = crew.as_str(),
        purpose = presented.purpose().as_str(),
        kind = LinkKind::Session.as_str(),
        source = presented.source(),
    );
}

/// Notes that a session ended so that there is room for a newer link.
pub(crate) fn displaced(crew: &CrewId, Record { purpose, kind, .. }: &Record) {
    info!(
        target: TARGET,
        event = "revoked",
        crew = crew.as_str(),
        purpose = purpose.as_str(),
        kind = kind.as_str(),
        reason = "room for a newer link",
    );
}

pub(crate) const TARGET: &str = "jada_roster::audit";
