//! A filter as a DynamoDB filter expression.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::filter::{Condition, Filter};

/// An expression with what its placeholders stand for; no expression where nothing is asked.
#[derive(Debug, Default)]
pub(super) struct FilterExpression {
    pub(super) expression: Option<String>,
    pub(super) names: Vec<(String, String)>,
    pub(super) values: Vec<(String, AttributeValue)>,
}

impl FilterExpression {
    /// A row that lacks an attribute is read as one that has the default, and so it is here.
    pub(super) fn of(filter: &Filter) -> Self {
        let mut expression = Self::default();
        let clauses: Vec<String> =
            filter.conditions().iter().map(|condition| expression.clause(condition)).collect();
        expression.expression = (!clauses.is_empty()).then(|| clauses.join(" AND "));
        expression
    }

    fn clause(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::NotText { attribute, text } => {
                let name = self.name(attribute.name());
                let value = self.value(AttributeValue::S(text.clone()));
                format!("(attribute_not_exists({name}) OR {name} <> {value})")
            }
            Condition::NotEmpty(attribute) => {
                let name = self.name(attribute.name());
                let value = self.value(AttributeValue::S(String::new()));
                format!("(attribute_exists({name}) AND {name} <> {value})")
            }
            Condition::TotalNotZero => {
                let name = self.name("total");
                let value = self.value(AttributeValue::N("0".to_owned()));
                format!("(attribute_exists({name}) AND {name} <> {value})")
            }
        }
    }

    fn name(&mut self, attribute: &str) -> String {
        let placeholder = format!("#f{}", self.names.len());
        self.names.push((placeholder.clone(), attribute.to_owned()));
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":f{}", self.values.len());
        self.values.push((placeholder.clone(), value));
        placeholder
    }
}
