//! Field masks: which parts of an answer are asked for.

use serde_json::{Map, Value};

use super::refusal;
use crate::google::refusal::Refusal;

/// A mask such as `sheets(properties(sheetId,title),data.rowData)`. Every name in it has to be one
/// of an answer's.
pub(super) struct Fields(Vec<(String, Self)>);

impl Fields {
    /// From the parameter `fields`; none asks for everything.
    pub(super) fn parse(text: Option<&str>) -> Result<Option<Self>, Refusal> {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
        let mut rest = text;
        let fields = Self::list(&mut rest);
        match fields {
            Some(fields) if rest.is_empty() => fields.check().map(|()| Some(fields)),
            _ => Err(refusal::invalid(format!("Request contains an invalid argument: {text}"))),
        }
    }

    /// Whether a field is asked for, by the names that lead to it.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        let Some((first, rest)) = path.split_first() else { return true };
        let mut fields = self.0.iter().filter(|(name, _)| name == "*" || name == first);
        self.0.is_empty() || fields.any(|(name, inner)| name == "*" || inner.has(rest))
    }

    /// What is left of an answer.
    pub(super) fn pick(&self, value: &Value) -> Value {
        match value {
            _ if self.0.is_empty() => value.clone(),
            Value::Array(values) => values.iter().map(|value| self.pick(value)).collect(),
            Value::Object(object) => {
                let mut picked = Map::new();
                for (name, value) in object {
                    let asked = self.0.iter().filter(|(given, _)| given == name || given == "*");
                    for (_, inner) in asked {
                        merge(picked.entry(name.clone()).or_insert(Value::Null), inner.pick(value));
                    }
                }
                Value::Object(picked)
            }
            other => other.clone(),
        }
    }

    fn list(rest: &mut &str) -> Option<Self> {
        let mut fields = Vec::new();
        loop {
            fields.push(Self::field(rest)?);
            match rest.strip_prefix(',') {
                Some(next) => *rest = next,
                None => return Some(Self(fields)),
            }
        }
    }

    fn field(rest: &mut &str) -> Option<(String, Self)> {
        let is_name = |it: char| it.is_ascii_alphanumeric() || it == '*';
        let end = rest.find(|it| !is_name(it)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        *rest = after;
        let inner = if let Some(after) = after.strip_prefix(['.', '/']) {
            *rest = after;
            Self(vec![Self::field(rest)?])
        } else if let Some(after) = after.strip_prefix('(') {
            *rest = after;
            let inner = Self::list(rest)?;
            *rest = rest.strip_prefix(')')?;
            inner
        } else {
            Self(Vec::new())
        };
        (!name.is_empty()).then(|| (name.to_owned(), inner))
    }

    fn check(&self) -> Result<(), Refusal> {
        for (name, inner) in &self.0 {
            if name != "*" && !NAMES.contains(&name.as_str()) {
                let message = format!("Invalid field selection {name}");
                return Err(refusal::invalid(message));
            }
            inner.check()?;
        }
        Ok(())
    }
}

/// What is left of an answer by a mask, where there is one.
pub(super) fn picked(fields: Option<&Fields>, answer: Value) -> Value {
    match fields {
        Some(fields) => fields.pick(&answer),
        None => answer,
    }
}

/// A field that a mask names twice has what either asks for.
fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (name, value) in more {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(more)) => {
            into.iter_mut().zip(more).for_each(|(into, more)| merge(into, more));
        }
        (into, more) => *into = more,
    }
}

const NAMES: [&str; 38] = [
    "boolValue",
    "columnCount",
    "data",
    "effectiveValue",
    "endColumnIndex",
    "endRowIndex",
    "findReplace",
    "formulaValue",
    "frozenRowCount",
    "gridProperties",
    "index",
    "merges",
    "numberFormat",
    "numberValue",
    "occurrencesChanged",
    "pattern",
    "properties",
    "range",
    "replies",
    "rowCount",
    "rowData",
    "rowsChanged",
    "sheetId",
    "sheetType",
    "sheets",
    "spreadsheetId",
    "startColumn",
    "startColumnIndex",
    "startRow",
    "startRowIndex",
    "stringValue",
    "title",
    "type",
    "updatedSpreadsheet",
    "userEnteredFormat",
    "userEnteredValue",
    "valueRanges",
    "values",
];
