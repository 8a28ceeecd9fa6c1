//! The SDK's errors, sorted by what mends them.

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};

use crate::error::{BoxError, Error};

/// What a failed request means for the caller.
pub(super) fn failed<E>(operation: &'static str, table: &str, error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let table = table.to_owned();
    let code = error.code().unwrap_or_default();
    if code == "ResourceNotFoundException" {
        return Error::TableMissing { table };
    }
    let transient = match &error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_timeout() || failure.is_io(),
        SdkError::ResponseError(_) => true,
        SdkError::ServiceError(service) => {
            BUSY.contains(&code) || service.raw().status().is_server_error()
        }
        _ => false,
    };
    let source: BoxError = match error {
        SdkError::ServiceError(service) => Box::new(service.into_err()),
        other => Box::new(other),
    };
    if transient {
        Error::Unavailable { table, operation, source }
    } else {
        Error::Refused { table, operation, source }
    }
}

/// A request that could not be built; the SDK asks for this case although no field is left out.
pub(super) fn malformed(operation: &'static str, table: &str, error: BuildError) -> Error {
    Error::Refused { table: table.to_owned(), operation, source: Box::new(error) }
}

/// Codes by which DynamoDB says "later", with status 400.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const BUSY: [&str; 7] = [
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ResourceInUseException",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];
