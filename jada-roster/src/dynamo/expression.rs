//! Expressions of DynamoDB with what their placeholders stand for.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamo::item::Item;

/// What the placeholders of a request's expressions stand for.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    names: HashMap<String, String>,
    values: Item,
}

impl Placeholders {
    /// A placeholder for an attribute, whose name may be one of DynamoDB's own words.
    pub(super) fn name(&mut self, attribute: &str) -> String {
        let known = self.names.iter().find(|(_, name)| *name == attribute);
        if let Some((placeholder, _)) = known {
            return placeholder.clone();
        }
        let placeholder = format!("#n{}", self.names.len());
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    /// A placeholder for a value.
    pub(super) fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// `attribute = value`, or that there is no such attribute.
    pub(super) fn is(&mut self, attribute: &str, value: Option<AttributeValue>) -> String {
        let name = self.name(attribute);
        match value {
            Some(value) => format!("{name} = {}", self.value(value)),
            None => format!("attribute_not_exists({name})"),
        }
    }

    /// The names and the values; DynamoDB refuses a map of none.
    pub(super) fn into_maps(self) -> (Option<HashMap<String, String>>, Option<Item>) {
        let Self { names, values } = self;
        ((!names.is_empty()).then_some(names), (!values.is_empty()).then_some(values))
    }
}
