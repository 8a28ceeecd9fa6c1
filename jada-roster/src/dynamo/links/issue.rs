//! Making links: one transaction that the member, the link's row and the row of all their links
//! agree to.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use jiff::Timestamp;

use crate::crew::id::CrewId;
use crate::dynamo::batch::Batch;
use crate::dynamo::item::{Item, text};
use crate::dynamo::keys::{KEY, links_row, token_row};
use crate::dynamo::links::item::{
    self, BORN, CURRENT, Entry, OPEN, OPENED, POINTERS, digest_text, number, of, record,
};
use crate::dynamo::links::write::{Row, RowChange, count, has_room, set};
use crate::dynamo::links::{ATTEMPTS, DynamoLinks, TOKEN};
use crate::dynamo::quiet::quietly;
use crate::dynamo::transaction::Outcome;
use crate::error::Error;
use crate::links::gate::Drawn;
use crate::links::record::{MOST_OPEN, Record};
use crate::links::{Link, LinkKind, LinkSpec, SAME_BROWSER};

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
            None => listed(drawn, digest),
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
        if is_plain && let Some(text) = self.plain_of(crew).await? {
            if self.drop_known(crew, &text).await? {
                return Ok(());
            }
            let (crew, purpose) = (crew.clone(), spec.purpose().clone());
            return Err(Error::LinkExists { crew, purpose });
        }
        Err(Self::no_member(crew))
    }

    /// Takes what has ended off a full list.
    async fn make_room(
        &self,
        crew: &CrewId,
        spec: &LinkSpec,
        row: Item,
        now: Timestamp,
    ) -> Result<(), Error> {
        let name = links_row(crew);
        let corrupt = |corrupt| self.corrupt(corrupt, &name);
        let row = Row::of(crew, row).map_err(corrupt)?;
        let purpose = spec.purpose();
        let stands = row.item.contains_key(&of(CURRENT, purpose))
            || row.item.contains_key(&of(POINTERS, purpose));
        if spec.kind() == LinkKind::Standing && stands {
            return Err(Error::LinkExists { crew: crew.clone(), purpose: purpose.clone() });
        }
        let entries = row.entries().map_err(corrupt)?;
        let mut ended: Vec<_> = entries.iter().filter(|entry| entry.expires_at <= now).collect();
        if ended.is_empty() {
            let open = self.open_among(&entries, now).await?;
            ended = entries.iter().filter(|entry| !open.contains(&entry.digest)).collect();
        }
        if ended.is_empty() {
            return Err(Error::TooManyLinks { crew: crew.clone() });
        }
        let left = row.listed().map_err(corrupt)?.saturating_sub(ended.len());
        self.forget(crew, &row, &ended, left).await
    }

    /// The digests of those that may open still; one that was used a moment ago may, for the
    /// browser that used it.
    async fn open_among(
        &self,
        entries: &[Entry],
        now: Timestamp,
    ) -> Result<BTreeSet<String>, Error> {
        let digests = entries.iter().map(|entry| entry.digest.as_str());
        let records = self.records(digests).await?;
        let may_open = |record: &Record| {
            record.is_open(now)
                || record.used.as_ref().is_some_and(|used| {
                    !record.revoked && used.at.checked_add(SAME_BROWSER).is_ok_and(|end| now < end)
                })
        };
        let open = records.into_iter().filter(|(_, record)| may_open(record));
        Ok(open.map(|(digest, _)| digest).collect())
    }

    /// The links of these digests that have rows.
    pub(super) async fn records(
        &self,
        digests: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, Record>, Error> {
        let batch =
            Batch { client: &self.home, table: &self.tables.keys, key: KEY, projection: None };
        let items = quietly(batch.get(digests.map(token_row))).await?;
        let named = |item: &Item| {
            let digest = text(item, KEY)?.strip_prefix(TOKEN)?.to_owned();
            Some(record(item).map(|record| (digest, record)))
        };
        let records = items.iter().filter_map(named).collect::<Result<_, _>>();
        records.map_err(|corrupt| self.corrupt(corrupt, TOKEN))
    }

    /// If the row has changed meanwhile, whoever changed it may have made room too.
    async fn forget(
        &self,
        crew: &CrewId,
        row: &Row,
        ended: &[&Entry],
        left: usize,
    ) -> Result<(), Error> {
        let (condition, mut values) = row.unchanged();
        values.push((":ended", set(ended.iter().map(|entry| entry.text.clone()))));
        values.push((":left", count(left)));
        let change = RowChange {
            set: format!(", {OPENED} = :left"),
            rest: "DELETE #open :ended".to_owned(),
            condition,
            names: vec![("#open", OPEN.to_owned())],
            values,
            ..RowChange::default()
        };
        self.transact(&[self.change(crew, change)?]).await.map(drop)
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
fn listed(drawn: &Drawn, digest: &str) -> RowChange {
    RowChange {
        add: format!(", #open :new, {OPENED} :one"),
        condition: has_room(),
        names: vec![("#open", OPEN.to_owned())],
        values: vec![
            (":new", set([Entry::of(&drawn.link, digest)])),
            (":one", count(1)),
            (":most", count(MOST_OPEN)),
        ],
        ..RowChange::default()
    }
}

/// The rows that did not agree: member, links, token.
pub(super) fn three(unmet: Vec<Option<Item>>) -> [Option<Item>; 3] {
    let mut unmet = unmet.into_iter();
    std::array::from_fn(|_| unmet.next().flatten())
}
