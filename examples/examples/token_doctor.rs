//! Says what is wrong with a folder of secrets and the token in it, and what mends it.
//!
//! ```text
//! cargo run -p jada-examples --example token_doctor -- --secrets-dir ~/.secrets --live
//! ```
//!
//! Without `--live` it asks nobody. With it, it asks the issuer even if the grant was called dead
//! before, which is how a human sees that a mend worked. It shows no secret.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{SecretsArgs, print, run};

/// Diagnose a folder of secrets and the token in it.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    secrets: SecretsArgs,
    /// Ask the issuer for a token
    #[arg(long)]
    live: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    run(diagnose).await
}

async fn diagnose(args: Args) -> anyhow::Result<()> {
    let (folder, scopes) = (args.secrets.folder()?, args.secrets.scopes()?);
    let diagnosis = match args.live {
        true => folder.diagnose_live(&scopes).await,
        false => folder.diagnose(&scopes).await,
    };
    print(&diagnosis, args.json)?;
    diagnosis.error.map_or(Ok(()), |error| Err(error.into()))
}
