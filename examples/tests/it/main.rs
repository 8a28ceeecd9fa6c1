//! The examples as an operator runs them: flags in, files, output and exit status out.

#![expect(clippy::unwrap_used, reason = "a failed expectation is the verdict")]

mod authorized_get;
mod availability_sync;
mod booking_changes;
mod booking_confirmations;
mod call_plan;
mod call_to_crew;
mod charter;
mod crew;
mod crew_import;
mod crew_portal;
mod dispatcher;
mod event;
mod gate;
mod loopback_issuer;
mod monthly_statement;
mod office;
mod outbox;
mod post;
mod program;
mod publishing;
mod reauth;
mod send_by_gmail;
mod send_mail;
mod service_key;
mod sheet_sync;
mod story;
mod tokens;
mod year;
