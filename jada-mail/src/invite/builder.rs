//! Collects the parts of an invitation and checks them once.

use std::collections::HashSet;

use super::{EventDescription, EventTime, EventUid, Invite, Sequence, WebAddress};
use crate::{Address, Error, HeaderText, syntax::invalid};

/// Collects the parts of an [`Invite`]; [`build`](Self::build) checks them once.
///
/// Required: a summary, an organizer and an attendee.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct InviteBuilder {
    uid: EventUid,
    last: Option<Sequence>,
    start: EventTime,
    end: EventTime,
    summary: Option<HeaderText>,
    location: Option<HeaderText>,
    description: Option<EventDescription>,
    url: Option<WebAddress>,
    organizer: Option<Address>,
    attendees: Vec<Address>,
    is_accepted: bool,
}

impl InviteBuilder {
    pub(super) fn new(uid: EventUid, start: EventTime, end: EventTime) -> Self {
        Self {
            uid,
            last: None,
            start,
            end,
            summary: None,
            location: None,
            description: None,
            url: None,
            organizer: None,
            attendees: Vec::new(),
            is_accepted: false,
        }
    }

    pub(super) fn following(invite: &Invite) -> Self {
        let invite = invite.clone();
        Self {
            uid: invite.uid,
            last: Some(invite.sequence),
            start: invite.start,
            end: invite.end,
            summary: Some(invite.summary),
            location: invite.location,
            description: invite.description,
            url: invite.url,
            organizer: Some(invite.organizer),
            attendees: invite.attendees,
            is_accepted: invite.is_accepted,
        }
    }

    /// Makes this the next word on an event, after the one of `last`.
    pub fn follows(mut self, last: Sequence) -> Self {
        self.last = Some(last);
        self
    }

    /// Sets when the event begins and ends.
    pub fn moved_to(mut self, start: impl Into<EventTime>, end: impl Into<EventTime>) -> Self {
        (self.start, self.end) = (start.into(), end.into());
        self
    }

    /// Sets what the event is called.
    pub fn summary(mut self, summary: HeaderText) -> Self {
        self.summary = Some(summary);
        self
    }

    /// Sets where it is.
    pub fn location(mut self, location: HeaderText) -> Self {
        self.location = Some(location);
        self
    }

    /// Sets what it is about.
    pub fn description(mut self, description: EventDescription) -> Self {
        self.description = Some(description);
        self
    }

    /// Sets a page that says more.
    pub fn url(mut self, url: WebAddress) -> Self {
        self.url = Some(url);
        self
    }

    /// Sets who invites, and gets the answers: the sender of the mail.
    pub fn organizer(mut self, organizer: Address) -> Self {
        self.organizer = Some(organizer);
        self
    }

    /// Invites somebody. The mail goes to its own recipients, whoever is invited.
    pub fn attendee(mut self, attendee: Address) -> Self {
        self.attendees.push(attendee);
        self
    }

    /// Sets everybody who is invited, in place of those so far.
    pub fn attendees(mut self, attendees: impl IntoIterator<Item = Address>) -> Self {
        self.attendees = attendees.into_iter().collect();
        self
    }

    /// Says that everybody who is invited has accepted already, by other means: a calendar takes the
    /// event for agreed on, and asks for no answer that nobody would read.
    pub fn accepted(mut self) -> Self {
        self.is_accepted = true;
        self
    }

    /// Checks the parts and makes the invitation, or the update if it follows another.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] without one of the required parts; [`Error::Invalid`] for a time
    /// before 1970 or after 9998, an end that is not after the start, or a year after it. None is
    /// worth a retry.
    pub fn build(mut self) -> Result<Invite, Error> {
        // Who is named twice, in To and Cc say, is invited once.
        let mut invited = HashSet::new();
        self.attendees.retain(|attendee| invited.insert(attendee.email().to_owned()));
        let missing = |missing| Error::Incomplete { missing };
        check(&self.start, &self.end)?;
        if self.attendees.is_empty() {
            return Err(missing("somebody who is invited: set `attendee`"));
        }
        Ok(Invite {
            uid: self.uid,
            sequence: self.last.map_or(Sequence::FIRST, Sequence::next),
            is_cancellation: false,
            start: self.start,
            end: self.end,
            summary: self.summary.ok_or_else(|| missing("a summary: set `summary`"))?,
            location: self.location,
            description: self.description,
            url: self.url,
            organizer: self.organizer.ok_or_else(|| missing("an organizer: set `organizer`"))?,
            attendees: self.attendees,
            is_accepted: self.is_accepted,
        })
    }

    /// Checks the parts and calls the event off: for an invitation of an earlier process. Of one
    /// that is at hand, [`Invite::cancel`] is all it takes.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build), and [`Error::Incomplete`] for an event that nobody was invited to
    /// yet. None is worth a retry.
    pub fn build_cancellation(self) -> Result<Invite, Error> {
        if self.last.is_none() {
            return Err(Error::Incomplete { missing: "what it calls off: set `follows`" });
        }
        Ok(Invite { is_cancellation: true, ..self.build()? })
    }
}

fn check(start: &EventTime, end: &EventTime) -> Result<(), Error> {
    let wrong = |time: &EventTime, expected| {
        let text = time.timestamp().to_string();
        Err(invalid("the time of an event", &text, 0, expected))
    };
    let [begin, over] = [start, end].map(|time| time.timestamp().as_second());
    match (begin, over) {
        (..EARLIEST, _) => wrong(start, "the year 1970 or later"),
        (_, LATEST..) => wrong(end, "the year 9998 or earlier"),
        _ if start.is_day() != end.is_day() => {
            wrong(end, "a day where the start is a day, and else an hour")
        }
        _ if over <= begin => wrong(end, "an end after the start"),
        _ if over - begin > LONGEST => wrong(end, "an end at most 366 days after the start"),
        _ => Ok(()),
    }
}

/// 1970-01-02T00:00:00Z in Unix seconds: in 1970 in every zone.
const EARLIEST: i64 = 86_400;
/// 9998-12-31T00:00:00Z: of four digits in every zone, as a calendar's years are.
const LATEST: i64 = 253_370_678_400;
/// 366 days; what is longer is a slip of a year.
const LONGEST: i64 = 366 * 86_400;
