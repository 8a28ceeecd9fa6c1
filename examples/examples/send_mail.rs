//! Sends a mail exactly once: it is kept in an outbox on disk first, and however often the command
//! is run again, after a lost answer, an outage or a kill, one mail arrives.
//!
//! ```text
//! cargo run -p jada-examples --example send_mail -- \
//!     --from "Crew Desk <crew@example.com>" --to "Ada <ada@example.com>" \
//!     --subject "Morning sail" --html page.html --attach route.pdf \
//!     --invite "2026-06-07T09:00[Europe/Paris]/2h30m"
//! cargo run -p jada-examples --example send_mail -- --drain-only
//! ```
//!
//! Without an account the mail is an `.eml` file in `outbox/eml`, which any mail program opens;
//! `--via gmail` sends it, and holds for this outbox until something else is said. Without `--key`
//! the same command on the same day (UTC) is the same mail; with one, what was queued under it
//! first stands.
//!
//! It ends with 0 when the mail is sent; with 3 when it waits, and `--drain-only`, `outbox drain` or
//! the same command again sends it; with 2 when a person must consent first; and with 1 when a
//! person must mend or decide something, as `outbox` shows. `JADA_OUTBOX` names the outbox,
//! `JADA_SECRETS_DIR` the folder of secrets, and `JADA_GOOGLE_ENDPOINT` a server instead of Google,
//! such as the one of the example `loopback_issuer`.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{MailArgs, OutboxArgs, ViaArgs, print, run};
use jada_mail::{Enqueued, MailState};
use jiff::Timestamp;

/// Send a mail exactly once, by an outbox that survives whatever happens.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    mail: MailArgs,
    #[command(flatten)]
    outbox: OutboxArgs,
    #[command(flatten)]
    via: ViaArgs,
}

fn main() -> ExitCode {
    run(send)
}

async fn send(args: Args) -> anyhow::Result<()> {
    let outbox = args.outbox.outbox();
    let Some(mail) = args.mail.mail(Timestamp::now())? else {
        return args.via.drain_and_print(&outbox, false).await;
    };
    let key = mail.idempotency_key().clone();
    args.via.keep(&outbox)?;
    let enqueued = outbox.enqueue(&mail)?;
    drop(mail);
    let receipt = args.via.send(&outbox, &key).await?;
    let location = receipt.location;
    match enqueued {
        Enqueued::Before { state: MailState::Sent } => print(
            &format!("{key} was sent before: {location}; to send it again, name another --key"),
            false,
        ),
        _ => print(&format!("sent {key}: {location}"), false),
    }
}
