//! Looks whether published statements are still what the record says: each file and mail that the
//! last record of a period names is looked at again, and so is the record itself. With the charters
//! at hand each period is stated and rendered again, and compared; with `--drive` each upload is
//! asked for its hash.
//!
//! ```text
//! cargo run -p jada-examples --example monthly_statement
//! cargo run -p jada-examples --example statement -- \
//!     verify target/statement/2026-05/manifest.jsonl --charters examples/data/charters-2026.csv
//! ```
//!
//! It ends with 1 when something is not as recorded, or missing, and when nothing is on record; a
//! line for each says what mends it. A line of the manifest that a crash broke off is told, and
//! tolerated once a later one stands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jada_examples::{VerifyArgs, print, run};

/// Look after published statements.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare what is there with what is on record
    Verify(Verify),
}

#[derive(Parser)]
struct Verify {
    #[command(flatten)]
    what: VerifyArgs,
    /// Print the outcome as one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run(look_after)
}

async fn look_after(args: Args) -> anyhow::Result<()> {
    let Command::Verify(verify) = args.command;
    let verified = verify.what.verify().await?;
    print(&verified, verify.json)?;
    verify.what.check(&verified)
}
