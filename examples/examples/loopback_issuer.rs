//! Runs an OAuth issuer on this machine, and makes a folder of secrets for it, so that the other
//! examples run without an account.
//!
//! ```text
//! cargo run -p jada-examples --example loopback_issuer -- --secrets-dir target/secrets
//!
//! # in another terminal
//! cargo run -p jada-examples --example access_token -- --secrets-dir target/secrets --scope mail
//! cargo run -p jada-examples --example reauth -- --secrets-dir target/secrets --scope mail
//! ```
//!
//! The second address that it prints is one for `authorized_get`.
//!
//! `reauth` in place of `access_token` asks for consent, on a page with the buttons Allow and Deny.
//! It rotates refresh tokens, and revokes the whole grant when one is presented twice, as strict
//! issuers do. It guards nothing. It ends with Ctrl-C, or after `--for` seconds.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use jada_auth::{OAuthClient, SecretsDir};
use jada_examples::{print, run};
use jada_loopback_issuer::Issuer;

/// Run an OAuth issuer on 127.0.0.1, and make a folder of secrets for it.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The folder to make; what an earlier run left there is replaced
    #[arg(long, value_name = "DIR", default_value = "target/secrets")]
    secrets_dir: PathBuf,
    /// The scopes that it grants, with spaces between them
    #[arg(long, default_value = "mail drive")]
    grants: String,
    /// The life of its tokens, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    expires_in: u64,
    /// Its port; by default one that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// End after this many seconds
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 3600)]
    lasts: u64,
}

fn main() -> ExitCode {
    run(serve)
}

async fn serve(args: Args) -> anyhow::Result<()> {
    let life = Duration::from_secs(args.expires_in);
    let issuer = Issuer::builder().rotating().scope(&args.grants).expires_in(life);
    let issuer = issuer.port(args.port).start();
    let issuer = issuer.with_context(|| {
        format!("listening on port {} failed; name another by --port", args.port)
    })?;
    let client = OAuthClient::new(issuer.client_id(), issuer.token_uri());
    let client = client.with_secret(issuer.client_secret()).with_auth_uri(issuer.authorize_uri());
    let folder = SecretsDir::new(&args.secrets_dir);
    folder.create()?;
    folder.save_client(&client)?;
    folder.save_refresh_token(&issuer.consent().into())?;
    let place = args.secrets_dir.display();
    print(&format!("{} mints tokens; its secrets are in {place}", issuer.token_uri()), false)?;
    print(&format!("{} tells what a token is good for", issuer.whoami_uri()), false)?;
    tokio::time::sleep(Duration::from_secs(args.lasts)).await;
    Ok(())
}
