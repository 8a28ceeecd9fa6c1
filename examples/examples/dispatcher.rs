//! Calls the crew of every confirmed charter, on its own: watches, calls, and says so when nobody is
//! left.
//!
//! ```text
//! cargo run -p jada-examples --example dispatcher -- --db office.db --outbox outbox \
//!     --time-zone America/New_York \
//!     --from "Example Sails <crew@example.com>" --operations office@example.com --via gmail
//! cargo run -p jada-examples --example dispatcher -- --check
//! ```
//!
//! Each minute (`--every`) it takes the steps that are due and sends what waits in the outbox; each ten
//! (`--poll`) it looks through this month and the next ones for charters that were confirmed, moved or
//! cancelled. With `--streams` it follows the changes of their table besides, and calls within a
//! second; what it may have missed it says, and polls for. Any number may run on one host, with one
//! outbox and a `--state` each: nobody is called twice.
//!
//! In `--state` are `health.json` and `journal.jsonl`. It fails, and alerts, when a call fails and when
//! nobody is left to call for a charter; whatever could be done is done before. `--check` says how it
//! is doing and ends with 0, or with 1 when a person must act, 2 when a person must consent, 3 when it
//! fails for now. So does `--once`, which a scheduler runs. A signal ends it after the look that is
//! under way. `JADA_DB` names the database file, and `JADA_OUTBOX` the outbox.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use jada_examples::{
    CallDeskArgs, DispatchArgs, Dispatched, Dispatching, Progress, duration, print, run_logged,
};

/// Call the crew of every confirmed charter.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    desk: CallDeskArgs,
    #[command(flatten)]
    dispatch: DispatchArgs,
    /// How often it looks for charters that were confirmed, moved or cancelled
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10m")]
    poll: Duration,
    /// How many months after this one it looks through
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    months: u8,
    /// Follow the changes of charters by the stream of their table, and turn that on where it is off
    #[arg(long, conflicts_with_all = ["once", "check"])]
    streams: bool,
    /// Print what each look did as one JSON object a line, and nothing else on stdout
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run_logged(|args: &Args| args.dispatch.log(), dispatch)
}

async fn dispatch(args: Args) -> anyhow::Result<()> {
    let Args { desk, dispatch, poll, months, streams, json } = args;
    let watch = dispatch.watch();
    if watch.is_check() {
        return watch.check(json);
    }
    let changes = if streams { Some(desk.changes().await?) } else { None };
    let dispatching = Dispatching::new(desk.open().await?, changes, months, poll);
    let progress = Progress::new();
    let look = async || {
        progress.now("calling crew");
        Box::pin(dispatching.look()).await
    };
    let changed = async || Box::pin(dispatching.changed()).await;
    let show = |dispatched: &Dispatched| print(dispatched, json);
    let ran = watch.run_on(changed, "dispatcher", &progress, look, show).await;
    ran.and(dispatching.release().await)
}
