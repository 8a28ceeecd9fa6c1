//! Brings a month's tab of an availability sheet to the crew: who is free on which day, as the office
//! has written it down. Only what is new in the tab is written, so that what members have said on
//! their own page meanwhile stays.
//!
//! ```text
//! cargo run -p jada-examples --example availability_sync
//! cargo run -p jada-examples --example availability_sync -- --file may.csv --month 2026-05 \
//!     --db crew.db --dry-run
//! cargo run -p jada-examples --example availability_sync -- --sheet ID --dynamodb \
//!     --every 24h --at 06:00 --time-zone Europe/Paris --alert-to ops@example.com
//! ```
//!
//! Without `--sheet` or `--file` it syncs a bundled month to a fictional crew in memory. A person of
//! the tab is known by the key column (`crew_id`, or an e-mail address or phone number), else by
//! their name exactly, else by an alias of `--aliases`, a .csv with the columns `alias` and
//! `crew_id`. Who is nobody, or may be two, and each cell that is not understood, is named on stderr
//! with its address; all else is written, and the exit status is 1. What the store was too busy for
//! is left over, and the status is 3: again finishes it.
//!
//! Each run is on record in `--state`, as those of `sheet_sync` are, but for `--dry-run`, which
//! writes nothing at all. `JADA_SECRETS_DIR` names the folder of secrets, `JADA_DB` the database
//! file, and `JADA_GOOGLE_ENDPOINT` a server instead of Google.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{AvailabilityArgs, Progress, WatchArgs, run_logged};

/// Bring a month's tab of an availability sheet to the crew.
#[derive(Parser)]
#[command(version, mut_arg("state", |state| state.default_value("availability-sync")))]
struct Args {
    #[command(flatten)]
    availability: AvailabilityArgs,
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
    let Args { availability, watch, json } = args;
    if watch.is_check() {
        return watch.check(json);
    }
    let (office, progress) = (availability.office(watch.time_zone())?, Progress::new());
    let job = async || office.sync(&progress, watch.log(), json).await;
    let ran = if office.is_on_record() {
        watch.run(&office.job(), &progress, job, |_| Ok(())).await
    } else {
        job().await.map(drop)
    };
    office.shutdown().await?;
    ran
}
