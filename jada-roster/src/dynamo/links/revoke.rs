//! Taking links back: what a member has is read, and ended in one transaction on the condition that
//! nothing was added meanwhile.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::Timestamp;

use crate::crew::id::CrewId;
use crate::dynamo::item::{Corrupt, Item, text};
use crate::dynamo::keys::links_row;
use crate::dynamo::links::item::{
    BORN, CREW, CURRENT, ENDED_BY, OLD, OPEN, OPENED, POINTERS, REVISION, UNTIL, number, of,
    purposes, standing,
};
use crate::dynamo::links::write::{Ending, Row, count, set, step};
use crate::dynamo::links::{ATTEMPTS, DynamoLinks};
use crate::dynamo::transaction::Outcome;
use crate::error::Error;
use crate::links::record::{Record, TAKEN_BACK};
use crate::links::{LinkKind, Purpose};
use crate::random;

/// What is taken back of a member's links.
struct Taken {
    /// The row as it is to be afterwards.
    row: Row,
    /// The links with rows of their own.
    digests: Vec<String>,
    /// How many of all could have opened something.
    open: usize,
}

impl DynamoLinks {
    /// Those for one purpose and all sessions; without a purpose all.
    pub(super) async fn take_back(
        &self,
        crew: &CrewId,
        purpose: Option<&Purpose>,
    ) -> Result<usize, Error> {
        if self.legacy.is_some() && purpose.is_none_or(|purpose| self.has_plain(purpose)) {
            self.settle_plain(crew).await?;
        }
        let call = random::letters(CALL)?;
        for _ in 0..ATTEMPTS {
            let Some(row) = self.links_of(crew).await? else {
                return Ok(0);
            };
            let (condition, values) = row.unchanged();
            let Some(taken) = self.taken(crew, row, purpose, &call).await? else {
                return Ok(0);
            };
            let writes = self.taking(&taken, &condition, values)?;
            let Outcome::Refused(unmet) = self.transact(&writes).await? else {
                return Ok(taken.open);
            };
            let row = unmet.into_iter().next().flatten();
            if row.is_some_and(|row| text(&row, ENDED_BY) == Some(&call)) {
                return Ok(taken.open);
            }
        }
        Err(Error::conflict("links of crew member", crew))
    }

    /// Those single-use links for a purpose that are older than an instant, one after another: there are
    /// more than one only where programs came to one ask at once.
    pub(super) async fn take_outdated(
        &self,
        crew: &CrewId,
        purpose: &Purpose,
        issued_before: Timestamp,
    ) -> Result<usize, Error> {
        let mut withdrawn = 0;
        for _ in 0..ATTEMPTS {
            let Some(row) = self.links_of(crew).await? else {
                return Ok(withdrawn);
            };
            let entries = row.entries();
            let entries = entries.map_err(|corrupt| self.corrupt(corrupt, &links_row(crew)))?;
            let records = self.records(entries.iter().map(|entry| entry.digest.as_str())).await?;
            let now = self.gate.now();
            let is_outdated = |record: &Record| record.is_outdated(purpose, issued_before, now);
            let mut outdated =
                entries.iter().filter(|entry| records.get(&entry.digest).is_some_and(is_outdated));
            let Some(entry) = outdated.next() else {
                return Ok(withdrawn);
            };
            let end = self.ending(&entry.digest, Ending::TakenBack { now })?;
            if matches!(self.forget(crew, &row, &[entry], Some(end)).await?, Outcome::Done) {
                withdrawn += 1;
            }
        }
        Err(Error::conflict("links of crew member", crew))
    }

    /// None where nothing is left to be taken back.
    async fn taken(
        &self,
        crew: &CrewId,
        row: Row,
        purpose: Option<&Purpose>,
        call: &str,
    ) -> Result<Option<Taken>, Error> {
        let name = links_row(crew);
        let corrupt = |corrupt| self.corrupt(corrupt, &name);
        let now = self.gate.now();
        let is_meant = |of: &Purpose| purpose.is_none_or(|purpose| purpose == of);
        let purposes: Vec<_> = purposes(&row.item).into_iter().filter(is_meant).collect();
        // Of those that are listed together only their rows say what they are.
        let listed = row.digests().map_err(corrupt)?;
        let mut records = self.records(listed.iter().map(String::as_str)).await?;
        records.retain(|_, record| {
            !record.revoked && (is_meant(&record.purpose) || record.kind == LinkKind::Session)
        });
        let (row, open) = row.without(&purposes, &records, now, call).map_err(corrupt)?;
        if open == 0 && records.is_empty() {
            return Ok(None);
        }
        Ok(Some(Taken { row, digests: records.into_keys().collect(), open }))
    }

    fn taking(
        &self,
        taken: &Taken,
        condition: &str,
        values: Vec<(&'static str, AttributeValue)>,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let mut put = Put::builder()
            .table_name(&self.tables.keys)
            .set_item(Some(taken.row.item.clone()))
            .condition_expression(format!("attribute_exists({CREW}){condition}"));
        for (placeholder, value) in values {
            put = put.expression_attribute_values(placeholder, value);
        }
        let mut writes = vec![self.put(put)?];
        let now = self.gate.now();
        for digest in &taken.digests {
            writes.push(self.ending(digest, Ending::TakenBack { now })?);
        }
        Ok(writes)
    }
}

impl Row {
    /// The row without these links, and how many of them could have opened something.
    fn without(
        self,
        purposes: &[Purpose],
        records: &HashMap<String, Record>,
        now: Timestamp,
        call: &str,
    ) -> Result<(Self, usize), Corrupt> {
        let mut open = records.values().filter(|record| record.is_open(now)).count();
        let left = self.entries()?.into_iter().filter(|entry| !records.contains_key(&entry.digest));
        let left: Vec<_> = left.map(|entry| entry.text).collect();
        let Self { mut item } = self;
        forget_replaced(&mut item, now)?;
        for purpose in purposes {
            open += standing(&item, purpose)?.open(now);
            let current = item.remove(&of(CURRENT, purpose));
            item.remove(&of(BORN, purpose));
            item.remove(&of(POINTERS, purpose));
            if let Some(current) = current {
                item.insert(of(OLD, purpose), current);
            }
            item.insert(of(UNTIL, purpose), number(TAKEN_BACK));
        }
        item.remove(OPEN);
        if !left.is_empty() {
            item.insert(OPEN.to_owned(), set(left));
        }
        item.insert(ENDED_BY.to_owned(), AttributeValue::S(call.to_owned()));
        let mut row = Self { item };
        let listed = count(row.listed()?);
        row.item.insert(OPENED.to_owned(), listed);
        row.advance();
        Ok((row, open))
    }

    fn advance(&mut self) {
        let number = |value: &AttributeValue| value.as_n().ok()?.parse::<u64>().ok();
        let revision = self.item.get(REVISION).and_then(number).unwrap_or_default();
        let revision = revision.saturating_add(number(&step()).unwrap_or(1));
        self.item.insert(REVISION.to_owned(), AttributeValue::N(revision.to_string()));
    }
}

/// Drops what was replaced before and opens no more: the row has to stay small.
fn forget_replaced(item: &mut Item, now: Timestamp) -> Result<(), Corrupt> {
    for purpose in purposes(item) {
        if standing(item, &purpose)?.replaced.is_some_and(|(_, until)| until <= now) {
            item.remove(&of(OLD, &purpose));
            item.remove(&of(UNTIL, &purpose));
        }
    }
    Ok(())
}

/// Letters by which a call knows its own write.
const CALL: usize = 12;
