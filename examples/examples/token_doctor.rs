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
use jada_auth::{Diagnosis, Scopes, SecretsDir};
use jada_examples::{SecretsArgs, print, run, unless_stopped};

/// Diagnose a folder of secrets and the token in it.
#[derive(Parser)]
#[command(version)]
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

fn main() -> ExitCode {
    run(diagnose)
}

async fn diagnose(args: Args) -> anyhow::Result<()> {
    let (folder, scopes) = (args.secrets.folder()?, args.secrets.scopes()?);
    let diagnosis = match args.live {
        true => ask(&folder, scopes).await?,
        false => folder.diagnose(&scopes).await,
    };
    print(&diagnosis, args.json)?;
    diagnosis.error.map_or(Ok(()), |error| Err(error.into()))
}

async fn ask(folder: &SecretsDir, scopes: Scopes) -> anyhow::Result<Diagnosis> {
    let provider = match folder.provider(scopes) {
        Ok(provider) => provider.build(),
        Err(error) => return Ok(Diagnosis::of_error(error).with_files(folder.survey())),
    };
    let diagnosis = unless_stopped(async { Ok(provider.diagnose_live().await) }).await;
    // What the issuer answered must be on disk before this process ends.
    provider.shutdown().await?;
    Ok(diagnosis?.with_files(folder.survey()))
}
