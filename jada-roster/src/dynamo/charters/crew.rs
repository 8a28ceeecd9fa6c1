//! Who sails on a charter, as an attribute of its row.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::charter::assignment::{self, Assignment};
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::dynamo::item::{Item, text, why};

/// The list; none while nobody sails.
pub(in crate::dynamo) fn value(assignments: &[Assignment]) -> Option<AttributeValue> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let map = |assignment: &Assignment| {
        AttributeValue::M(Item::from([
            (CREW.to_owned(), text(assignment.crew().as_str())),
            (BERTH.to_owned(), text(assignment.berth().as_str())),
        ]))
    };
    (!assignments.is_empty()).then(|| AttributeValue::L(assignments.iter().map(map).collect()))
}

/// Who sails, or what would have been accepted.
pub(in crate::dynamo) fn assignments(
    value: Option<&AttributeValue>,
) -> Result<Vec<Assignment>, String> {
    let list = match value {
        None | Some(AttributeValue::Null(_)) => return Ok(Vec::new()),
        Some(AttributeValue::L(list)) => list,
        Some(_) => return Err(LIST.to_owned()),
    };
    let assignments = list.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    assignment::check(&assignments).map_err(why)?;
    Ok(assignments)
}

fn entry(value: &AttributeValue) -> Result<Assignment, String> {
    let map = value.as_m().map_err(|_| LIST.to_owned())?;
    let crew = CrewId::new(text(map, CREW).ok_or(LIST)?).map_err(why)?;
    let berth = match map.get(BERTH) {
        None | Some(AttributeValue::Null(_)) => Role::Crew,
        Some(AttributeValue::S(word)) if word.trim().is_empty() => Role::Crew,
        Some(AttributeValue::S(word)) => word.parse().map_err(why)?,
        Some(_) => return Err(LIST.to_owned()),
    };
    Ok(Assignment::new(crew, berth))
}

const CREW: &str = "crew_id";
const BERTH: &str = "berth";
const LIST: &str = "a list of maps, each with the texts `crew_id` and `berth`";
