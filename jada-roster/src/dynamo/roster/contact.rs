//! What reaches a member, and the claims on it.

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};

use crate::crew::CrewMember;
use crate::crew::contact::{EmailAddress, PhoneNumber};
use crate::crew::id::CrewId;
use crate::dynamo::expression::Placeholders;
use crate::dynamo::failure::malformed;
use crate::dynamo::item::{Corrupt, Item, parsed};
use crate::dynamo::keys::{CLAIM, KEY, email_claim, phone_claim};
use crate::dynamo::roster::item;
use crate::dynamo::transaction::OPERATION;
use crate::error::{Error, UniqueField};

/// An e-mail address or a phone number, which one member alone may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Contact {
    Email(EmailAddress),
    Phone(PhoneNumber),
}

impl Contact {
    pub(super) fn of(member: &CrewMember) -> Vec<Self> {
        let email = member.email().cloned().map(Self::Email);
        email.into_iter().chain(member.phone().cloned().map(Self::Phone)).collect()
    }

    /// What can be read of a row's contact, whatever else is wrong with the row.
    pub(super) fn stored(row: &Item) -> Vec<Self> {
        [Self::email(row), Self::phone(row)].into_iter().filter_map(Result::ok).flatten().collect()
    }

    /// What a row has in the same place.
    pub(super) fn counterpart(&self, row: &Item) -> Result<Option<Self>, Corrupt> {
        match self {
            Self::Email(_) => Self::email(row),
            Self::Phone(_) => Self::phone(row),
        }
    }

    fn email(row: &Item) -> Result<Option<Self>, Corrupt> {
        Ok(item::optional(row, "email", str::parse)?.map(Self::Email))
    }

    fn phone(row: &Item) -> Result<Option<Self>, Corrupt> {
        Ok(item::optional(row, "phone", str::parse)?.map(Self::Phone))
    }

    /// What the claim of this partition key is on.
    pub(super) fn of_claim(key: &str) -> Option<Self> {
        let (field, text) = key.strip_prefix(CLAIM)?.split_once('#')?;
        match field {
            "email" => text.parse().ok().map(Self::Email),
            "phone" => text.parse().ok().map(Self::Phone),
            _ => None,
        }
    }

    /// The partition key of the claim.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Email(email) => email_claim(email),
            Self::Phone(phone) => phone_claim(phone),
        }
    }

    pub(super) fn field(&self) -> UniqueField {
        match self {
            Self::Email(_) => UniqueField::Email,
            Self::Phone(_) => UniqueField::Phone,
        }
    }

    /// The attribute of a member's row.
    pub(super) fn attribute(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Phone(_) => "phone",
        }
    }

    /// Claims it for a member, if it is nobody's or theirs.
    pub(super) fn claim(&self, table: &str, owner: &CrewId) -> Result<TransactWriteItem, Error> {
        let (condition, placeholders) = free_or_of(owner);
        let (names, values) = placeholders.into_maps();
        let put = Put::builder()
            .table_name(table)
            .item(KEY, AttributeValue::S(self.key()))
            .item(OWNER, AttributeValue::S(owner.to_string()))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, table, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Gives it up, if it is nobody's or the member's.
    pub(super) fn release(&self, table: &str, owner: &CrewId) -> Result<TransactWriteItem, Error> {
        let (condition, placeholders) = free_or_of(owner);
        let (names, values) = placeholders.into_maps();
        let delete = Delete::builder()
            .table_name(table)
            .key(KEY, AttributeValue::S(self.key()))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, table, error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// That it is another's, by the row of the claim.
    pub(super) fn taken(&self, claim: &Item, table: &str) -> Error {
        match owner(claim) {
            Ok(owner) => Error::Duplicate { field: self.field(), owner },
            Err(corrupt) => corrupt.of(table, self.key()),
        }
    }
}

/// Whose claim a row is.
pub(super) fn owner(claim: &Item) -> Result<CrewId, Corrupt> {
    parsed(claim, OWNER, CrewId::new)
}

fn free_or_of(owner: &CrewId) -> (String, Placeholders) {
    let mut placeholders = Placeholders::default();
    let key = placeholders.name(KEY);
    let ours = placeholders.is(OWNER, Some(AttributeValue::S(owner.to_string())));
    (format!("attribute_not_exists({key}) OR {ours}"), placeholders)
}

const OWNER: &str = "owner";
