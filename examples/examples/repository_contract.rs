//! Checks a DynamoDB of your own, or a stand-in for one, against the contracts of the repositories.
//!
//! ```text
//! AWS_ENDPOINT_URL=http://127.0.0.1:8000 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any \
//!     cargo run -p jada-examples --example repository_contract -- --dynamodb --table contract-check
//! ```
//!
//! Without `--dynamodb` it checks the embedded engine. Tables are created where they are missing:
//! `contract-check` for charters and calls, whose stream is turned on, `contract-check-chats` for their
//! threads, `contract-check-events` for crew's copies, `contract-check-roster` and
//! `contract-check-keys` for the crew. The charters of the years 2101 to 2112 that the suite
//! writes stay, and their messages, and the rows of links, which open nothing and have a time to
//! live; the crew that it adds does not.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use jada_auth::{Clock, ManualClock, SystemClock};
use jada_examples::{StoreArgs, print, run};
use jada_roster::{
    AttemptLimit, CrewTables, DynamoCharters, DynamoChats, DynamoEvents, DynamoLinks, DynamoRoster,
    Peppers, call_repository_contract, charter_changes_contract, charter_chats_contract,
    charter_repository_contract, event_repository_contract, magic_links_contract,
    roster_repository_contract,
};

/// Check a store against the contracts of the repositories.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    store: StoreArgs,
    /// The table to check charters in, which holds none of the years 2101 to 2112; those of
    /// threads, of crew's copies and of the crew are named after it
    #[arg(long, default_value = "contract-check")]
    table: String,
}

fn main() -> ExitCode {
    run(check)
}

async fn check(args: Args) -> anyhow::Result<()> {
    let (client, streams) = args.store.store().clients().await?;
    let charters = DynamoCharters::new(client.clone()).with_table(&args.table);
    charters.ensure_call_index().await?;
    charter_repository_contract(&charters).await;
    print(&format!("charters in table `{}` keep the contract", args.table), false)?;
    call_repository_contract(&charters).await;
    print(&format!("the calls in table `{}` keep the contract", args.table), false)?;

    let threads = format!("{}-chats", args.table);
    let chats = DynamoChats::new(client.clone()).with_table(&threads);
    chats.ensure_table().await?;
    charter_chats_contract(&chats).await;
    print(&format!("the threads of charters in table `{threads}` keep the contract"), false)?;

    let copies = format!("{}-events", args.table);
    let events = DynamoEvents::new(client.clone(), &charters).with_table(&copies);
    events.ensure_table().await?;
    event_repository_contract(&events).await;
    print(&format!("crew's copies of charters in table `{copies}` keep the contract"), false)?;

    let (members, keys) = (format!("{}-roster", args.table), format!("{}-keys", args.table));
    let tables = CrewTables::default().with_roster(&members).with_keys(&keys);
    let roster = DynamoRoster::new(client.clone()).with_tables(tables.clone());
    roster.ensure_tables().await?;
    roster_repository_contract(&roster).await;
    print(&format!("the crew in tables `{members}` and `{keys}` keeps the contract"), false)?;

    charter_changes_contract(&charters, &streams, &tables).await;
    print(&format!("the stream of table `{}` tells its changes", args.table), false)?;

    let clock = Arc::new(ManualClock::new(SystemClock.now().wall));
    let links = DynamoLinks::builder(client, Peppers::generate()?)
        .tables(tables)
        .compact(AttemptLimit::default())
        .clock(clock.clone())
        .build()?;
    magic_links_contract(&links, &roster, &clock).await;
    print(&format!("magic links in table `{keys}` keep the contract"), false)
}
