//! Reads booking sites' mails: a line for each booking, and for a mail that lacks something, every
//! field that could not be found.
//!
//! ```text
//! cargo run -p jada-examples --example booking_confirmations -- --since 2026-05-01
//! cargo run -p jada-examples --example booking_confirmations -- --since 2026-05-01 --gmail
//! cargo run -p jada-examples --example booking_confirmations -- --since 2026-05-01 \
//!     --query "from:bookings@sailandstay.example" --json
//! ```
//!
//! Without an account it reads bundled mails of two sites that do not exist; `--since 2026-04-01`
//! finds one among them that lacks something. `--eml` reads a folder of `.eml` files, and Gmail is
//! read by `--gmail`, `--query`, `--secrets-dir`, or where `JADA_SECRETS_DIR` names a folder of
//! secrets. Of Gmail's search, `after:` is made of `--since`, and the rest of `--query` or else of
//! the senders that the layouts know. How each site writes is told by `--layouts`, a JSON file as
//! `jada_mail::BookingLayouts` describes it.
//!
//! It ends with 1 when a mail about a booking could not be read whole. `JADA_GOOGLE_ENDPOINT` names
//! a server instead of Google, such as the one of the example `loopback_issuer`.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use jada_examples::{Bookings, MailboxArgs, print, run};
use jada_mail::BookingLayouts;
use jiff::{civil::Date, tz::TimeZone};

/// Read the bookings that a booking site's mails tell of.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Read the mails of this day (UTC) and later
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Date,
    /// How the sites write, as JSON [default: two sites that do not exist]
    #[arg(long, value_name = "FILE")]
    layouts: Option<PathBuf>,
    #[command(flatten)]
    mailbox: MailboxArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run(read)
}

async fn read(args: Args) -> anyhow::Result<()> {
    let layouts = args.layouts()?;
    let since = args.since.to_zoned(TimeZone::UTC)?.timestamp();
    let bookings = Bookings::read(args.mailbox.mails(since, &layouts).await?, &layouts);
    print(&bookings, args.json)?;
    bookings.check()
}

impl Args {
    fn layouts(&self) -> anyhow::Result<BookingLayouts> {
        let Some(path) = &self.layouts else { return Ok(BookingLayouts::examples()?) };
        let name = path.display().to_string();
        let json = fs::read_to_string(path);
        let json = json.with_context(|| format!("`{name}` of --layouts cannot be read"))?;
        Ok(BookingLayouts::from_json(&name, &json)?)
    }
}
