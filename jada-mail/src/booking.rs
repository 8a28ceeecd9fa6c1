//! Booking confirmations: what a booking site's mail says, read by rules that are data.

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{Error, Received};

mod confirmation;
mod field;
mod layout;
mod lines;
mod page;
mod problem;
#[cfg(feature = "gmail")]
mod queries;
mod reader;
mod template;
mod value;

pub use confirmation::{Amount, BookingConfirmation, BookingStatus};
pub use field::BookingField;
pub use problem::{BookingProblem, FieldFault};

use layout::Layout;
use page::Page;

/// The layouts of booking sites' mails, in order: rules that are data, from JSON, or from any other
/// format by [`Deserialize`].
///
/// ```
/// use jada_mail::{BookingLayouts, Received};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let layouts = BookingLayouts::from_json("layouts.json", r#"[{
///     "name": "Harbour Tours",
///     "from": ["harbour-tours.example"],
///     "subjects": [{ "like": "Booking {_} confirmed" }],
///     "fields": {
///         "reference": { "subjects": ["Booking {} confirmed"], "required": true },
///         "guest": { "labels": ["Guest name"], "required": true },
///         "date": { "labels": ["Date"], "formats": ["%B %d, %Y"], "required": true }
///     }
/// }]"#)?;
/// let mail = Received::parse(b"From: Tours <mail@harbour-tours.example>\r\n\
///     Subject: Booking HT-17 confirmed\r\n\r\n\
///     Guest name: Ada Lovelace\r\nDate: May 3, 2026\r\n")?;
/// let booking = layouts.read(&mail)?;
/// assert_eq!(booking.reference.as_deref(), Some("HT-17"));
/// assert_eq!(booking.date, Some("2026-05-03".parse()?));
/// # Ok(())
/// # }
/// ```
///
/// # A layout
///
/// - `name`: stands in results and messages; no two are the same.
/// - `from`: who sends these mails: addresses (`a@b.example`), or domains (`b.example`) with those
///   under them.
/// - `forwarded_by` (none): the same for whose forwarding is believed. Of a forwarded mail only what
///   follows its header is read.
/// - `subjects`: a list of `like`, a template, and `status`: `confirmed` (the default), `amended`
///   or `cancelled`. The first that fits gives the status. `Fwd:` does not count.
/// - `body` (`text`): what is read, `text` or `html`. In the text that is made of HTML, the cells of
///   a table's row stand on one line.
/// - `decimal` (`.`): the decimal mark of amounts, `.` or `,`.
/// - `currency` (none): the code for amounts that name none.
/// - `symbols` (none): which code a sign stands for, such as `{ "$": "USD" }`.
/// - `date_words` (none): the English of words in dates and times, such as `{ "Mai": "May" }`.
/// - `other_labels` (none): labels of what is not read, so that nothing takes them for a value.
/// - `fields`: rules by the names of [`BookingField`]. What has no rule is not read.
///
/// # A field
///
/// - `labels`: what stands before the value, without colon and in any case: `Guest: Ada`, or in two
///   cells of a row. The value ends with its line, or where another label begins.
/// - `below` (no): the value may also stand on the line below the label.
/// - `paragraph` (no): the value goes on up to an empty line or a label.
/// - `lines`, `subjects`: templates for a whole line of the body, or for the subject.
/// - `values`: templates for the value that was found, if it holds more than is wanted.
/// - `formats`: how dates and times are written, as for [`jiff::fmt::strtime`]; if two fit, they have
///   to agree.
/// - `unit`: what the bare number of a duration counts, `hours` or `minutes`.
/// - `required` (no): whether a mail without it is faulty.
///
/// In a template `{}` is what is wanted, and `{_}` anything or nothing, as little as fits; case and
/// the width of space do not matter.
///
/// A value that is found twice has to be the same; nothing is guessed. Keys that are not known are
/// errors.
#[derive(Clone, Debug)]
pub struct BookingLayouts(Vec<Layout>);

impl BookingLayouts {
    /// The layouts of two sites that do not exist, as JSON: one with a table in HTML, one with
    /// labels in plain text. They are there to be copied and to try things out.
    pub const EXAMPLES: &'static str = include_str!("booking/layouts.json");

    /// Reads layouts from JSON, a list of them; `file` is its name for messages.
    ///
    /// # Errors
    ///
    /// [`Error::Layouts`], naming line and column, or layout and field; not worth a retry.
    pub fn from_json(file: &str, json: &str) -> Result<Self, Error> {
        let at = |error: serde_json::Error| Error::Layouts {
            place: format!("{file}:{}:{}", error.line(), error.column()),
            wrong: without_position(&error.to_string()).to_owned(),
        };
        let layouts: Vec<Layout> = serde_json::from_str(json).map_err(at)?;
        checked(layouts).map_err(|wrong| Error::Layouts { place: file.to_owned(), wrong })
    }

    /// Reads [`EXAMPLES`](Self::EXAMPLES).
    ///
    /// # Errors
    ///
    /// None that a caller can see: a test reads them.
    pub fn examples() -> Result<Self, Error> {
        Self::from_json("booking/layouts.json", Self::EXAMPLES)
    }

    /// Returns the names of the layouts, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|layout| layout.name.as_str())
    }

    /// Reads a mail by the first layout that knows it and finds all it should.
    ///
    /// # Errors
    ///
    /// [`BookingProblem::NotABooking`] if no layout knows the mail, else
    /// [`BookingProblem::Unreadable`] with every fault of the layout that has the fewest.
    pub fn read(&self, mail: &Received) -> Result<BookingConfirmation, BookingProblem> {
        let mut problems = Vec::new();
        for layout in &self.0 {
            let Some(page) = Page::of(mail, layout) else {
                continue;
            };
            match reader::read(layout, &page, mail) {
                Ok(confirmation) => return Ok(confirmation),
                Err(faults) => problems.push((layout.name.clone(), page.status, faults)),
            }
        }
        match problems.into_iter().min_by_key(|(_, _, faults)| faults.len()) {
            Some((layout, status, faults)) => {
                Err(BookingProblem::Unreadable { layout, status, faults })
            }
            None => Err(self.not_a_booking(mail)),
        }
    }

    fn not_a_booking(&self, mail: &Received) -> BookingProblem {
        let knows = |layout: &&Layout| page::sender(mail, layout).is_some();
        let sender_known_to = self.0.iter().filter(knows).map(|layout| layout.name.clone());
        BookingProblem::NotABooking { sender_known_to: sender_known_to.collect() }
    }
}

impl<'de> Deserialize<'de> for BookingLayouts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked(Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

fn checked(layouts: Vec<Layout>) -> Result<BookingLayouts, String> {
    if layouts.is_empty() {
        return Err("there is no layout: expected at least one".to_owned());
    }
    for (at, layout) in layouts.iter().enumerate() {
        let name = &layout.name;
        layout.check().map_err(|wrong| format!("layout {name:?}, {wrong}"))?;
        if layouts[..at].iter().any(|earlier| earlier.name == *name) {
            return Err(format!("layout {name:?} stands twice: expected names that differ"));
        }
    }
    Ok(BookingLayouts(layouts))
}

/// What `serde_json` says, less the position at its end.
fn without_position(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(message, _)| message)
}
