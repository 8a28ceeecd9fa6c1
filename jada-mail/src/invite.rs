//! An invitation that a calendar reads.

use jiff::Timestamp;

use crate::{Address, HeaderText};

mod builder;
mod event_time;
mod ics;
mod values;
mod zone;

pub use builder::InviteBuilder;
pub use event_time::EventTime;
pub use values::{EventDescription, EventUid, Sequence, WebAddress};

/// An invitation to an event, a change of one, or its cancellation
/// ([RFC 5546](https://www.rfc-editor.org/rfc/rfc5546)), as a mail carries it
/// ([RFC 6047](https://www.rfc-editor.org/rfc/rfc6047)).
///
/// All three have the [`EventUid`] of the event, by which a calendar finds it again, and each has a
/// higher [`Sequence`] than the one before: [`update`](Self::update) and [`cancel`](Self::cancel)
/// see to both. A mail shows it in the calendar's own way, and carries it as `invite.ics` for
/// programs that do not.
///
/// ```
/// # use jada_mail::{Invite, Message};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let start: jiff::Timestamp = "2026-07-04T09:00:00Z".parse()?;
/// let sail = Invite::builder("sail-42@example.com".parse()?, start, start + jiff::Span::new().hours(3))
///     .organizer("Example Sailing <crew@example.com>".parse()?)
///     .attendee("Ada <ada@example.com>".parse()?)
///     .summary("Morning sail".parse()?)
///     .build()?;
/// let called_off = sail.cancel();
/// assert!(called_off.sequence() > sail.sequence());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    uid: EventUid,
    sequence: Sequence,
    is_cancellation: bool,
    start: EventTime,
    end: EventTime,
    summary: HeaderText,
    location: Option<HeaderText>,
    description: Option<EventDescription>,
    url: Option<WebAddress>,
    organizer: Address,
    attendees: Vec<Address>,
    is_accepted: bool,
}

impl Invite {
    /// Begins the first invitation to the event `uid`, from `start` to `end`: each an instant, or
    /// an hour of a time zone, which the calendar then shows too.
    pub fn builder(
        uid: EventUid,
        start: impl Into<EventTime>,
        end: impl Into<EventTime>,
    ) -> InviteBuilder {
        InviteBuilder::new(uid, start.into(), end.into())
    }

    /// Begins a change of this event, with everything as it is here. To take somebody off the
    /// list, send them the [cancellation](Self::cancel) and the others the update.
    pub fn update(&self) -> InviteBuilder {
        InviteBuilder::following(self)
    }

    /// Calls this event off.
    #[must_use]
    pub fn cancel(&self) -> Self {
        Self { is_cancellation: true, sequence: self.sequence.next(), ..self.clone() }
    }

    /// Returns the name of the event, the same for all that is said of it.
    pub fn uid(&self) -> &EventUid {
        &self.uid
    }

    /// Returns which word on the event this is. To say another one in a later process, keep it
    /// and give it to [`InviteBuilder::follows`].
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// Tells whether it calls the event off.
    pub fn is_cancellation(&self) -> bool {
        self.is_cancellation
    }

    /// Returns when the event begins.
    pub fn start(&self) -> &EventTime {
        &self.start
    }

    /// Returns when it is over.
    pub fn end(&self) -> &EventTime {
        &self.end
    }

    /// Returns what it is called.
    pub fn summary(&self) -> &HeaderText {
        &self.summary
    }

    /// Returns who invites.
    pub fn organizer(&self) -> &Address {
        &self.organizer
    }

    /// Returns who is invited, at least one.
    pub fn attendees(&self) -> &[Address] {
        &self.attendees
    }

    /// Tells whether they have accepted already, by other means.
    pub fn is_accepted(&self) -> bool {
        self.is_accepted
    }

    /// The method of [RFC 5546, 1.4](https://www.rfc-editor.org/rfc/rfc5546#section-1.4).
    pub(crate) fn method(&self) -> &'static str {
        if self.is_cancellation { "CANCEL" } else { "REQUEST" }
    }

    /// Renders the `.ics` file, said at `stamp`: lines ending in CRLF, the same bytes every time.
    pub fn render(&self, stamp: Timestamp) -> String {
        ics::render(self, stamp)
    }
}
