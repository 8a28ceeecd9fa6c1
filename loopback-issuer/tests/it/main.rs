//! The issuer and Gmail as a client sees them that knows nothing but TCP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod authorize;
mod client;
mod faults;
mod gmail;
mod grants;
mod sheets;
