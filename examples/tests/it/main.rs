//! The examples as an operator runs them: flags in, files, output and exit status out.

#![expect(clippy::unwrap_used, reason = "a failed expectation is the verdict")]

mod authorized_get;
mod monthly_statement;
mod program;
mod reauth;
mod service_key;
mod tokens;
