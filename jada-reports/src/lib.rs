//! x
mod artefact;
mod day;
mod error;
#[cfg(feature = "html")]
mod html;
mod lines;
#[cfg(feature = "mail")]
mod mail;
mod manifest;
#[cfg(all(feature = "mail", feature = "xlsx"))]
mod publication;
mod rule;
mod rules;
mod statement;
mod summary;
mod tax;
mod text;
#[cfg(feature = "xlsx")]
mod xlsx;

pub use artefact::Artefact;
pub use error::{BoxError, Error};
#[cfg(feature = "html")]
pub use html::{html, write_html};
pub use lines::Lines;
#[cfg(feature = "mail")]
pub use mail::mail;
pub use manifest::Manifest;
#[cfg(all(feature = "mail", feature = "xlsx"))]
pub use publication::Publication;
pub use rule::{Rule, Test, Verdict};
pub use rules::Rules;
pub use statement::{NotCounted, Statement, StatementBuilder, Tally};
pub use summary::Summary;
pub use tax::{Base, Rate, Rounding, Tax, TaxLine};
pub use text::text;
#[cfg(feature = "xlsx")]
pub use xlsx::workbook;
