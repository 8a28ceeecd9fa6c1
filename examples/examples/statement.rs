//! Looks whether published statements are still what the record says: each file that the last
//! record of a period names is hashed again, and with `--drive` each upload is asked for its hash.
//!
//! ```text
//! cargo run -p jada-examples --example monthly_statement
//! cargo run -p jada-examples --example statement -- \
//!     verify target/statement/2026-05/manifest.jsonl
//! ```
//!
//! It ends with 1 when something is not as recorded, or missing, and when nothing is on record; a
//! line of the manifest that a crash broke off is told and tolerated.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Parser, Subcommand};
use jada_examples::{SecretsArgs, print, run, unless_stopped};
use jada_reports::{Drive, Manifest, Verified};

/// Look after published statements.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare what is there with what is on record
    Verify(Verify),
}

#[derive(Parser)]
struct Verify {
    /// The manifest, such as target/statement/2026-05/manifest.jsonl
    manifest: PathBuf,
    /// Ask Google Drive for the hash of each upload as well
    #[arg(long)]
    drive: bool,
    #[command(flatten)]
    secrets: SecretsArgs,
    /// Print the outcome as one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run(look_after)
}

async fn look_after(args: Args) -> anyhow::Result<()> {
    let Command::Verify(verify) = args.command;
    let manifest = Manifest::new(&verify.manifest);
    let mut verified = manifest.verify()?;
    if verify.drive {
        verified = verified.and(ask_drive(&verify.secrets, &manifest).await?);
    }
    print(&verified, verify.json)?;
    let (checked, manifest) = (verified.checked, verify.manifest.display());
    match verified.mismatches.len() {
        0 if verified.is_good() => Ok(()),
        0 if verified.foreign_lines > 0 => bail!(
            "{} of `{manifest}` is no record of a statement; name a manifest, or restore it",
            if verified.foreign_lines == 1 { "1 line" } else { "more than one line" }
        ),
        0 => bail!("`{manifest}` is no record of a statement: no file is on record there"),
        others => bail!(
            "{others} of {checked} files are not as recorded in `{manifest}`; publish them again, \
             or find out who changed them"
        ),
    }
}

async fn ask_drive(secrets: &SecretsArgs, manifest: &Manifest) -> anyhow::Result<Verified> {
    let secrets = secrets.or_scopes([Drive::SCOPE_FILE]);
    let provider = secrets.provider()?;
    let drive = Drive::new(secrets.google(&provider)?);
    let verified = unless_stopped(async { Ok(drive.verify(manifest).await?) }).await;
    // What the issuer answered must be on disk before this process ends.
    provider.shutdown().await?;
    verified
}
