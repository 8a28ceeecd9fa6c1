//! Runs an OAuth issuer, a Gmail, a Drive and a Sheets on this machine, and makes a folder of
//! secrets for them, so that the other examples run without an account.
//!
//! ```text
//! cargo run -p jada-examples --example loopback_issuer -- --secrets-dir target/secrets \
//!     --port 8765 --gmail-port 8766
//!
//! # in another terminal
//! export JADA_SECRETS_DIR=target/secrets JADA_GOOGLE_ENDPOINT=http://127.0.0.1:8766
//! cargo run -p jada-examples --example access_token -- --scope mail
//! cargo run -p jada-examples --example send_mail -- --via gmail --from me@example.com \
//!     --to ada@example.com --subject "Morning sail" --text README.md
//! cargo run -p jada-examples --example outbox -- status
//! cargo run -p jada-examples --example booking_confirmations -- --since 2026-05-01
//! cargo run -p jada-examples --example monthly_statement -- --upload statements --send
//! cargo run -p jada-examples --example sheet_sync -- --sheet book --tab Bookings --once
//! cargo run -p jada-examples --example booking_changes -- push --deleted C-7
//! cargo run -p jada-examples --example booking_changes -- drain --sheet book --tab Bookings
//! cargo run -p jada-examples --example reauth -- --scope mail
//! ```
//!
//! The second address that it prints is one for `authorized_get`; the third stands in for Google's.
//! `reauth` asks for consent, on a page with the buttons Allow and Deny. In the inbox are the mails
//! of a booking site; what is sent goes nowhere. In the Drive is the folder `statements`,
//! and the spreadsheet `book` has an empty tab, `Bookings`.
//!
//! The issuer rotates refresh tokens, and revokes the whole grant when one is presented twice, as
//! strict issuers do. It guards nothing. It ends with Ctrl-C, or after `--for` seconds.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, ensure};
use clap::Parser;
use jada_auth::{OAuthClient, SecretsDir};
use jada_examples::{BUNDLED_MAILS, print, run};
use jada_loopback_issuer::{Drive, Gmail, Google, Issuer, Sheets};
use jada_mail::Received;
use jiff::Timestamp;

/// Run an OAuth issuer and Google's APIs on 127.0.0.1, and make a folder of secrets for them.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The folder to make; what an earlier run left there is replaced, and nothing else
    #[arg(long, value_name = "DIR", default_value = "target/secrets")]
    secrets_dir: PathBuf,
    /// The scopes that it grants, with spaces between them
    #[arg(long, value_name = "SCOPES", default_value = GRANTS)]
    grants: String,
    /// The life of its tokens, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    expires_in: u64,
    /// Its port; by default one that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The port of its Gmail, Drive and Sheets; by default one that is free
    #[arg(long, default_value_t = 0)]
    gmail_port: u16,
    /// End after this many seconds
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 3600)]
    lasts: u64,
}

fn main() -> ExitCode {
    run(serve)
}

async fn serve(args: Args) -> anyhow::Result<()> {
    ensure!(
        !is_of_another(&args.secrets_dir),
        "`{}` holds what is none of this example's; name another folder by --secrets-dir",
        args.secrets_dir.display()
    );
    let life = Duration::from_secs(args.expires_in);
    let issuer = Issuer::builder().rotating().scope(&args.grants).expires_in(life);
    let issuer = issuer.port(args.port).start();
    let issuer = issuer.with_context(|| taken(args.port, "--port"))?;
    // Of the name that all its tokens begin with.
    let gmail = Gmail::builder().token("at", args.grants.split_whitespace()).start()?;
    let drive = Drive::builder().token("at", args.grants.split_whitespace());
    let drive = drive.folder("statements").start()?;
    let sheets = Sheets::builder().token("at", args.grants.split_whitespace());
    let sheets = sheets.tab("Bookings", [[""; 0]; 0]).start()?;
    let google = Google::builder().port(args.gmail_port);
    let google = google.gmail(&gmail).drive(&drive).sheets(&sheets).start();
    let google = google.with_context(|| taken(args.gmail_port, "--gmail-port"))?;
    for (_, mail) in BUNDLED_MAILS {
        let date = Received::parse(mail.as_bytes())?.date();
        gmail.deliver_at(mail, date.unwrap_or_else(Timestamp::now));
    }
    let client = OAuthClient::new(issuer.client_id(), issuer.token_uri());
    let client = client.with_secret(issuer.client_secret()).with_auth_uri(issuer.authorize_uri());
    let folder = SecretsDir::new(&args.secrets_dir);
    folder.create()?;
    folder.save_client(&client)?;
    folder.save_refresh_token(&issuer.consent().into())?;
    let place = args.secrets_dir.display();
    print(&format!("{} mints tokens; its secrets are in {place}", issuer.token_uri()), false)?;
    print(&format!("{} tells what a token is good for", issuer.whoami_uri()), false)?;
    let endpoint = google.endpoint();
    let are = "stands in for Gmail, Drive and Sheets, for JADA_GOOGLE_ENDPOINT";
    print(&format!("{endpoint} {are}"), false)?;
    tokio::time::sleep(Duration::from_secs(args.lasts)).await;
    Ok(())
}

/// Whether there is something in the folder, and no client of an issuer like this: real secrets.
fn is_of_another(folder: &Path) -> bool {
    let client = fs::read_to_string(folder.join("gmail_credentials.json")).unwrap_or_default();
    let has_files = fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
    has_files && !client.contains("\"http://127.0.0.1:")
}

fn taken(port: u16, flag: &str) -> String {
    format!("listening on port {port} failed; name another by {flag}")
}

const GRANTS: &str = "mail drive https://www.googleapis.com/auth/gmail.send \
                      https://www.googleapis.com/auth/gmail.compose \
                      https://www.googleapis.com/auth/gmail.readonly \
                      https://www.googleapis.com/auth/drive.file \
                      https://www.googleapis.com/auth/spreadsheets";
