//! Mails as a reader and a file system see them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod booking;
mod eml_folder;
mod nasty;
mod reading;
mod received;
mod rendering;
