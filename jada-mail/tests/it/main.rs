//! Mails as a reader and a file system see them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod booking;
mod calendar;
mod eml_folder;
mod gmail;
mod invites;
mod limits;
mod nasty;
mod other_readers;
mod outbox;
mod reading;
mod received;
mod refusals;
mod rendering;
mod replies;
