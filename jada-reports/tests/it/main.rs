//! Statements: their properties, their renderings, and what is published.

#![expect(clippy::unwrap_used, reason = "a failed expectation is the verdict")]

mod bulk;
mod drive;
mod google;
mod prefilter;
mod properties;
mod publication;
mod publishing;
mod renderings;
mod sample;
mod sheets;
mod statement;
mod style;
mod year;
