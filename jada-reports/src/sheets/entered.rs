//! What a cell of the tab holds, as it was entered, and in Google's form
//! ([ExtendedValue](https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/other#ExtendedValue)).

use jiff::civil::{Date, DateTime, date};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cell::Cell;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "ExtendedValue")]
pub(super) enum Entered {
    #[default]
    Blank,
    Text(String),
    Number(f64),
    Bool(bool),
    Formula(String),
}

impl Entered {
    /// What a cell of ours is to hold; the text is why it cannot.
    pub(super) fn wanted(cell: Cell) -> Result<Self, String> {
        Ok(match cell {
            Cell::Empty => Self::Blank,
            Cell::Text(text) => Self::of_text(text)?,
            Cell::Bool(bool) => Self::Bool(bool),
            Cell::Number(number) => Self::of_number(number)?,
            Cell::Money(money) => match money.minor().unsigned_abs() {
                0..=MOST_DIGITS => Self::parsed(money.decimal().as_str()),
                _ => return Err(too_long(&money)),
            },
            Cell::Date(date) => Self::Number(serial(date.to_datetime(jiff::civil::Time::MIN))),
            Cell::DateTime(time) => Self::Number(serial(time)),
        })
    }

    fn of_text(text: String) -> Result<Self, String> {
        let text =
            if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
        if let Some(odd) = text.chars().find(|it| it.is_control() && !matches!(it, '\t' | '\n')) {
            return Err(format!("a text holds the control character {odd:?}"));
        }
        // Counted as Google counts: in UTF-16.
        let length = if text.len() > MOST_CHARACTERS { text.encode_utf16().count() } else { 0 };
        match text.is_empty() {
            _ if length > MOST_CHARACTERS => {
                Err(format!("a text has {length} characters, and a cell holds {MOST_CHARACTERS}"))
            }
            true => Ok(Self::Blank),
            false => Ok(Self::Text(text)),
        }
    }

    fn of_number(number: Decimal) -> Result<Self, String> {
        let digits = number.mantissa().unsigned_abs().to_string();
        match digits.trim_end_matches('0').len() {
            0..=15 => Ok(Self::parsed(&number.to_string())),
            _ => Err(too_long(&number)),
        }
    }

    /// Every decimal is a number.
    fn parsed(decimal: &str) -> Self {
        decimal.parse().map_or(Self::Blank, Self::Number)
    }

    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }

    /// The text of a key or a header; none for a formula, of which the result is not read.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Blank => Some(String::new()),
            Self::Text(text) => Some(text.trim().to_owned()),
            Self::Number(number) => Some(number.to_string()),
            Self::Bool(bool) => Some(bool.to_string().to_uppercase()),
            Self::Formula(_) => None,
        }
    }

    /// Whether a cell that holds the one need not be written to hold the other. A double that is
    /// written and read as decimal text may differ in its last bits.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Blank, Self::Blank) => true,
            (Self::Text(one), Self::Text(two)) | (Self::Formula(one), Self::Formula(two)) => {
                one == two
            }
            (Self::Bool(one), Self::Bool(two)) => one == two,
            (Self::Number(one), Self::Number(two)) => {
                (one - two).abs() <= 4.0 * f64::EPSILON * one.abs().max(two.abs())
            }
            _ => false,
        }
    }

    /// A text by which two are told apart as [`is_same`](Self::is_same) does, to look them up.
    pub(super) fn mark(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) => format!("t{text}"),
            Self::Number(number) => format!("n{number:.13e}"),
            Self::Bool(bool) => format!("b{bool}"),
            Self::Formula(formula) => format!("f{formula}"),
        }
    }

    /// As a cell's `userEnteredValue`; none clears it.
    pub(super) fn json(&self) -> Option<Value> {
        Some(match self {
            Self::Blank => return None,
            Self::Text(text) => json!({ "stringValue": text }),
            Self::Number(number) => json!({ "numberValue": number }),
            Self::Bool(bool) => json!({ "boolValue": bool }),
            Self::Formula(formula) => json!({ "formulaValue": formula }),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExtendedValue {
    string_value: Option<String>,
    number_value: Option<f64>,
    bool_value: Option<bool>,
    formula_value: Option<String>,
}

impl From<ExtendedValue> for Entered {
    fn from(value: ExtendedValue) -> Self {
        let ExtendedValue { string_value, number_value, bool_value, formula_value } = value;
        let text = string_value.filter(|text| !text.is_empty()).map(Self::Text);
        text.or(number_value.map(Self::Number))
            .or(bool_value.map(Self::Bool))
            .or(formula_value.map(Self::Formula))
            .unwrap_or_default()
    }
}

/// Days since 1899-12-30, as
/// [Sheets counts them](https://developers.google.com/workspace/sheets/api/guides/formats#about_date_time_values).
fn serial(time: DateTime) -> f64 {
    time.duration_since(EPOCH.to_datetime(jiff::civil::Time::MIN)).as_secs_f64() / 86_400.0
}

fn too_long(number: &impl std::fmt::Display) -> String {
    format!("the number {number} has more than the 15 digits that a cell keeps; give it as text")
}

const EPOCH: Date = date(1899, 12, 30);
const MOST_DIGITS: u64 = 999_999_999_999_999;
const MOST_CHARACTERS: usize = 50_000;

#[cfg(test)]
mod tests {
    use jada_roster::{Currency, Money};

    use super::*;

    fn json_of(cell: Cell) -> Value {
        Entered::wanted(cell).unwrap().json().unwrap_or_default()
    }

    #[test]
    fn a_cell_is_written_with_its_type() {
        for text in ["=1+1", "+1", "@x", "-5", "'x", " 1 ", "TRUE", "2026-05-03"] {
            assert_eq!(json_of(text.into()), json!({ "stringValue": text }));
        }
        let money = Money::from_minor(123_450, Currency::USD);
        assert_eq!(json_of(money.into()), json!({ "numberValue": 1234.5 }));
        assert_eq!(json_of(date(2026, 5, 3).into()), json!({ "numberValue": 46145.0 }));
        let noon = date(1899, 12, 31).at(12, 0, 0, 0);
        assert_eq!(json_of(Cell::DateTime(noon)), json!({ "numberValue": 1.5 }));
        assert_eq!(json_of(Cell::Bool(true)), json!({ "boolValue": true }));
        assert_eq!(json_of("".into()), Value::Null);
    }

    #[test]
    fn what_a_cell_cannot_keep_is_refused() {
        let long = "x".repeat(50_001);
        for text in ["a\0b", "bell\u{7}", &long] {
            Entered::wanted(text.into()).unwrap_err();
        }
        let number: Decimal = "1234567890123.456".parse().unwrap();
        Entered::wanted(Cell::Number(number)).unwrap_err();
        Entered::wanted(Money::from_minor(i64::MAX, Currency::USD).into()).unwrap_err();
        Entered::wanted(Cell::Number("100000000000000000000".parse().unwrap())).unwrap();
    }

    #[test]
    fn line_ends_are_those_of_a_cell() {
        assert_eq!(json_of("a\r\nb\rc".into()), json!({ "stringValue": "a\nb\nc" }));
    }

    #[test]
    fn a_number_is_the_same_but_for_its_last_bits() {
        let number = Entered::Number;
        assert!(number(0.1 + 0.2).is_same(&number(0.3)));
        assert!(!number(0.3).is_same(&number(0.300_000_1)));
        assert!(!number(1.0).is_same(&Entered::Text("1".into())));
    }
}
