//! Where an example keeps its mails, and how they leave.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use jada_mail::{Drained, EmlFolder, Error, Gmail, IdempotencyKey, Outbox, Receipt};

use crate::{Progress, SecretsArgs, one_line, print, unless_stopped, warn};

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

    /// An outbox of mails that are made up: the flag, or a folder of their own.
    pub(crate) fn fictional(&self) -> Outbox {
        Outbox::new(self.outbox.clone().unwrap_or_else(|| PathBuf::from("fictional-outbox")))
    }
}

/// The flags by which an operator says how mails leave.
#[derive(Args, Clone, Debug)]
pub struct ViaArgs {
    /// How mails leave: as `.eml` files in the folder `eml` of the outbox, or by Gmail [default: as
    /// the last time that it was said for this outbox, else eml]
    #[arg(long, value_enum)]
    via: Option<Via>,
    /// The folder of secrets, for Gmail [env: JADA_SECRETS_DIR; default: ~/.secrets]
    #[arg(long, value_name = "DIR")]
    secrets_dir: Option<String>,
    /// A scope of the token, repeatable [default: gmail.compose and gmail.readonly]
    #[arg(long = "scope", value_name = "URL")]
    scopes: Vec<String>,
    /// The user as whom a service account sends, by domain-wide delegation
    #[arg(long = "as", value_name = "EMAIL")]
    delegator: Option<String>,
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

impl Via {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Eml => "eml",
            Self::Gmail => "gmail",
        }
    }

    fn kept(name: &str) -> Option<Self> {
        [Self::Eml, Self::Gmail].into_iter().find(|via| via.name() == name.trim())
    }
}

impl ViaArgs {
    /// Sends what waits in the outbox, and answers for the mail of `key`. What happened to others
    /// is told on stderr, if it needs anybody.
    ///
    /// # Errors
    /// Why it is not sent: what keeps all mails from being sent, or its own reason.
    pub async fn send(&self, outbox: &Outbox, key: &IdempotencyKey) -> anyhow::Result<Receipt> {
        let drained = self.drain(outbox).await;
        match (outbox.receipt(key), drained) {
            (Err(Error::Waiting { .. }), Err(error)) if !is_damage(&error) => {
                let waits = format!("the mail `{key}` waits in `{}`", outbox.folder().display());
                Err(error.context(waits))
            }
            (fate, Err(error)) => {
                warn(&format!("warning: {}", one_line(&error)));
                Ok(fate?)
            }
            (Err(fate @ Error::Waiting { .. }), Ok(_)) => {
                // What waits untried does not know for what.
                let is_untried = outbox.mail(key)?.is_some_and(|mail| mail.why.is_none());
                let paused = if is_untried { outbox.status()?.paused } else { Vec::new() };
                for pause in paused {
                    warn(&format!("note: all wait until {:.0}: {}", pause.until, pause.why));
                }
                Err(fate.into())
            }
            (fate, Ok(drained)) => {
                let Drained { failed, unknown, waiting, .. } = &drained;
                if [failed, unknown, waiting].into_iter().flatten().any(|other| other != key) {
                    warn(&"note: other mails wait or need a person; see `outbox status`");
                }
                Ok(fate?)
            }
        }
    }

    /// Sends what waits in the outbox, and prints what became of it.
    ///
    /// # Errors
    /// Those of [`drain`](Self::drain); what is left to do, if something is.
    pub async fn drain_and_print(&self, outbox: &Outbox, json: bool) -> anyhow::Result<()> {
        print(&self.drain(outbox).await?, json)?;
        Ok(outbox.status()?.check()?)
    }

    /// Sends what waits in the outbox, whatever our own back-off says.
    ///
    /// # Errors
    /// Those of the drain; a folder of secrets that cannot be used; a signal, after which the mails
    /// are safe.
    pub async fn drain(&self, outbox: &Outbox) -> anyhow::Result<Drained> {
        match self.via(outbox)? {
            Via::Eml => {
                let eml = EmlFolder::new(eml_of(outbox));
                Ok(outbox.drain_now(&eml).await?)
            }
            Via::Gmail => self.drain_by_gmail(outbox).await,
        }
    }

    async fn drain_by_gmail(&self, outbox: &Outbox) -> anyhow::Result<Drained> {
        let drain = async |gmail: &Gmail| {
            unless_stopped(async { Ok(outbox.drain_now(gmail).await?) }).await
        };
        self.by_gmail(drain).await
    }

    /// Has Gmail for a drain, with a token from the folder of secrets.
    pub(crate) async fn by_gmail(
        &self,
        drain: impl AsyncFnOnce(&Gmail) -> anyhow::Result<Drained>,
    ) -> anyhow::Result<Drained> {
        let secrets = self.secrets().or_scopes([Gmail::SCOPE_COMPOSE, Gmail::SCOPE_READONLY]);
        let provider = secrets.provider()?;
        let progress = Arc::new(Progress::new());
        progress.now("sending");
        let shown = Arc::clone(&progress);
        let google = secrets.google_builder(&provider)?.deadline(PATIENCE).build();
        let gmail = Gmail::builder(google)
            .progress(move |upload| shown.bytes(upload.stored, upload.total))
            .build();
        let drained = drain(&gmail).await;
        drop((gmail, progress));
        // What the issuer answered must be on disk before this process ends.
        provider.shutdown().await?;
        drained
    }

    /// Keeps what the flag says, for a drain that lacks it: that must not put into a folder what was
    /// to be mailed. To be called before a mail is queued, so that no crash comes between.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(&self, outbox: &Outbox) -> anyhow::Result<()> {
        let path = outbox.folder().join("via");
        let kept = || fs::read_to_string(&path).ok().and_then(|kept| Via::kept(&kept));
        match self.via {
            Some(via) if kept() != Some(via) => write_to_last(outbox.folder(), &path, via.name())
                .with_context(|| {
                    format!("cannot write `{}`; name another folder by --outbox", path.display())
                }),
            _ => Ok(()),
        }
    }

    /// How the mails of an outbox leave.
    ///
    /// # Errors
    /// What was kept in the outbox cannot be read.
    pub(crate) fn way(&self, outbox: &Outbox) -> anyhow::Result<Via> {
        self.via(outbox)
    }

    /// The folder in which the mails of an outbox are left as files, if that is how they leave.
    pub(crate) fn files(&self, outbox: &Outbox) -> Option<PathBuf> {
        let is_eml = self.via(outbox).is_ok_and(|via| via == Via::Eml);
        is_eml.then(|| eml_of(outbox))
    }

    /// Whether it was said, now or earlier, how the mails of an outbox leave.
    pub(crate) fn is_said_for(&self, outbox: &Outbox) -> bool {
        self.via.is_some() || outbox.folder().join("via").exists()
    }

    /// The same flags, with this way where neither the flag nor an earlier one says another.
    #[must_use]
    pub(crate) fn or_for(self, outbox: &Outbox, via: Via) -> Self {
        if self.is_said_for(outbox) { self } else { self.or(via) }
    }

    /// Whether the folder of secrets is there, named or not.
    pub(crate) fn finds_folder(&self) -> bool {
        self.secrets().folder().is_ok_and(|folder| folder.path().is_dir())
    }

    /// As the flag says, or else as the last one that was kept.
    fn via(&self, outbox: &Outbox) -> anyhow::Result<Via> {
        let path = outbox.folder().join("via");
        let shown = path.display();
        match (self.via, fs::read_to_string(&path)) {
            (Some(via), _) => {
                if outbox.folder().is_dir() {
                    self.keep(outbox)?;
                }
                Ok(via)
            }
            (None, Ok(kept)) => Via::kept(&kept).with_context(|| {
                format!("`{shown}` says neither `eml` nor `gmail`; say it by --via")
            }),
            // Of a folder that is none, the outbox says so.
            (None, Err(error))
                if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) =>
            {
                Ok(Via::Eml)
            }
            (None, Err(error)) => Err(error).with_context(|| format!("cannot read `{shown}`")),
        }
    }

    /// The same flags, with these scopes where none was named.
    #[must_use]
    pub(crate) fn or_scopes<'a>(mut self, scopes: impl Iterator<Item = &'a str>) -> Self {
        if self.scopes.is_empty() {
            self.scopes = scopes.map(str::to_owned).collect();
        }
        self
    }

    /// The same flags for mails that are made up, which leave as files.
    ///
    /// # Errors
    /// Where the flag says otherwise, or an earlier one for this outbox.
    pub(crate) fn fictional(&self, outbox: &Outbox) -> anyhow::Result<Self> {
        let folder = outbox.folder().display();
        let unsaid = Self { via: None, ..self.clone() };
        anyhow::ensure!(
            self.via != Some(Via::Gmail) && unsaid.via(outbox)? == Via::Eml,
            "a fictional charter mails nobody, and the mails of `{folder}` leave by Gmail; leave out \
             --via gmail, or name another folder by --outbox"
        );
        Ok(unsaid.or(Via::Eml))
    }

    /// The same flags, with this way where none was named.
    #[must_use]
    pub(crate) fn or(mut self, via: Via) -> Self {
        self.via = self.via.or(Some(via));
        self
    }

    /// The folder of secrets, where the flag names one.
    pub(crate) fn secrets_dir(&self) -> Option<String> {
        self.secrets_dir.clone()
    }

    /// Whether somebody has named a folder of secrets, by the flag or in the environment.
    pub(crate) fn names_folder(&self) -> bool {
        self.secrets().names_folder()
    }

    /// A mail has a `--subject` of its own, so `--as` is the only name of that flag here.
    pub(crate) fn secrets(&self) -> SecretsArgs {
        let Self { secrets_dir, scopes, delegator, .. } = self.clone();
        SecretsArgs::new(secrets_dir, scopes, delegator)
    }
}

/// Makes the folder where it is missing, as an outbox does, and the file in it, so that they last.
fn write_to_last(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    let missing: Vec<_> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    for folder in missing.into_iter().filter_map(Path::parent).chain([folder]) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn eml_of(outbox: &Outbox) -> PathBuf {
    outbox.folder().join("eml")
}

/// It keeps no other mail from being sent.
fn is_damage(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::Damaged { .. }))
}

/// The mails are on disk, so a Gmail that does not answer is left for later sooner than by others.
const PATIENCE: Duration = Duration::from_secs(10);
