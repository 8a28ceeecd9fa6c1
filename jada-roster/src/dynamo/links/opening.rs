//! Opening links: one strongly consistent read, or one conditional write.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use crate::crew::id::CrewId;
use crate::dynamo::failure::failed;
use crate::dynamo::item::{Item, text};
use crate::dynamo::keys::{KEY, token_row};
use crate::dynamo::links::item::{
    self, BORN, CREW, CURRENT, OLD, UNTIL, digest_text, number, of, record, standing,
};
use crate::dynamo::links::{DynamoLinks, Reads, TOKEN};
use crate::dynamo::quiet::quietly;
use crate::dynamo::retry::Backoff;
use crate::error::Error;
use crate::links::gate::Admitted;
use crate::links::record::{Asked, Attempt, Denied, Refusal};
use crate::links::{LinkKind, LinkRefusal, Presented, Purpose, Verified};
use crate::random;

impl DynamoLinks {
    /// A text that may be of an older tool is tried as one of ours first.
    pub(super) async fn attempt(
        &self,
        asked: Asked,
        presented: &Presented,
    ) -> Result<Verified, Denied> {
        match self.attempt_ours(asked, presented).await {
            Err(Denied::Refused(Refusal { reason, .. })) if is_foreign(reason) => {
                self.attempt_plain(asked, presented, reason).await
            }
            outcome => outcome,
        }
    }

    async fn attempt_ours(&self, asked: Asked, presented: &Presented) -> Result<Verified, Denied> {
        let admitted = self.gate.admit(presented)?;
        let home = self.regions.home(admitted.pepper)?;
        if presented.text().handle().is_none() && asked != Asked::Verify {
            let id = random::letters(ATTEMPT)?;
            return self
                .take(home, &admitted, &self.as_attempt(asked, presented, &admitted, &id))
                .await;
        }
        if presented.text().handle().is_some() && !asked.admits(LinkKind::Standing) {
            return Err(LinkRefusal::WrongKind.into());
        }
        if self.reads == Reads::Near && self.regions.is_abroad(admitted.pepper) {
            // What was made a moment ago is not copied yet.
            match self.look(&self.regions.client, presented, &admitted).await {
                Err(Denied::Refused(Refusal { reason: LinkRefusal::Unknown, .. })) => {}
                outcome => return outcome,
            }
        }
        self.look(home, presented, &admitted).await
    }

    /// Reads what needs no write: a standing link, or a session.
    async fn look(
        &self,
        client: &Client,
        presented: &Presented,
        admitted: &Admitted<'_>,
    ) -> Result<Verified, Denied> {
        if let Some(handle) = presented.text().handle() {
            return self.verify_standing(client, handle, presented, admitted).await;
        }
        let row = token_row(&digest_text(&admitted.digest.0));
        let item = self.row(client, &row).await?.ok_or(LinkRefusal::Unknown)?;
        self.judge(&item, &self.as_attempt(Asked::Verify, presented, admitted, ""))
    }

    pub(super) fn as_attempt<'a>(
        &self,
        asked: Asked,
        presented: &'a Presented,
        admitted: &Admitted<'_>,
        id: &'a str,
    ) -> Attempt<'a> {
        let nonce = presented.nonce().map(|nonce| admitted.pepper.nonce(nonce));
        Attempt { asked, purpose: presented.purpose(), nonce, id, now: self.gate.now() }
    }

    pub(super) fn judge(&self, item: &Item, attempt: &Attempt<'_>) -> Result<Verified, Denied> {
        let record = record(item).map_err(|corrupt| self.corrupt(corrupt, TOKEN))?;
        Ok(record.judge(attempt)?)
    }

    async fn verify_standing(
        &self,
        client: &Client,
        handle: &str,
        presented: &Presented,
        admitted: &Admitted<'_>,
    ) -> Result<Verified, Denied> {
        let (purpose, row) = (presented.purpose(), format!("links#{handle}"));
        let request = client
            .get_item()
            .table_name(&self.tables.keys)
            .set_key(Some(item::key(&*row)))
            .consistent_read(true)
            .projection_expression("crew_id, #cur, #born, #old, #until")
            .expression_attribute_names("#cur", of(CURRENT, purpose))
            .expression_attribute_names("#born", of(BORN, purpose))
            .expression_attribute_names("#old", of(OLD, purpose))
            .expression_attribute_names("#until", of(UNTIL, purpose));
        let answer = quietly(request.send()).await;
        let answer = answer.map_err(|error| failed("GetItem", &self.tables.keys, error))?;
        let item = answer.item.ok_or(LinkRefusal::Unknown)?;
        let standing = standing(&item, purpose).map_err(|corrupt| self.corrupt(corrupt, &row))?;
        Ok(standing.judge(&admitted.digest, self.gate.now())?)
    }

    /// Uses a single-use link up on the condition that it is open. What stands there otherwise comes
    /// back with the refusal.
    async fn take(
        &self,
        home: &Client,
        admitted: &Admitted<'_>,
        attempt: &Attempt<'_>,
    ) -> Result<Verified, Denied> {
        match self.update(self.use_of(home, admitted, attempt)).await? {
            Ok(item) => {
                let record = record(&item).map_err(|corrupt| self.corrupt(corrupt, TOKEN))?;
                Ok(record.verified())
            }
            Err(Some(item)) => self.judge(&item, attempt),
            Err(None) => Err(LinkRefusal::Unknown.into()),
        }
    }

    fn use_of(
        &self,
        home: &Client,
        admitted: &Admitted<'_>,
        attempt: &Attempt<'_>,
    ) -> UpdateItemFluentBuilder {
        let mut update = "SET used_at = :now, used_by = :id".to_owned();
        let mut request = self.update_of(home, admitted);
        if let Some(nonce) = &attempt.nonce {
            update.push_str(", used_nonce = :nonce");
            let nonce = AttributeValue::S(digest_text(&nonce.0));
            request = request.expression_attribute_values(":nonce", nonce);
        }
        request
            .update_expression(update)
            .condition_expression(
                "kind = :kind AND purpose = :purpose AND expires_at > :now \
                 AND attribute_not_exists(used_at) AND attribute_not_exists(revoked_at)",
            )
            .expression_attribute_values(":kind", kind(LinkKind::SingleUse))
            .expression_attribute_values(":purpose", purpose(attempt.purpose))
            .expression_attribute_values(":now", number(attempt.now))
            .expression_attribute_values(":id", AttributeValue::S(attempt.id.to_owned()))
    }

    /// Ends a session, and says whose it was.
    pub(super) async fn end(&self, presented: &Presented) -> Result<Option<CrewId>, Error> {
        let Ok(admitted) = self.gate.admit(presented) else {
            return Ok(None);
        };
        let Ok(home) = self.regions.home(admitted.pepper) else {
            return Ok(None);
        };
        let request = self
            .update_of(home, &admitted)
            .update_expression("SET revoked_at = :now")
            .condition_expression(
                "kind = :kind AND purpose = :purpose AND attribute_not_exists(revoked_at)",
            )
            .expression_attribute_values(":kind", kind(LinkKind::Session))
            .expression_attribute_values(":purpose", purpose(presented.purpose()))
            .expression_attribute_values(":now", number(self.gate.now()));
        let ended = self.update(request).await?.ok();
        Ok(ended.and_then(|item| CrewId::new(text(&item, CREW)?).ok()))
    }

    fn update_of(&self, client: &Client, admitted: &Admitted<'_>) -> UpdateItemFluentBuilder {
        client
            .update_item()
            .table_name(&self.tables.keys)
            .key(KEY, AttributeValue::S(token_row(&digest_text(&admitted.digest.0))))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// The row as it was written; if it did not meet the condition, as it is. Tried again while a
    /// transaction has the row.
    async fn update(
        &self,
        request: UpdateItemFluentBuilder,
    ) -> Result<Result<Item, Option<Item>>, Error> {
        let mut backoff = Backoff::patient();
        loop {
            let error = match quietly(request.clone().send()).await {
                Ok(answer) => return Ok(Ok(answer.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            if let SdkError::ServiceError(service) = &error
                && let UpdateItemError::ConditionalCheckFailedException(unmet) = service.err()
            {
                return Ok(Err(unmet.item.clone()));
            }
            let is_busy = error.code() == Some("TransactionConflictException");
            if !is_busy || !backoff.wait().await {
                return Err(failed("UpdateItem", &self.tables.keys, error));
            }
        }
    }
}

/// Whether a text may be of an older tool although it is none of ours.
fn is_foreign(reason: LinkRefusal) -> bool {
    matches!(reason, LinkRefusal::Unknown | LinkRefusal::UnknownPepper | LinkRefusal::NotAccepted)
}

fn kind(kind: LinkKind) -> AttributeValue {
    AttributeValue::S(kind.as_str().to_owned())
}

fn purpose(purpose: &Purpose) -> AttributeValue {
    AttributeValue::S(purpose.to_string())
}

/// Letters by which an attempt knows its own write.
pub(super) const ATTEMPT: usize = 12;
