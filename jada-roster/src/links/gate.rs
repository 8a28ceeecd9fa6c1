//! What a text has to pass before a store is asked about it, and what draws new ones.

use std::sync::Arc;
use std::time::Duration;

use jada_auth::Clock;
use jiff::Timestamp;

use crate::crew::id::CrewId;
use crate::error::Error;
use crate::links::limit::Limiter;
use crate::links::pepper::{LinkDigest, Pepper, Peppers};
use crate::links::record::{Denied, TAKEN_BACK};
use crate::links::text::{Handle, LinkText, TextForm};
use crate::links::{Link, LinkKind, LinkRefusal, LinkSpec, Presented};

/// The peppers, the clock, and the limit without which no compact text is accepted or made.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) peppers: Peppers,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) compact: Option<Limiter>,
}

/// A text that may be looked up.
pub(crate) struct Admitted<'a> {
    pub(crate) pepper: &'a Pepper,
    pub(crate) digest: LinkDigest,
}

/// A link that a store is about to keep.
pub(crate) struct Drawn {
    pub(crate) link: Link,
    pub(crate) digest: LinkDigest,
    pub(crate) now: Timestamp,
}

impl Gate {
    /// Now, in whole milliseconds: no table holds more, and all backends are to judge alike.
    pub(crate) fn now(&self) -> Timestamp {
        in_milliseconds(self.clock.now().wall)
    }

    pub(crate) fn admit(&self, presented: &Presented) -> Result<Admitted<'_>, Denied> {
        let text = presented.text();
        match (text.form(), &self.compact) {
            (TextForm::Plain, _) | (TextForm::Compact, None) => {
                return Err(LinkRefusal::NotAccepted.into());
            }
            (TextForm::Compact, Some(limit)) => limit.check(presented.source())?,
            (TextForm::Single | TextForm::Standing, _) => {}
        }
        let pepper = self.peppers.named(text.pepper()).ok_or(LinkRefusal::UnknownPepper)?;
        Ok(Admitted { pepper, digest: pepper.digest(presented.purpose(), text.expose()) })
    }

    pub(crate) fn draw(&self, crew: &CrewId, spec: &LinkSpec) -> Result<Drawn, Error> {
        let (pepper, now) = (self.peppers.current(), self.now());
        let text = match (spec.compact_length(), spec.kind()) {
            (None, LinkKind::SingleUse | LinkKind::Session) => LinkText::single(pepper.id())?,
            (None, LinkKind::Standing) => LinkText::standing(pepper.id(), &Handle::of(crew))?,
            (Some(_), LinkKind::Session) => {
                return Err(Error::invalid("link", "a compact session", "one that nobody types"));
            }
            (Some(_), _) if self.compact.is_none() => {
                let expected = "a limit on attempts, which whoever builds the links sets";
                return Err(Error::invalid("link", "a compact text", expected));
            }
            (Some(length), _) => LinkText::compact(pepper.id(), length)?,
        };
        let digest = pepper.digest(spec.purpose(), text.expose());
        let expires_at = spec.expires_at(now).map(in_milliseconds);
        let (crew, purpose) = (crew.clone(), spec.purpose().clone());
        Ok(Drawn { link: Link { text, crew, purpose, expires_at }, digest, now })
    }
}

/// A spec that `rotate` can do with.
pub(crate) fn check_standing(spec: &LinkSpec) -> Result<(), Error> {
    match spec.kind() {
        LinkKind::Standing => Ok(()),
        kind => Err(Error::invalid("link to rotate", kind.as_str(), "a standing one")),
    }
}

/// Without grace there is no instant at which a link that was replaced opens.
pub(crate) fn end_of_grace(now: Timestamp, grace: Duration) -> Timestamp {
    if grace.is_zero() {
        return TAKEN_BACK;
    }
    now.checked_add(grace.min(LONGEST_GRACE)).map_or(Timestamp::MAX, in_milliseconds)
}

/// As the life of a link.
const LONGEST_GRACE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn in_milliseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant)
}
