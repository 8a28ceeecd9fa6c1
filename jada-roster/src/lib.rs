//! x
mod charter;
#[cfg(feature = "dynamodb")]
mod dynamo;
mod error;
mod filter;
mod import;
mod money;
mod month;
mod repository;
mod status;

pub use charter::{Charter, CharterBuilder, CharterId, Difference, Version};
#[cfg(feature = "dynamodb")]
pub use dynamo::DynamoCharters;
#[cfg(feature = "embedded")]
pub use dynamo::embedded::{EmbeddedEngine, dynamo_client};
#[cfg(feature = "aws-tls")]
pub use dynamo::https::https_client;
#[cfg(feature = "dynamodb")]
pub use dynamo::retry::dynamo_retries;
pub use error::{BoxError, Error};
pub use filter::{Attribute, Condition, Filter};
pub use import::bad_row::{BadRow, Fault};
#[cfg(feature = "import")]
pub use import::read::{Format, Reading};
pub use import::{Conflict, Imported, OnConflict, import};
pub use money::{Currency, Decimal, Money};
pub use month::Month;
#[cfg(feature = "mock")]
pub use repository::MockCharterRepository;
#[cfg(feature = "contract-tests")]
pub use repository::contract::charter_repository_contract;
pub use repository::memory::MemoryCharters;
pub use repository::{CharterRepository, CharterStream, Reindexed, Unindexed};
pub use status::{Kind, Status};
