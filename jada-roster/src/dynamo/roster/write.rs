//! Adding members and updating them, with the claims on what reaches them.

use std::fmt::Write as _;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use crate::crew::CrewMember;
use crate::dynamo::expression::Placeholders;
use crate::dynamo::failure::{failed, malformed};
use crate::dynamo::item::Item;
use crate::dynamo::quiet::quietly;
use crate::dynamo::retry::Backoff;
use crate::dynamo::roster::contact::Contact;
use crate::dynamo::roster::state::RowState;
use crate::dynamo::roster::{DynamoRoster, item};
use crate::dynamo::transaction::{OPERATION, Outcome, transact};
use crate::error::{Error, UniqueField};
use crate::roster::{CREW_MEMBER, first_state, next_state};
use crate::version::Version;

impl DynamoRoster {
    /// The row and both claims at once. A row that is there as it was to be written is ours: the
    /// answer to an earlier attempt was lost.
    pub(super) async fn insert(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        let first = first_state(member)?;
        let contact = Contact::of(&first);
        let mut writes = vec![self.new_row(&first)?];
        writes.extend(self.claims(&contact, &first)?);
        let Outcome::Refused(unmet) = self.transact(&writes).await? else {
            return Ok(first);
        };
        let mut unmet = unmet.into_iter();
        let stored = unmet.next().flatten();
        if stored.is_some_and(|stored| !self.is_stored_as(&stored, &first)) {
            return Err(Error::Duplicate { field: UniqueField::Id, owner: first.id().clone() });
        }
        self.refuse_taken(&contact, &mut unmet)?;
        Ok(first)
    }

    /// One write of the row alone while its contact stays as it is; else, and for a row whose
    /// contact was never claimed, one transaction.
    pub(super) async fn change(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        let next = next_state(member)?;
        let mut state = RowState::of(member);
        if member.version() != Version::Unnumbered {
            let Some(row) = self.update_row(&state, &next).await? else {
                return Ok(next);
            };
            match self.other_state(&row, member, &next)? {
                Some(other) => state = other,
                None => return Ok(next),
            }
        }
        self.change_with_claims(member, state, next).await
    }

    async fn change_with_claims(
        &self,
        read: &CrewMember,
        mut state: RowState,
        next: CrewMember,
    ) -> Result<CrewMember, Error> {
        let contact = Contact::of(&next);
        let mut kept = contact.clone();
        for _ in 0..ATTEMPTS {
            let given_up: Vec<_> =
                state.contact.iter().filter(|old| !kept.contains(old)).cloned().collect();
            let mut writes = vec![self.updated_row(&state, &next)?];
            writes.extend(self.claims(&contact, &next)?);
            writes.extend(self.releases(&given_up, &next)?);
            let Outcome::Refused(unmet) = self.transact(&writes).await? else {
                return Ok(next);
            };
            let mut unmet = unmet.into_iter();
            if let Some(row) = unmet.next().flatten() {
                match self.other_state(&row, read, &next)? {
                    Some(other) => state = other,
                    None => return Ok(next),
                }
                continue;
            }
            self.refuse_taken(&contact, &mut unmet)?;
            kept.extend(of_others(given_up, unmet));
        }
        Err(Error::conflict(CREW_MEMBER, next.id()))
    }

    /// The row if it was in another state; nothing is written then.
    async fn update_row(&self, state: &RowState, next: &CrewMember) -> Result<Option<Item>, Error> {
        let mut placeholders = Placeholders::default();
        let (update, condition) =
            (set(next, &mut placeholders), state.condition_with_days(&mut placeholders));
        let (names, values) = placeholders.into_maps();
        let request = self
            .client
            .update_item()
            .table_name(&self.tables.roster)
            .set_key(Some(item::key(next.id())))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut backoff = Backoff::patient();
        loop {
            let Err(error) = quietly(request.clone().send()).await else {
                return Ok(None);
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(unmet)) => {
                    return Ok(Some(unmet.item.clone().unwrap_or_default()));
                }
                Some(UpdateItemError::TransactionConflictException(_)) if backoff.wait().await => {}
                _ => return Err(failed("UpdateItem", &self.tables.roster, error)),
            }
        }
    }

    /// What a row in another state than expected means: only its contact is another, or how its days
    /// are spelled, or it is already what was to be written (none), or the write is refused.
    fn other_state(
        &self,
        row: &Item,
        read: &CrewMember,
        next: &CrewMember,
    ) -> Result<Option<RowState>, Error> {
        if row.is_empty() {
            return Err(Error::NotFound { what: CREW_MEMBER, id: next.id().to_string() });
        }
        let state = RowState::stored(row).map_err(|corrupt| self.corrupt(corrupt, row))?;
        if state.version == read.version() {
            return self.with_same_days(row, read).map(|()| Some(state));
        }
        if self.is_stored_as(row, next) {
            return Ok(None);
        }
        Err(Error::conflict(CREW_MEMBER, next.id()))
    }

    /// Refuses a row whose days an older tool has changed, which leaves the number as it was.
    fn with_same_days(&self, row: &Item, read: &CrewMember) -> Result<(), Error> {
        let stored = item::availability(row, item::AVAILABILITY);
        let stored = stored.map_err(|corrupt| self.corrupt(corrupt, row))?;
        if stored == *read.read_availability() {
            return Ok(());
        }
        Err(Error::conflict(CREW_MEMBER, read.id()))
    }

    fn is_stored_as(&self, row: &Item, member: &CrewMember) -> bool {
        self.member(row).is_ok_and(|stored| stored == *member)
    }

    /// All writes or none. A row that was in another state comes back with all its attributes, and
    /// among them may be the text of a link.
    pub(super) async fn transact(&self, writes: &[TransactWriteItem]) -> Result<Outcome, Error> {
        quietly(transact(&self.client, &self.tables.roster, writes)).await
    }

    fn new_row(&self, first: &CrewMember) -> Result<TransactWriteItem, Error> {
        let attributes = item::attributes(first).into_iter();
        let attributes = attributes.filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let put = Put::builder()
            .table_name(&self.tables.roster)
            .set_item(Some(item::key(first.id()).into_iter().chain(attributes).collect()))
            .condition_expression("attribute_not_exists(crew_id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, &self.tables.roster, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn updated_row(&self, state: &RowState, next: &CrewMember) -> Result<TransactWriteItem, Error> {
        let mut placeholders = Placeholders::default();
        let (update, condition) =
            (set(next, &mut placeholders), state.condition_with_days(&mut placeholders));
        let (names, values) = placeholders.into_maps();
        let update = Update::builder()
            .table_name(&self.tables.roster)
            .set_key(Some(item::key(next.id())))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, &self.tables.roster, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn claims(
        &self,
        contact: &[Contact],
        owner: &CrewMember,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        contact.iter().map(|contact| contact.claim(&self.tables.keys, owner.id())).collect()
    }

    pub(super) fn releases(
        &self,
        contact: &[Contact],
        owner: &CrewMember,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        contact.iter().map(|contact| contact.release(&self.tables.keys, owner.id())).collect()
    }

    fn refuse_taken(
        &self,
        contact: &[Contact],
        claims: &mut impl Iterator<Item = Option<Item>>,
    ) -> Result<(), Error> {
        for (contact, claim) in contact.iter().zip(claims) {
            if let Some(claim) = claim {
                return Err(contact.taken(&claim, &self.tables.keys));
            }
        }
        Ok(())
    }
}

/// What could not be given up, as the claims are others'.
pub(super) fn of_others(
    given_up: Vec<Contact>,
    unmet: impl Iterator<Item = Option<Item>>,
) -> impl Iterator<Item = Contact> {
    given_up.into_iter().zip(unmet).filter_map(|(contact, claim)| claim.map(|_| contact))
}

/// Sets our own attributes, and leaves all others alone.
fn set(member: &CrewMember, placeholders: &mut Placeholders) -> String {
    let (mut set, mut remove) = (String::new(), String::new());
    for (attribute, value) in item::attributes(member) {
        let name = placeholders.name(attribute);
        let _ = match value {
            Some(value) => {
                let word = if set.is_empty() { "SET" } else { "," };
                write!(set, "{word} {name} = {}", placeholders.value(value))
            }
            None => {
                let word = if remove.is_empty() { " REMOVE" } else { "," };
                write!(remove, "{word} {name}")
            }
        };
    }
    set + &remove
}

/// How often a row whose contact another tool keeps changing is looked at.
pub(super) const ATTEMPTS: u32 = 8;
