//! The tab to which bookings are synced.

use std::path::Path;

use anyhow::ensure;
use clap::Args;
use jada_auth::GoogleClient;
use jada_reports::{Column, ColumnKind, Columns, Error, SheetSync, SyncReport, charter_columns};
use jada_roster::Charter;
use serde::{Serialize, Serializer};
use tokio::sync::Mutex;

use crate::account::Account;
use crate::kept_columns::KeptColumns;
use crate::{BookingsToSync, SecretsArgs, spreadsheet_id};

/// The flags by which an operator says which tab is synced.
#[derive(Args, Clone, Debug)]
pub struct TabArgs {
    /// The spreadsheet, by its address or the id that stands there
    #[arg(long, value_name = "ID", value_parser = spreadsheet_id, required_unless_present = "check")]
    sheet: Option<String>,
    /// The tab, by its name
    #[arg(long, value_name = "NAME", required_unless_present = "check")]
    tab: Option<String>,
    #[command(flatten)]
    secrets: SecretsArgs,
}

/// A tab of a spreadsheet, and the account by which it is synced.
#[derive(Debug)]
pub struct SyncedTab {
    args: TabArgs,
    columns: KeptColumns,
    account: Account,
    /// Kept from sync to sync, since it remembers what is yet to be mended, with its columns.
    sync: Mutex<Option<(Columns, SheetSync)>>,
}

impl TabArgs {
    /// The tab. Nothing is read or asked yet. In the folder `state` it is kept which columns are ours.
    #[must_use]
    pub fn tab(self, state: &Path) -> SyncedTab {
        let columns = KeptColumns::new(state);
        SyncedTab { args: self, columns, account: Account::default(), sync: Mutex::default() }
    }
}

impl SyncedTab {
    /// What the tab is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.args.tab.as_deref().unwrap_or_default()
    }

    /// What a job is called that tells it from the same of any other tab.
    #[must_use]
    pub fn job(&self, kind: &str) -> String {
        let sheet = self.args.sheet.as_deref().unwrap_or_default();
        format!("{kind} {sheet}/{}", self.name())
    }

    /// Makes the tab hold these bookings, and each of its other rows what its booking says by now. Rows
    /// of which the booking is gone are told, or with `--prune` cleared.
    ///
    /// # Errors
    /// A folder of secrets that cannot be used; those of [`SheetSync::sync`] and of the bookings'
    /// store; rows of which not one has a booking, if they are to be cleared: nothing was written.
    pub async fn sync(&self, bookings: &BookingsToSync) -> anyhow::Result<Synced> {
        let report = match bookings.is_pruned() {
            true => self.prune(bookings).await?,
            false => self.keep(bookings).await?,
        };
        Ok(Synced(report))
    }

    async fn keep(&self, bookings: &BookingsToSync) -> anyhow::Result<SyncReport> {
        let charters = bookings.charters();
        let mut report = self.by_sync(charters, async |sync| sync.sync(charters).await).await?;
        let others = bookings.others(&report.vanished).await?;
        if !others.charters.is_empty() {
            report.add(self.apply(&others.charters, &[]).await?);
        }
        report.vanished = others.gone;
        Ok(report)
    }

    /// Looks at all rows before it writes any, so that bookings of another tab leave this as it is.
    async fn prune(&self, bookings: &BookingsToSync) -> anyhow::Result<SyncReport> {
        let (charters, none) = (bookings.charters(), &[] as &[Charter]);
        let mut report = self.by_sync(charters, async |sync| sync.sync(none).await).await?;
        let keys = std::mem::take(&mut report.vanished);
        let others = bookings.others(&keys).await?;
        ensure!(
            keys.is_empty() || others.gone.len() < keys.len(),
            "there is no booking of any row in the tab, and --prune would clear the whole tab: name \
             the bookings of this tab, or clear its rows by hand; nothing was written"
        );
        let rows = [charters, &others.charters].concat();
        report.add(self.apply(&rows, &others.gone).await?);
        Ok(report)
    }

    /// Brings these bookings to the tab, and clears the rows of those that are gone; all others stay as
    /// they are.
    ///
    /// # Errors
    /// A folder of secrets that cannot be used; those of [`SheetSync::apply`].
    pub async fn apply(&self, charters: &[Charter], gone: &[String]) -> anyhow::Result<SyncReport> {
        self.by_sync(charters, async |sync| sync.apply(charters, gone).await).await
    }

    /// By the last sync, if it has the columns of these bookings.
    async fn by_sync(
        &self,
        charters: &[Charter],
        act: impl AsyncFn(&SheetSync) -> Result<SyncReport, Error>,
    ) -> anyhow::Result<SyncReport> {
        let columns = charter_columns(charters);
        let mut kept = self.sync.lock().await;
        let same = kept.take_if(|(known, _)| has(known, &columns));
        let sync = match same {
            Some(same) => &kept.insert(same).1,
            None => self.begin(&mut kept, columns.clone()).await?,
        };
        match act(sync).await {
            // A person may have renamed or deleted a column that is ours by memory alone.
            Err(Error::Tab { .. }) => Ok(act(self.begin(&mut kept, columns).await?).await?),
            done => Ok(done?),
        }
    }

    /// Of the last sync there is what it remembers, whatever its columns were.
    async fn begin<'a>(
        &self,
        kept: &'a mut Option<(Columns, SheetSync)>,
        columns: Columns,
    ) -> anyhow::Result<&'a SheetSync> {
        let google = self.google().await?;
        let sheet = self.args.sheet.as_deref().unwrap_or_default();
        let columns = self.with_emptied(columns, &google, sheet).await?;
        self.columns.keep(&columns)?;
        let sync = match kept.take() {
            Some((_, sync)) => sync.with_columns(columns.clone()),
            None => SheetSync::builder(google, sheet, self.name(), columns.clone()).build(),
        };
        Ok(&kept.insert((columns, sync)).1)
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
        self.account.google(&self.args.secrets, SheetSync::SCOPE).await
    }

    /// Brings to disk what the issuer answered, which must be before this process ends.
    ///
    /// # Errors
    /// A disk that does not take it.
    pub async fn shutdown(&self) -> anyhow::Result<()> {
        self.account.shutdown().await
    }
}

/// Whether the one have all of the other.
fn has(known: &Columns, columns: &Columns) -> bool {
    let is_same = |known: &Column, column: &Column| match (known.kind(), column.kind()) {
        _ if known.name() != column.name() => false,
        (ColumnKind::Money(known), ColumnKind::Money(digits)) => known >= digits,
        _ => true,
    };
    columns.iter().all(|column| known.iter().any(|known| is_same(known, column)))
}

/// What a sync did: on record in short, since there may be thousands of rows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Synced(pub SyncReport);

impl Serialize for Synced {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.brief().serialize(serializer)
    }
}
