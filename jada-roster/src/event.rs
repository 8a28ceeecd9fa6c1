//! A charter as an event: when and where it sails, with whom, and what is said about it.

pub(crate) mod rules;
pub(crate) mod taking;
pub(crate) mod view;

use jiff::civil::Date;

use crate::charter::assignment::Assignment;
use crate::charter::hours::Hours;
use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::status::Status;

/// A charter as an event, with everything that is known about it: money too, and what guests have
/// told the office alone.
///
/// It is for operations. What crew may read of it is a [`CrewView`](crate::CrewView).
#[derive(Clone, Debug)]
pub struct CharterEvent {
    charter: Charter,
    hours: Option<Hours>,
    boat: String,
    harbour: String,
    head_count: Option<u32>,
}

/// In which columns of a charter without a field of their own an event's particulars stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventColumns {
    hours: String,
    boat: String,
    harbour: String,
    head_count: String,
}

impl Default for EventColumns {
    /// `hours`, `boat`, `harbour` and `guests`.
    fn default() -> Self {
        let [hours, boat, harbour, head_count] =
            ["hours", "boat", "harbour", "guests"].map(str::to_owned);
        Self { hours, boat, harbour, head_count }
    }
}

impl EventColumns {
    /// The same with the hours, such as `09:00-13:00`, in a column of this name.
    #[must_use]
    pub fn with_hours(mut self, column: impl Into<String>) -> Self {
        self.hours = column.into();
        self
    }

    /// The same with the boat's name in a column of this name.
    #[must_use]
    pub fn with_boat(mut self, column: impl Into<String>) -> Self {
        self.boat = column.into();
        self
    }

    /// The same with the harbour's name in a column of this name.
    #[must_use]
    pub fn with_harbour(mut self, column: impl Into<String>) -> Self {
        self.harbour = column.into();
        self
    }

    /// The same with the number of guests in a column of this name.
    #[must_use]
    pub fn with_head_count(mut self, column: impl Into<String>) -> Self {
        self.head_count = column.into();
        self
    }
}

impl CharterEvent {
    /// The event of a charter, whose particulars stand in these columns; blank ones say nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] for hours or a number of guests that cannot be read;
    /// [`Error::CorruptItem`] where [`Charter::assignments`] cannot be.
    pub fn of(charter: Charter, columns: &EventColumns) -> Result<Self, Error> {
        charter.assignments()?;
        let column = |name: &str| {
            let found = charter.extra().iter().find(|(column, _)| column == name);
            found.map(|(_, text)| text.trim()).unwrap_or_default()
        };
        let hours = Some(column(&columns.hours)).filter(|text| !text.is_empty());
        let head_count = Some(column(&columns.head_count)).filter(|text| !text.is_empty());
        let number = |text: &str| {
            text.parse().map_err(|_| Error::invalid("number of guests", text, "a whole number"))
        };
        Ok(Self {
            hours: hours.map(str::parse).transpose()?,
            boat: column(&columns.boat).to_owned(),
            harbour: column(&columns.harbour).to_owned(),
            head_count: head_count.map(number).transpose()?,
            charter,
        })
    }

    /// The charter's id.
    #[must_use]
    pub fn id(&self) -> &CharterId {
        self.charter.id()
    }

    /// The charter itself.
    #[must_use]
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// The day it sails, in the harbour's calendar.
    #[must_use]
    pub fn date(&self) -> Date {
        self.charter.date()
    }

    /// When on that day, where that is known.
    #[must_use]
    pub fn hours(&self) -> Option<Hours> {
        self.hours
    }

    /// Who sails on it, and as what, in the order in which they were assigned.
    #[must_use]
    pub fn assignments(&self) -> &[Assignment] {
        // Never the default: no event is made of a charter whose crew cannot be read.
        self.charter.crew().as_deref().unwrap_or_default()
    }

    /// The same with others who sail.
    pub(crate) fn with_assignments(self, assignments: Vec<Assignment>) -> Self {
        Self { charter: self.charter.with_crew(Ok(assignments)), ..self }
    }

    /// The same at other hours.
    pub(crate) fn with_hours(self, hours: Option<Hours>) -> Self {
        Self { hours, ..self }
    }

    /// Where the booking stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.charter.status()
    }

    /// The boat's name; may be blank.
    #[must_use]
    pub fn boat(&self) -> &str {
        &self.boat
    }

    /// The harbour's name; may be blank.
    #[must_use]
    pub fn harbour(&self) -> &str {
        &self.harbour
    }

    /// How many guests come, where that is known.
    #[must_use]
    pub fn head_count(&self) -> Option<u32> {
        self.head_count
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::money::Currency;

    fn charter(extra: &[(&str, &str)]) -> Charter {
        let id = CharterId::new("C-1").unwrap();
        let extra = extra.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Charter::builder(id, date(2026, 5, 3), Currency::USD).extra(extra).build().unwrap()
    }

    #[test]
    fn particulars_stand_in_named_columns() {
        let told =
            [("hours", "9:00-13:00"), ("vessel", " Isla "), ("guests", "6"), ("harbour", "")];
        let columns = EventColumns::default().with_boat("vessel");
        let event = CharterEvent::of(charter(&told), &columns).unwrap();
        assert_eq!(event.hours().map(|hours| hours.to_string()).as_deref(), Some("09:00-13:00"));
        assert_eq!((event.boat(), event.harbour(), event.head_count()), ("Isla", "", Some(6)));
        for wrong in [("hours", "soon"), ("guests", "some"), ("guests", "-1")] {
            assert!(CharterEvent::of(charter(&[wrong]), &columns).is_err(), "{wrong:?}");
        }
    }
}
