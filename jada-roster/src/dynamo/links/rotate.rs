//! Replacing the standing link of a member for a purpose.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use jiff::Timestamp;

use crate::crew::id::CrewId;
use crate::dynamo::item::Item;
use crate::dynamo::keys::links_row;
use crate::dynamo::links::issue::three;
use crate::dynamo::links::item::{
    self, BORN, CURRENT, NONE, OLD, OPENED, POINTERS, UNTIL, digest_text, number, of,
};
use crate::dynamo::links::write::{Ending, Row, RowChange, count, has_room, set};
use crate::dynamo::links::{ATTEMPTS, DynamoLinks};
use crate::dynamo::transaction::Outcome;
use crate::error::Error;
use crate::links::gate::{Drawn, check_standing, end_of_grace};
use crate::links::record::{MOST_OPEN, Record, TAKEN_BACK};
use crate::links::{Link, LinkKind, LinkSpec};

/// One rotation.
struct Rotation<'a> {
    drawn: &'a Drawn,
    digest: &'a str,
    until: Timestamp,
}

/// Standing links with rows of their own, which end with a rotation, and the row that lists them.
struct Pointed {
    row: Row,
    records: HashMap<String, Record>,
}

impl DynamoLinks {
    /// One request, on the condition that no rows of their own hold standing links for the purpose;
    /// where some do, what comes back with the refusal says which, and another request ends them.
    pub(super) async fn replace(
        &self,
        crew: &CrewId,
        spec: &LinkSpec,
        grace: Duration,
    ) -> Result<Link, Error> {
        check_standing(spec)?;
        if self.has_plain(spec.purpose()) {
            self.settle_plain(crew).await?;
        }
        let mut pointed = None;
        for _ in 0..ATTEMPTS {
            let drawn = self.gate.draw(crew, spec)?;
            let digest = digest_text(&drawn.digest.0);
            let until = end_of_grace(drawn.now, grace);
            let rotation = Rotation { drawn: &drawn, digest: &digest, until };
            let writes = self.rotation(&rotation, pointed.as_ref())?;
            let Outcome::Refused(unmet) = self.transact(&writes).await? else {
                return Ok(drawn.link);
            };
            let [member, row, token] = three(unmet);
            if self.is_kept(&drawn, spec, &digest, row.as_ref(), token.as_ref())? {
                return Ok(drawn.link);
            }
            if member.is_some() {
                return Err(Self::no_member(crew));
            }
            if let Some(row) = row {
                pointed = self.pointed(crew, spec, row).await?;
            }
        }
        Err(Error::conflict("links of crew member", crew))
    }

    async fn pointed(
        &self,
        crew: &CrewId,
        spec: &LinkSpec,
        row: Item,
    ) -> Result<Option<Pointed>, Error> {
        let name = links_row(crew);
        let corrupt = |corrupt| self.corrupt(corrupt, &name);
        let row = Row::of(crew, row).map_err(corrupt)?;
        let pointers = row.pointers(spec.purpose()).map_err(corrupt)?;
        if pointers.is_empty() {
            // Only a compact text has to have room, and there was none.
            if row.listed().map_err(corrupt)? >= MOST_OPEN && spec.compact_length().is_some() {
                self.free(crew, &row, self.gate.now()).await?;
            }
            return Ok(None);
        }
        let records = self.records(pointers.iter().map(String::as_str)).await?;
        Ok(Some(Pointed { row, records }))
    }

    fn rotation(
        &self,
        rotation: &Rotation<'_>,
        pointed: Option<&Pointed>,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let Rotation { drawn, digest, .. } = rotation;
        let link = &drawn.link;
        let mut change = rotation.change();
        match pointed {
            None => rotation.without_pointers(&mut change),
            Some(pointed) => rotation.with_pointers(&mut change, pointed, self)?,
        }
        let mut writes = vec![self.member(&link.crew, None)?, self.change(&link.crew, change)?];
        if link.text.handle().is_none() {
            let token = item::token(link, LinkKind::Standing, digest, Some(drawn.now));
            writes.push(self.new_token(token)?);
        }
        for (digest, record) in pointed.iter().flat_map(|pointed| &pointed.records) {
            if !record.revoked {
                writes.push(self.ending(digest, rotation.ending(record))?);
            }
        }
        Ok(writes)
    }
}

impl Rotation<'_> {
    /// A link that was in its grace already ends at once.
    fn ending(&self, record: &Record) -> Ending {
        if self.is_at_once() || record.expires_at.is_some() {
            return Ending::TakenBack { now: self.drawn.now };
        }
        Ending::Grace { until: self.until }
    }

    fn is_at_once(&self) -> bool {
        self.until == TAKEN_BACK
    }

    fn is_compact(&self) -> bool {
        self.drawn.link.text.handle().is_none()
    }

    /// What becomes of the link that the row itself names.
    fn change(&self) -> RowChange {
        let purpose = &self.drawn.link.purpose;
        let mut change = RowChange {
            set: ", #old = if_not_exists(#cur, :none), #until = :until".to_owned(),
            names: vec![
                ("#cur", of(CURRENT, purpose)),
                ("#born", of(BORN, purpose)),
                ("#old", of(OLD, purpose)),
                ("#until", of(UNTIL, purpose)),
                ("#ptr", of(POINTERS, purpose)),
            ],
            values: vec![
                (":none", AttributeValue::S(NONE.to_owned())),
                (":until", number(self.until)),
            ],
            ..RowChange::default()
        };
        if self.is_compact() {
            change.rest = "REMOVE #cur, #born".to_owned();
        } else {
            change.set.push_str(", #cur = :new, #born = :now");
            change.condition = " AND (attribute_not_exists(#cur) OR #cur <> :new)".to_owned();
            change.values.push((":new", AttributeValue::S(self.digest.to_owned())));
            change.values.push((":now", number(self.drawn.now)));
        }
        change
    }

    fn without_pointers(&self, change: &mut RowChange) {
        change.condition.push_str(" AND attribute_not_exists(#ptr)");
        if self.is_compact() {
            change.add = format!(", #ptr :new, {OPENED} :one");
            change.condition.push_str(&has_room());
            change.values.push((":new", set([self.digest.to_owned()])));
            change.values.push((":one", count(1)));
            change.values.push((":most", count(MOST_OPEN)));
        }
    }

    /// Listed stay those that are in grace from now on, so that revoking finds them.
    fn with_pointers(
        &self,
        change: &mut RowChange,
        pointed: &Pointed,
        links: &DynamoLinks,
    ) -> Result<(), Error> {
        let Pointed { row, records } = pointed;
        let graced = records.iter().filter(|(_, record)| {
            !record.revoked && matches!(self.ending(record), Ending::Grace { .. })
        });
        let new = self.is_compact().then(|| self.digest.to_owned());
        let kept: Vec<_> = graced.map(|(digest, _)| digest.clone()).chain(new).collect();
        let purpose = &self.drawn.link.purpose;
        let corrupt = |corrupt| links.corrupt(corrupt, &links_row(&self.drawn.link.crew));
        let before = row.pointers(purpose).map_err(corrupt)?.len();
        let listed = row.listed().map_err(corrupt)? + kept.len() - before;
        let (condition, values) = row.unchanged();
        change.condition.push_str(&condition);
        change.values.extend(values);
        change.set.push_str(&format!(", {OPENED} = :listed"));
        change.values.push((":listed", count(listed)));
        if kept.is_empty() {
            let separator = if change.rest.is_empty() { "REMOVE " } else { ", " };
            change.rest.push_str(&format!("{separator}#ptr"));
        } else {
            change.set.push_str(", #ptr = :kept");
            change.values.push((":kept", set(kept)));
        }
        Ok(())
    }
}
