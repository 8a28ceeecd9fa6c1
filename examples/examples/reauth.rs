//! Asks a human for consent in their browser, and saves the refresh token for every process that
//! uses the same folder of secrets.
//!
//! ```text
//! cargo run -p jada-examples --example reauth -- --secrets-dir ~/.secrets \
//!     --scope https://www.googleapis.com/auth/gmail.send
//! ```
//!
//! Over SSH, open the printed address on your own machine: the page that it ends at does not load,
//! and its address goes back into this terminal. `JADA_SECRETS_DIR` names the folder,
//! `GOOGLE_CLIENT_ID` and `GOOGLE_CLIENT_SECRET` the client. No account at hand? The example
//! `loopback_issuer` asks for consent too.

use std::{io, io::IsTerminal, process::ExitCode, thread, time::Duration};

use clap::Parser;
use jada_auth::Paste;
use jada_examples::{SecretsArgs, one_line, open_browser, print, run, unless_stopped, warn};

/// Ask a human for consent, and save the refresh token.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    secrets: SecretsArgs,
    /// Open no browser; the address can be opened anywhere
    #[arg(long)]
    no_browser: bool,
    /// The port that the browser comes back to; by default one that is free, or registered
    #[arg(long)]
    port: Option<u16>,
    /// How long to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
}

fn main() -> ExitCode {
    run(consent)
}

async fn consent(args: Args) -> anyhow::Result<()> {
    let (folder, scopes) = (args.secrets.folder()?, args.secrets.scopes()?);
    anyhow::ensure!(!scopes.is_empty(), "nothing is asked for; name at least one scope by --scope");
    let mut consent = folder.consent(scopes)?.timeout(Duration::from_secs(args.timeout));
    if let Some(port) = args.port {
        consent = consent.port(port);
    }
    let consent = consent.start().await?;
    print(&format!("Open this address, and allow what it asks for:\n{}", consent.url()), false)?;
    if args.no_browser || io::stdin().is_terminal() {
        let paste = consent.paste();
        print(&"Does it end at a page that does not load? Paste its address here.", false)?;
        thread::spawn(move || take(&paste));
    }
    if !args.no_browser {
        open_browser(consent.start_url());
    }
    let consented = unless_stopped(async { Ok(consent.wait().await?) }).await?;
    let saved = folder.path().join("refresh_token.json");
    print(&format!("granted: {}; saved in {}", consented.scopes, saved.display()), false)
}

/// Reads lines until one of them is the answer.
fn take(paste: &Paste) {
    for line in io::stdin().lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
        match paste.redirected(&line) {
            Ok(()) => break,
            Err(error) => warn(&one_line(&error.into())),
        }
    }
}
