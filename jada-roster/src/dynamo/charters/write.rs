//! Writing charters: transactions on the condition of their versions.

use aws_sdk_dynamodb::types::{
    CancellationReason, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use crate::charter::Charter;
use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::charters::item::{self, Write};
use crate::dynamo::failure::{failed, malformed};
use crate::dynamo::quiet::quietly;
use crate::dynamo::retry::Backoff;
use crate::dynamo::transaction::{OPERATION, cancellation, is_busy, is_unmet, refused};
use crate::error::Error;
use crate::repository::CHARTER;
use crate::version::Version;

impl DynamoCharters {
    pub(super) async fn transact(&self, charters: &[Charter]) -> Result<(), Error> {
        let mut rest = charters;
        while !rest.is_empty() {
            let (group, left) = rest.split_at(group_size(rest));
            self.transaction(group).await?;
            rest = left;
        }
        Ok(())
    }

    /// Writes a group wholly or not at all.
    ///
    /// A charter that stands there already as it was to be written is left out of the next
    /// attempt: the answer to an earlier one was lost.
    async fn transaction(&self, group: &[Charter]) -> Result<(), Error> {
        let mut left: Vec<&Charter> = group.iter().collect();
        let mut backoff = Backoff::default();
        while !left.is_empty() {
            let writes =
                left.iter().map(|charter| self.write(charter)).collect::<Result<_, _>>()?;
            let request = self.client.transact_write_items().set_transact_items(Some(writes));
            let Err(error) = quietly(request.send()).await else {
                return Ok(());
            };
            let reasons = cancellation(&error).filter(|reasons| reasons.len() == left.len());
            let Some(reasons) = reasons else {
                return Err(failed(OPERATION, &self.table, error));
            };
            let before = left.len();
            let mut again = Vec::with_capacity(before);
            for (charter, reason) in left.into_iter().zip(reasons) {
                if !self.is_written(charter, reason)? {
                    again.push(charter);
                }
            }
            left = again;
            if left.len() == before && !backoff.wait().await {
                let keys = left.iter().map(|charter| charter.id().to_string()).collect();
                return Err(Error::Unprocessed { table: self.table.clone(), keys });
            }
        }
        Ok(())
    }

    /// Whether a charter of a cancelled transaction is stored as it was to be; else it is to be
    /// tried again, or the reason is final.
    fn is_written(&self, charter: &Charter, reason: &CancellationReason) -> Result<bool, Error> {
        if is_busy(reason) {
            return Ok(false);
        }
        if !is_unmet(reason) {
            return Err(refused(&self.table, reason));
        }
        let stored = reason.item.as_ref().map(|item| self.charter(item)).transpose()?;
        let next = Version::Number(charter.version().next());
        let ours = |stored: Charter| stored.version() == next && stored.says_the_same(charter);
        if stored.is_some_and(ours) {
            return Ok(true);
        }
        Err(Error::conflict(CHARTER, charter.id()))
    }

    fn write(&self, charter: &Charter) -> Result<TransactWriteItem, Error> {
        let write = Write::of(charter, &self.month_key, &self.date_key)?;
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(item::key(charter.id())))
            .update_expression(write.update)
            .condition_expression(write.condition)
            .set_expression_attribute_names(Some(write.names))
            .set_expression_attribute_values(Some(write.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, &self.table, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// How many of the charters fit into one transaction: 100 of them, and 4 MB.
fn group_size(charters: &[Charter]) -> usize {
    let mut bytes = 0;
    let fits = |charter: &&Charter| {
        bytes += charter.size() + OVERHEAD;
        bytes <= MAX_BYTES
    };
    charters.iter().take(MAX_ITEMS).take_while(fits).count().max(1)
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const MAX_ITEMS: usize = 100;
const MAX_BYTES: usize = 3_500_000;
/// Names, keys and expressions of one write.
const OVERHEAD: usize = 1_000;
