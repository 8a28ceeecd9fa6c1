//! The state of a member's row, as far as a write depends on it.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::crew::CrewMember;
use crate::dynamo::expression::Placeholders;
use crate::dynamo::item::{Corrupt, Item, version};
use crate::dynamo::roster::contact::Contact;
use crate::dynamo::roster::item::{self, AVAILABILITY, ID};
use crate::version::Version;

/// The version of a row, its contact, as which claims a write gives up depends on it, and its days:
/// an older tool changes them and leaves the number.
#[derive(Clone, Debug)]
pub(super) struct RowState {
    pub(super) version: Version,
    pub(super) contact: Vec<Contact>,
    /// As it is stored: an older tool may have written it in another way than it is read.
    email: Option<AttributeValue>,
    phone: Option<AttributeValue>,
    days: Option<AttributeValue>,
}

impl RowState {
    /// The state in which this crate has written the row that a member was read from.
    pub(super) fn of(member: &CrewMember) -> Self {
        let mut row = Item::new();
        for (attribute, value) in item::attributes(member) {
            row.extend(value.map(|value| (attribute.to_owned(), value)));
        }
        row.insert(AVAILABILITY.to_owned(), item::days(member.read_availability()));
        Self::with_version(&row, member.version())
    }

    pub(super) fn stored(row: &Item) -> Result<Self, Corrupt> {
        Ok(Self::with_version(row, version(row)?))
    }

    fn with_version(row: &Item, version: Version) -> Self {
        let attribute = |name| row.get(name).cloned();
        Self {
            version,
            contact: Contact::stored(row),
            email: attribute("email"),
            phone: attribute("phone"),
            days: attribute(AVAILABILITY),
        }
    }

    /// That a row is in this state, with the same days.
    pub(super) fn condition_with_days(&self, placeholders: &mut Placeholders) -> String {
        let state = self.condition(placeholders);
        let same = placeholders.is(AVAILABILITY, self.days.clone());
        match &self.days {
            Some(AttributeValue::M(days)) if days.is_empty() => {
                let name = placeholders.name(AVAILABILITY);
                format!("{state} AND ({same} OR attribute_not_exists({name}))")
            }
            _ => format!("{state} AND {same}"),
        }
    }

    /// That a row is in this state, whatever its days.
    pub(super) fn condition(&self, placeholders: &mut Placeholders) -> String {
        let version = match self.version {
            Version::Number(number) => Some(AttributeValue::N(number.to_string())),
            Version::New | Version::Unnumbered => None,
        };
        let id = placeholders.name(ID);
        let version = placeholders.is("version", version);
        let email = placeholders.is("email", self.email.clone());
        let phone = placeholders.is("phone", self.phone.clone());
        format!("attribute_exists({id}) AND {version} AND {email} AND {phone}")
    }
}
