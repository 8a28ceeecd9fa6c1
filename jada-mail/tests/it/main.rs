//! Mails as a reader and a file system see them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod eml_folder;
mod gmail;
mod nasty;
mod outbox;
mod reading;
mod received;
mod rendering;
