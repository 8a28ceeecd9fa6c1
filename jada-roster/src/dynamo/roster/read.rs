//! Reading members: one by one, all of them page by page, and by what reaches them.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{Stream, TryStreamExt, stream};

use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::dynamo::batch::Batch;
use crate::dynamo::failure::failed;
use crate::dynamo::item::Item;
use crate::dynamo::keys::KEY;
use crate::dynamo::pages::{Page, pages};
use crate::dynamo::roster::contact::{Contact, owner};
use crate::dynamo::roster::{DynamoRoster, item};
use crate::error::Error;

impl DynamoRoster {
    /// A member's row without what is none of ours, in the region of `client`.
    pub(super) async fn row(&self, client: &Client, id: &CrewId) -> Result<Option<Item>, Error> {
        let request = client
            .get_item()
            .table_name(&self.tables.roster)
            .set_key(Some(item::key(id)))
            .consistent_read(true)
            .projection_expression(OURS)
            .set_expression_attribute_names(Some(names()));
        let answer = request.send().await;
        Ok(answer.map_err(|error| failed("GetItem", &self.tables.roster, error))?.item)
    }

    /// All members; the next page is asked for when the last is used up.
    pub(super) fn members(self) -> impl Stream<Item = Result<CrewMember, Error>> + Send {
        let roster = self.clone();
        let rows = move |page: Vec<Item>| {
            let rows: Vec<_> = page.iter().map(|row| self.member(row)).collect();
            stream::iter(rows)
        };
        roster.row_pages().map_ok(rows).try_flatten()
    }

    pub(super) fn row_pages(self) -> impl Stream<Item = Result<Vec<Item>, Error>> + Send {
        pages(move |start| {
            let roster = self.clone();
            async move { roster.row_page(start).await }
        })
    }

    async fn row_page(&self, start: Option<Item>) -> Result<Page, Error> {
        let request = self
            .client
            .scan()
            .table_name(&self.tables.roster)
            .consistent_read(true)
            .projection_expression(OURS)
            .set_expression_attribute_names(Some(names()))
            .set_exclusive_start_key(start);
        let page = request.send().await;
        let page = page.map_err(|error| failed("Scan", &self.tables.roster, error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    pub(super) async fn batch_of(&self, ids: &[CrewId]) -> Result<Vec<CrewMember>, Error> {
        let rows = self.rows(ids.iter().map(ToString::to_string)).await?;
        rows.iter().map(|row| self.member(row)).collect()
    }

    pub(super) async fn rows(
        &self,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<Vec<Item>, Error> {
        let batch = Batch {
            client: &self.client,
            table: &self.tables.roster,
            key: item::ID,
            projection: Some((OURS, names())),
        };
        batch.get(ids).await
    }

    /// By the claim; what nobody has claimed, or a member who has it no more, by all rows.
    pub(super) async fn find_by(&self, contact: &Contact) -> Result<Option<CrewMember>, Error> {
        if let Some(owner) = self.claimant(contact).await? {
            let row = self.row(&self.client, &owner).await?;
            if let Some(row) = row.filter(|row| Contact::stored(row).contains(contact)) {
                return self.member(&row).map(Some);
            }
        }
        let rows = self.clone().row_pages();
        let mut rows = std::pin::pin!(rows);
        while let Some(page) = rows.try_next().await? {
            if let Some(row) = page.iter().find(|row| Contact::stored(row).contains(contact)) {
                return self.member(row).map(Some);
            }
        }
        Ok(None)
    }

    async fn claimant(&self, contact: &Contact) -> Result<Option<CrewId>, Error> {
        let request = self
            .client
            .get_item()
            .table_name(&self.tables.keys)
            .key(KEY, AttributeValue::S(contact.key()))
            .consistent_read(true);
        let answer = request.send().await;
        let claim = answer.map_err(|error| failed("GetItem", &self.tables.keys, error))?.item;
        let owner = claim.map(|claim| owner(&claim)).transpose();
        owner.map_err(|corrupt| corrupt.of(&self.tables.keys, contact.key()))
    }
}

/// What is read of a row: `magic_token`, which opens a page, stays where it is.
const OURS: &str = "crew_id, #name, phone, email, #role, cascade_level, availability, \
                    availability_synced, #version";

/// Words of DynamoDB's own that are attributes here.
fn names() -> HashMap<String, String> {
    ["name", "role", "version"].map(|name| (format!("#{name}"), name.to_owned())).into()
}
