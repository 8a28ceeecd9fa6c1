//! What a booking site's mail says about a booking.

use std::fmt;

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
};
use serde::{Deserialize, Serialize, Serializer};

use crate::{Address, MessageId};

/// What a booking site's mail says about one booking; made by
/// [`BookingLayouts::read`](crate::BookingLayouts::read).
///
/// What the layout has no rule for, or does not require and the mail does not say, is `None`.
/// Serialised, dates and times are texts as in ISO 8601, and the total is `{"amount", "currency"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BookingConfirmation {
    /// The name of the layout it was read by.
    pub layout: String,
    /// What the mail does to the booking.
    pub status: BookingStatus,
    /// The site's name for the booking.
    pub reference: Option<String>,
    /// Who booked.
    pub guest: Option<String>,
    /// How many people come.
    pub guests: Option<u32>,
    /// The day, where the booking is.
    #[serde(serialize_with = "as_text")]
    pub date: Option<Date>,
    /// When it begins, local time.
    #[serde(serialize_with = "as_text")]
    pub start: Option<Time>,
    /// When it ends, local time; before `start`, it is on the next day.
    #[serde(serialize_with = "as_text")]
    pub end: Option<Time>,
    /// How long it takes; more than nothing.
    #[serde(serialize_with = "as_text")]
    pub duration: Option<SignedDuration>,
    /// What was booked: a boat, a tour, a room.
    pub product: Option<String>,
    /// What the guest pays.
    pub total: Option<Amount>,
    /// The guest's mail address.
    #[serde(serialize_with = "as_text")]
    pub email: Option<Address>,
    /// The guest's telephone number as it was written.
    pub phone: Option<String>,
    /// What the guest wants us to know; lines end in LF.
    pub notes: Option<String>,
    /// The Message-ID of the mail; of a forwarded one, the forwarder's.
    #[serde(serialize_with = "as_text")]
    pub message_id: Option<MessageId>,
    /// The instant of the mail's `Date`, UTC. Of two mails about one booking the later holds.
    #[serde(serialize_with = "as_text")]
    pub received_at: Option<Timestamp>,
}

/// What a mail does to a booking.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BookingStatus {
    /// It stands.
    #[default]
    Confirmed,
    /// It stands, and is no longer what an earlier mail said.
    Amended,
    /// It is off.
    Cancelled,
}

impl fmt::Display for BookingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Confirmed => "confirmed",
            Self::Amended => "amended",
            Self::Cancelled => "cancelled",
        })
    }
}

/// An amount of money exactly as it was written, and its currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Amount {
    pub(super) amount: String,
    pub(super) currency: String,
}

impl Amount {
    /// Returns the amount in units of the currency, such as `1234.50`: digits, and a point and one
    /// to three more if they were written.
    pub fn amount(&self) -> &str {
        &self.amount
    }

    /// Returns the code of three capital letters, such as `USD`
    /// ([ISO 4217](https://www.iso.org/iso-4217-currency-codes.html)); whether it exists is not
    /// checked.
    pub fn currency(&self) -> &str {
        &self.currency
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.amount)
    }
}

fn as_text<T: fmt::Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
