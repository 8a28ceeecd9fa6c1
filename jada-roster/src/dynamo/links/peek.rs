//! Looking at a link without using it up: one strongly consistent read, in its home region.

use crate::dynamo::keys::token_row;
use crate::dynamo::links::item::{digest_text, record};
use crate::dynamo::links::opening::ATTEMPT;
use crate::dynamo::links::{DynamoLinks, TOKEN};
use crate::links::record::{Asked, Denied};
use crate::links::{LinkRefusal, Peeked, Presented};
use crate::random;

impl DynamoLinks {
    /// Near by it might not be known yet that the link was used, so that is not asked.
    pub(super) async fn look_at(&self, presented: &Presented) -> Result<Peeked, Denied> {
        let admitted = self.gate.admit(presented)?;
        let home = self.regions.home(admitted.pepper)?;
        if presented.text().handle().is_some() {
            return Err(LinkRefusal::WrongKind.into());
        }
        let row = token_row(&digest_text(&admitted.digest.0));
        let item = self.row(home, &row).await?.ok_or(LinkRefusal::Unknown)?;
        let record = record(&item).map_err(|corrupt| self.corrupt(corrupt, TOKEN))?;
        let id = random::letters(ATTEMPT)?;
        Ok(record.peeked(&self.as_attempt(Asked::Peek, presented, &admitted, &id))?)
    }
}
