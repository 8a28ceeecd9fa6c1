//! How a statement leaves the machine: by Drive, and by mail.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use jada_mail::{Address, Gmail, IdempotencyKey, Outbox};
use jada_reports::{Drive, Publication, Published, Publishing, Share, Stated};
use jiff::Timestamp;

use crate::{Progress, Via, ViaArgs, folder_id, unless_stopped, warn};

/// The flags by which an operator says where a statement goes.
#[derive(Args, Clone, Debug)]
pub struct PublishingArgs {
    /// Put the workbook into this folder of Google Drive, by its id or the address that a browser
    /// shows
    #[arg(long, value_name = "FOLDER", value_parser = folder_id)]
    upload: Option<String>,
    /// Let others see it: whoever has the link and an account of the sender's domain, or whoever
    /// has the link
    #[arg(long, value_enum, requires = "upload")]
    share: Option<With>,
    /// Send the mail, by the outbox in the folder `outbox` of --out, and by Gmail where there is a
    /// folder of secrets [default: leave it there as a file]
    #[arg(long)]
    send: bool,
    #[command(flatten)]
    via: ViaArgs,
}

/// Says so where a mail that was to be sent is a file, which nobody gets by itself.
fn left_as_file(
    via: Via,
    key: &IdempotencyKey,
    outbox: &Outbox,
    location: &str,
) -> anyhow::Result<()> {
    let is_file = Path::new(location).starts_with(outbox.folder());
    match via {
        Via::Eml => warn(&format!(
            "note: the mail is left as a file, `{location}`, and mailed to nobody; --via gmail mails"
        )),
        Via::Gmail => ensure!(
            !is_file,
            "the mail `{key}` was left as a file before, `{location}`, and mailed to nobody; mail \
             that file by hand, or send by another --out"
        ),
    }
    Ok(())
}

/// Who may see what is uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum With {
    Domain,
    Anyone,
}

impl PublishingArgs {
    /// Whether something is to leave this machine.
    #[must_use]
    pub fn leaves(&self) -> bool {
        self.send || self.upload.is_some()
    }

    /// Publishes a month or a year as the flags say, and records how far that came. `from` is the sender
    /// whom the rules name.
    ///
    /// # Errors
    /// Those of each step. What was done by then is on record, and the same command finishes it.
    pub async fn publish<'a>(
        &self,
        publication: &'a Publication,
        stated: impl Into<Stated<'a>>,
        from: Option<&Address>,
        progress: &Arc<Progress>,
    ) -> anyhow::Result<Published> {
        let mut publishing = publication.begin(stated)?;
        let out = self.put_out(publication, &mut publishing, from, progress).await;
        let published = publishing.record(Timestamp::now())?;
        out.map(|()| published)
    }

    async fn put_out(
        &self,
        publication: &Publication,
        publishing: &mut Publishing<'_>,
        from: Option<&Address>,
        progress: &Arc<Progress>,
    ) -> anyhow::Result<()> {
        if let Some(folder) = &self.upload {
            progress.now("uploading the workbook");
            self.upload(publishing, folder, from, progress).await?;
        }
        if !self.send {
            return Ok(publishing.write_mail().await?);
        }
        progress.now("sending the mail");
        let outbox = publication.outbox();
        let via = self.via_of(outbox);
        via.keep(outbox)?;
        let key = publishing.enqueue(Timestamp::now())?;
        let receipt = via.send(outbox, &key).await?;
        left_as_file(via.way(outbox)?, &key, outbox, &receipt.location)
    }

    async fn upload(
        &self,
        publishing: &mut Publishing<'_>,
        folder: &str,
        from: Option<&Address>,
        progress: &Arc<Progress>,
    ) -> anyhow::Result<()> {
        let (share, secrets) = (self.share(from)?, self.via().secrets());
        let provider = secrets.provider().context("--upload needs an account")?;
        let shown = Arc::clone(progress);
        let drive = Drive::new(secrets.google(&provider)?)
            .with_progress(move |upload| shown.bytes(upload.stored, upload.total));
        let upload = async { Ok(publishing.upload(&drive, folder, share).await?) };
        let uploaded = unless_stopped(upload).await;
        // What the issuer answered must be on disk before this process ends.
        provider.shutdown().await?;
        uploaded.map(drop)
    }

    fn share(&self, from: Option<&Address>) -> anyhow::Result<Share> {
        Ok(match self.share {
            None => Share::None,
            Some(With::Domain) => {
                let from = from.context("--share domain takes the domain of the rules' `from`")?;
                Share::Domain(from.email().rsplit('@').next().unwrap_or_default().to_owned())
            }
            Some(With::Anyone) => Share::Anyone,
        })
    }

    /// Who has an account sends by it: one in the default folder of secrets too, unless it was said
    /// once for this outbox how its mails leave.
    fn via_of(&self, outbox: &Outbox) -> ViaArgs {
        let via = self.via();
        if via.finds_folder() { via.or_for(outbox, Via::Gmail) } else { via }
    }

    /// With the scopes of all that is to be done, so that one token does. Who has named an account
    /// sends by it.
    fn via(&self) -> ViaArgs {
        let mail = self.send.then_some([Gmail::SCOPE_COMPOSE, Gmail::SCOPE_READONLY]);
        let drive = self.upload.as_ref().map(|_| Drive::SCOPE_FILE);
        let scopes = mail.into_iter().flatten().chain(drive);
        let via = self.via.clone().or_scopes(scopes);
        if drive.is_some() || via.names_folder() { via.or(Via::Gmail) } else { via }
    }
}
