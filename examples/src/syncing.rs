//! Which bookings are synced, and to which tab.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Args;
use jada_auth::{GoogleClient, SharedProvider};
use jada_reports::{Column, Columns, Error, SheetSync, SyncReport, charter_columns};
use jada_roster::{Charter, DynamoCharters, Format, Month, OnConflict, Reading};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::Mutex;

use crate::kept_columns::KeptColumns;
use crate::{CHARTERS, SecretsArgs, Store, StoreArgs, spreadsheet_id};

/// The flags by which an operator says which bookings are synced.
#[derive(Args, Clone, Debug)]
pub struct BookingsArgs {
    /// Sync the bookings of this file, .csv or .json, which is read anew each time [default: those
    /// of the database, or a bundled year where none is named]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["db", "dynamodb"])]
    charters: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// Sync this month, repeatable [default: all of a file, this year of a database]
    #[arg(long = "month", value_name = "YYYY-MM")]
    months: Vec<Month>,
}

/// The flags by which an operator says which tab is synced.
#[derive(Args, Clone, Debug)]
pub struct TabArgs {
    /// The spreadsheet, by its address or the id that stands there
    #[arg(long, value_name = "ID", value_parser = spreadsheet_id, required_unless_present = "check")]
    sheet: Option<String>,
    /// The tab, by its name
    #[arg(long, value_name = "NAME", required_unless_present = "check")]
    tab: Option<String>,
    /// Clear the rows whose booking is gone from the file; not for a part of the bookings, since
    /// rows of the others are none that are gone
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    secrets: SecretsArgs,
}

impl BookingsArgs {
    /// Reads them all.
    ///
    /// # Errors
    /// A file with rows that cannot be read, or that contradict each other; those of the store.
    pub async fn read(&self) -> anyhow::Result<Vec<Charter>> {
        if let Some(reading) = self.input()? {
            let mut charters = reading.complete(OnConflict::Refuse)?;
            let months = &self.months;
            charters.retain(|charter| {
                months.is_empty() || months.iter().any(|month| month.contains(charter.date()))
            });
            return Ok(charters);
        }
        let charters = self.store.store().open().await?;
        let mut read = Vec::new();
        for month in self.months_or_this_year()? {
            read.extend(in_month(&charters, month).await?);
        }
        Ok(read)
    }

    /// Whether these are all that there are, so that a row of no booking is of one that is gone. The
    /// months of a database are a part: those of another year are there as well.
    fn are_all(&self) -> bool {
        self.months.is_empty() && (self.charters.is_some() || self.store.store() == Store::Memory)
    }

    fn input(&self) -> anyhow::Result<Option<Reading>> {
        match &self.charters {
            None if self.store.store() != Store::Memory => Ok(None),
            None => Ok(Some(Reading::of("bundled charters", CHARTERS.as_bytes(), Format::Csv)?)),
            Some(path) => {
                let format = Format::of(path)?;
                let bytes = std::fs::read(path)
                    .with_context(|| format!("`{}` cannot be read", path.display()))?;
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                Ok(Some(Reading::of(&name, &bytes, format)?))
            }
        }
    }

    fn months_or_this_year(&self) -> anyhow::Result<Vec<Month>> {
        if !self.months.is_empty() {
            return Ok(self.months.clone());
        }
        let year = Timestamp::now().to_zoned(TimeZone::UTC).year();
        (1..=12).map(|month| Ok(format!("{year:04}-{month:02}").parse()?)).collect()
    }
}

/// As the month's index has it, which is asked again where it lags behind its table.
async fn in_month(charters: &DynamoCharters, month: Month) -> anyhow::Result<Vec<Charter>> {
    let (settled, unindexed) = charters.settled_month(month, SETTLED_WITHIN).await?;
    match unindexed.len() {
        0 => Ok(settled),
        rows => {
            bail!("{rows} rows cannot be seen by month; `monthly_statement --reindex` mends them")
        }
    }
}

/// A tab of a spreadsheet, and the account by which it is synced.
#[derive(Debug)]
pub struct SyncedTab {
    args: TabArgs,
    columns: KeptColumns,
    /// Opened by the first sync, so that what is wrong with it is on record as any failure is.
    account: Mutex<Option<(SharedProvider, GoogleClient)>>,
    /// Kept from sync to sync, since it remembers what is yet to be mended, with the columns of the
    /// bookings.
    sync: Mutex<Option<(Columns, SheetSync)>>,
}

impl TabArgs {
    /// The tab, to which these bookings are to go. Nothing is read or asked yet. In the folder `state`
    /// it is kept which columns are ours.
    ///
    /// # Errors
    /// `--prune` with a part of the bookings, which would clear the rows of all others.
    pub fn tab(self, bookings: &BookingsArgs, state: &Path) -> anyhow::Result<SyncedTab> {
        ensure!(
            !self.prune || bookings.are_all(),
            "--prune takes all bookings of a file, by --charters and without --month: the rows of \
             months that are not read would be cleared too"
        );
        let columns = KeptColumns::new(state);
        Ok(SyncedTab { args: self, columns, account: Mutex::default(), sync: Mutex::default() })
    }
}

impl SyncedTab {
    /// What the tab is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.args.tab.as_deref().unwrap_or_default()
    }

    /// What tells its sync from that of any other tab.
    #[must_use]
    pub fn job(&self) -> String {
        let sheet = self.args.sheet.as_deref().unwrap_or_default();
        format!("sheet-sync {sheet}/{}", self.name())
    }

    /// Makes the tab hold these bookings.
    ///
    /// # Errors
    /// A folder of secrets that cannot be used; those of [`SheetSync::sync`]; no booking at all, if
    /// the rows of all others are to be cleared.
    pub async fn sync(&self, bookings: &[Charter]) -> anyhow::Result<SyncReport> {
        ensure!(
            !(self.args.prune && bookings.is_empty()),
            "there is no booking to sync, and --prune would clear the whole tab; without it nothing \
             is cleared"
        );
        let columns = charter_columns(bookings);
        let mut kept = self.sync.lock().await;
        let sync = match kept.take() {
            Some((known, sync)) if known == columns => sync,
            _ => self.begin(columns.clone()).await?,
        };
        let (_, sync) = kept.insert((columns, sync));
        let synced = sync.sync(bookings).await;
        if matches!(synced, Err(Error::Tab { .. })) {
            // A person may have renamed a column that is ours by memory alone.
            *kept = None;
        }
        Ok(synced?)
    }

    async fn begin(&self, columns: Columns) -> anyhow::Result<SheetSync> {
        let google = self.google().await?;
        let sheet = self.args.sheet.as_deref().unwrap_or_default();
        let columns = self.with_emptied(columns, &google, sheet).await?;
        self.columns.keep(&columns)?;
        let sync = SheetSync::builder(google, sheet, self.name(), columns);
        Ok(if self.args.prune { sync.prune() } else { sync }.build())
    }

    /// With those that were synced once and of which no booking has a cell any more, so that the
    /// last is cleared in the tab too. One that the tab lacks by now is not ours any more.
    async fn with_emptied(
        &self,
        columns: Columns,
        google: &GoogleClient,
        sheet: &str,
    ) -> anyhow::Result<Columns> {
        let mut emptied = self.columns.names()?;
        emptied.retain(|name| columns.iter().all(|column| column.name() != name));
        if emptied.is_empty() {
            return Ok(columns);
        }
        let sync = SheetSync::builder(google.clone(), sheet, self.name(), columns.clone());
        let header = sync.build().header().await?;
        emptied.retain(|name| header.contains(name));
        Ok(columns.and(emptied.iter().map(|name| Column::text(name))))
    }

    async fn google(&self) -> anyhow::Result<GoogleClient> {
        let mut account = self.account.lock().await;
        if let Some((_, google)) = &*account {
            return Ok(google.clone());
        }
        let secrets = self.args.secrets.or_scopes([SheetSync::SCOPE]);
        let provider = secrets.provider()?;
        let google = secrets.google(&provider)?;
        *account = Some((provider, google.clone()));
        Ok(google)
    }

    /// Brings to disk what the issuer answered, which must be before this process ends.
    ///
    /// # Errors
    /// A disk that does not take it.
    pub async fn shutdown(&self) -> anyhow::Result<()> {
        match &*self.account.lock().await {
            Some((provider, _)) => Ok(provider.shutdown().await?),
            None => Ok(()),
        }
    }
}

/// How long the month index of a DynamoDB may lag behind its table.
const SETTLED_WITHIN: Duration = Duration::from_secs(30);
