//! Shows what waits in an outbox, and why; sends it; and takes what a person decides about a mail
//! of which nobody can tell whether it was sent.
//!
//! ```text
//! cargo run -p jada-examples --example outbox -- status
//! cargo run -p jada-examples --example outbox -- drain
//! cargo run -p jada-examples --example outbox -- resend KEY
//! cargo run -p jada-examples --example outbox -- drop KEY
//! ```
//!
//! `status` and `drain` end with 0 when nothing waits, with 3 when something does, and with 1 when
//! a mail needs a person. `drain` sends as the last `--via` that was said for this outbox, here or
//! to `send_mail`. It does not wait out our own back-off, but does wait where the server asked for
//! it, and where a lost answer cannot be looked into yet. `JADA_OUTBOX` or `--outbox` names the
//! folder, `JADA_SECRETS_DIR` the folder of secrets, and `JADA_GOOGLE_ENDPOINT` a server instead of
//! Google.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jada_examples::{OutboxArgs, ViaArgs, print, run, warn};
use jada_mail::IdempotencyKey;

/// Show, send or decide what waits in an outbox.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    outbox: OutboxArgs,
    /// Print one JSON object, and nothing else on stdout
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List each mail: its key, what became of it, since when, and why
    Status,
    /// Send what waits, and look into lost answers
    Drain(ViaArgs),
    /// Send a mail again that failed, or that nobody knows about and that did not arrive
    Resend {
        /// The mail's key
        key: IdempotencyKey,
    },
    /// Give a mail up
    Drop {
        /// The mail's key
        key: IdempotencyKey,
    },
}

fn main() -> ExitCode {
    run(act)
}

async fn act(args: Args) -> anyhow::Result<()> {
    let outbox = args.outbox.outbox();
    if !outbox.folder().exists() {
        warn(&format!("note: there is no `{}` so far", outbox.folder().display()));
    }
    match args.command {
        Command::Drain(via) => return via.drain_and_print(&outbox, args.json).await,
        Command::Status => {
            print(&outbox.status()?, args.json)?;
            return Ok(outbox.status()?.check()?);
        }
        Command::Resend { key } => outbox.resend(&key)?,
        Command::Drop { key } => outbox.discard(&key)?,
    }
    print(&outbox.status()?, args.json)
}
