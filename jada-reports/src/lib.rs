//! A month's revenue, stated by a rule: what counted, what did not and why, taxes, and what is
//! left.
//!
//! A [`Rule`] says which charters count; it is named, ordered and data. A [`Statement`] is made of
//! a month's charters by such a rule: every charter that does not count is listed with its reason,
//! each tax carries rate, base and amount, and a statement that exists reconciles. Renderers turn
//! that one model into a workbook, an HTML page, plain text and a mail, and the same statement
//! gives the same bytes. A [`Manifest`] records what was reported, from which rows, with the
//! SHA-256 of every file.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use jada_reports::{Statement, Summary, Tax};
//! use jada_roster::{Charter, CharterId, Currency, Money, Status};
//!
//! let usd = Currency::USD;
//! let sail = Charter::builder(CharterId::new("C-1")?, "2026-05-03".parse()?, usd)
//!     .guest("Ann Rivers")
//!     .total(Money::from_text("1,234.50", usd)?)
//!     .status(Status::Confirmed);
//! let enquiry = Charter::builder(CharterId::new("C-2")?, "2026-05-09".parse()?, usd);
//!
//! let statement = Statement::of("2026-05".parse()?)
//!     .tax(Tax::new("Sales tax", "0.0775".parse()?))
//!     .build([sail.build()?, enquiry.build()?])?;
//! println!("{}", Summary::new(&statement, &[]));
//! assert_eq!(statement.net().to_string(), "1138.83 USD");
//! # Ok(())
//! # }
//! ```
//!
//! Twelve statements make a [`YearStatement`], which reconciles too.
//!
//! What a company states its revenue by can stand in a TOML file, which [`Rules`] reads.
//!
//! # Renderers
//!
//! Each is a function of a statement: [`text()`], always compiled, and by feature `workbook`,
//! `html` and `write_html`, and `mail`. `Publication` writes all of them into a folder, each file
//! whole or not at all, and appends to the manifest.
//!
//! # Jobs
//!
//! A [`Watch`] over a job that runs on its own puts each run on record, alerts once when it begins to
//! fail and once when it is good again, and tells a monitor when it is stale; always compiled, as is
//! the [`ChangeQueue`], which brings changes across one by one and loses none.
//!
//! # Features
//!
//! None is on by default, and none changes behaviour.
//!
//! | feature | adds | pulls in |
//! |---|---|---|
//! | `xlsx` | `workbook`, `year_workbook`, `bulk_export`, `StatementStyle` from TOML; live formulas that carry their results | `rust_xlsxwriter` |
//! | `style` | `StatementStyle::from_workbook` and `open`; turns on `xlsx` | `calamine`, `quick-xml`, `zip` |
//! | `html` | `html`, `write_html`: a page for browsers, Gmail and Outlook, without script | `askama` |
//! | `mail` | `mail`: HTML, its text twin and the workbook attached; turns on `html` | nothing more |
//! | `mail` and `xlsx` | `Publication`: workbook, page, mail and manifest in a folder, and the mail through an outbox | nothing more |
//! | `drive` | `Drive`: a file into a folder of Google Drive, once and verified; with `mail` and `xlsx`, `Publishing::upload` | `jada-auth` with `http`: hyper, rustls with `ring` |
//! | `sheets` | `SheetSync`: rows kept in a tab of a Google spreadsheet that people work in too | `jada-auth` with `http`; `watch` |
//! | `watch` | `Schedule`, by which a watched job runs, and `LogAlert`; turned on by `sheets` | `tokio`, `tracing` |
//!
//! With no feature the crate stays light: nothing whose name starts with `aws-`, `google-`,
//! `hyper`, `rustls`, `mockall` or `yup-oauth2` is among its dependencies.
//!
//! # Examples
//!
//! `examples/` of the workspace holds programs that run without an account: `monthly_statement`
//! imports a file of charters and publishes the statement of a month; `sheet_sync` keeps bookings in a
//! tab of a spreadsheet, watched, and `booking_changes` brings them there as they change.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod artefact;
#[cfg(feature = "xlsx")]
mod bulk;
mod day;
#[cfg(feature = "drive")]
mod drive;
mod enclosure;
mod error;
mod failure;
mod files;
mod folder;
#[cfg(feature = "html")]
mod html;
mod lines;
#[cfg(feature = "mail")]
mod mail;
mod manifest;
#[cfg(all(feature = "mail", feature = "xlsx"))]
mod publication;
mod published;
mod queue;
mod rule;
mod rules;
#[cfg(feature = "sheets")]
mod sheets;
mod stated;
mod statement;
#[cfg(feature = "xlsx")]
mod style;
mod summary;
mod tax;
mod text;
mod uploaded;
mod watch;
#[cfg(feature = "xlsx")]
mod xlsx;
mod year;

pub use artefact::Artefact;
#[cfg(feature = "xlsx")]
pub use bulk::{BulkCell, BulkColumn, BulkRow, bulk_export, bulk_export_file};
#[cfg(feature = "drive")]
pub use drive::{Drive, DriveFile, Share};
pub use error::{BoxError, Error};
pub use failure::{Failure, HealedBy};
#[cfg(feature = "html")]
pub use html::{html, write_html, year_html};
pub use lines::Lines;
#[cfg(feature = "mail")]
pub use mail::{StatementMail, mail};
pub use manifest::{Manifest, Mismatch, Record, Verified};
#[cfg(all(feature = "mail", feature = "xlsx"))]
pub use publication::{Publication, Publishing};
pub use published::{Mailed, Published};
pub use queue::{Change, ChangeQueue, ChangeQueueBuilder, Drained, QueueStatus, Waiting};
pub use rule::{Rule, Test, Verdict};
pub use rules::Rules;
#[cfg(feature = "sheets")]
pub use sheets::{
    Cell, ChangedRow, Column, ColumnKind, Columns, Few, SheetRow, SheetSync, SheetSyncBuilder,
    SyncBrief, SyncReport, charter_columns,
};
pub use stated::Stated;
pub use statement::builder::StatementBuilder;
pub use statement::{NotCounted, Statement};
#[cfg(feature = "xlsx")]
pub use style::StatementStyle;
pub use summary::Summary;
pub use tax::{Base, Rate, Rounding, Tax, TaxLine};
pub use text::text;
pub use uploaded::Uploaded;
pub use watch::{
    Alert, Entry, Health, Incident, JobStatus, Journal, MailAlert, Run, Stage, Watch, WatchBuilder,
};
#[cfg(feature = "watch")]
pub use watch::{LogAlert, Schedule, Turn};
#[cfg(feature = "xlsx")]
pub use xlsx::{styled_workbook, workbook, year_workbook};
pub use year::summary::YearSummary;
pub use year::{Part, YearStatement, YearTax};
