//! States a month's revenue: charters in, workbook, HTML page, mail and audit manifest out.
//!
//! ```text
//! cargo run -p jada-examples --example monthly_statement
//! cargo run -p jada-examples --example monthly_statement -- \
//!     --month 2026-07 --charters charters.csv --rules rules.toml --db charters.db
//! cargo run -p jada-examples --example monthly_statement -- --year 2026 --style last-year.xlsx
//! ```
//!
//! `--upload` puts the workbook into a folder of Google Drive, and `--send` sends the mail: once,
//! however often the command is run again after a lost answer, an outage or a kill, as long as
//! `--out` is the same folder. What was done is on record in its `manifest.jsonl`, which
//! `statement verify` compares with what is there. A year is put out as a month is.
//!
//! Without those it needs no account and no network. `JADA_DB` names a database file for the embedded engine;
//! `--dynamodb` uses the AWS environment instead.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use clap::Parser;
use jada_examples::{
    CHARTERS, Progress, PublishingArgs, RULES, Store, StoreArgs, YearArgs, print, run,
    sender_and_recipients, state,
};
use jada_mail::Address;
use jada_reports::{Publication, Rules, Statement, Summary, YearStatement, YearSummary};
use jada_roster::{CharterRepository, Format, Month, OnConflict, Reading, import};
use jiff::Timestamp;

/// State a month's revenue from its charters.
#[derive(Parser)]
struct Args {
    /// The month to state
    #[arg(long, value_name = "YYYY-MM", default_value = "2026-05")]
    month: Month,
    #[command(flatten)]
    year: YearArgs,
    /// Import these charters first, .csv or .json [default: a bundled year, where nothing is stored]
    #[arg(long, value_name = "FILE")]
    charters: Option<PathBuf>,
    /// Currency, taxes, rounding, notes and addresses, as TOML [default: bundled]
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Write into this folder, which --upload and --send need, as it remembers what they did
    /// [default: target/statement/YYYY-MM, or YYYY]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// Address the mail to this recipient instead of the rules' (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    to: Vec<Address>,
    /// Date the mail [default: the last second of the period, UTC]
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
    let publication = args.publication(&rules)?;
    let statements = args.statements(&rules, &progress).await?;
    progress.now("writing the artefacts");
    let (publishing, from) = (&args.publishing, rules.from());
    if let Some(year) = args.year.year() {
        let year = YearStatement::of(year, statements)?;
        let published = publishing.publish(&publication, &year, from, &progress).await?;
        drop(progress);
        return print(&YearSummary::of(&year, &published), args.json);
    }
    let statement = statements.first().context("no month was stated")?;
    let published = publishing.publish(&publication, statement, from, &progress).await?;
    drop(progress);
    print(&Summary::of(statement, &published), args.json)
}

impl Args {
    /// What the folder remembers must outlast a `cargo clean`, or the next run mails once more.
    fn publication(&self, rules: &Rules) -> anyhow::Result<Publication> {
        let year = self.year.year();
        let period = year.map_or_else(|| self.month.to_string(), |year| year.to_string());
        ensure!(
            self.out.is_some() || !self.publishing.leaves(),
            "--upload and --send remember in the folder --out what they did, so that nothing is \
             sent twice; name one that stays, such as --out statements/{period}"
        );
        let folder = self.out.clone();
        let folder = folder.unwrap_or_else(|| format!("target/statement/{period}").into());
        let (from, to) = sender_and_recipients(rules, &self.to)?;
        let publication = Publication::new(folder, from, to).styled(self.year.style()?);
        Ok(self.date.into_iter().fold(publication, Publication::dated))
    }

    fn rules(&self) -> anyhow::Result<Rules> {
        match &self.rules {
            None => Ok(Rules::from_toml("bundled rules", RULES)?),
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| unreadable(path))?;
                Ok(Rules::from_toml(&path.display().to_string(), &text)?)
            }
        }
    }

    /// Imports what is given, then states what is stored: a month, or the twelve of a year.
    async fn statements(
        &self,
        rules: &Rules,
        progress: &Progress,
    ) -> anyhow::Result<Vec<Statement>> {
        progress.now("reading the charters");
        let months = self.year.months(self.month)?;
        let on_conflict = if self.update { OnConflict::TakeNew } else { OnConflict::Refuse };
        let input = match self.input()? {
            None => None,
            Some(reading) if self.skip_bad => Some(reading.skipping_bad_rows(on_conflict)?),
            Some(reading) => Some((reading.complete(on_conflict)?, Vec::new())),
        };
        for month in &months {
            if let Some((rows, _)) = &input {
                rules.statement(*month).check_currencies(rows)?;
            }
        }
        let store = self.store.store();
        let charters = if input.is_some() { store.create().await? } else { store.open().await? };
        let mut bad = Vec::new();
        if let Some((rows, bad_rows)) = input {
            progress.now(format!("importing {} charters", rows.len()));
            import(&charters, rows, on_conflict).await?;
            bad = bad_rows.iter().map(ToString::to_string).collect();
        }
        if self.reindex {
            progress.now("mending rows without index keys");
            charters.reindex().await?;
        }
        progress.now(format!("stating {}", months.first().unwrap_or(&self.month)));
        state(&charters, &months, rules, &bad).await
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
