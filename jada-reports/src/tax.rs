//! Taxes and fees as rates of an amount, rounded by a stated method.

use std::fmt;
use std::str::FromStr;

use jada_roster::Money;
use rust_decimal::Decimal;

use crate::error::Error;

/// A decimal fraction from 0 to 1 with at most 12 digits after the point: `0.0775` is 7.75 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate {
    fraction: Decimal,
    numerator: i64,
    denominator: i64,
}

impl Rate {
    /// Takes a fraction.
    ///
    /// # Errors
    /// [`Error::Rate`] when it is negative, more than 1, or finer than 12 digits.
    pub fn new(fraction: Decimal) -> Result<Self, Error> {
        let wrong = || Error::Rate { found: fraction.to_string() };
        let fraction = fraction.normalize();
        if fraction.is_sign_negative() || fraction > Decimal::ONE || fraction.scale() > MAX_SCALE {
            return Err(wrong());
        }
        let numerator = i64::try_from(fraction.mantissa()).map_err(|_| wrong())?;
        Ok(Self { fraction, numerator, denominator: 10_i64.pow(fraction.scale()) })
    }

    /// The fraction.
    #[must_use]
    pub fn fraction(self) -> Decimal {
        self.fraction
    }

    /// The rate of an amount, rounded to the minor unit, half away from zero.
    ///
    /// # Errors
    /// [`Error::Amount`] beyond what [`Money`] holds; it cannot be for amounts read from text.
    pub fn of(self, amount: Money) -> Result<Money, Error> {
        let minor = self.of_minor(amount.minor()).ok_or_else(out_of_range)?;
        Ok(Money::from_minor(minor, amount.currency()))
    }

    pub(crate) fn of_minor(self, minor: i64) -> Option<i64> {
        match minor.checked_mul(self.numerator) {
            Some(product) => {
                let (quotient, rest) = (product / self.denominator, product % self.denominator);
                let up = rest.unsigned_abs() * 2 >= self.denominator.unsigned_abs();
                Some(quotient + if up { product.signum() } else { 0 })
            }
            None => {
                let product = i128::from(minor) * i128::from(self.numerator);
                let denominator = i128::from(self.denominator);
                let up = (product % denominator).abs() * 2 >= denominator;
                let rounded = product / denominator + if up { product.signum() } else { 0 };
                i64::try_from(rounded).ok()
            }
        }
    }

    /// Writes the rate as people say it: `7.75 %`.
    #[must_use]
    pub fn percent(self) -> String {
        format!("{} %", (self.fraction * Decimal::ONE_HUNDRED).normalize())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fraction, f)
    }
}

impl FromStr for Rate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fraction = Decimal::from_str_exact(text.trim());
        Self::new(fraction.map_err(|_| Error::Rate { found: text.to_owned() })?)
    }
}

/// Where tax is rounded; both ways round half away from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rounding {
    /// On each charter, and the rounded amounts are added: what each guest was charged.
    #[default]
    PerLine,
    /// Once for each rate, on the sum of the counted totals.
    PerRate,
}

impl Rounding {
    /// The word for it in a rules file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PerLine => "per-line",
            Self::PerRate => "per-rate",
        }
    }
}

/// A tax or fee to be stated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tax {
    /// What it is called on the statement.
    pub name: String,
    /// Its share of the base.
    pub rate: Rate,
    /// What it is a share of.
    pub base: Base,
}

impl Tax {
    /// A tax on the gross.
    #[must_use]
    pub fn new(name: impl Into<String>, rate: Rate) -> Self {
        Self { name: name.into(), rate, base: Base::Gross }
    }
}

/// What a tax is a share of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Base {
    /// The sum of the counted totals.
    #[default]
    Gross,
}

/// A tax as stated: the rate, what it was taken of, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaxLine {
    /// What it is called.
    pub name: String,
    /// Its share of the base.
    pub rate: Rate,
    /// The amount it was taken of.
    pub base: Money,
    /// What it came to, by the statement's rounding.
    pub amount: Money,
    /// Rounded per line, less rounded per rate.
    pub difference: Money,
}

pub(crate) fn out_of_range() -> Error {
    Error::amount(jada_roster::Error::AmountOutOfRange)
}

const MAX_SCALE: u32 = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use jada_roster::Currency;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    #[test]
    fn halves_round_away_from_zero() {
        let cases = [
            ("0.0775", 100_000, 7_750),
            ("0.5", 1, 1),
            ("0.5", -1, -1),
            ("0.5", 3, 2),
            ("0.49", 1, 0),
            ("0.05", 10, 1),
            ("0.05", 9, 0),
            ("0.05", -10, -1),
            ("0", 12_345, 0),
            ("1", -12_345, -12_345),
            ("0.333333333333", 999_999_999_999_999, 333_333_333_333_000),
            ("0.999999999999", i64::MAX, 9_223_372_036_845_552_435),
        ];
        for (text, minor, expected) in cases {
            let amount = Money::from_minor(minor, Currency::USD);
            assert_eq!(rate(text).of(amount).unwrap().minor(), expected, "{text} of {minor}");
        }
    }

    #[test]
    fn a_rate_is_a_fraction() {
        assert_eq!(rate("0.07750").to_string(), "0.0775");
        assert_eq!(rate("0.0775").percent(), "7.75 %");
        assert_eq!((rate("1").percent(), rate("0.1").percent()), ("100 %".into(), "10 %".into()));
        for text in ["7.75", "-0.01", "1.0001", "7.75%", "", "a", "0.0000000000001"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
