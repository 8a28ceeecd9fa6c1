//! The writes of which transactions on links are made.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};
use jiff::Timestamp;

use crate::crew::id::CrewId;
use crate::dynamo::failure::malformed;
use crate::dynamo::item::{Corrupt, Item, text};
use crate::dynamo::keys::{KEY, links_row, token_row};
use crate::dynamo::links::item::{
    CREW, Entry, OPEN, OPENED, POINTERS, REVISION, key, of, texts, ttl,
};
use crate::dynamo::links::{DynamoLinks, item};
use crate::dynamo::quiet::quietly;
use crate::dynamo::transaction::{OPERATION, Outcome, transact};
use crate::error::Error;
use crate::links::Purpose;
use crate::roster::CREW_MEMBER;

/// A change to the row of a member's links. Its owner and its revision go with every change.
#[derive(Debug, Default)]
pub(super) struct RowChange {
    /// `, a = :a`, behind what every change sets.
    pub(super) set: String,
    /// `, a :a`, behind what every change adds.
    pub(super) add: String,
    /// `REMOVE a`, `DELETE a :a`.
    pub(super) rest: String,
    /// ` AND a = :a`, behind the condition of every change.
    pub(super) condition: String,
    pub(super) names: Vec<(&'static str, String)>,
    pub(super) values: Vec<(&'static str, AttributeValue)>,
}

/// A row of a member's links as it was read.
pub(in crate::dynamo) struct Row {
    pub(super) item: Item,
}

impl Row {
    /// The row, if it is that member's: two of whom the ids have one handle cannot both have links.
    pub(in crate::dynamo) fn of(crew: &CrewId, item: Item) -> Result<Self, Corrupt> {
        if text(&item, CREW).is_some_and(|owner| owner != crew.as_str()) {
            let expected = "the member whose id the row is named by".to_owned();
            return Err(Corrupt { attribute: CREW, expected });
        }
        Ok(Self { item })
    }

    pub(super) fn entries(&self) -> Result<Vec<Entry>, Corrupt> {
        Entry::all(&self.item)
    }

    pub(super) fn pointers(&self, purpose: &Purpose) -> Result<&[String], Corrupt> {
        texts(&self.item, &of(POINTERS, purpose), POINTERS)
    }

    /// How many links it lists that rows of their own hold.
    pub(super) fn listed(&self) -> Result<usize, Corrupt> {
        let lists = self.item.keys().filter(|name| *name == OPEN || name.starts_with(POINTERS));
        lists.map(|name| Ok(texts(&self.item, name, OPEN)?.len())).sum()
    }

    /// The digests of all links with rows of their own.
    pub(in crate::dynamo) fn digests(&self) -> Result<BTreeSet<String>, Corrupt> {
        let mut digests: BTreeSet<_> =
            self.entries()?.into_iter().map(|entry| entry.digest).collect();
        for name in self.item.keys().filter(|name| name.starts_with(POINTERS)) {
            digests.extend(texts(&self.item, name, POINTERS)?.iter().cloned());
        }
        Ok(digests)
    }

    /// That the row is as it was read.
    pub(in crate::dynamo) fn unchanged(&self) -> (String, Vec<(&'static str, AttributeValue)>) {
        match self.item.get(REVISION) {
            Some(revision) => {
                (format!(" AND {REVISION} = :read"), vec![(":read", revision.clone())])
            }
            None => (format!(" AND attribute_not_exists({REVISION})"), Vec::new()),
        }
    }
}

impl DynamoLinks {
    /// Does all writes or none, in the home of the current pepper.
    pub(super) async fn transact(&self, writes: &[TransactWriteItem]) -> Result<Outcome, Error> {
        quietly(transact(&self.home, &self.tables.keys, writes)).await
    }

    pub(super) async fn links_of(&self, crew: &CrewId) -> Result<Option<Row>, Error> {
        let name = links_row(crew);
        let item = self.row(&self.home, &name).await?;
        let row = item.map(|item| Row::of(crew, item)).transpose();
        row.map_err(|corrupt| self.corrupt(corrupt, &name))
    }

    /// That there is the member; for a standing link, that they have none of an older tool.
    pub(super) fn member(
        &self,
        crew: &CrewId,
        standing: Option<&Purpose>,
    ) -> Result<TransactWriteItem, Error> {
        let mut check = ConditionCheck::builder()
            .table_name(&self.tables.roster)
            .key(CREW, AttributeValue::S(crew.to_string()));
        check = if standing.is_some_and(|purpose| self.has_plain(purpose)) {
            let condition = "attribute_exists(crew_id) AND attribute_not_exists(#plain)";
            check
                .condition_expression(condition)
                .expression_attribute_names("#plain", &self.tables.legacy_attribute)
        } else {
            check.condition_expression("attribute_exists(crew_id)")
        };
        let check =
            check.build().map_err(|error| malformed(OPERATION, self.tables.roster(), error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    pub(super) fn no_member(crew: &CrewId) -> Error {
        Error::NotFound { what: CREW_MEMBER, id: crew.to_string() }
    }

    /// A row for a link that has none yet.
    pub(super) fn new_token(&self, item: Item) -> Result<TransactWriteItem, Error> {
        let put = Put::builder()
            .table_name(&self.tables.keys)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", KEY);
        self.put(put)
    }

    pub(super) fn put(
        &self,
        put: aws_sdk_dynamodb::types::builders::PutBuilder,
    ) -> Result<TransactWriteItem, Error> {
        let put = put
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, &self.tables.keys, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    pub(super) fn change(
        &self,
        crew: &CrewId,
        change: RowChange,
    ) -> Result<TransactWriteItem, Error> {
        let RowChange { set, add, rest, condition, names, values } = change;
        let mut update = Update::builder()
            .table_name(&self.tables.keys)
            .set_key(Some(key(links_row(crew))))
            .update_expression(format!("SET {CREW} = :id{set} ADD {REVISION} :step{add} {rest}"))
            .condition_expression(format!(
                "(attribute_not_exists({CREW}) OR {CREW} = :id){condition}"
            ))
            .expression_attribute_values(":id", AttributeValue::S(crew.to_string()))
            .expression_attribute_values(":step", step())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (placeholder, name) in names {
            update = update.expression_attribute_names(placeholder, name);
        }
        for (placeholder, value) in values {
            update = update.expression_attribute_values(placeholder, value);
        }
        let update =
            update.build().map_err(|error| malformed(OPERATION, &self.tables.keys, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    pub(super) fn ending(&self, digest: &str, end: Ending) -> Result<TransactWriteItem, Error> {
        ending(&self.tables.keys, digest, end)
    }
}

/// Takes the link of a row back, or lets it end at an instant. A row that is to stay, or to go
/// later, does.
pub(in crate::dynamo) fn ending(
    table: &str,
    digest: &str,
    end: Ending,
) -> Result<TransactWriteItem, Error> {
    let (attribute, at) = match end {
        Ending::TakenBack { now } => (item::REVOKED_AT, now),
        Ending::Grace { until } => (item::EXPIRES_AT, until),
    };
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(key(token_row(digest))))
        .update_expression(format!("SET {attribute} = :at, #ttl = if_not_exists(#ttl, :ttl)"))
        .condition_expression("attribute_exists(#key)")
        .expression_attribute_names("#ttl", item::TTL)
        .expression_attribute_names("#key", KEY)
        .expression_attribute_values(":at", item::number(at))
        .expression_attribute_values(":ttl", ttl(at))
        .build()
        .map_err(|error| malformed(OPERATION, table, error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// How a link ends before its time.
#[derive(Clone, Copy, Debug)]
pub(in crate::dynamo) enum Ending {
    TakenBack { now: Timestamp },
    Grace { until: Timestamp },
}

/// So that a row that was removed and made again does not look unchanged.
pub(super) fn step() -> AttributeValue {
    AttributeValue::N(fastrand::u32(1..).to_string())
}

pub(super) fn count(number: usize) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn set(texts: impl IntoIterator<Item = String>) -> AttributeValue {
    AttributeValue::Ss(texts.into_iter().collect())
}

/// The condition under which one link more may be listed.
pub(super) fn has_room() -> String {
    format!(" AND (attribute_not_exists({OPENED}) OR {OPENED} < :most)")
}
