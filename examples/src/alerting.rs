//! Who is mailed when a watched job begins to fail, needs a person, or is good again, and by which
//! account.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use jada_auth::SharedProvider;
use jada_mail::{Address, EmlFolder, Gmail, Outbox};
use jada_reports::{Alert, BoxError, Failure, Incident, MailAlert};
use tokio::sync::Mutex;

use crate::{Log, SecretsArgs, Via, warn};

/// The flags by which an operator says who is mailed.
#[derive(Args, Clone, Debug)]
pub(crate) struct AlertArgs {
    /// Mail this address when it begins to fail, needs a person, or is good again; repeatable
    #[arg(long, value_name = "ADDRESS")]
    alert_to: Vec<Address>,
    /// The sender of these mails [default: the first recipient]
    #[arg(long, value_name = "ADDRESS", requires = "alert_to")]
    alert_from: Option<Address>,
    /// How these mails leave: as `.eml` files in the folder `eml` of their outbox, which mails nobody,
    /// or by Gmail [default: eml]
    #[arg(long, value_enum, value_name = "VIA", requires = "alert_to")]
    alert_via: Option<Via>,
    /// The folder of secrets for that Gmail: better not the job's own, whose grant may be what is
    /// dead [default: the one in JADA_SECRETS_DIR, or ~/.secrets]
    #[arg(long, value_name = "DIR", requires = "alert_to")]
    alert_secrets_dir: Option<String>,
    /// The outbox of these mails: better on another disk than the state, so that one that is full
    /// can be told of [default: `outbox` in the folder of --state]
    #[arg(long, value_name = "DIR", requires = "alert_to")]
    alert_outbox: Option<PathBuf>,
}

impl AlertArgs {
    /// The mails of a job that keeps its state there, if anyone is to get them.
    pub(crate) fn mail(&self, state: &Path, log: Log) -> Option<AlertMail> {
        let first = self.alert_to.first()?;
        let from = self.alert_from.clone().unwrap_or_else(|| first.clone());
        let outbox = self.alert_outbox.clone().unwrap_or_else(|| state.join("outbox"));
        let eml = outbox.join("eml");
        let mail = MailAlert::new(Outbox::new(outbox), from, self.alert_to.clone());
        let account = match self.alert_via {
            Some(Via::Gmail) => {
                Some(SecretsArgs::new(self.alert_secrets_dir.clone(), vec![], None))
            }
            Some(_) => None,
            None => {
                log.note(&format!(
                    "note: alerts are left as files in `{}` and mailed to nobody; --alert-via gmail \
                     mails them, --alert-via eml is silent",
                    eml.display()
                ));
                None
            }
        };
        let mail = if account.is_some() { mail } else { mail.through(EmlFolder::new(eml)) };
        let (opened, unkept, said) =
            (Mutex::default(), AtomicBool::default(), AtomicBool::default());
        Some(AlertMail(Arc::new(Inner { mail, account, opened, unkept, said, log })))
    }
}

/// Mails what a job has to say, and says so on stderr while that does not get through.
///
/// The account is opened when a run is over, and anew until that succeeds: one that is broken keeps
/// no job from running.
#[derive(Clone)]
pub(crate) struct AlertMail(Arc<Inner>);

struct Inner {
    mail: MailAlert,
    /// That of Gmail, if that is how they leave.
    account: Option<SecretsArgs>,
    opened: Mutex<Option<(MailAlert, SharedProvider)>>,
    /// The outbox did not take the last one.
    unkept: AtomicBool,
    /// It was said that they do not get through.
    said: AtomicBool,
    log: Log,
}

impl AlertMail {
    /// Brings to disk what the issuer answered, which must be before this process ends.
    pub(crate) async fn shutdown(&self) -> anyhow::Result<()> {
        match &*self.0.opened.lock().await {
            Some((_, provider)) => Ok(provider.shutdown().await?),
            None => Ok(()),
        }
    }

    async fn send(&self) -> Result<(), BoxError> {
        let Some(account) = &self.0.account else { return self.0.mail.deliver().await };
        let mut opened = self.0.opened.lock().await;
        let (mail, _) = match &mut *opened {
            Some(open) => open,
            none => none.insert(self.open(account)?),
        };
        mail.deliver().await
    }

    fn open(&self, account: &SecretsArgs) -> anyhow::Result<(MailAlert, SharedProvider)> {
        let account = account.or_scopes([Gmail::SCOPE_COMPOSE, Gmail::SCOPE_READONLY]);
        let provider = account.provider().context("alerts by Gmail need an account")?;
        let google = account.google_builder(&provider)?.deadline(PATIENCE).build();
        let gmail = Gmail::builder(google).build();
        Ok((self.0.mail.clone().through(gmail), provider))
    }

    /// Says so once, until they get through again. A log in JSON has it from the watch.
    fn heard(&self, told: Result<(), BoxError>) -> Result<(), BoxError> {
        let Inner { unkept, said, log, .. } = &*self.0;
        let line = match &told {
            Err(error) if !said.swap(true, Ordering::Relaxed) => {
                format!("warning: nobody was alerted: {}", Failure::of(&**error))
            }
            Ok(()) if !unkept.load(Ordering::Relaxed) && said.swap(false, Ordering::Relaxed) => {
                "note: alerts get through again".to_owned()
            }
            _ => return told,
        };
        if *log == Log::Text {
            warn(&line);
        }
        told
    }
}

#[async_trait::async_trait]
impl Alert for AlertMail {
    async fn alert(&self, incident: &Incident) -> Result<(), BoxError> {
        let kept = self.0.mail.alert(incident).await;
        self.0.unkept.store(kept.is_err(), Ordering::Relaxed);
        match kept {
            Ok(()) => Ok(()),
            Err(error) => self.heard(Err(error)),
        }
    }

    async fn deliver(&self) -> Result<(), BoxError> {
        self.heard(self.send().await)
    }
}

impl fmt::Debug for AlertMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlertMail").field("mail", &self.0.mail).finish_non_exhaustive()
    }
}

/// The mail is on disk, so a Gmail that does not answer is left for the next run.
const PATIENCE: Duration = Duration::from_secs(10);
