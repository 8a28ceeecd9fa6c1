//! Calls the crew of one charter: takes the step that is due, and mails those concerned.
//!
//! ```text
//! cargo run -p jada-examples --example call_to_crew -- --charter JUL-018 --dry-run
//! cargo run -p jada-examples --example call_to_crew -- --charter JUL-018
//! cargo run -p jada-examples --example call_to_crew -- --charter C-1 --db office.db \
//!     --outbox outbox --time-zone America/New_York --via gmail \
//!     --from "Example Sails <crew@example.com>" --operations office@example.com \
//!     --answers https://crew.example.com/crew/answer
//! ```
//!
//! It may be run as often as one likes, and beside a `dispatcher`: nobody is called twice. `--dry-run`
//! shows the plan of those who were not asked yet and where the call stands; nothing is written.
//! It ends with 1, and the reason, when nobody is left or the charter has cast off, and tells of mails
//! in the outbox that are kept back, whosever they are.
//!
//! Without `--db` or `--dynamodb` it calls for a charter of a fictional year, with a fictional crew,
//! four days ahead, and leaves the mails as `.eml` files in `fictional-outbox`, unless `--outbox` names
//! another folder. `JADA_DB` names the database file, and `JADA_OUTBOX` the outbox of those who are
//! called from one, which all who call for one table share.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{
    CallDeskArgs, CallSheet, CallShown, CallStores, Mailed, check_call, print, run, warn,
};
use jada_roster::{CharterEvent, CharterId, CrewId, EventColumns, plan};

/// Call the crew of one charter.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The charter, by its id
    #[arg(long, value_name = "ID", value_parser = CharterId::new)]
    charter: CharterId,
    #[command(flatten)]
    desk: CallDeskArgs,
    /// Show whom it would call, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run(call_to_crew)
}

async fn call_to_crew(args: Args) -> anyhow::Result<()> {
    let stores = CallStores::of(args.desk.store()).await?;
    let event = stores.event(&args.charter).await?;
    if args.dry_run {
        return show_plan(&args, &stores, &event).await;
    }
    let desk = args.desk.open_for(&event, &stores).await?;
    desk.opened(&args.charter).await?;
    let advanced = desk.call.advance(&args.charter).await?;
    let (mailed, crew) = (desk.drain().await, desk.crew().await?.members);
    mailed.note().iter().for_each(warn);
    let did = (advanced.mails, &mailed);
    print(&CallShown::of(&args.charter, advanced.call.as_ref(), &crew, did), args.json)?;
    check_call(&desk, &args.charter, &advanced, mailed)
}

/// The plan of those who are left to ask, as `call_plan` shows it.
async fn show_plan(args: &Args, stores: &CallStores, event: &CharterEvent) -> anyhow::Result<()> {
    let rules = args.desk.call().rules(event, stores)?;
    let call = stores.call(&args.charter).await?;
    let crew = stores.crew(event).await?.members;
    let asked =
        |id: &CrewId| call.iter().flat_map(|call| call.asked()).any(|asked| asked.crew() == id);
    let left: Vec<_> = crew.iter().filter(|member| !asked(member.id())).cloned().collect();
    let (others, at) = (stores.others(event.date()).await?, stores.now(event));
    let event = CharterEvent::of(event.charter().clone(), &EventColumns::default())?;
    print(&CallSheet::of(&plan(&event, &left, &others, &rules, at), &rules, at), args.json)?;
    match call {
        Some(call) if !args.json => {
            print(&CallShown::of(&args.charter, Some(&call), &crew, (0, &Mailed::default())), false)
        }
        _ => Ok(()),
    }
}
