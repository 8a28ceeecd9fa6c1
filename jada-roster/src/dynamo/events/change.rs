//! What of a row of events is to be otherwise, so that there is no money in it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamo::events::same::is_same;
use crate::dynamo::events::target::EventTable;
use crate::dynamo::expression::Placeholders;
use crate::dynamo::item::Item;
use crate::scrub::Removed;
use crate::scrub::rules::ScrubRules;

/// Attributes that are to go or to say less, as they were read and as they are to be.
#[derive(Debug, Default)]
pub(super) struct Changes {
    attributes: BTreeMap<String, (AttributeValue, Option<AttributeValue>)>,
    pub(super) removed: Vec<Removed>,
}

/// The expressions of one conditional update.
pub(super) struct Update {
    pub(super) update: String,
    pub(super) condition: String,
    pub(super) placeholders: Placeholders,
}

impl Changes {
    /// Looks at all attributes but those that the table leaves.
    pub(super) fn of(row: &Item, table: &EventTable, rules: &ScrubRules) -> Self {
        let mut names: Vec<&String> = row.keys().collect();
        names.sort();
        let mut changes = Self::default();
        for name in names {
            let Some(value) = row.get(name) else {
                continue;
            };
            let mut scrubbing = Scrubbing { table, rules, removed: &mut changes.removed };
            match scrubbing.attribute(name, name, value) {
                Left::Same => {}
                Left::Less(less) => {
                    changes.attributes.insert(name.clone(), (value.clone(), Some(less)));
                }
                Left::Nothing => {
                    changes.attributes.insert(name.clone(), (value.clone(), None));
                }
            }
        }
        changes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Whether a row is as it was to be: an update was done, and its answer lost.
    pub(super) fn are_done_in(&self, row: &Item) -> bool {
        self.attributes.iter().all(|(name, (_, left))| match (row.get(name), left) {
            (Some(stored), Some(left)) => is_same(stored, left),
            (stored, left) => stored.is_none() && left.is_none(),
        })
    }

    /// One update, on the condition that each of these attributes is as it was read.
    pub(super) fn update(&self) -> Update {
        let mut placeholders = Placeholders::default();
        let (mut set, mut remove, mut conditions) = (Vec::new(), Vec::new(), Vec::new());
        for (name, (read, left)) in &self.attributes {
            conditions.push(placeholders.is(name, Some(read.clone())));
            match left {
                Some(left) => set.push(placeholders.is(name, Some(left.clone()))),
                None => remove.push(placeholders.name(name)),
            }
        }
        let clause = |word: &str, parts: Vec<String>| {
            if parts.is_empty() { String::new() } else { format!("{word} {} ", parts.join(", ")) }
        };
        let update = clause("SET", set) + &clause("REMOVE", remove);
        Update { update, condition: conditions.join(" AND "), placeholders }
    }
}

/// What is left of a value.
enum Left {
    Same,
    Less(AttributeValue),
    Nothing,
}

/// A row on its way to the crew.
struct Scrubbing<'a> {
    table: &'a EventTable,
    rules: &'a ScrubRules,
    removed: &'a mut Vec<Removed>,
}

impl Scrubbing<'_> {
    fn attribute(&mut self, place: &str, name: &str, value: &AttributeValue) -> Left {
        if self.table.leaves(place, name) {
            return Left::Same;
        }
        if self.rules.is_money(name) {
            self.removed.push(Removed::new(place, shown(value)));
            return Left::Nothing;
        }
        self.value(place, value).map_or(Left::Same, Left::Less)
    }

    /// What is left of a value in which there was money.
    fn value(&mut self, place: &str, value: &AttributeValue) -> Option<AttributeValue> {
        match value {
            AttributeValue::S(text) => self.text(place, text).map(AttributeValue::S),
            AttributeValue::Ss(texts) => self.set(place, texts).map(AttributeValue::Ss),
            AttributeValue::L(list) => self.list(place, list).map(AttributeValue::L),
            AttributeValue::M(map) => self.map(place, map).map(AttributeValue::M),
            _ => None,
        }
    }

    fn text(&mut self, place: &str, text: &str) -> Option<String> {
        let left = self.rules.scrub_field(place, text, self.removed);
        (left.as_str() != text).then(|| left.to_string())
    }

    /// A set has each text once, what is left of two of them too.
    fn set(&mut self, place: &str, texts: &[String]) -> Option<Vec<String>> {
        let left = texts.iter().map(|text| self.text(place, text));
        let left: Vec<Option<String>> = left.collect();
        left.iter().any(Option::is_some).then(|| {
            let left = texts.iter().zip(left).map(|(text, left)| left.unwrap_or(text.clone()));
            let mut left: Vec<String> = left.collect();
            left.sort();
            left.dedup();
            left
        })
    }

    fn list(&mut self, place: &str, list: &[AttributeValue]) -> Option<Vec<AttributeValue>> {
        let left: Vec<_> = list.iter().map(|value| self.value(place, value)).collect();
        left.iter().any(Option::is_some).then(|| {
            let left = list.iter().zip(left);
            left.map(|(value, left)| left.unwrap_or_else(|| value.clone())).collect()
        })
    }

    fn map(&mut self, place: &str, map: &Item) -> Option<Item> {
        let (mut left, mut is_less) = (map.clone(), false);
        let mut names: Vec<&String> = map.keys().collect();
        names.sort();
        for name in names {
            let Some(value) = map.get(name) else {
                continue;
            };
            match self.attribute(&format!("{place}.{name}"), name, value) {
                Left::Same => continue,
                Left::Less(less) => left.insert(name.clone(), less),
                Left::Nothing => left.remove(name),
            };
            is_less = true;
        }
        is_less.then_some(left)
    }
}

/// A value in one line, for the caller who took it out.
fn shown(value: &AttributeValue) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        AttributeValue::Bool(yes) => yes.to_string(),
        AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => joined(texts.clone()),
        AttributeValue::L(list) => format!("[{}]", joined(list.iter().map(shown).collect())),
        AttributeValue::M(map) => {
            let mut pairs: Vec<_> =
                map.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect();
            pairs.sort();
            format!("{{{}}}", joined(pairs))
        }
        AttributeValue::Null(_) => String::new(),
        _ => "bytes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_recognised_though_a_set_comes_in_another_order() {
        let tags = |tags: [&str; 3]| {
            let tags = AttributeValue::Ss(tags.map(str::to_owned).to_vec());
            Item::from([("tags".to_owned(), tags)])
        };
        let read = tags(["vip", "paid 300", "again"]);
        let changes = Changes::of(&read, &EventTable::new("events"), &ScrubRules::default());
        assert!(changes.are_done_in(&tags(["vip", "paid [amount removed]", "again"])));
        assert!(!changes.are_done_in(&read) && !changes.are_done_in(&Item::new()));
    }
}
