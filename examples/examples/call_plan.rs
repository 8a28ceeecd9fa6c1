//! Shows whom a charter's crew call reaches, wave by wave, and why the others are not called.
//!
//! ```text
//! cargo run -p jada-examples --example call_plan -- --charter JUL-018
//! cargo run -p jada-examples --example call_plan -- --charter JUL-018 --berth captain/skipper \
//!     --berth "2*crew" --time-zone America/New_York --quiet 20:30-08:00 --window 45m
//! cargo run -p jada-examples --example call_plan -- --charter C-1 --db office.db --json \
//!     --time-zone America/New_York
//! ```
//!
//! Nothing is sent or written: it is the plan by which calls would go out. Without `--db` or
//! `--dynamodb` it plans for a charter of a fictional year, with a fictional crew, four days ahead.
//! For a stored charter `--time-zone` has to say by which clocks quiet hours are told.
//! It ends with 1 when a berth stays open whoever accepts, and when quiet hours leave no time for
//! calls. `JADA_DB` names the database file.

use std::process::ExitCode;

use anyhow::ensure;
use clap::Parser;
use jada_examples::{CallArgs, CallSheet, CallStores, Progress, StoreArgs, print, run};
use jada_roster::{CharterId, plan};
use jiff::Timestamp;

/// Show whom a charter's crew call reaches, and why the others are not called.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The charter, by its id
    #[arg(long, value_name = "ID", value_parser = CharterId::new)]
    charter: CharterId,
    #[command(flatten)]
    call: CallArgs,
    /// Plan as of this instant [default: now; of a bundled charter four days before it]
    #[arg(long, value_name = "RFC3339")]
    at: Option<Timestamp>,
    #[command(flatten)]
    store: StoreArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run(call_plan)
}

async fn call_plan(args: Args) -> anyhow::Result<()> {
    let progress = Progress::new();
    progress.now("reading the charter");
    let stores = CallStores::of(&args.store).await?;
    let event = stores.event(&args.charter).await?;
    let rules = args.call.rules(&event, &stores)?;
    let others = stores.others(event.date()).await?;
    progress.now("reading the crew");
    let crew = stores.crew(&event).await?;
    drop(progress);

    let at = args.at.unwrap_or_else(|| stores.now(&event));
    let plan = plan(&event, &crew.members, &others, &rules, at);
    let sheet = CallSheet::of(&plan, &rules, at);
    print(&sheet, args.json)?;
    let unreadable = crew.unreadable.len();
    ensure!(unreadable == 0, "rows that cannot be read: {unreadable}; mend them, and plan again");
    sheet.check()
}
