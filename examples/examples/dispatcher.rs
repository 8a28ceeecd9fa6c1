//! Calls the crew of every confirmed charter, on its own: watches, calls, and says so when nobody is
//! left.
//!
//! ```text
//! cargo run -p jada-examples --example dispatcher -- --db office.db --outbox outbox \
//!     --time-zone America/New_York --via gmail \
//!     --from "Example Sails <crew@example.com>" --operations office@example.com \
//!     --answers https://crew.example.com/crew/answer
//! cargo run -p jada-examples --example dispatcher -- --check
//! ```
//!
//! Each minute (`--every`) it takes the steps that are due and sends what waits in the outbox; each ten
//! (`--poll`) it looks through this month and the next ones for charters that were confirmed, moved or
//! cancelled. With `--streams` it follows the changes of their table besides, and calls within a
//! second; what it may have missed it says, and polls for. While the stream is off its report says so, and
//! it polls each ten minutes at least. Any number may run on one host, with one outbox and a `--state`
//! each: nobody is called twice.
//!
//! In `--state` are `health.json` and `journal.jsonl`. It fails, and alerts, when a call fails, when a
//! row cannot be read or a mail is kept back, and when nobody is left to call for a charter: each
//! charter alerts once, whatever else fails. Whatever could be done is done before, shown and recorded.
//! One that casts off unfilled is told once more, and then no more. `--check` says how it
//! is doing and ends with 0, or with 1 when a person must act, 2 when a person must consent, 3 when it
//! fails for now. So does `--once`, which a scheduler runs. A signal ends it after the look that is
//! under way; of the mails the one that is being sent is, and the others wait. `JADA_DB` names the
//! database file, and `JADA_OUTBOX` the outbox.
//!
//! All programs that call for one table, and the `crew_portal` that takes the answers, need the same
//! `--berth`, `--window`, `--quiet` and `--time-zone`: those with other berths undo each other's calls.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{
    CallDeskArgs, DispatchArgs, Dispatching, DispatchingArgs, Progress, print, run_logged,
};

/// Call the crew of every confirmed charter.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    desk: CallDeskArgs,
    #[command(flatten)]
    dispatch: DispatchArgs,
    #[command(flatten)]
    dispatching: DispatchingArgs,
    /// Print what each look did as one JSON object a line, and nothing else on stdout
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run_logged(|args: &Args| args.dispatch.log(), dispatch)
}

async fn dispatch(args: Args) -> anyhow::Result<()> {
    let Args { desk, dispatch, dispatching, json } = args;
    let watch = dispatch.watch();
    if watch.is_check() {
        return watch.check(json);
    }
    let dispatching = Dispatching::new(desk, dispatching, &watch)?;
    let progress = Progress::new();
    let look = async || {
        progress.now("calling crew");
        Box::pin(dispatching.look(|did| print(did, json))).await
    };
    let changed = async || Box::pin(dispatching.changed()).await;
    // It is shown by the look, also where that fails.
    let ran = watch.run_on(changed, "dispatcher", &progress, look, |_| Ok(())).await;
    ran.and(dispatching.release().await)
}
