//! DynamoDB through the SDK's own client, and an engine that answers it in this process.

mod batch;
pub(crate) mod charters;
pub(crate) mod chats;
#[cfg(feature = "embedded")]
pub(crate) mod embedded;
pub(crate) mod events;
mod expression;
mod failure;
#[cfg(feature = "aws-tls")]
pub(crate) mod https;
mod item;
pub(crate) mod keys;
pub(crate) mod links;
mod pages;
mod quiet;
pub(crate) mod retry;
pub(crate) mod roster;
#[cfg(feature = "streams")]
pub(crate) mod streams;
mod table;
mod transaction;
