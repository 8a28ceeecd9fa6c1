//! What a cell holds, and Google's form of it.

use serde_json::{Value, json};

/// What a cell holds, as it was entered
/// ([ExtendedValue](https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/other#ExtendedValue)).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum SheetValue {
    /// Nothing.
    #[default]
    Blank,
    /// Text, whatever it looks like.
    Text(String),
    /// A number; a day is the number of days since 1899-12-30.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// A formula with its `=`. It is kept and not computed: its result reads as 0.
    Formula(String),
}

impl SheetValue {
    /// Whether there is nothing.
    pub fn is_blank(&self) -> bool {
        *self == Self::Blank
    }

    /// As the cell shows it, without a number format: nothing for a blank one.
    pub fn text(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Bool(bool) => bool.to_string().to_uppercase(),
            Self::Formula(_) => "0".to_owned(),
        }
    }

    /// From a cell's `userEnteredValue`; the text is what is wrong with it.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let Some(object) = value.as_object() else {
            return match value {
                Value::Null => Ok(Self::Blank),
                _ => Err("userEnteredValue is an object".to_owned()),
            };
        };
        let mut fields = object.iter();
        let (Some((name, value)), None) = (fields.next(), fields.next()) else {
            return match object.is_empty() {
                true => Ok(Self::Blank),
                false => Err("oneof field 'value' is already set".to_owned()),
            };
        };
        match (name.as_str(), value) {
            ("stringValue", Value::String(text)) if text.encode_utf16().count() > MOST => {
                Err(format!("Your input contains more than the maximum of {MOST} characters."))
            }
            ("stringValue", Value::String(text)) if text.is_empty() => Ok(Self::Blank),
            ("stringValue", Value::String(text)) => Ok(Self::Text(text.clone())),
            ("numberValue", Value::Number(number)) => {
                Ok(Self::Number(number.as_f64().unwrap_or_default()))
            }
            ("boolValue", Value::Bool(bool)) => Ok(Self::Bool(*bool)),
            ("formulaValue", Value::String(text)) if text.starts_with('=') => {
                Ok(Self::Formula(text.clone()))
            }
            _ => Err(format!("Invalid value at 'user_entered_value.{name}'")),
        }
    }

    /// As `userEnteredValue`; none for a blank one.
    pub(super) fn entered(&self) -> Option<Value> {
        Some(match self {
            Self::Blank => return None,
            Self::Formula(formula) => json!({ "formulaValue": formula }),
            other => other.effective()?,
        })
    }

    /// As `effectiveValue`.
    pub(super) fn effective(&self) -> Option<Value> {
        Some(match self {
            Self::Blank => return None,
            Self::Text(text) => json!({ "stringValue": text }),
            Self::Number(number) => json!({ "numberValue": number }),
            Self::Bool(bool) => json!({ "boolValue": bool }),
            Self::Formula(_) => json!({ "numberValue": 0 }),
        })
    }

    /// As `values.batchGet` gives it for `UNFORMATTED_VALUE` and `SERIAL_NUMBER`.
    pub(super) fn unformatted(&self) -> Value {
        match self {
            Self::Blank => json!(""),
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Bool(bool) => json!(bool),
            Self::Formula(_) => json!(0),
        }
    }

    /// Numbers, texts, truths and blanks, as a sort puts them.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |value: &Self| match value {
            Self::Number(_) | Self::Formula(_) => 0,
            Self::Text(_) => 1,
            Self::Bool(_) => 2,
            Self::Blank => 3,
        };
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one.total_cmp(two),
            (Self::Text(one), Self::Text(two)) => one.to_lowercase().cmp(&two.to_lowercase()),
            (Self::Bool(one), Self::Bool(two)) => one.cmp(two),
            _ => rank(self).cmp(&rank(other)),
        }
    }
}

impl From<&str> for SheetValue {
    fn from(text: &str) -> Self {
        match text {
            "" => Self::Blank,
            formula if formula.starts_with('=') => Self::Formula(formula.to_owned()),
            text => Self::Text(text.to_owned()),
        }
    }
}

impl From<f64> for SheetValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for SheetValue {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

/// Characters of a cell, as Google counts them: in UTF-16.
const MOST: usize = 50_000;
