//! Makes the key by which one service knows another, hashes it, and verifies it.
//!
//! ```text
//! cargo run -p jada-examples --example service_key -- new
//! cargo run -p jada-examples --example service_key -- hash < key
//! cargo run -p jada-examples --example service_key -- verify --hashes-from hashes < key
//! ```
//!
//! A key is read from stdin and never from an argument, which other users can see. The client that
//! presents the key keeps the key; the service that lets it in keeps the hash, for instance in
//! `JADA_SERVICE_KEY_HASH`, where `verify` looks unless a flag says otherwise.

use std::{fmt, process::ExitCode};

use clap::{Parser, Subcommand};
use jada_auth::{Secret, ServiceKey, ServiceKeyHash};
use jada_examples::{HashesArgs, NoKeyHere, print, run, secret_from_stdin};
use serde::Serialize;

/// Make, hash and verify the keys by which services know each other.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    action: Action,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Action {
    /// Make a key, and show it this once
    New(NoKeyHere),
    /// Hash the key on stdin; one that a person chose, by argon2id
    Hash(NoKeyHere),
    /// Verify the key on stdin
    Verify {
        #[command(flatten)]
        hashes: HashesArgs,
        #[command(flatten)]
        no_key: NoKeyHere,
    },
    #[command(external_subcommand)]
    Other(Vec<String>),
}

fn main() -> ExitCode {
    run(act)
}

async fn act(args: Args) -> anyhow::Result<()> {
    let shown = match args.action {
        Action::New(no_key) => no_key.check().and_then(|()| make())?,
        Action::Hash(no_key) => {
            no_key.check()?;
            Shown::Hash { hash: hash(&secret_from_stdin(PROMPT).await?)? }
        }
        Action::Verify { hashes, no_key } => {
            no_key.check()?;
            let keys = hashes.keys()?;
            let verified = keys.verify_text(secret_from_stdin(PROMPT).await?.expose())?;
            Shown::Match { matches: verified.index() + 1 }
        }
        Action::Other(words) => return NoKeyHere::from(words).check(),
    };
    print(&shown, args.json)
}

fn make() -> anyhow::Result<Shown> {
    let key = ServiceKey::generate()?;
    Ok(Shown::New { key: key.expose().to_owned(), hash: key.hash().to_string() })
}

fn hash(key: &Secret) -> Result<String, jada_auth::Error> {
    Ok(match key.expose().parse::<ServiceKey>() {
        Ok(key) => key.hash().to_string(),
        Err(_) => ServiceKeyHash::of_chosen(key)?.to_string(),
    })
}

#[derive(Serialize)]
#[serde(untagged)]
enum Shown {
    New { key: String, hash: String },
    Hash { hash: String },
    Match { matches: usize },
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New { key, hash } => write!(
                f,
                "key   {key}\n      for the client alone; it is not shown again\n\
                 hash  {hash}\n      for the service, in JADA_SERVICE_KEY_HASH; no secret"
            ),
            Self::Hash { hash } => f.write_str(hash),
            Self::Match { matches } => write!(f, "the key is that of hash {matches}"),
        }
    }
}

const PROMPT: &str = "type the key; it is not shown";
