//! Where an example keeps its mails, and how they leave.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, ValueEnum};
use jada_mail::{Drained, EmlFolder, Gmail, Outbox};

use crate::{Progress, SecretsArgs, unless_stopped};

/// The flag by which an operator says where the mails are.
#[derive(Args, Clone, Debug)]
pub struct OutboxArgs {
    /// The folder of the outbox [env: JADA_OUTBOX; default: outbox]
    #[arg(long, value_name = "DIR", global = true)]
    outbox: Option<PathBuf>,
}

impl OutboxArgs {
    /// The outbox: the flag first, then the environment, then the default.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        let from_env = || std::env::var_os("JADA_OUTBOX").filter(|path| !path.is_empty());
        let folder = self.outbox.clone().or_else(|| from_env().map(PathBuf::from));
        Outbox::new(folder.unwrap_or_else(|| PathBuf::from("outbox")))
    }
}

/// The flags by which an operator says how mails leave.
#[derive(Args, Clone, Debug)]
pub struct ViaArgs {
    /// How mails leave: as `.eml` files in the folder `eml` of the outbox, or by Gmail
    #[arg(long, value_enum, default_value_t = Via::Eml)]
    via: Via,
    #[command(flatten)]
    secrets: SecretsArgs,
}

/// How mails leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Via {
    /// As files that any mail program opens.
    Eml,
    /// By Gmail, with a token from the folder of secrets.
    Gmail,
}

impl ViaArgs {
    /// Sends what waits in the outbox, whatever our own back-off says.
    ///
    /// # Errors
    /// Those of the drain; a folder of secrets that cannot be used; a signal, after which the mails
    /// are safe.
    pub async fn drain(&self, outbox: &Outbox) -> anyhow::Result<Drained> {
        if self.via == Via::Eml {
            let eml = EmlFolder::new(outbox.folder().join("eml"));
            return Ok(outbox.drain_now(&eml).await?);
        }
        let secrets = self.secrets.or_scopes([Gmail::SCOPE_COMPOSE, Gmail::SCOPE_READONLY]);
        let provider = secrets.provider()?;
        let progress = Arc::new(Progress::new());
        progress.now("sending");
        let shown = Arc::clone(&progress);
        let gmail = Gmail::builder(secrets.google(&provider)?)
            .progress(move |upload| shown.bytes(upload.stored, upload.total))
            .build();
        let drained = unless_stopped(async { Ok(outbox.drain_now(&gmail).await?) }).await;
        drop((gmail, progress));
        // What the issuer answered must be on disk before this process ends.
        provider.shutdown().await?;
        drained
    }
}
