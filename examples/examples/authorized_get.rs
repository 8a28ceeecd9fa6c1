//! Gets one address of an API with a token from a folder of secrets, and prints what it answers.
//!
//! ```text
//! cargo run -p jada-examples --example authorized_get -- \
//!     --scope https://www.googleapis.com/auth/gmail.readonly \
//!     https://gmail.googleapis.com/gmail/v1/users/me/profile
//! ```
//!
//! A token that the server rejects is replaced once, and what fails for now is tried again for a
//! minute. `JADA_SECRETS_DIR` names the folder, `JADA_GOOGLE_ENDPOINT` a server to ask instead of
//! the one that the address names, and `RUST_LOG=jada_auth=debug` shows what goes on. No account at
//! hand? The example `loopback_issuer` makes a folder that works, and prints an address to get.

use std::process::ExitCode;

use clap::Parser;
use jada_auth::ApiUrl;
use jada_examples::{Progress, SecretsArgs, print_bytes, run, unless_stopped};

/// Get an address of an API, and print what it answers.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    secrets: SecretsArgs,
    /// Take an answer of up to this many MiB
    #[arg(long, value_name = "MIB", default_value_t = 16)]
    limit: usize,
    /// The address: https, or http on this machine
    url: String,
}

fn main() -> ExitCode {
    run(get)
}

async fn get(args: Args) -> anyhow::Result<()> {
    let url = ApiUrl::parse(&args.url)?;
    let provider = args.secrets.provider()?;
    let google = args.secrets.google(&provider)?;
    let call = google.get(url).answer_limit(args.limit.saturating_mul(1024 * 1024));
    let progress = Progress::new();
    progress.now(format!("asking {}", args.url.split('?').next().unwrap_or_default()));
    let answer = unless_stopped(async { Ok(call.send().await?) }).await;
    drop(progress);
    // What the issuer answered must be on disk before this process ends.
    provider.shutdown().await?;
    let answer = answer.map_err(|error| match error.downcast_ref() {
        Some(jada_auth::Error::Decode { .. }) => error.context("see --limit"),
        _ => error,
    });
    print_bytes(answer?.body())
}
