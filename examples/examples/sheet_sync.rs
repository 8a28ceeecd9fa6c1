//! Keeps bookings in a tab of a Google spreadsheet, and cannot fail silently: every run is on
//! record, the first failure alerts, and a sync that is stale is an exit status.
//!
//! ```text
//! cargo run -p jada-examples --example sheet_sync -- --sheet ID --tab Bookings \
//!     --charters charters.csv --every 30m --alert-to ops@example.com --alert-via gmail
//! cargo run -p jada-examples --example sheet_sync -- --check
//! ```
//!
//! The first row of the tab is its header: the columns of the bookings in any order, with others
//! between them, which are not touched; an empty tab gets it. A row whose booking has moved to a month
//! that is not synced is kept up all the same. Rows whose booking is gone are told and left, unless
//! `--prune` clears them, which it refuses where that would be all of them. Nothing is written where
//! nothing differs.
//!
//! In `--state` are `health.json`, which says since when it fails, why and what mends it;
//! `journal.jsonl` with a line for each run; `columns.json`, the columns that are ours, also when the
//! last of their cells is cleared; and, unless `--alert-outbox` names another, the outbox of alerts.
//! New consent heals it without a restart, and the sync runs whatever becomes of its alerts.
//!
//! `--check` ends with 0 when it does well, 1 when a person must mend something, it is stale, or its
//! alerts do not get through, 2 when a person must consent, 3 when it fails for now. So does a single
//! run. A signal ends either after the run that is under way, and a second one cuts a single run off.
//!
//! `JADA_SECRETS_DIR` names the folder of secrets, and `JADA_GOOGLE_ENDPOINT` a server instead of
//! Google, such as the one of the example `loopback_issuer`.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{BookingsArgs, Progress, TabArgs, WatchArgs, print, run_logged};

/// Keep bookings in a tab of a Google spreadsheet.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    tab: TabArgs,
    #[command(flatten)]
    bookings: BookingsArgs,
    #[command(flatten)]
    watch: WatchArgs,
    /// Print what each run did as one JSON object a line, and nothing else on stdout
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run_logged(|args: &Args| args.watch.log(), sync)
}

async fn sync(args: Args) -> anyhow::Result<()> {
    let Args { tab, bookings, watch, json } = args;
    if watch.is_check() {
        return watch.check(json);
    }
    let (tab, progress) = (tab.tab(watch.state()), Progress::new());
    let job = async || {
        progress.now("reading the bookings");
        let bookings = bookings.read().await?;
        progress.now(format!("syncing {} bookings to `{}`", bookings.charters().len(), tab.name()));
        tab.sync(&bookings).await
    };
    let ran =
        watch.run(&tab.job("sheet-sync"), &progress, job, |synced| print(&synced.0, json)).await;
    ran.and(tab.shutdown().await)
}
