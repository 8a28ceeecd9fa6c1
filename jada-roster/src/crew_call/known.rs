//! What is known of a charter where not all of its row can be read.

use crate::calls::CalledCharter;
use crate::crew_call::CrewCall;
use crate::error::Error;
use crate::event::CharterEvent;

/// A charter as far as it can be read.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) event: CharterEvent,
    pub(super) unread: Option<Unread>,
}

/// What a person is to mend, though a call goes on without it.
#[derive(Debug)]
pub(super) enum Unread {
    /// The number of guests, which no call asks for.
    Guests(Error),
    /// The hours: they are taken to be as they last were, and nobody is asked.
    Hours(Error),
}

impl CrewCall {
    /// Hours that cannot be read are an error where nobody was called yet.
    pub(super) fn known(&self, called: &CalledCharter) -> Result<Known, Error> {
        let charter = || called.charter.clone();
        let error = match CharterEvent::of(charter(), &self.columns) {
            Ok(event) => return Ok(Known { event, unread: None }),
            Err(error @ Error::Invalid { .. }) => error,
            Err(error) => return Err(error),
        };
        let columns = self.columns.clone().with_head_count("");
        if let Ok(event) = CharterEvent::of(charter(), &columns) {
            return Ok(Known { event, unread: Some(Unread::Guests(error)) });
        }
        let Some(call) = &called.call else {
            return Err(error);
        };
        let event = CharterEvent::of(charter(), &columns.with_hours(""))?;
        let sailing = Some(call.sailing()).filter(|sailing| sailing.date == event.date());
        let event = event.with_hours(sailing.and_then(|sailing| sailing.hours));
        Ok(Known { event, unread: Some(Unread::Hours(error)) })
    }
}

impl From<Unread> for Error {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Guests(error) | Unread::Hours(error) => error,
        }
    }
}
