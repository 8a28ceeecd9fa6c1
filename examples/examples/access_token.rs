//! Gets an access token, shared with every process that uses the same folder of secrets.
//!
//! ```text
//! cargo run -p jada-examples --example access_token -- --secrets-dir ~/.secrets \
//!     --scope https://www.googleapis.com/auth/gmail.send
//! ```
//!
//! It tells how the token was come by (memory, disk, sibling, refreshed) and until when it is good.
//! `JADA_SECRETS_DIR` names the folder, `GOOGLE_CLIENT_ID` and `GOOGLE_CLIENT_SECRET` the client,
//! and `RUST_LOG=jada_auth=debug` shows what goes on. No account at hand? The example
//! `loopback_issuer` makes a folder that works.

use std::{fmt, process::ExitCode, time::Duration};

use clap::Parser;
use jada_auth::{Fetched, Scopes, SharedProvider};
use jada_examples::{SecretsArgs, one_line, print, run, unless_stopped, warn};
use jiff::Timestamp;
use serde::Serialize;

/// Get an access token that every process on this host shares.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    secrets: SecretsArgs,
    /// Print the token itself as well, which is a secret
    #[arg(long)]
    print_token: bool,
    /// Print JSON, an object a line
    #[arg(long)]
    json: bool,
    /// Ask this many times, and keep the token fresh meanwhile
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    repeat: u64,
    /// The pause between two times, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    every: u64,
}

fn main() -> ExitCode {
    run(get)
}

async fn get(args: Args) -> anyhow::Result<()> {
    let (provider, scopes) = (args.secrets.provider()?, args.secrets.scopes()?);
    let outcome = unless_stopped(watch(&provider, &scopes, &args)).await;
    // What the issuer answered must be on disk before this process ends.
    provider.shutdown().await?;
    outcome
}

/// The outcome is that of the last time.
async fn watch(provider: &SharedProvider, scopes: &Scopes, args: &Args) -> anyhow::Result<()> {
    let _guard = (args.repeat > 1).then(|| provider.keep_fresh());
    for turns_left in (0..args.repeat).rev() {
        match provider.fetch(scopes).await {
            Ok(fetched) => print(&Shown::of(&fetched, args.print_token), args.json)?,
            Err(error) if turns_left == 0 => return Err(error.into()),
            Err(error) => warn(&one_line(&error.into())),
        }
        if turns_left > 0 {
            tokio::time::sleep(Duration::from_secs(args.every)).await;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Shown {
    origin: String,
    expires_at: String,
    /// In seconds.
    expires_in: i64,
    scopes: Vec<String>,
    generation: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Shown {
    fn of(Fetched { token, origin, .. }: &Fetched, print_token: bool) -> Self {
        Self {
            origin: origin.to_string(),
            expires_at: format!("{:.0}", token.expires_at()),
            expires_in: Timestamp::now().duration_until(token.expires_at()).as_secs(),
            scopes: token.scopes().iter().map(str::to_owned).collect(),
            generation: token.generation(),
            token: print_token.then(|| token.secret().expose().to_owned()),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, expires_at, expires_in, generation, .. } = self;
        write!(f, "token {generation} ({origin}), good until {expires_at}, {expires_in} s left")?;
        self.token.iter().try_for_each(|token| write!(f, "\n{token}"))
    }
}
