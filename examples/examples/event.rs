//! Shows a charter as operations see it and as crew see it, copies charters for crew, and takes money
//! out of tables of events.
//!
//! ```text
//! cargo run -p jada-examples --example event -- show --charter MAY-001 --as ops
//! cargo run -p jada-examples --example event -- show --charter MAY-001 --as crew
//! cargo run -p jada-examples --example event -- publish --month 2026-05 --db charters.db
//! cargo run -p jada-examples --example event -- scrub --table older-events --all --dry-run
//! cargo run -p jada-examples --example event -- scrub --table older-events --charter MAY-001
//! ```
//!
//! Without `--db` or `--dynamodb` the charters are fictional, May is published, and `older-events` is
//! a table of events as another tool might have written it. What `scrub` takes out is named by its
//! attributes; `--show-removed` prints it, once, and it is nowhere else then. The table of charters is
//! never scrubbed: it feeds the statement.

use std::process::ExitCode;

use clap::{Args as Flags, Parser, Subcommand, ValueEnum};
use futures_util::StreamExt;
use jada_examples::{
    EventStores, PublishedShown, RowShown, RowsShown, Scrubbing, StoreArgs, Values, print, run,
    unless_stopped, warn,
};
use jada_roster::{CharterId, Error, EventKey, EventTable, Month, ViewRules};

/// Show charters as crew see them, copy them for crew, and take money out of tables of events.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    store: StoreArgs,
    /// Print JSON: one object, of a list one a line
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show a charter
    Show {
        /// The charter's id
        #[arg(long, value_name = "ID", value_parser = CharterId::new)]
        charter: CharterId,
        /// Who looks at it
        #[arg(long = "as", value_name = "WHO", default_value = "crew")]
        viewer: Viewer,
    },
    /// Copy charters for crew, without what is about money
    Publish {
        #[command(flatten)]
        which: Charters,
        /// Another column that crew may see; repeatable
        #[arg(long, value_name = "NAME")]
        column: Vec<String>,
    },
    /// Take money out of a table of events
    Scrub(Scrub),
}

#[derive(Clone, Copy, ValueEnum)]
enum Viewer {
    Crew,
    Ops,
}

#[derive(Flags)]
#[group(required = true, multiple = false)]
struct Charters {
    /// All charters of a month
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<Month>,
    /// One charter
    #[arg(long, value_name = "ID", value_parser = CharterId::new)]
    charter: Option<CharterId>,
}

#[derive(Flags)]
struct Scrub {
    /// The table
    #[arg(long, value_name = "NAME", default_value = "crew-events")]
    table: String,
    /// The attribute that is its partition key
    #[arg(long, value_name = "NAME", default_value = "charter_id")]
    key: String,
    /// The attribute that is its sort key, where it has one
    #[arg(long, value_name = "NAME", requires = "all")]
    sort_key: Option<String>,
    /// One row, by its partition key
    #[arg(long, value_name = "ID", required_unless_present = "all")]
    charter: Option<String>,
    /// All rows
    #[arg(long, conflicts_with = "charter")]
    all: bool,
    /// Say what would be taken out, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print what was taken out as well
    #[arg(long)]
    show_removed: bool,
}

fn main() -> ExitCode {
    run(act)
}

async fn act(args: Args) -> anyhow::Result<()> {
    let stores = EventStores::open(&args.store).await?;
    match args.command {
        Command::Show { charter, viewer: Viewer::Crew } => {
            print(&stores.for_crew(&charter).await?, args.json)
        }
        Command::Show { charter, viewer: Viewer::Ops } => {
            print(&stores.for_operations(&charter).await?, args.json)
        }
        Command::Publish { which, column } => {
            let rules = column.into_iter().fold(ViewRules::default(), ViewRules::with_column);
            let published = PublishedShown::of(&which.publish(&stores, &rules).await?);
            print(&published, args.json)?;
            published.check()
        }
        Command::Scrub(scrub) => scrub.run(&stores, args.json).await,
    }
}

impl Charters {
    async fn publish(
        &self,
        stores: &EventStores,
        rules: &ViewRules,
    ) -> anyhow::Result<jada_roster::Published> {
        match (&self.month, &self.charter) {
            (Some(month), _) => unless_stopped(stores.publish_month(*month, rules)).await,
            (None, Some(charter)) => stores.publish_charter(charter, rules).await,
            (None, None) => anyhow::bail!("it was not said what; --month or --charter says it"),
        }
    }
}

impl Scrub {
    async fn run(self, stores: &EventStores, json: bool) -> anyhow::Result<()> {
        let doing = if self.dry_run { Scrubbing::Dry } else { Scrubbing::Real };
        let values = if self.show_removed { Values::Shown } else { Values::Hidden };
        let table = EventTable::new(self.table).with_key(self.key);
        let table = self.sort_key.into_iter().fold(table, EventTable::with_sort_key);
        let mut rows = match self.charter {
            Some(key) => stores.one_row(&table, EventKey::new(key), doing),
            None => stores.all_rows(&table, doing),
        };
        let (mut all, mut busy) = (RowsShown::begin(doing), 0);
        while let Some(row) = unless_stopped(async { Ok(rows.next().await) }).await? {
            let row = match row {
                Err(error @ Error::VersionConflict { .. }) => {
                    warn(&error);
                    busy += 1;
                    continue;
                }
                row => row?,
            };
            all.add(&row);
            if let Some(row) = RowShown::of(&row, values) {
                print(&row, json)?;
            }
        }
        print(&all, json)?;
        anyhow::ensure!(busy == 0, "rows that others kept changing: {busy}; run it again");
        Ok(())
    }
}
