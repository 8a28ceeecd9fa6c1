//! Making links: one transaction that the member, the link's row and the row of all their links
//! agree to.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use jiff::Timestamp;

use crate::crew::id::CrewId;
use crate::dynamo::batch::Batch;
use crate::dynamo::item::{Item, text};
use crate::dynamo::keys::{KEY, links_row, token_row};
use crate::dynamo::links::item::{
    self, BORN, CURRENT, Entry, OPEN, OPENED, POINTERS, digest_text, number, of, record,
};
use crate::dynamo::links::write::{Ending, Row, RowChange, count, has_room, set};
use crate::dynamo::links::{ATTEMPTS, DynamoLinks, TOKEN};
use crate::dynamo::transaction::Outcome;
use crate::error::Error;
use crate::links::gate::Drawn;
use crate::links::record::{MOST_OPEN, Record, most_open};
use crate::links::{Link, LinkKind, LinkSpec, audit};

impl DynamoLinks {
    pub(super) async fn make(&self, crew: &CrewId, spec: &LinkSpec) -> Result<Link, Error> {
        for _ in 0..ATTEMPTS {
            let drawn = self.gate.draw(crew, spec)?;
            let digest = digest_text(&drawn.digest.0);
            let writes = self.issue_writes(spec, &drawn, &digest)?;
            let Outcome::Refused(unmet) = self.transact(&writes).await? else {
                return Ok(drawn.link);
            };
            let [member, row, token] = three(unmet);
            if self.is_kept(&drawn, spec, &digest, row.as_ref(), token.as_ref())? {
                return Ok(drawn.link);
            }
            if member.is_some() {
                self.settle_member(crew, spec).await?;
                continue;
            }
            if let Some(row) = row {
                self.make_room(crew, spec, row, drawn.now).await?;
            }
        }
        Err(Error::TooManyLinks { crew: crew.clone() })
    }

    fn issue_writes(
        &self,
        spec: &LinkSpec,
        drawn: &Drawn,
        digest: &str,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let (link, kind) = (&drawn.link, spec.kind());
        let standing = (kind == LinkKind::Standing).then_some(&link.purpose);
        let change = match standing {
            Some(_) if link.text.handle().is_some() => current(drawn, digest),
            Some(_) => pointer(drawn, digest),
            None => listed(drawn, spec, digest),
        };
        let mut writes = vec![self.member(&link.crew, standing)?, self.change(&link.crew, change)?];
        if link.text.handle().is_none() {
            writes.push(self.new_token(item::token(link, kind, digest, Some(drawn.now)))?);
        }
        Ok(writes)
    }

    /// Whether what stands there is this very link: the answer to an earlier attempt was lost.
    pub(super) fn is_kept(
        &self,
        drawn: &Drawn,
        spec: &LinkSpec,
        digest: &str,
        row: Option<&Item>,
        token: Option<&Item>,
    ) -> Result<bool, Error> {
        let name = of(CURRENT, &drawn.link.purpose);
        if row.and_then(|row| text(row, &name)) == Some(digest) {
            return Ok(true);
        }
        let Some(token) = token else {
            return Ok(false);
        };
        let record = record(token).map_err(|corrupt| self.corrupt(corrupt, TOKEN))?;
        Ok(record.crew == drawn.link.crew
            && record.kind == spec.kind()
            && record.issued_at == Some(drawn.now))
    }

    /// Why the member's row does not agree: there is none, or it holds a link of an older tool. One
    /// that has been rewritten before and was put back is in nobody's way.
    async fn settle_member(&self, crew: &CrewId, spec: &LinkSpec) -> Result<(), Error> {
        let is_plain = spec.kind() == LinkKind::Standing && self.has_plain(spec.purpose());
        let row = if is_plain { self.plain_row(crew).await? } else { None };
        let row = row.ok_or_else(|| Self::no_member(crew))?;
        if !row.contains_key(&self.tables.legacy_attribute) {
            return Ok(());
        }
        if let Some(text) = self.plain_in(&row)
            && self.drop_known(crew, &text).await?
        {
            return Ok(());
        }
        Err(Error::LinkExists { crew: crew.clone(), purpose: spec.purpose().clone() })
    }

    /// Makes room on a full list, if that is why the row does not agree.
    async fn make_room(
        &self,
        crew: &CrewId,
        spec: &LinkSpec,
        row: Item,
        now: Timestamp,
    ) -> Result<(), Error> {
        let row = Row::of(crew, row).map_err(|corrupt| self.corrupt(corrupt, &links_row(crew)))?;
        let purpose = spec.purpose();
        let stands = row.item.contains_key(&of(CURRENT, purpose))
            || row.item.contains_key(&of(POINTERS, purpose));
        if spec.kind() == LinkKind::Standing && stands {
            return Err(Error::LinkExists { crew: crew.clone(), purpose: purpose.clone() });
        }
        self.free(crew, &row, now).await
    }

    /// Takes what has ended off a full list. Where all may open, the oldest session ends: whoever
    /// opens a standing link again and again locks nobody out.
    pub(super) async fn free(&self, crew: &CrewId, row: &Row, now: Timestamp) -> Result<(), Error> {
        let entries = row.entries();
        let entries = entries.map_err(|corrupt| self.corrupt(corrupt, &links_row(crew)))?;
        let over: Vec<_> = entries.iter().filter(|entry| entry.expires_at <= now).collect();
        if !over.is_empty() {
            return self.forget(crew, row, &over, None).await.map(drop);
        }
        let records = self.records(entries.iter().map(|entry| entry.digest.as_str())).await?;
        let opens = |entry: &Entry| {
            records.get(&entry.digest).is_some_and(|record| record.opens_for_someone(now))
        };
        let closed: Vec<_> = entries.iter().filter(|entry| !opens(entry)).collect();
        if !closed.is_empty() {
            return self.forget(crew, row, &closed, None).await.map(drop);
        }
        let sessions =
            entries.iter().filter_map(|entry| Some((entry, records.get(&entry.digest)?)));
        let sessions = sessions.filter(|(_, record)| record.kind == LinkKind::Session);
        let Some((oldest, record)) = sessions.min_by_key(|(_, record)| record.issued_at) else {
            return Err(Error::TooManyLinks { crew: crew.clone() });
        };
        let end = self.ending(&oldest.digest, Ending::TakenBack { now })?;
        if matches!(self.forget(crew, row, &[oldest], Some(end)).await?, Outcome::Done) {
            audit::displaced(crew, record);
        }
        Ok(())
    }

    /// The links of these digests that have rows.
    pub(super) async fn records(
        &self,
        digests: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, Record>, Error> {
        let batch =
            Batch { client: &self.home, table: &self.tables.keys, key: KEY, projection: None };
        let items = batch.get(digests.map(token_row)).await?;
        let named = |item: &Item| {
            let digest = text(item, KEY)?.strip_prefix(TOKEN)?.to_owned();
            Some(record(item).map(|record| (digest, record)))
        };
        let records = items.iter().filter_map(named).collect::<Result<_, _>>();
        records.map_err(|corrupt| self.corrupt(corrupt, TOKEN))
    }

    /// If the row has changed meanwhile, whoever changed it may have made room too.
    pub(super) async fn forget(
        &self,
        crew: &CrewId,
        row: &Row,
        ended: &[&Entry],
        end: Option<TransactWriteItem>,
    ) -> Result<Outcome, Error> {
        let listed = row.listed();
        let listed = listed.map_err(|corrupt| self.corrupt(corrupt, &links_row(crew)))?;
        let (condition, mut values) = row.unchanged();
        values.push((":ended", set(ended.iter().map(|entry| entry.text.clone()))));
        values.push((":left", count(listed.saturating_sub(ended.len()))));
        let change = RowChange {
            set: format!(", {OPENED} = :left"),
            rest: "DELETE #open :ended".to_owned(),
            condition,
            names: vec![("#open", OPEN.to_owned())],
            values,
            ..RowChange::default()
        };
        let writes: Vec<_> = [self.change(crew, change)?].into_iter().chain(end).collect();
        self.transact(&writes).await
    }
}

/// A standing text is named by the row itself.
fn current(drawn: &Drawn, digest: &str) -> RowChange {
    let purpose = &drawn.link.purpose;
    RowChange {
        set: ", #cur = :new, #born = :now".to_owned(),
        condition: " AND attribute_not_exists(#cur) AND attribute_not_exists(#ptr)".to_owned(),
        names: vec![
            ("#cur", of(CURRENT, purpose)),
            ("#born", of(BORN, purpose)),
            ("#ptr", of(POINTERS, purpose)),
        ],
        values: vec![(":new", AttributeValue::S(digest.to_owned())), (":now", number(drawn.now))],
        ..RowChange::default()
    }
}

/// A standing link with a row of its own.
fn pointer(drawn: &Drawn, digest: &str) -> RowChange {
    let purpose = &drawn.link.purpose;
    let none = " AND attribute_not_exists(#cur) AND attribute_not_exists(#ptr)";
    RowChange {
        add: format!(", #ptr :new, {OPENED} :one"),
        condition: format!("{none}{}", has_room()),
        names: vec![("#cur", of(CURRENT, purpose)), ("#ptr", of(POINTERS, purpose))],
        values: vec![
            (":new", set([digest.to_owned()])),
            (":one", count(1)),
            (":most", count(MOST_OPEN)),
        ],
        ..RowChange::default()
    }
}

/// A single-use link or a session.
fn listed(drawn: &Drawn, spec: &LinkSpec, digest: &str) -> RowChange {
    RowChange {
        add: format!(", #open :new, {OPENED} :one"),
        condition: has_room(),
        names: vec![("#open", OPEN.to_owned())],
        values: vec![
            (":new", set([Entry::of(&drawn.link, digest)])),
            (":one", count(1)),
            (":most", count(most_open(spec))),
        ],
        ..RowChange::default()
    }
}

/// The rows that did not agree: member, links, token.
pub(super) fn three(unmet: Vec<Option<Item>>) -> [Option<Item>; 3] {
    let mut unmet = unmet.into_iter();
    std::array::from_fn(|_| unmet.next().flatten())
}
