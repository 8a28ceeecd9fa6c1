//! Brings bookings to a tab of a Google spreadsheet as they change. A change is pushed to a folder by
//! whoever makes it, which takes milliseconds and no network; a drainer takes it from there.
//!
//! ```text
//! cargo run -p jada-examples --example booking_changes -- push change.json
//! cargo run -p jada-examples --example booking_changes -- push --deleted C-7
//! cargo run -p jada-examples --example booking_changes -- drain --sheet ID --tab Bookings --every 30m
//! cargo run -p jada-examples --example booking_changes -- status
//! cargo run -p jada-examples --example booking_changes -- revive C-9
//! ```
//!
//! `push` reads bookings, as in a JSON file of charters, from a file or from stdin; when it returns
//! they are on disk. A later change of a booking replaces one that waits. `drain` writes the rows of
//! those bookings and no others: many changes are one write. With `--every` it goes on until a signal,
//! begins a second after a change comes, unless the tab cannot be written for now, and looks each
//! interval in any case.
//!
//! `drain` knows the columns of the bookings that it brings, and those that it wrote before: a column
//! that `sheet_sync` wrote, and that a booking has lost since, is cleared by a full sync alone. Run
//! `sheet_sync` as well, such as each night.
//!
//! Through an outage, and until somebody consents, changes wait. One that can never be applied is given
//! up with the reason: `status` lists it, and `revive` or `discard` decides. A row of a deleted booking in
//! which others have something stays, and is told.
//!
//! `drain` and `drain --check` end as `sheet_sync` does, and with 1 as long as a change is given up;
//! `status` with 3 while changes wait. `--state` holds the changes, `health.json`, `journal.jsonl` and the
//! outbox of alerts.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use jada_examples::{
    ChangesArgs, Drainer, Log, Progress, PushArgs, TabArgs, WatchArgs, booking_queue, check_queue,
    print, run_logged,
};

/// Bring bookings to a tab of a Google spreadsheet as they change.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print JSON, and nothing else on stdout
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Put what became of bookings on disk
    Push(PushArgs),
    /// Bring what waits to the tab
    Drain(Box<DrainArgs>),
    /// List what waits, and what was given up and why
    Status(ChangesArgs),
    /// Let a change that was given up wait again
    Revive(DeadArgs),
    /// Drop a change that was given up
    Discard(DeadArgs),
}

#[derive(Args)]
#[command(mut_arg("state", |state| state.default_value("booking-changes")))]
struct DrainArgs {
    #[command(flatten)]
    tab: TabArgs,
    #[command(flatten)]
    watch: WatchArgs,
}

#[derive(Args)]
struct DeadArgs {
    /// The id of the booking
    id: String,
    #[command(flatten)]
    changes: ChangesArgs,
}

fn main() -> ExitCode {
    let log = |cli: &Cli| match &cli.command {
        Command::Drain(args) => args.watch.log(),
        _ => Log::Text,
    };
    run_logged(log, act)
}

async fn act(Cli { command, json }: Cli) -> anyhow::Result<()> {
    match command {
        Command::Push(args) => print(&args.push()?, json),
        Command::Drain(args) => drain(*args, json).await,
        Command::Status(args) => {
            let status = args.queue()?.status()?;
            print(&status, json)?;
            Ok(check_queue(&status)?)
        }
        Command::Revive(DeadArgs { id, changes }) => {
            changes.queue()?.revive(&id)?;
            print(&changes.queue()?.status()?, json)
        }
        Command::Discard(DeadArgs { id, changes }) => {
            changes.queue()?.discard(&id)?;
            print(&changes.queue()?.status()?, json)
        }
    }
}

async fn drain(DrainArgs { tab, watch }: DrainArgs, json: bool) -> anyhow::Result<()> {
    if watch.is_check() {
        return watch.check(json);
    }
    let drainer = Drainer::new(booking_queue(watch.state())?, tab.tab(watch.state()));
    let (name, progress) = (drainer.tab().job("booking-changes"), Progress::new());
    let event = async || drainer.change_is_due().await;
    let job = async || Ok(drainer.drain(&progress).await?);
    let ran = watch.run_on(event, &name, &progress, job, |brought| print(brought, json)).await;
    ran.and(drainer.tab().shutdown().await)
}
