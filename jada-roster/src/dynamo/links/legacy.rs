//! Links of older tools: plain text in members' rows, rewritten as digests when they are first used.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use jiff::Timestamp;
use tracing::info;

use crate::crew::id::CrewId;
use crate::dynamo::failure::{failed, malformed};
use crate::dynamo::item::{Item, text};
use crate::dynamo::links::builder::LegacyLinks;
use crate::dynamo::links::issue::three;
use crate::dynamo::links::item::{self, CREW, OPENED, POINTERS, digest_text, of, record};
use crate::dynamo::links::write::{RowChange, count, set};
use crate::dynamo::links::{ATTEMPTS, DynamoLinks, TOKEN};
use crate::dynamo::quiet::quietly;
use crate::dynamo::transaction::{OPERATION, Outcome};
use crate::error::Error;
use crate::links::limit::Limiter;
use crate::links::pepper::Pepper;
use crate::links::record::{Asked, Attempt, Denied, Record};
use crate::links::text::LinkText;
use crate::links::{Link, LinkKind, LinkRefusal, Presented, Purpose, Verified, audit};

/// What is honoured of an older tool, and how often it may be tried.
#[derive(Debug)]
pub(super) struct Legacy {
    pub(super) links: LegacyLinks,
    pub(super) limit: Limiter,
}

/// Whose a plain text is.
enum Owner {
    Nobody,
    One(CrewId),
    Several,
}

impl Legacy {
    fn fits(&self, text: &LinkText) -> bool {
        self.links.lengths.contains(&text.expose().len())
    }
}

impl DynamoLinks {
    /// Whether links of an older tool may stand for a purpose.
    pub(super) fn has_plain(&self, purpose: &Purpose) -> bool {
        self.legacy.as_ref().is_some_and(|legacy| legacy.links.purpose == *purpose)
    }

    /// A text that is none of ours, for the `reason`: perhaps it was an older tool's.
    ///
    /// Its digest is looked for first, then the text itself by the index. That lags, so the row is
    /// rewritten on the condition that it holds the text still.
    pub(super) async fn attempt_plain(
        &self,
        asked: Asked,
        presented: &Presented,
        reason: LinkRefusal,
    ) -> Result<Verified, Denied> {
        let (purpose, text) = (presented.purpose(), presented.text());
        let fitting = self.legacy.as_ref().filter(|legacy| legacy.fits(text));
        let Some(legacy) = fitting.filter(|_| self.has_plain(purpose)) else {
            return Err(reason.into());
        };
        if !asked.admits(LinkKind::Standing) {
            return Err(LinkRefusal::WrongKind.into());
        }
        legacy.limit.check(presented.source())?;
        let attempt = Attempt { asked, purpose, nonce: None, id: "", now: self.gate.now() };
        if let Some(record) = self.upgraded(purpose, text).await? {
            // One of ours that was refused as such does not open as an older tool's.
            return if record.is_of_older_tool() {
                Ok(record.judge(&attempt)?)
            } else {
                Err(reason.into())
            };
        }
        match self.owner(text.expose()).await? {
            Owner::Nobody => Err(LinkRefusal::Unknown.into()),
            Owner::Several => Err(LinkRefusal::Ambiguous.into()),
            Owner::One(crew) => {
                let record = self.upgrade(&crew, text, None).await?;
                Ok(record.ok_or(LinkRefusal::Unknown)?.judge(&attempt)?)
            }
        }
    }

    /// What was rewritten before, under whichever pepper was current then.
    async fn upgraded(&self, purpose: &Purpose, text: &LinkText) -> Result<Option<Record>, Error> {
        let digest = |pepper: &Pepper| digest_text(&pepper.digest(purpose, text.expose()).0);
        let digests: Vec<_> = self.gate.peppers.iter().map(digest).collect();
        let records = self.records(digests.iter().map(String::as_str)).await?;
        // Of two, under two peppers, the one that opens less counts.
        let is_open = |record: &Record| (!record.revoked, record.expires_at.is_none());
        Ok(records.into_values().min_by_key(is_open))
    }

    async fn owner(&self, text: &str) -> Result<Owner, Error> {
        let request = self
            .home
            .query()
            .table_name(&self.tables.roster)
            .index_name(&self.tables.legacy_index)
            .key_condition_expression("#plain = :text")
            .expression_attribute_names("#plain", &self.tables.legacy_attribute)
            .expression_attribute_values(":text", AttributeValue::S(text.to_owned()))
            .projection_expression(CREW)
            .limit(2);
        let answer = quietly(request.send()).await;
        let answer = answer.map_err(|error| failed("Query", &self.tables.roster, error))?;
        match answer.items() {
            [] => Ok(Owner::Nobody),
            [one] => {
                let crew = crate::dynamo::item::parsed(one, CREW, CrewId::new);
                let crew =
                    crew.map_err(|corrupt| corrupt.of(&self.tables.roster, String::new()))?;
                Ok(Owner::One(crew))
            }
            _ => Ok(Owner::Several),
        }
    }

    /// Takes a plain text out of a member's row and keeps its digest instead: as a link that opens,
    /// or as one that was taken back. None where the row does not hold it.
    ///
    /// Of several who do so at once one does, and all find the same link.
    async fn upgrade(
        &self,
        crew: &CrewId,
        text: &LinkText,
        revoked: Option<Timestamp>,
    ) -> Result<Option<Record>, Denied> {
        let Some(legacy) = &self.legacy else {
            return Ok(None);
        };
        let purpose = &legacy.links.purpose;
        let digest = digest_text(&self.gate.peppers.current().digest(purpose, text.expose()).0);
        let link = Link::new(text.clone(), crew.clone(), purpose.clone());
        let mut token = item::token(&link, LinkKind::Standing, &digest, None);
        let mut writes = vec![self.without_plain(crew, text)?];
        if let Some(at) = revoked {
            token.insert(item::REVOKED_AT.to_owned(), item::number(at));
        } else {
            writes.push(self.change(crew, pointer(purpose, &digest))?);
        }
        writes.insert(1, self.new_token(token.clone())?);
        let kept = match self.transact(&writes).await? {
            Outcome::Done => {
                self.note_upgrade(crew, purpose);
                token
            }
            Outcome::Refused(unmet) => match three(unmet) {
                [_, Some(found), _] => found,
                _ => return Ok(None),
            },
        };
        let record = record(&kept).map_err(|corrupt| self.corrupt(corrupt, TOKEN))?;
        if record.crew != *crew {
            return Err(LinkRefusal::Ambiguous.into());
        }
        Ok(Some(record))
    }

    fn note_upgrade(&self, crew: &CrewId, purpose: &Purpose) {
        info!(
            target: audit::TARGET,
            event = "upgraded",
            crew = crew.as_str(),
            purpose = purpose.as_str(),
            kind = LinkKind::Standing.as_str(),
        );
    }

    /// Rewrites the text in a member's row, so that it can be rotated and revoked as others. What
    /// another row holds too was never honoured: it is taken back for good. What was rewritten before
    /// and is there again, since an older tool has put it back, goes.
    pub(super) async fn settle_plain(&self, crew: &CrewId) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            let Some(text) = self.plain_of(crew).await? else {
                return Ok(());
            };
            if self.drop_known(crew, &text).await? {
                continue;
            }
            let is_several = matches!(self.owner(text.expose()).await?, Owner::Several);
            let revoked = is_several.then(|| self.gate.now());
            if let Err(Denied::Failed(error)) = self.upgrade(crew, &text, revoked).await {
                return Err(error);
            }
        }
        Err(Error::conflict("links of crew member", crew))
    }

    /// Takes a text out of a member's row that is known by its digest already; tells whether it is.
    pub(super) async fn drop_known(&self, crew: &CrewId, text: &LinkText) -> Result<bool, Error> {
        if !self.is_known(text).await? {
            return Ok(false);
        }
        self.transact(&[self.without_plain(crew, text)?]).await?;
        Ok(true)
    }

    /// Whether a text was rewritten before, so that what its digest says counts.
    pub(super) async fn is_known(&self, text: &LinkText) -> Result<bool, Error> {
        match &self.legacy {
            Some(legacy) => Ok(self.upgraded(&legacy.links.purpose, text).await?.is_some()),
            None => Ok(false),
        }
    }

    /// The text in a member's row that would be honoured.
    pub(super) async fn plain_of(&self, crew: &CrewId) -> Result<Option<LinkText>, Error> {
        let row = self.plain_row(crew).await?;
        Ok(row.as_ref().and_then(|row| self.plain_in(row)))
    }

    /// What a member's row holds of an older tool's link; none without such a member.
    pub(super) async fn plain_row(&self, crew: &CrewId) -> Result<Option<Item>, Error> {
        let request = self
            .home
            .get_item()
            .table_name(&self.tables.roster)
            .key(CREW, AttributeValue::S(crew.to_string()))
            .projection_expression(format!("{CREW}, #plain"))
            .expression_attribute_names("#plain", &self.tables.legacy_attribute)
            .consistent_read(true);
        let answer = quietly(request.send()).await;
        Ok(answer.map_err(|error| failed("GetItem", &self.tables.roster, error))?.item)
    }

    pub(super) fn plain_in(&self, row: &Item) -> Option<LinkText> {
        let text = LinkText::parse(text(row, &self.tables.legacy_attribute)?).ok()?;
        self.legacy.as_ref().is_some_and(|legacy| legacy.fits(&text)).then_some(text)
    }

    /// The row of the member is not returned where it does not agree: it holds a text, perhaps
    /// another one.
    fn without_plain(&self, crew: &CrewId, text: &LinkText) -> Result<TransactWriteItem, Error> {
        let update = Update::builder()
            .table_name(&self.tables.roster)
            .key(CREW, AttributeValue::S(crew.to_string()))
            .update_expression("REMOVE #plain")
            .condition_expression("#plain = :text")
            .expression_attribute_names("#plain", &self.tables.legacy_attribute)
            .expression_attribute_values(":text", AttributeValue::S(text.expose().to_owned()))
            .build()
            .map_err(|error| malformed(OPERATION, &self.tables.roster, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// There is room for it in any case: it was there before.
fn pointer(purpose: &Purpose, digest: &str) -> RowChange {
    RowChange {
        add: format!(", #ptr :new, {OPENED} :one"),
        names: vec![("#ptr", of(POINTERS, purpose))],
        values: vec![(":new", set([digest.to_owned()])), (":one", count(1))],
        ..RowChange::default()
    }
}
