//! Statements: their properties, their renderings, and what is published.

#![expect(clippy::unwrap_used, reason = "a failed expectation is the verdict")]

mod prefilter;
mod properties;
mod publication;
mod renderings;
mod sample;
mod sheets;
mod statement;
