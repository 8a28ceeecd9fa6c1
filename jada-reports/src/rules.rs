//! The rules file: what a company states its revenue by, as TOML.

use std::fmt;
use std::ops::Range;

use jada_mail::Address;
use jada_roster::{Currency, Month};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Visitor};
use toml::Spanned;

use crate::error::Error;
use crate::statement::Statement;
use crate::statement::builder::StatementBuilder;
use crate::tax::{Base, Rate, Rounding, Tax};

/// What a company states its revenue by.
///
/// ```
/// # fn main() -> Result<(), jada_reports::Error> {
/// let rules = jada_reports::Rules::from_toml("rules.toml", r#"
///     currency = "USD"
///     rounding = "per-line"            # or "per-rate"; halves go away from zero
///     notes = ["Prepared from the booking sheet."]
///     from = "Harbour Office <office@example.com>"
///     to = ["owner@example.com"]
///
///     [[tax]]
///     name = "Sales tax"
///     rate = "0.0775"                  # a fraction: 7.75 %
///     base = "gross"
/// "#)?;
/// let statement = rules.statement("2026-05".parse().expect("a month")).build([])?;
/// assert_eq!(statement.taxes()[0].rate.percent(), "7.75 %");
/// # Ok(())
/// # }
/// ```
///
/// Every key may be left out. An unknown key is an error, so that a misspelt tax is not forgotten.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    #[serde(deserialize_with = "currency")]
    currency: Option<Currency>,
    rounding: RoundingWord,
    tax: Vec<TaxTable>,
    notes: Vec<Line>,
    #[serde(deserialize_with = "address")]
    from: Option<Address>,
    #[serde(deserialize_with = "addresses")]
    to: Vec<Address>,
}

impl Rules {
    /// Reads a rules file; `file` is its name for messages.
    ///
    /// # Errors
    /// [`Error::Rules`] with the line, what is wrong, and what was expected.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, Error> {
        let wrong = |line, what| Error::Rules { file: file.to_owned(), line, what };
        let line = |span: &Range<usize>| {
            1 + text.get(..span.start).unwrap_or_default().matches('\n').count()
        };
        let rules: Self = toml::from_str(text).map_err(|error| {
            wrong(error.span().as_ref().map_or(1, line), error.message().replace('\n', " "))
        })?;
        for (at, tax) in rules.tax.iter().enumerate() {
            let name = tax.name.get_ref();
            if rules.tax[..at].iter().any(|earlier| earlier.name.get_ref() == name) {
                return Err(wrong(
                    line(&tax.name.span()),
                    format!("tax `{}` stands twice", name.0),
                ));
            }
        }
        Ok(rules)
    }

    /// Starts a statement of a month by these rules.
    pub fn statement(&self, month: Month) -> StatementBuilder {
        let rounding = match self.rounding {
            RoundingWord::PerLine => Rounding::PerLine,
            RoundingWord::PerRate => Rounding::PerRate,
        };
        let mut statement = Statement::of(month).currency(self.currency).rounding(rounding);
        for TaxTable { name, rate, base: BaseWord::Gross } in &self.tax {
            let name = name.get_ref().0.clone();
            statement = statement.tax(Tax { name, rate: *rate, base: Base::Gross });
        }
        self.notes.iter().fold(statement, |statement, Line(note)| statement.note(note))
    }

    /// Who the statement's mail is from.
    #[must_use]
    pub fn from(&self) -> Option<&Address> {
        self.from.as_ref()
    }

    /// Who the statement's mail goes to.
    #[must_use]
    pub fn to(&self) -> &[Address] {
        &self.to
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaxTable {
    name: Spanned<Line>,
    #[serde(deserialize_with = "rate")]
    rate: Rate,
    #[serde(default)]
    base: BaseWord,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RoundingWord {
    #[default]
    PerLine,
    PerRate,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum BaseWord {
    #[default]
    Gross,
}

fn currency<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Currency>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

/// A line of printable text that is not blank: a tax's name, a note.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line(String);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(D::Error::custom("expected one line of printable text"));
        }
        Ok(Self(text))
    }
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Address>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Address>, D::Error> {
    struct OneOrMore;

    impl<'de> Visitor<'de> for OneOrMore {
        type Value = Vec<Address>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an address or a list of addresses")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![text.parse().map_err(E::custom)?])
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut list: A,
        ) -> Result<Self::Value, A::Error> {
            let mut addresses = Vec::new();
            while let Some(ParsedAddress(address)) = list.next_element()? {
                addresses.push(address);
            }
            Ok(addresses)
        }
    }

    from.deserialize_any(OneOrMore)
}

struct ParsedAddress(Address);

impl<'de> Deserialize<'de> for ParsedAddress {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A rate as text, or as a number, which is read as it is written.
fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<Rate, D::Error> {
    struct TextOrNumber;

    impl Visitor<'_> for TextOrNumber {
        type Value = Rate;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a decimal fraction such as 0.0775, as text or a number")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Rate, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Rate, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Rate, E> {
            self.visit_str(&number.to_string())
        }
    }

    from.deserialize_any(TextOrNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Result<Rules, Error> {
        Rules::from_toml("rules.toml", text)
    }

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        for (written, fraction) in [
            ("\"0.0775\"", "0.0775"),
            ("0.0775", "0.0775"),
            ("0", "0"),
            ("1", "1"),
            ("1e-3", "0.001"),
        ] {
            let rules = rules(&format!("[[tax]]\nname = \"T\"\nrate = {written}\n")).unwrap();
            assert_eq!(rules.tax[0].rate.to_string(), fraction, "{written}");
        }
    }

    #[test]
    fn every_key_may_be_left_out() {
        let rules = rules("").unwrap();
        let statement = rules.statement("2026-05".parse().unwrap()).build([]).unwrap();
        assert_eq!(
            (statement.currency(), statement.rounding()),
            (Currency::USD, Rounding::PerLine)
        );
        assert!(rules.from().is_none() && rules.to().is_empty());
    }

    #[test]
    fn one_address_or_more_may_be_named() {
        assert_eq!(rules("to = \"a@example.com\"").unwrap().to().len(), 1);
        let two = rules("to = [\"a@example.com\", \"B <b@example.com>\"]").unwrap();
        assert_eq!(two.to()[1].email(), "b@example.com");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let cases = [
            (
                "currency = \"USD\"\nroundin = \"per-line\"",
                2,
                "expected one of `currency`, `rounding`, `tax`, `notes`, `from`, `to`",
            ),
            (
                "[[tax]]\nname = \"T\"\nrate = 0.1\nof = 1",
                4,
                "expected one of `name`, `rate`, `base`",
            ),
            ("[[tax]]\nname = \"T\"\nrate = 7.75", 3, "0.0775 for 7.75 %"),
            ("[[tax]]\nname = \"T\"\nrate = true", 3, "a decimal fraction"),
            ("[[tax]]\nname = \" \"\nrate = 0.1", 2, "one line of printable text"),
            ("notes = [\"a\\u0000b\"]", 1, "one line of printable text"),
            ("[[tax]]\nname = \"T\"", 1, "missing field `rate`"),
            ("[[tax]]\nname = \"T\"\nrate = 0.1\nbase = \"net\"", 4, "gross"),
            ("rounding = \"up\"", 1, "`per-line` or `per-rate`"),
            ("currency = \"dollar\"", 1, "ISO 4217"),
            ("\nfrom = \"nobody\"", 2, "nobody"),
            ("to = [\"a@example.com\",\n\"b@@example.com\"]", 1, "b@@example.com"),
            ("to = [\"a@example.com\"", 1, "array"),
        ];
        for (text, line, part) in cases {
            match rules(text) {
                Err(Error::Rules { file, line: at, what }) => {
                    assert_eq!((file.as_str(), at), ("rules.toml", line), "{what}");
                    assert!(what.contains(part), "{what}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        let twice = "[[tax]]\nname = \"T\"\nrate = 0.1\n".repeat(2);
        assert_eq!(rules(&twice).unwrap_err().to_string(), "rules.toml:5: tax `T` stands twice");
    }
}
