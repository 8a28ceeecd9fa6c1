//! What became of the mails that a drain took in hand.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::text;
use crate::IdempotencyKey;

/// What became of the mails that a [drain](crate::Outbox::drain) took in hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[must_use = "what was not sent is told here"]
pub struct Drained {
    /// Those that were sent, or found to have been sent.
    #[serde(serialize_with = "text::list")]
    pub sent: Vec<IdempotencyKey>,
    /// Those that failed for good.
    #[serde(serialize_with = "text::list")]
    pub failed: Vec<IdempotencyKey>,
    /// Those of which nobody can tell by now whether they were sent.
    #[serde(serialize_with = "text::list")]
    pub unknown: Vec<IdempotencyKey>,
    /// Those that still wait, whether they were tried or not; [`Outbox::status`](crate::Outbox::status) says why.
    #[serde(serialize_with = "text::list")]
    pub waiting: Vec<IdempotencyKey>,
    /// How many drafts were removed that lost answers had left behind.
    pub drafts_removed: usize,
    /// When the next of them is worth a drain: a UTC instant; none when nothing waits.
    pub next: Option<Timestamp>,
    /// What keeps all mails from being sent for now, if something does.
    pub paused: Option<String>,
}

/// A line for each mail, and what is to be done next.
impl fmt::Display for Drained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, failed, unknown, waiting, .. } = self;
        for (keys, became) in
            [(sent, "sent"), (failed, "failed"), (unknown, "unknown"), (waiting, "waiting")]
        {
            keys.iter().try_for_each(|key| writeln!(f, "{became:7}  {key}"))?;
        }
        if self.drafts_removed > 0 {
            writeln!(f, "{} drafts removed that lost answers had left", self.drafts_removed)?;
        }
        if let Some(why) = &self.paused {
            writeln!(f, "all wait: {why}")?;
        }
        match self.next {
            None if !unknown.is_empty() || !failed.is_empty() => {
                f.write_str("nothing else waits; a person has to decide, see `outbox status`")
            }
            None if !waiting.is_empty() => f.write_str("the rest was begun by another transport"),
            None => f.write_str("nothing waits"),
            Some(at) => write!(f, "the next drain is worth while at {at:.0}"),
        }
    }
}
