//! What booking mails say, and what they should say and do not.

use std::fmt;

use anyhow::bail;
use jada_mail::{
    BookingConfirmation, BookingLayouts, BookingProblem, Error, FieldFault, Received,
    ReceivedAddress,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::FoundMail;

/// The bookings that mails tell of; shown a line each.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Bookings {
    /// What was read whole, in the order of the mails.
    pub bookings: Vec<BookingConfirmation>,
    /// Mails about a booking that were not, and what cannot be read at all.
    pub problems: Vec<BookingTrouble>,
    /// Mails of senders that a layout knows, with subjects that it does not.
    pub others: Vec<MailNote>,
}

/// A mail, for a person who has to find it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MailNote {
    /// A file's name, or Gmail's id.
    pub mail: String,
    /// Its subject.
    pub subject: String,
    /// Who it says it is from.
    pub from: Option<String>,
    /// The instant of its `Date`, UTC.
    pub received_at: Option<Timestamp>,
}

/// A mail that should have been read, and why it was not.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct BookingTrouble {
    /// Which mail.
    #[serde(flatten)]
    pub mail: MailNote,
    /// Everything that is wrong, in one line.
    pub says: String,
    /// The same field by field; none for what is no mail.
    #[serde(flatten)]
    pub problem: Option<BookingProblem>,
}

impl Bookings {
    /// Reads mails by `layouts`. Those of strangers are left out.
    #[must_use]
    pub fn read(mails: Vec<FoundMail>, layouts: &BookingLayouts) -> Self {
        let mut all = Self::default();
        mails.into_iter().for_each(|found| all.add(found, layouts));
        all
    }

    fn add(&mut self, FoundMail { name, mail }: FoundMail, layouts: &BookingLayouts) {
        let mail = match mail {
            Ok(mail) => mail,
            Err(error) => return self.problems.push(BookingTrouble::no_mail(name, &error)),
        };
        match layouts.read(&mail) {
            Ok(booking) => self.bookings.push(booking),
            Err(BookingProblem::NotABooking { sender_known_to }) => {
                if !sender_known_to.is_empty() {
                    self.others.push(MailNote::of(name, &mail));
                }
            }
            Err(problem) => self.problems.push(BookingTrouble {
                mail: MailNote::of(name, &mail),
                says: problem.to_string(),
                problem: Some(problem),
            }),
        }
    }

    /// Whether everything was read.
    ///
    /// # Errors
    /// The mails that were not, by name.
    pub fn check(&self) -> anyhow::Result<()> {
        let names: Vec<_> = self.problems.iter().map(|trouble| trouble.mail.to_string()).collect();
        match &names[..] {
            [] => Ok(()),
            [name] => bail!("{name} was not read whole; mend its layout, or enter it by hand"),
            names => bail!(
                "{} mails were not read whole: {}; mend their layouts, or enter them by hand",
                names.len(),
                names.join(", ")
            ),
        }
    }
}

impl BookingTrouble {
    fn no_mail(mail: String, error: &Error) -> Self {
        let mail = MailNote { mail, subject: String::new(), from: None, received_at: None };
        Self { mail, says: error.to_string(), problem: None }
    }
}

impl MailNote {
    fn of(mail: String, content: &Received) -> Self {
        Self {
            mail,
            subject: content.subject().to_owned(),
            from: content.from().map(ReceivedAddress::email).map(str::to_owned),
            received_at: content.date(),
        }
    }
}

impl fmt::Display for MailNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject.as_str() {
            "" => write!(f, "`{}`", self.mail),
            subject => write!(f, "{subject:?} (`{}`)", self.mail),
        }
    }
}

impl fmt::Display for Bookings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for booking in &self.bookings {
            fmt_booking(booking, f)?;
        }
        for trouble in &self.problems {
            writeln!(f, "not read whole: {}", trouble.mail)?;
            match &trouble.problem {
                Some(BookingProblem::Unreadable { layout, faults, .. }) => {
                    writeln!(f, "  by the layout {layout:?}")?;
                    faults.iter().try_for_each(|fault: &FieldFault| writeln!(f, "  {fault}"))?;
                }
                _ => writeln!(f, "  {}", trouble.says)?,
            }
        }
        for other in &self.others {
            let from = other.from.as_deref().unwrap_or("nobody");
            writeln!(f, "no booking by its subject: {other} from {from}")?;
        }
        let Self { bookings, problems, others } = self;
        let [read, not_whole, others] = [bookings.len(), problems.len(), others.len()];
        write!(f, "bookings read: {read}; not read whole: {not_whole}; other mails: {others}")
    }
}

/// On one line: when, what became of it, its name, and who comes to what.
fn fmt_booking(booking: &BookingConfirmation, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let date = text(booking.date.map(|date| date.to_string()));
    let start = text(booking.start.map(|start| start.strftime("%H:%M").to_string()));
    let reference = booking.reference.as_deref().unwrap_or("-");
    let status = booking.status.to_string();
    write!(f, "{date}  {start}  {status:9}  {reference:12}")?;
    let guests = booking.guests.map(|guests| match guests {
        1 => "1 guest".to_owned(),
        guests => format!("{guests} guests"),
    });
    let total = booking.total.as_ref().map(ToString::to_string);
    let rest = [booking.guest.clone(), guests, booking.product.clone(), total];
    writeln!(f, "  {}", rest.into_iter().flatten().collect::<Vec<_>>().join(", "))
}
