//! What a call asks of one member, for the page on which they answer.

use crate::call::Outcome;
use crate::call::step::so_far;
use crate::charter::CharterId;
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::crew_call::CrewCall;
use crate::crew_call::known::{Known, Unread};
use crate::error::Error;
use crate::event::CharterEvent;

/// What a call asks of one member, and what has become of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Question {
    /// The charter as it is now, with its money.
    pub event: CharterEvent,
    /// As what they are asked to sail; none for one who was not asked, or cannot answer any more.
    pub berth: Option<Role>,
    /// What has become of it; none while an answer would be taken. Whether they sail elsewhere is not
    /// looked at before they answer.
    pub outcome: Option<Outcome>,
}

impl CrewCall {
    /// What a member is asked. One strongly consistent read, and nothing is written.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a charter; [`Error::CorruptItem`] and [`Error::Invalid`] for a
    /// row that a person mends, such as one whose hours cannot be read. [`Error::Unavailable`] is worth
    /// a retry.
    pub async fn question(&self, id: &CharterId, crew: &CrewId) -> Result<Question, Error> {
        let opened = self.open(id).await?;
        let event = match self.known(&opened)? {
            // Nobody is asked to sail at hours that may be others by now.
            Known { unread: Some(Unread::Hours(error)), .. } => return Err(error),
            Known { event, .. } => event,
        };
        let now = self.now();
        let (berth, outcome) = match &opened.call {
            Some(call) => so_far(call, self.facts(&event, now), crew, now),
            None => (None, Some(Outcome::NotAsked)),
        };
        Ok(Question { event, berth, outcome })
    }
}
