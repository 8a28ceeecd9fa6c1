//! The issuer, Gmail and Drive as a client sees them that knows nothing but TCP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod authorize;
mod client;
mod drive;
mod faults;
mod gmail;
mod google;
mod grants;
mod sheets;
