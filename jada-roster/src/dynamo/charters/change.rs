//! Changing one attribute of a charter by one conditional update.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use crate::charter::Charter;
use crate::dynamo::charters::{DynamoCharters, crew, item};
use crate::dynamo::failure::failed;
use crate::dynamo::item::Item;
use crate::dynamo::quiet::quietly;
use crate::dynamo::retry::Backoff;
use crate::error::Error;
use crate::repository::CHARTER;
use crate::version::Version;

/// What a change is about: an attribute, and what a charter has there.
pub(super) struct Field<'a> {
    attribute: &'a str,
    of: fn(&Charter) -> Result<Option<AttributeValue>, Error>,
}

/// What became of an update.
pub(super) enum Outcome {
    /// It was done, and the row is this now.
    Done(Item),
    /// It was not: the row is this, empty where there is none.
    Refused(Item),
}

impl DynamoCharters {
    pub(super) fn status_field(&self) -> Field<'_> {
        let of = |charter: &Charter| Ok(Some(AttributeValue::S(charter.status().to_string())));
        Field { attribute: "status", of }
    }

    pub(super) fn crew_field(&self) -> Field<'_> {
        let of = |charter: &Charter| Ok(crew::value(charter.assignments()?));
        Field { attribute: &self.assignments, of }
    }

    /// Changes one field of a row that is as it was read: the version alone would not tell, where a
    /// tool writes that does not number its writes.
    ///
    /// A row in which that tool has spelled the field in another way takes one attempt more. One
    /// that is in the next state already is ours: the answer to an earlier attempt was lost.
    pub(super) async fn change(
        &self,
        read: &Charter,
        next: &Charter,
        field: &Field<'_>,
    ) -> Result<Charter, Error> {
        let mut expected = (field.of)(read)?;
        for _ in 0..ATTEMPTS {
            let row = match self.update(read.version(), next, field, expected).await? {
                Outcome::Done(row) => return self.charter(&row),
                Outcome::Refused(row) => row,
            };
            if row.is_empty() {
                return Err(Error::NotFound { what: CHARTER, id: next.id().to_string() });
            }
            let stored = self.charter(&row)?;
            if stored.is_same_state(next) {
                return Ok(stored);
            }
            if stored.version() != read.version() || (field.of)(&stored)? != (field.of)(read)? {
                break;
            }
            expected = row.get(field.attribute).cloned();
        }
        Err(Error::conflict(CHARTER, next.id()))
    }

    async fn update(
        &self,
        read: Version,
        next: &Charter,
        field: &Field<'_>,
        expected: Option<AttributeValue>,
    ) -> Result<Outcome, Error> {
        let value = (field.of)(next)?;
        let update = match value {
            Some(_) => "SET #version = :next, #field = :field",
            None => "SET #version = :next REMOVE #field",
        };
        let is_as_read = match expected {
            Some(_) => "#field = :expected",
            None => "attribute_not_exists(#field)",
        };
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item::key(next.id())))
            .update_expression(update)
            .condition_expression(format!("{} AND {is_as_read}", item::state(read)))
            .expression_attribute_names("#version", "version")
            .expression_attribute_names("#field", field.attribute)
            .set_expression_attribute_values(Some(values(read, next.version(), value, expected)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        self.outcome(request).await
    }

    /// Tries again while a transaction of someone else's writes the row.
    pub(super) async fn outcome(&self, request: UpdateItemFluentBuilder) -> Result<Outcome, Error> {
        let mut backoff = Backoff::patient();
        loop {
            let error = match quietly(request.clone().send()).await {
                Ok(done) => return Ok(Outcome::Done(done.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(unmet)) => {
                    return Ok(Outcome::Refused(unmet.item.clone().unwrap_or_default()));
                }
                Some(UpdateItemError::TransactionConflictException(_)) if backoff.wait().await => {}
                _ => return Err(failed("UpdateItem", &self.table, error)),
            }
        }
    }
}

/// What the placeholders stand for that are there.
fn values(
    read: Version,
    next: Version,
    field: Option<AttributeValue>,
    expected: Option<AttributeValue>,
) -> Item {
    let read = matches!(read, Version::Number(_)).then(|| number(read));
    let values = [
        (":read", read),
        (":next", Some(number(next))),
        (":field", field),
        (":expected", expected),
    ];
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

pub(super) fn number(version: Version) -> AttributeValue {
    AttributeValue::N(version.number().to_string())
}

/// How often a row is tried that another tool goes on spelling in another way.
pub(super) const ATTEMPTS: u32 = 3;
