//! States a month's revenue: charters in, workbook, HTML page, mail and audit manifest out.
//!
//! ```text
//! cargo run -p jada-examples --example monthly_statement
//! cargo run -p jada-examples --example monthly_statement -- \
//!     --month 2026-07 --charters charters.csv --rules rules.toml --db charters.db
//! ```
//!
//! `--upload` puts the workbook into a folder of Google Drive, and `--send` sends the mail: once,
//! however often the command is run again after a lost answer, an outage or a kill. What was done
//! is on record in `manifest.jsonl`, which `statement verify` compares with what is there.
//!
//! Without those it needs no account and no network. `JADA_DB` names a database file for the embedded engine;
//! `--dynamodb` uses the AWS environment instead.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use jada_examples::{
    CHARTERS, Progress, PublishingArgs, RULES, Store, StoreArgs, print, run, sender_and_recipients,
    warn,
};
use jada_mail::Address;
use jada_reports::{Publication, Rules, Statement, Summary};
use jada_roster::{CharterRepository, Format, Month, OnConflict, Reading, import};
use jiff::Timestamp;

/// State a month's revenue from its charters.
#[derive(Parser)]
struct Args {
    /// The month to state
    #[arg(long, value_name = "YYYY-MM", default_value = "2026-05")]
    month: Month,
    /// Import these charters first, .csv or .json [default: a bundled year, where nothing is stored]
    #[arg(long, value_name = "FILE")]
    charters: Option<PathBuf>,
    /// Currency, taxes, rounding, notes and addresses, as TOML [default: bundled]
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Write into this folder [default: target/statement/YYYY-MM]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// Address the mail to this recipient instead of the rules' (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    to: Vec<Address>,
    /// Date the mail [default: the last second of the month, UTC]
    #[arg(long, value_name = "RFC3339")]
    date: Option<Timestamp>,
    #[command(flatten)]
    publishing: PublishingArgs,
    /// Import what can be read and list the rest on the statement
    #[arg(long)]
    skip_bad: bool,
    /// Where a charter is told in two ways, take the later one
    #[arg(long)]
    update: bool,
    /// Mend rows that lack the keys of the month index, first
    #[arg(long)]
    reindex: bool,
    /// Print the summary as one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run(state_month)
}

async fn state_month(args: Args) -> anyhow::Result<()> {
    let progress = Arc::new(Progress::new());
    let rules = args.rules()?;
    let (from, to) = sender_and_recipients(&rules, &args.to)?;
    let statement = args.statement(&rules, &progress).await?;

    progress.now("writing the artefacts");
    let folder = args.out.unwrap_or_else(|| format!("target/statement/{}", args.month).into());
    let publication = Publication::new(folder, from.clone(), to);
    let publication = args.date.into_iter().fold(publication, Publication::dated);
    let published = args.publishing.publish(&publication, &statement, &from, &progress).await?;
    drop(progress);
    print(&Summary::of(&statement, &published), args.json)
}

impl Args {
    fn rules(&self) -> anyhow::Result<Rules> {
        match &self.rules {
            None => Ok(Rules::from_toml("bundled rules", RULES)?),
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| unreadable(path))?;
                Ok(Rules::from_toml(&path.display().to_string(), &text)?)
            }
        }
    }

    /// Imports what is given, then states what is stored.
    async fn statement(&self, rules: &Rules, progress: &Progress) -> anyhow::Result<Statement> {
        progress.now("reading the charters");
        let on_conflict = if self.update { OnConflict::TakeNew } else { OnConflict::Refuse };
        let input = match self.input()? {
            None => None,
            Some(reading) if self.skip_bad => Some(reading.skipping_bad_rows(on_conflict)?),
            Some(reading) => Some((reading.complete(on_conflict)?, Vec::new())),
        };
        let mut statement = rules.statement(self.month);
        if let Some((rows, _)) = &input {
            statement.check_currencies(rows)?;
        }
        let store = self.store.store();
        let charters = if input.is_some() { store.create().await? } else { store.open().await? };
        if let Some((rows, bad)) = input {
            progress.now(format!("importing {} charters", rows.len()));
            import(&charters, rows, on_conflict).await?;
            statement = bad.iter().fold(statement, |to, row| to.skipped(row.to_string()));
        }
        if self.reindex {
            progress.now("mending rows without index keys");
            charters.reindex().await?;
        }
        progress.now(format!("stating {}", self.month));
        let (month, unindexed) = charters.settled_month(self.month, SETTLED_WITHIN).await?;
        let (lost, dateless): (Vec<_>, Vec<_>) =
            unindexed.iter().partition(|row| row.date.is_some());
        if !lost.is_empty() {
            let rows = lost.len();
            warn(&format!(
                "warning: rows that cannot be seen by month: {rows}; --reindex mends them"
            ));
        }
        for row in dateless {
            warn(&format!(
                "warning: charter `{}` cannot be seen by month; mend its `date`",
                row.key
            ));
        }
        Ok(statement.unindexed(unindexed.len()).build(month)?)
    }

    /// The charters to import: the named file's, or the bundled year where nothing is stored.
    fn input(&self) -> anyhow::Result<Option<Reading>> {
        match &self.charters {
            None if self.store.store() != Store::Memory => Ok(None),
            None => Ok(Some(Reading::of("bundled charters", CHARTERS.as_bytes(), Format::Csv)?)),
            Some(path) => {
                let format = Format::of(path)?;
                let bytes = std::fs::read(path).with_context(|| unreadable(path))?;
                // By its name alone: the statement that lists its bad rows goes to others.
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                Ok(Some(Reading::of(&name, &bytes, format)?))
            }
        }
    }
}

fn unreadable(path: &Path) -> String {
    format!("`{}` cannot be read", path.display())
}

/// How long the month index of a DynamoDB may lag behind an import.
const SETTLED_WITHIN: Duration = Duration::from_secs(30);
