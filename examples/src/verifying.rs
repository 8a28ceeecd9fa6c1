//! What is compared with the record of a publication, as flags of an example.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use jada_mail::Outbox;
use jada_reports::{Drive, Manifest, Record, StatementStyle, Verified};
use jada_roster::{Charter, DynamoCharters, Format, OnConflict, Reading, import};

use crate::year::{SETTLED_WITHIN, StyleArgs};
use crate::{SecretsArgs, Store, StoreArgs, unless_stopped};

/// The flags by which an operator says what to compare.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// The manifest, such as statements/2026-05/manifest.jsonl
    manifest: PathBuf,
    /// State each period again from the charters in this .csv or .json file, and compare; --db and
    /// --dynamodb do so from what is stored
    #[arg(long, value_name = "FILE", conflicts_with_all = ["db", "dynamodb"])]
    charters: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    style: StyleArgs,
    /// The outbox of the mails [default: `outbox` beside the manifest]
    #[arg(long, value_name = "DIR")]
    outbox: Option<PathBuf>,
    /// Ask Google Drive for the hash of each upload as well
    #[arg(long)]
    drive: bool,
    #[command(flatten)]
    secrets: SecretsArgs,
}

impl VerifyArgs {
    /// Compares what is there with what is on record.
    ///
    /// # Errors
    /// Whatever cannot be read: the manifest, the charters, the outbox, Drive.
    pub async fn verify(&self) -> anyhow::Result<Verified> {
        let manifest = Manifest::new(&self.manifest);
        let mut verified = manifest.verify()?.and(manifest.verify_mails(&self.outbox())?);
        if let Some(charters) = self.charters().await? {
            let style = self.style.style()?;
            for record in manifest.records()? {
                verified = verified.and(restate(&record, &charters, &style).await?);
            }
        }
        if self.drive {
            verified = verified.and(self.ask_drive(&manifest).await?);
        }
        Ok(verified)
    }

    /// Whether all of it is as recorded.
    ///
    /// # Errors
    /// What is not, in one line.
    pub fn check(&self, verified: &Verified) -> anyhow::Result<()> {
        let (checked, manifest) = (verified.checked, self.manifest.display());
        match verified.mismatches.len() {
            0 if verified.is_good() => Ok(()),
            0 if verified.foreign_lines > 0 => bail!(
                "{} of `{manifest}` is no record of a statement; name a manifest, or restore it",
                if verified.foreign_lines == 1 { "1 line" } else { "more than one line" }
            ),
            0 => bail!("`{manifest}` is no record of a statement: nothing is on record there"),
            1 => bail!(
                "1 of {checked} things is not as recorded in `{manifest}`; its line says more"
            ),
            others => bail!(
                "{others} of {checked} things are not as recorded in `{manifest}`; their lines say \
                 more"
            ),
        }
    }

    fn outbox(&self) -> Outbox {
        let beside = || self.manifest.with_file_name("outbox");
        Outbox::new(self.outbox.clone().unwrap_or_else(beside))
    }

    /// Those that the flags name, if they do. What is stored is not written to.
    async fn charters(&self) -> anyhow::Result<Option<DynamoCharters>> {
        match (&self.charters, self.store.store()) {
            (Some(path), _) => read(path).await.map(Some),
            (None, Store::Memory) => Ok(None),
            (None, store) => {
                store.check_charters()?;
                store.open().await.map(Some)
            }
        }
    }

    async fn ask_drive(&self, manifest: &Manifest) -> anyhow::Result<Verified> {
        let secrets = self.secrets.clone().or_scopes([Drive::SCOPE_FILE]);
        let provider = secrets.provider()?;
        let drive = Drive::new(secrets.google(&provider)?);
        let verified = unless_stopped(async { Ok(drive.verify(manifest).await?) }).await;
        // What the issuer answered must be on disk before this process ends.
        provider.shutdown().await?;
        verified
    }
}

/// As a publication reads them. What it skipped is on its record, and where it was told to take the
/// later of two accounts, that is the one it had.
async fn read(path: &Path) -> anyhow::Result<DynamoCharters> {
    let unreadable = || format!("`{}` cannot be read", path.display());
    let bytes = std::fs::read(path).with_context(unreadable)?;
    let reading = Reading::of(&path.display().to_string(), &bytes, Format::of(path)?)?;
    let (rows, _) = reading.skipping_bad_rows(OnConflict::TakeNew)?;
    let charters = Store::Memory.create().await?;
    import(&charters, rows, OnConflict::TakeNew).await?;
    Ok(charters)
}

async fn restate(
    record: &Record,
    charters: &DynamoCharters,
    style: &StatementStyle,
) -> anyhow::Result<Verified> {
    let mut of_months: Vec<Charter> = Vec::new();
    for month in record.months() {
        of_months.extend(charters.settled_month(month, SETTLED_WITHIN).await?.0);
    }
    Ok(record.restate_files(of_months, style)?)
}
