//! What a booking confirmation can say.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A field of a [`BookingConfirmation`](crate::BookingConfirmation), in rules by its name in lower
/// case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BookingField {
    /// The site's name for the booking.
    Reference,
    /// Who booked.
    Guest,
    /// How many people come.
    Guests,
    /// The day.
    Date,
    /// When it begins, local time.
    Start,
    /// When it ends, local time.
    End,
    /// How long it takes.
    Duration,
    /// What was booked.
    Product,
    /// What the guest pays.
    Total,
    /// The guest's mail address.
    Email,
    /// The guest's telephone number.
    Phone,
    /// What the guest wants us to know.
    Notes,
}

impl BookingField {
    /// Returns the name that rules know it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Guest => "guest",
            Self::Guests => "guests",
            Self::Date => "date",
            Self::Start => "start",
            Self::End => "end",
            Self::Duration => "duration",
            Self::Product => "product",
            Self::Total => "total",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Notes => "notes",
        }
    }

    pub(super) fn is_written_in_formats(self) -> bool {
        matches!(self, Self::Date | Self::Start | Self::End)
    }
}

impl fmt::Display for BookingField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
