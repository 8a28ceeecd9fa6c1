//! What a cell of a synced tab is to hold, with its type.

use jada_roster::Money;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

/// What a row wants in one cell. It is written with its type, never as something that a person
/// might have typed: the text `=1+1` arrives as text.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// Nothing. So is a text without characters.
    #[default]
    Empty,
    /// Text of at most 50,000 characters; without control characters but tab and line ends, of
    /// which the tab gets `\n`.
    Text(String),
    /// A number of at most 15 digits, which is what a worksheet's cell keeps.
    Number(Decimal),
    /// An amount, written as a number without its currency.
    Money(Money),
    /// A day, written as the number of days since 1899-12-30.
    Date(Date),
    /// A day and a time of the harbour's calendar, written as a number with a fraction.
    DateTime(DateTime),
    /// Yes or no.
    Bool(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Date> for Cell {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map(Into::into).unwrap_or_default()
    }
}
