//! A crew member as a DynamoDB item, and back.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::crew::availability::{Availability, DayState};
use crate::crew::contact::PersonName;
use crate::crew::id::CrewId;
use crate::crew::role::{CascadeLevel, Role};
use crate::crew::{CrewMember, ReadDays};
use crate::dynamo::item::{Corrupt, Item, parsed, text, version, why};
use crate::error::Error;
use crate::month::date_from_text;

pub(super) fn member(item: &Item) -> Result<CrewMember, Corrupt> {
    Ok(CrewMember {
        id: id(item)?,
        name: parsed(item, "name", PersonName::new)?,
        phone: optional(item, "phone", str::parse)?,
        email: optional(item, "email", str::parse)?,
        role: optional(item, "role", str::parse)?.unwrap_or(Role::Crew),
        cascade_level: cascade_level(item)?,
        availability: availability(item, AVAILABILITY)?,
        synced: availability(item, SYNCED)?,
        version: version(item)?,
        read: ReadDays::default(),
    })
}

/// The id as it is stored: one that is read otherwise would name another row.
pub(super) fn id(item: &Item) -> Result<CrewId, Corrupt> {
    let id = parsed(item, ID, CrewId::new)?;
    if text(item, ID) == Some(id.as_str()) {
        return Ok(id);
    }
    let expected = "an id without blanks around it".to_owned();
    Err(Corrupt { attribute: ID, expected })
}

/// An attribute that rows of older tools may lack, or have blank.
pub(super) fn optional<T>(
    item: &Item,
    attribute: &'static str,
    parse: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<Option<T>, Corrupt> {
    match item.get(attribute) {
        None | Some(AttributeValue::Null(_)) => Ok(None),
        Some(AttributeValue::S(text)) if text.trim().is_empty() => Ok(None),
        Some(AttributeValue::S(_)) => parsed(item, attribute, parse).map(Some),
        Some(_) => Err(Corrupt { attribute, expected: "text".to_owned() }),
    }
}

/// The primary key of a member.
pub(super) fn key(id: &CrewId) -> Item {
    Item::from([(ID.to_owned(), AttributeValue::S(id.to_string()))])
}

/// All attributes of a member but the key; a value for those that are to be there.
pub(super) fn attributes(member: &CrewMember) -> [(&'static str, Option<AttributeValue>); 8] {
    let text = |text: &str| Some(AttributeValue::S(text.to_owned()));
    let number = |number: String| Some(AttributeValue::N(number));
    let synced = member.synced_availability();
    [
        ("name", text(member.name().as_str())),
        ("phone", member.phone().and_then(|phone| text(phone.as_str()))),
        ("email", member.email().and_then(|email| text(email.as_str()))),
        ("role", text(member.role().as_str())),
        ("cascade_level", number(member.cascade_level().to_string())),
        (AVAILABILITY, Some(days(member.availability()))),
        (SYNCED, (synced.days().next().is_some()).then(|| days(synced))),
        ("version", number(member.version().number().to_string())),
    ]
}

/// Days as this crate writes them.
pub(super) fn days(days: &Availability) -> AttributeValue {
    let day = |(day, state): (jiff::civil::Date, DayState)| {
        (day.to_string(), AttributeValue::S(state.to_string()))
    };
    AttributeValue::M(days.days().map(day).collect())
}

fn cascade_level(item: &Item) -> Result<CascadeLevel, Corrupt> {
    if let Some(AttributeValue::N(number)) = item.get(LEVEL) {
        let level = number.parse();
        return level.map_err(|error| Corrupt { attribute: LEVEL, expected: why(error) });
    }
    Ok(optional(item, LEVEL, str::parse)?.unwrap_or(CascadeLevel::LAST))
}

pub(super) fn availability(item: &Item, attribute: &'static str) -> Result<Availability, Corrupt> {
    let days = match item.get(attribute) {
        None | Some(AttributeValue::Null(_)) => return Ok(Availability::default()),
        Some(AttributeValue::M(days)) => days,
        Some(_) => {
            let expected = "a map of days to words".to_owned();
            return Err(Corrupt { attribute, expected });
        }
    };
    let states = days.iter().filter_map(|(day, state)| said(day, state).transpose());
    states.collect::<Result<_, _>>().map_err(|error| Corrupt { attribute, expected: why(error) })
}

/// What was said about a day; a blank word says nothing.
fn said(day: &str, state: &AttributeValue) -> Result<Option<(jiff::civil::Date, DayState)>, Error> {
    let day = date_from_text(day)?;
    match state {
        AttributeValue::Null(_) => Ok(None),
        AttributeValue::S(word) if word.trim().is_empty() => Ok(None),
        AttributeValue::S(word) => Ok(Some((day, word.parse()?))),
        _ => Err(Error::invalid(AVAILABILITY, &day.to_string(), "a word for each day")),
    }
}

pub(super) const ID: &str = "crew_id";
const LEVEL: &str = "cascade_level";
pub(super) const AVAILABILITY: &str = "availability";
const SYNCED: &str = "availability_synced";
