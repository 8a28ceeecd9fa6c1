//! Checks a DynamoDB of your own, or a stand-in for one, against the contract of the charter
//! repository.
//!
//! ```text
//! AWS_ENDPOINT_URL=http://127.0.0.1:8000 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any \
//!     cargo run -p jada-examples --example repository_contract -- --dynamodb --table contract-check
//! ```
//!
//! Without `--dynamodb` it checks the embedded engine. The table is created when it is missing; the
//! charters of the years 2101 to 2109 that the suite writes stay in it.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{StoreArgs, print, run};
use jada_roster::charter_repository_contract;

/// Check a store against the contract of the charter repository.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    store: StoreArgs,
    /// The table to check in, which holds no charters of the years 2101 to 2109
    #[arg(long, default_value = "contract-check")]
    table: String,
}

fn main() -> ExitCode {
    run(check)
}

async fn check(args: Args) -> anyhow::Result<()> {
    let charters = args.store.store().create_table(&args.table).await?;
    charter_repository_contract(&charters).await;
    print(&format!("table `{}` keeps the contract", args.table), false)
}
