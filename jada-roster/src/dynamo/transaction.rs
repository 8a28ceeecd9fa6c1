//! Transactions: all writes or none, tried again while others write the same rows.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};

use crate::dynamo::failure::failed;
use crate::dynamo::item::Item;
use crate::dynamo::retry::Backoff;
use crate::error::Error;

/// What became of a transaction.
#[derive(Debug)]
pub(super) enum Outcome {
    /// All is written.
    Done,
    /// Nothing is. For each write, in their order, the row that did not meet its condition, empty
    /// where there is none; nothing for a write that could have been done.
    Refused(Vec<Option<Item>>),
}

/// Does all writes or none. Give each
/// [`AllOld`](aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld).
///
/// `table` is the one to name in errors. [`Error::Unavailable`] when others were still writing the
/// same rows as the retries ended.
pub(super) async fn transact(
    client: &Client,
    table: &str,
    writes: &[TransactWriteItem],
) -> Result<Outcome, Error> {
    let mut backoff = Backoff::patient();
    loop {
        let request = client.transact_write_items().set_transact_items(Some(writes.to_vec()));
        let Err(error) = request.send().await else {
            return Ok(Outcome::Done);
        };
        let Some(reasons) = cancellation(&error) else {
            return Err(failed(OPERATION, table, error));
        };
        if let Some(reason) = reasons.iter().find(|reason| !is_busy(reason) && !is_unmet(reason)) {
            return Err(refused(table, reason));
        }
        if reasons.iter().any(is_unmet) {
            return Ok(Outcome::Refused(reasons.iter().map(unmet).collect()));
        }
        if !backoff.wait().await {
            return Err(Error::Unavailable {
                table: table.to_owned(),
                operation: OPERATION,
                source: Box::new(error.into_service_error()),
            });
        }
    }
}

/// One reason for each write, in their order.
pub(super) fn cancellation(
    error: &SdkError<TransactWriteItemsError>,
) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            Some(cancelled.cancellation_reasons())
        }
        _ => None,
    }
}

/// Whether nothing speaks against the write itself, so that the transaction may be tried again.
pub(super) fn is_busy(reason: &CancellationReason) -> bool {
    let code = reason.code().unwrap_or("None");
    ["None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
        .contains(&code)
}

/// Whether the row did not meet the condition of the write.
pub(super) fn is_unmet(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// Why the store refuses a write for good.
pub(super) fn refused(table: &str, reason: &CancellationReason) -> Error {
    let code = reason.code().unwrap_or_default();
    Error::Refused {
        table: table.to_owned(),
        operation: OPERATION,
        source: format!("{code}: {}", reason.message().unwrap_or_default()).into(),
    }
}

fn unmet(reason: &CancellationReason) -> Option<Item> {
    is_unmet(reason).then(|| reason.item.clone().unwrap_or_default())
}

pub(super) const OPERATION: &str = "TransactWriteItems";
