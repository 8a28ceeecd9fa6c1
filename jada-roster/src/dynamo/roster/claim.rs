//! Claims for the rows of older tools, and claims whose rows older tools have changed.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use futures_util::TryStreamExt;

use crate::crew::id::CrewId;
use crate::dynamo::batch::Batch;
use crate::dynamo::expression::Placeholders;
use crate::dynamo::failure::{failed, malformed};
use crate::dynamo::item::{Item, text};
use crate::dynamo::keys::{CLAIM, KEY};
use crate::dynamo::pages::{Page, pages};
use crate::dynamo::roster::contact::{Contact, owner};
use crate::dynamo::roster::{DynamoRoster, item};
use crate::dynamo::transaction::{OPERATION, Outcome};
use crate::error::{Error, UniqueField};

/// What [`DynamoRoster::claim_contacts`] did and found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ClaimedContacts {
    /// E-mail addresses and phone numbers that are claimed now and were not.
    pub claimed: usize,
    /// Claims that were given up: the member is gone, or has another e-mail address or number.
    pub released: usize,
    /// Rows that share an e-mail address or a phone number with another. A person decides.
    pub contested: Vec<Contested>,
    /// An [`Error::CorruptItem`] for each row that cannot be read. What reaches the member is
    /// claimed if that much can be read. A person mends these.
    pub unreadable: Vec<Error>,
}

/// A row whose e-mail address or phone number another member has claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contested {
    /// Whose row.
    pub crew: CrewId,
    /// Which field.
    pub field: UniqueField,
    /// Who has claimed it.
    pub owner: CrewId,
}

impl DynamoRoster {
    /// Claims what no claim is on, row by row.
    pub(super) async fn claim_all(&self, report: &mut ClaimedContacts) -> Result<(), Error> {
        let rows = self.clone().row_pages();
        let mut rows = std::pin::pin!(rows);
        while let Some(page) = rows.try_next().await? {
            let claims = self.claims_on(&page).await?;
            for row in &page {
                report.unreadable.extend(self.member(row).err());
                self.claim_row(row, &claims, report).await?;
            }
        }
        Ok(())
    }

    async fn claim_row(
        &self,
        row: &Item,
        claims: &HashMap<String, Item>,
        report: &mut ClaimedContacts,
    ) -> Result<(), Error> {
        let Ok(crew) = item::id(row) else {
            return Ok(());
        };
        for contact in Contact::stored(row) {
            let claim = match claims.get(&contact.key()) {
                Some(claim) => Some(claim.clone()),
                None => self.claim_contact(row, &crew, &contact, report).await?,
            };
            let Some(claim) = claim else {
                continue;
            };
            // One without an owner was named when claims were looked through.
            if let Some(owner) = owner(&claim).ok().filter(|owner| *owner != crew) {
                let (crew, field) = (crew.clone(), contact.field());
                report.contested.push(Contested { crew, field, owner });
            }
        }
        Ok(())
    }

    /// The claim if another was faster.
    async fn claim_contact(
        &self,
        row: &Item,
        crew: &CrewId,
        contact: &Contact,
        report: &mut ClaimedContacts,
    ) -> Result<Option<Item>, Error> {
        let unchanged = self.unchanged(Some(row), crew, contact)?;
        let writes = [unchanged, contact.claim(&self.tables.keys, crew)?];
        match self.transact(&writes).await? {
            Outcome::Done => {
                report.claimed += 1;
                Ok(None)
            }
            Outcome::Refused(unmet) => Ok(unmet.into_iter().nth(1).flatten()),
        }
    }

    /// Gives up claims whose owner's row is gone or says something else.
    pub(super) async fn release_stale(&self, report: &mut ClaimedContacts) -> Result<(), Error> {
        let claims = pages(|start| self.claim_page(start));
        let mut claims = std::pin::pin!(claims);
        while let Some(page) = claims.try_next().await? {
            let owners = page.iter().filter_map(|claim| Some(owner(claim).ok()?.to_string()));
            let rows = self.rows(owners).await?;
            let rows: HashMap<&str, &Item> =
                rows.iter().filter_map(|row| Some((text(row, item::ID)?, row))).collect();
            for claim in &page {
                let key = text(claim, KEY).unwrap_or_default();
                let (Some(contact), Ok(owner)) = (Contact::of_claim(key), owner(claim)) else {
                    report.unreadable.push(self.unreadable(key));
                    continue;
                };
                let row = rows.get(owner.as_str()).copied();
                if is_stale(row, &contact) {
                    self.release(row, &owner, &contact, report).await?;
                }
            }
        }
        Ok(())
    }

    async fn release(
        &self,
        row: Option<&Item>,
        owner: &CrewId,
        contact: &Contact,
        report: &mut ClaimedContacts,
    ) -> Result<(), Error> {
        let unchanged = self.unchanged(row, owner, contact)?;
        let writes = [unchanged, contact.release(&self.tables.keys, owner)?];
        if matches!(self.transact(&writes).await?, Outcome::Done) {
            report.released += 1;
        }
        Ok(())
    }

    /// That the attribute of the row, or that there is none, is as it was read.
    fn unchanged(
        &self,
        row: Option<&Item>,
        crew: &CrewId,
        contact: &Contact,
    ) -> Result<TransactWriteItem, Error> {
        let mut placeholders = Placeholders::default();
        let id = placeholders.name(item::ID);
        let condition = match row {
            None => format!("attribute_not_exists({id})"),
            Some(row) => {
                let attribute = contact.attribute();
                let same = placeholders.is(attribute, row.get(attribute).cloned());
                format!("attribute_exists({id}) AND {same}")
            }
        };
        let (names, values) = placeholders.into_maps();
        let check = ConditionCheck::builder()
            .table_name(&self.tables.roster)
            .set_key(Some(item::key(crew)))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, &self.tables.roster, error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    async fn claim_page(&self, start: Option<Item>) -> Result<Page, Error> {
        let request = self
            .client
            .scan()
            .table_name(&self.tables.keys)
            .consistent_read(true)
            .filter_expression("begins_with(#key, :claim)")
            .expression_attribute_names("#key", KEY)
            .expression_attribute_values(":claim", AttributeValue::S(CLAIM.to_owned()))
            .set_exclusive_start_key(start);
        let page = request.send().await;
        let page = page.map_err(|error| failed("Scan", &self.tables.keys, error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// The claims on what reaches the members of these rows, by their keys.
    async fn claims_on(&self, rows: &[Item]) -> Result<HashMap<String, Item>, Error> {
        self.stored_claims(rows.iter().flat_map(Contact::stored)).await
    }

    /// The claims on e-mail addresses and phone numbers, by their keys.
    pub(super) async fn stored_claims(
        &self,
        contacts: impl IntoIterator<Item = Contact>,
    ) -> Result<HashMap<String, Item>, Error> {
        let batch =
            Batch { client: &self.client, table: &self.tables.keys, key: KEY, projection: None };
        let keys = contacts.into_iter().map(|contact| contact.key());
        let claims = batch.get(keys).await?.into_iter();
        Ok(claims.filter_map(|claim| Some((text(&claim, KEY)?.to_owned(), claim))).collect())
    }

    fn unreadable(&self, key: &str) -> Error {
        Error::CorruptItem {
            table: self.tables.keys.clone(),
            key: key.to_owned(),
            attribute: KEY.to_owned(),
            expected: "a claim on an e-mail address or a phone number, with its owner".to_owned(),
            called: None,
        }
    }
}

/// Whether the row has something else, or is gone. One whose attribute cannot be read may mean what
/// was claimed.
fn is_stale(row: Option<&Item>, contact: &Contact) -> bool {
    row.is_none_or(|row| {
        contact.counterpart(row).is_ok_and(|stored| stored.as_ref() != Some(contact))
    })
}
