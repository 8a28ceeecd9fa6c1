//! Forms as they are sent.

use axum::Form;
use axum::extract::rejection::FormRejection;
use jiff::civil::Date;

use crate::crew::availability::{Availability, DayState};
use crate::month::date_from_text;
use crate::portal::calendar::Calendar;
use crate::portal::refusal::Refusal;

/// The fields of a form, in the order in which they were sent.
pub(super) type Fields = Vec<(String, String)>;

/// A form that has come, whole or not.
pub(super) type Posted = Result<Form<Fields>, FormRejection>;

/// What a member says about the days of a month.
pub(super) struct DaysForm {
    pub(super) calendar: Calendar,
    version: u64,
    days: Vec<(Date, Option<DayState>)>,
}

/// The first field of a name; blank without one.
pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

impl DaysForm {
    /// Reads the days of one month. Fields that are no days are none of a member's business: whose
    /// days these are, the session says alone.
    pub(super) fn of(fields: &Fields, today: Date) -> Result<Self, Refusal> {
        let month = field(fields, "month");
        let calendar = Calendar::asked_for(Some(month), today)?;
        let version = field(fields, "version").parse().map_err(|_| Refusal::FORM)?;
        if calendar.month.to_string() != month {
            return Err(Refusal::FORM);
        }
        let dated = fields.iter().filter_map(|(name, value)| {
            let date = date_from_text(name).ok().filter(|date| calendar.month.contains(*date));
            date.map(|date| Ok((date, state(value)?)))
        });
        Ok(Self { calendar, version, days: dated.collect::<Result<_, Refusal>>()? })
    }

    /// Whether the form was made from this state of the member's row.
    pub(super) fn was_made_from(&self, version: crate::version::Version) -> bool {
        self.version == version.number()
    }

    /// What is stored, with what the form says about days that are not over.
    pub(super) fn onto(&self, stored: &Availability) -> Availability {
        let open = self.days.iter().filter(|(date, _)| self.calendar.takes(*date));
        open.fold(stored.clone(), |days, (date, state)| days.with(*date, *state))
    }

    /// Whether the form would change a day that is over.
    pub(super) fn changes_past(&self, stored: &Availability) -> bool {
        let mut past = self.days.iter().filter(|(date, _)| !self.calendar.takes(*date));
        past.any(|(date, state)| stored.on(*date) != *state)
    }
}

fn state(value: &str) -> Result<Option<DayState>, Refusal> {
    if value.is_empty() {
        return Ok(None);
    }
    value.parse().map(Some).map_err(|_| Refusal::FORM)
}
