//! What the benches share: a month of charters and mails that are the same on every run, and the
//! peers that the crates are measured beside.
//!
//! `cargo bench -p jada-benches --features peers` runs everything; without the feature the crates
//! are measured alone. `-- --save-baseline main` keeps a run by the name `main`, and
//! `-- --baseline main` compares a later one with it.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a bench whose input is wrong is to stop"
)]

mod at_hand;
#[cfg(feature = "peers")]
mod contenders;
mod cpu_time;
mod crew;
#[cfg(feature = "peers")]
mod difference;
mod events;
mod first_mail;
mod input;
#[cfg(feature = "peers")]
mod lax_issuer;
mod mail;
#[cfg(feature = "peers")]
mod mail_peers;
mod one_time_links;
mod open_calls;
mod peak_memory;
mod plain_calls;
#[cfg(feature = "peers")]
mod plain_cascade;
#[cfg(feature = "peers")]
mod plain_cells;
mod plain_crew;
mod plain_first_mail;
#[cfg(feature = "peers")]
mod plain_html;
#[cfg(feature = "peers")]
mod plain_links;
#[cfg(feature = "peers")]
mod plain_not_counted;
#[cfg(feature = "peers")]
mod plain_rows;
#[cfg(feature = "peers")]
mod plain_sheet;
#[cfg(feature = "peers")]
mod plain_spool;
#[cfg(feature = "peers")]
mod plain_table;
#[cfg(feature = "peers")]
mod plain_workbook;
#[cfg(feature = "peers")]
mod plain_year;
#[cfg(feature = "peers")]
mod token_peers;

pub use at_hand::{Asked, AtHand, Cached, Floor, Generated};
#[cfg(feature = "peers")]
pub use contenders::Contenders;
pub use cpu_time::cpu_time;
pub use crew::crew;
#[cfg(feature = "peers")]
pub use difference::difference;
pub use events::events;
pub use first_mail::FirstMail;
pub use input::{charters, month, shuffled, statement, year};
#[cfg(feature = "peers")]
pub use lax_issuer::LaxIssuer;
pub use mail::{MailParts, mailbox};
#[cfg(feature = "peers")]
pub use mail_peers::{by_lettre, by_mail_builder, send_raw};
pub use one_time_links::OneTimeLinks;
pub use open_calls::OpenCalls;
pub use peak_memory::peak_memory;
pub use plain_calls::PlainCalls;
#[cfg(feature = "peers")]
pub use plain_cascade::plain_cascade;
pub use plain_crew::PlainCrew;
#[cfg(feature = "peers")]
pub use plain_html::PlainHtml;
#[cfg(feature = "peers")]
pub use plain_links::PlainLinks;
#[cfg(feature = "peers")]
pub use plain_rows::plain_rows;
#[cfg(feature = "peers")]
pub use plain_sheet::rewrite;
#[cfg(feature = "peers")]
pub use plain_spool::PlainSpool;
#[cfg(feature = "peers")]
pub use plain_table::PlainTable;
#[cfg(feature = "peers")]
pub use plain_workbook::PlainWorkbook;
#[cfg(feature = "peers")]
pub use plain_year::PlainYear;
#[cfg(feature = "peers")]
pub use token_peers::{Gcp, Google, GoogleHeaders, Yup};
