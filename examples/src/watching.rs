//! How an example that works on its own is watched: when it runs, where its health is, who is told.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use jada_auth::SharedProvider;
use jada_mail::{Address, EmlFolder, Gmail, Outbox};
use jada_reports::{Error, Failure, Health, Incident, LogAlert, MailAlert, Run, Schedule, Watch};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::signals::stop_signal;
use crate::{Log, Progress, SecretsArgs, Stopped, Via, print_bytes, warn};

/// The flags by which an operator says how a job is watched.
#[derive(Args, Clone, Debug)]
pub struct WatchArgs {
    /// Keep health.json, journal.jsonl and the outbox of alerts in this folder
    #[arg(long, value_name = "DIR", default_value = "sheet-sync")]
    state: PathBuf,
    /// Run again and again, such as each `30m`, until a signal
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    every: Option<Duration>,
    /// Run once, which is what it does unless --every is said
    #[arg(long, conflicts_with = "every")]
    once: bool,
    /// Run nothing: say how the job is doing, by its health file
    #[arg(long, conflicts_with = "once")]
    check: bool,
    /// Call it stale when its last good run is longer ago [default: 2h, or
    /// twice how often it runs]; also when its next run is overdue
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    stale_after: Option<Duration>,
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
    /// How the log is written to stderr
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, hide_default_value = true)]
    log: Log,
}

impl WatchArgs {
    /// How the log is written.
    #[must_use]
    pub fn log(&self) -> Log {
        self.log
    }

    /// The folder of its state.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Whether nothing is to be run.
    #[must_use]
    pub fn is_check(&self) -> bool {
        self.check
    }

    /// Prints how the job is doing.
    ///
    /// # Errors
    /// Why it does not do well: it fails, or its last good run is too long ago.
    pub fn check(&self, json: bool) -> anyhow::Result<()> {
        let state = self.state.display();
        let health = Health::read(&self.state)?
            .with_context(|| format!("there is no health file in `{state}`: it never ran there"))?;
        let now = Timestamp::now();
        let text = if json { serde_json::to_string(&health)? } else { health.line(now) };
        print_bytes(format!("{text}\n").as_bytes())?;
        Ok(health.check(self.stale_after(&health), now)?)
    }

    /// Runs the job as the flags say, on the record, and shows what each run reports.
    ///
    /// # Errors
    /// Why the job does not do well at the end, and what kept it from being put on record.
    pub async fn run<R: Serialize>(
        &self,
        name: &str,
        progress: &Progress,
        job: impl AsyncFn() -> anyhow::Result<R>,
        show: impl Fn(&R) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.run_on(async || pending().await, name, progress, job, show).await
    }

    /// As [`run`](Self::run), but where it runs again and again it does so on an event as well.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub async fn run_on<R: Serialize>(
        &self,
        event: impl AsyncFn(),
        name: &str,
        progress: &Progress,
        job: impl AsyncFn() -> anyhow::Result<R>,
        show: impl Fn(&R) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let (watch, provider) = self.watch(name)?;
        let job = async || job().await.map_err(|error| Failure::of(error.as_ref()));
        let ran = match self.every {
            None => self.once(&watch, &job, &show).await,
            Some(interval) => {
                let schedule = watch.every(interval);
                self.again(&watch, schedule, &event, progress, &job, &show).await
            }
        };
        if let Some(provider) = provider {
            provider.shutdown().await?;
        }
        ran
    }

    /// A run that a signal cuts off would count as one that failed: it comes to its end, unless a
    /// second signal comes.
    async fn once<R: Serialize>(
        &self,
        watch: &Watch,
        job: &impl AsyncFn() -> Result<R, Failure>,
        show: &impl Fn(&R) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let stop = stop_signal()?;
        let mut work = std::pin::pin!(async { self.told(&watch.run(|| job()).await?, show) });
        tokio::select! {
            done = &mut work => return done,
            () = stop => {}
        }
        let again = stop_signal()?;
        self.note("note: the run under way comes to its end; a second signal cuts it off");
        tokio::select! {
            done = work => done,
            () = again => Err(Stopped.into()),
        }
    }

    async fn again<R: Serialize>(
        &self,
        watch: &Watch,
        mut schedule: Schedule,
        event: &impl AsyncFn(),
        progress: &Progress,
        job: &impl AsyncFn() -> Result<R, Failure>,
        show: &impl Fn(&R) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut stop = std::pin::pin!(stop_signal()?);
        loop {
            let turn = tokio::select! {
                () = &mut stop => break,
                turn = schedule.turn_or(event()) => turn,
            };
            let line = match turn.run(|| job()).await {
                Ok(run) => {
                    // It is told in the health file and by the alerts.
                    let _ = self.told(&run, show);
                    run.health.line(Timestamp::now())
                }
                Err(error) => Failure::of(&error).why,
            };
            progress.now(line);
        }
        match watch.health()? {
            Some(health) => Ok(health.check(self.stale_after(&health), Timestamp::now())?),
            None => Ok(()),
        }
    }

    /// Shows what a run reported, or why it failed.
    fn told<R: Serialize>(
        &self,
        run: &Run<R>,
        show: &impl Fn(&R) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let job = &run.health.job;
        if let Some(problem) = &run.health.alert_problem {
            self.note(&format!("warning: nobody was alerted: {problem}"));
        }
        match &run.outcome {
            Ok(report) => {
                tracing::info!(job, report = serde_json::to_string(report)?, "a run was good");
                show(report)
            }
            Err(failure) => {
                let (why, mend) = (&failure.why, failure.mend.as_deref());
                let since = run.health.failing_since.unwrap_or_default();
                tracing::warn!(job, why, mend, %since, failures = run.health.failures, "a run failed");
                let last_good = run.health.last_good_ago(Timestamp::now());
                let failure = Box::new(failure.clone());
                Err(Error::Failing { job: job.clone(), since, last_good, failure }.into())
            }
        }
    }

    /// Says something that should be known, and is no error.
    fn note(&self, line: &str) {
        match self.log {
            Log::Json => tracing::warn!("{line}"),
            _ => warn(&line),
        }
    }

    /// By how often it was last to run, unless it is said otherwise.
    fn stale_after(&self, health: &Health) -> Duration {
        let interval = self.every.or(health.interval.map(Duration::from_secs));
        let twice = interval.unwrap_or_default().saturating_mul(2);
        self.stale_after.unwrap_or_else(|| twice.max(STALE_AFTER))
    }

    /// With the provider of the Gmail by which alerts leave, if they do.
    fn watch(&self, job: &str) -> anyhow::Result<(Watch, Option<SharedProvider>)> {
        let watch = Watch::builder(&self.state, job);
        let watch = match self.log {
            Log::Json => watch.alert(LogAlert),
            _ => watch.alert(|incident: &Incident| warn(&format!("alert: {}", incident.subject()))),
        };
        let Some(first) = self.alert_to.first() else { return Ok((watch.build(), None)) };
        let from = self.alert_from.clone().unwrap_or_else(|| first.clone());
        let outbox = Outbox::new(self.state.join("outbox"));
        let eml = EmlFolder::new(outbox.folder().join("eml"));
        let mail = MailAlert::new(outbox, from, self.alert_to.clone());
        match self.alert_via {
            Some(Via::Gmail) => {
                let (gmail, provider) = self.gmail()?;
                Ok((watch.alert(mail.through(gmail)).build(), Some(provider)))
            }
            via => {
                if via.is_none() {
                    self.note(&format!(
                        "note: alerts are left as files in `{}` and mailed to nobody; \
                         --alert-via gmail mails them, --alert-via eml is silent",
                        self.state.join("outbox/eml").display()
                    ));
                }
                Ok((watch.alert(mail.through(eml)).build(), None))
            }
        }
    }

    fn gmail(&self) -> anyhow::Result<(Gmail, SharedProvider)> {
        let secrets = SecretsArgs::new(self.alert_secrets_dir.clone(), Vec::new(), None);
        let secrets = secrets.or_scopes([Gmail::SCOPE_COMPOSE, Gmail::SCOPE_READONLY]);
        let provider = secrets.provider().context("alerts by Gmail need an account")?;
        let google = secrets.google_builder(&provider)?.deadline(PATIENCE).build();
        Ok((Gmail::builder(google).build(), provider))
    }
}

/// As people write it: `30m`, `1h 30m`, `PT30M`.
fn duration(text: &str) -> Result<Duration, String> {
    let parsed: SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    match Duration::try_from(parsed) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("expected more than nothing, such as `30m`".to_owned()),
    }
}

const STALE_AFTER: Duration = Duration::from_secs(2 * 3600);
/// The mail is on disk, so a Gmail that does not answer is left for the next run.
const PATIENCE: Duration = Duration::from_secs(10);
