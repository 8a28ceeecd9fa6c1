//! How an example that works on its own is watched: when it runs, and where its health is.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use jada_reports::{Error, Failure, Health, Incident, LogAlert, Run, Schedule, Stage, Watch};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::alerting::{AlertArgs, AlertMail};
use crate::signals::stop_signal;
use crate::{Log, Progress, Stopped, print_bytes, warn};

/// The flags by which an operator says how a job is watched.
#[derive(Args, Clone, Debug)]
pub struct WatchArgs {
    /// Keep health.json, journal.jsonl and, unless --alert-outbox names another, the outbox of alerts
    /// in this folder
    #[arg(long, value_name = "DIR", default_value = "sheet-sync")]
    state: PathBuf,
    /// Run again and again, such as each `30m`, until a signal
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    every: Option<Duration>,
    /// At this time of the day, where it is each day (24h) or each so many
    #[arg(long, value_name = "HH:MM", requires = "every")]
    at: Option<Time>,
    /// The time zone of that time
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = TimeZone::get)]
    time_zone: TimeZone,
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
    #[command(flatten)]
    alerts: AlertArgs,
    /// How the log is written to stderr
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, hide_default_value = true)]
    log: Log,
}

/// The flags by which an operator says how a dispatcher is watched.
#[derive(Args, Clone, Debug)]
pub struct DispatchArgs {
    /// Keep health.json, journal.jsonl and, unless --alert-outbox names another, the outbox of alerts
    /// in this folder
    #[arg(long, value_name = "DIR", default_value = "dispatcher")]
    state: PathBuf,
    /// How often it looks at what is due
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1m")]
    every: Duration,
    /// Look once, as a scheduler runs it
    #[arg(long)]
    once: bool,
    /// Call nobody: say how the dispatcher is doing, by its health file
    #[arg(long, conflicts_with = "once")]
    check: bool,
    #[command(flatten)]
    alerts: AlertArgs,
    /// How the log is written to stderr
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, hide_default_value = true)]
    log: Log,
}

impl DispatchArgs {
    /// How the log is written.
    #[must_use]
    pub fn log(&self) -> Log {
        self.log
    }

    /// The same, as any job is watched.
    #[must_use]
    pub fn watch(&self) -> WatchArgs {
        let Self { state, every, once, check, alerts, log } = self.clone();
        let every = (!once && !check).then_some(every);
        let (at, time_zone, stale_after) = (None, TimeZone::UTC, None);
        WatchArgs { state, every, at, time_zone, once, check, stale_after, alerts, log }
    }
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

    /// The time zone in which a time of the day is meant, and in which days begin.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
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
        let health = Health::read(&self.state)
            .map_err(|error| self.unusable(error))?
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
        if let (Some(every), Some(at)) = (self.every, self.at) {
            let is_of_days = every.as_secs().is_multiple_of(24 * 3600) && every.subsec_nanos() == 0;
            ensure!(is_of_days, "--at {at} needs an --every of whole days, such as 24h");
        }
        let mail = self.alerts.mail(&self.state, self.log);
        let watch = self.watch(name, mail.clone());
        let job = async || job().await.map_err(|error| Failure::of(error.as_ref()));
        let ran = match self.every {
            None => self.once(&watch, &job, &show).await,
            Some(interval) => {
                let schedule = watch.every(interval);
                let schedule = match self.at {
                    Some(at) => schedule.at(at, self.time_zone.clone()),
                    None => schedule,
                };
                self.again(&watch, schedule, &event, progress, &job, &show).await
            }
        };
        match mail {
            Some(mail) => ran.and(mail.shutdown().await),
            None => ran,
        }
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
        let mut work = std::pin::pin!(async {
            match watch.run(|| job()).await {
                Ok(run) => self.told(&run, show),
                Err(error) => Err(self.unusable(error)),
            }
        });
        tokio::select! {
            done = &mut work => return done,
            () = stop => {}
        }
        let again = stop_signal()?;
        self.log.note("note: the run under way comes to its end; a second signal cuts it off");
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
        if let Some(incident) = watch.unrecorded() {
            return Err(failing(incident).into());
        }
        match watch.health()? {
            Some(health) => Ok(health.check(self.stale_after(&health), Timestamp::now())?),
            None => Ok(()),
        }
    }

    /// Shows what a run reported. It ends as a check right after it would.
    fn told<R: Serialize>(
        &self,
        run: &Run<R>,
        show: &impl Fn(&R) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Health { job, failures, .. } = &run.health;
        match &run.outcome {
            Ok(report) => {
                tracing::info!(job, report = serde_json::to_string(report)?, "a run was good");
                show(report)?;
            }
            Err(Failure { why, mend, .. }) => {
                let since = run.health.failing_since.unwrap_or_default();
                tracing::warn!(job, why, mend, %since, failures, "a run failed");
            }
        }
        Ok(run.health.check(Duration::MAX, Timestamp::now())?)
    }

    /// Names the folder and what mends it, where the system says what is wrong.
    fn unusable(&self, error: Error) -> anyhow::Error {
        let state = self.state.display();
        match Failure::of(&error).mend {
            Some(mend) => anyhow::Error::from(error)
                .context(format!("its state in `{state}` cannot be used; {mend}")),
            None => error.into(),
        }
    }

    /// By how often it was last to run, unless it is said otherwise.
    fn stale_after(&self, health: &Health) -> Duration {
        let interval = self.every.or(health.interval.map(Duration::from_secs));
        let twice = interval.unwrap_or_default().saturating_mul(2);
        self.stale_after.unwrap_or_else(|| twice.max(STALE_AFTER))
    }

    /// A single run says at its end why it failed; those of many say it here.
    fn watch(&self, job: &str, mail: Option<AlertMail>) -> Watch {
        let watch = Watch::builder(&self.state, job);
        let watch = match (self.log, self.every) {
            (Log::Json, _) => watch.alert(LogAlert),
            (_, None) => watch.alert(|it: &Incident| warn(&format!("alert: {}", it.subject()))),
            (_, Some(_)) => watch.alert(|it: &Incident| warn(&format!("alert: {}", with_why(it)))),
        };
        match mail {
            Some(mail) => watch.alert(mail).build(),
            None => watch.build(),
        }
    }
}

fn with_why(incident: &Incident) -> String {
    match incident.stage {
        Stage::Recovered => incident.subject(),
        _ => format!("{}: {}", incident.subject(), incident.failure),
    }
}

fn failing(incident: Incident) -> Error {
    let Incident { job, since, last_good, failure, .. } = incident;
    let last_good = match last_good {
        Some(at) => format!("last good run at {at:.0}"),
        None => "no good run is known".to_owned(),
    };
    Error::Failing { job, since, last_good, failure: Box::new(failure) }
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
