//! Rows of ours in a tab of a spreadsheet that others work in too.

mod a1;
mod batch;
mod brief;
mod cell;
mod charter;
mod columns;
mod doubt;
mod entered;
mod grid;
mod layout;
mod plan;
#[cfg(test)]
mod properties;
mod report;
mod row;
mod run;
mod wanted;
mod wire;

use std::fmt;
use std::time::Duration;

use jada_auth::GoogleClient;
use tokio::sync::Mutex;

pub use self::brief::{Few, SyncBrief};
pub use self::cell::Cell;
pub use self::charter::charter_columns;
pub use self::columns::{Column, ColumnKind, Columns};
pub use self::report::{ChangedRow, SyncReport};
pub use self::row::SheetRow;

use self::doubt::Doubt;
use self::run::{Pauses, Round, Run};
use self::wanted::{Others, Wanted};
use crate::error::Error;

/// Keeps rows in a tab of a Google spreadsheet, in which people work too.
///
/// - The first row of the tab is its header. Our [`Columns`] may stand there in any order, with
///   others between them. An empty tab gets the header; one whose header lacks a column of ours is
///   refused, and left as it is.
/// - The tab is read, and of rows that are there the cells that differ are written, with their
///   types: `=1+1` is text. Rows that are missing are inserted below the last one that holds
///   something. Other columns, and rows without a key, are not touched, and rows stay where they
///   are. No cell that holds what it should is written.
/// - All of it is one atomic request. Sheets cannot write on condition, so its answer shows where
///   the rows were by then. If people moved them meanwhile, another round mends what was written
///   to the wrong rows, and gives back what it overwrote of others.
/// - A row in the tab whose key is not in the input is reported and left, unless it is to be
///   [pruned](SheetSyncBuilder::prune).
///
/// | what you have | call | other rows in the tab |
/// |---|---|---|
/// | all there is, or all of a part | [`sync`](Self::sync) | vanished: told, or pruned |
/// | some that are new or changed | [`upsert`](Self::upsert) | not looked at |
/// | keys of some that are gone | [`remove`](Self::remove) | not looked at |
/// | both, such as a batch of a [`ChangeQueue`](crate::ChangeQueue) | [`apply`](Self::apply) | not looked at |
///
/// A sync may be repeated whatever became of the last one: a lost answer is no harm, as the tab is
/// read again. It takes two requests, or one where nothing differs. Two programs that add the same
/// rows at the same moment make them twice, which the next sync refuses: let one program sync a
/// tab. What was written to a wrong row and not yet mended is forgotten with this value, so keep it
/// from run to run.
///
/// ```no_run
/// # async fn sync(google: jada_auth::GoogleClient, charters: Vec<jada_roster::Charter>)
/// # -> Result<(), jada_reports::Error> {
/// use jada_reports::{SheetSync, charter_columns};
///
/// let columns = charter_columns(&charters);
/// let sync = SheetSync::builder(google, "1aB-c", "Bookings", columns).build();
/// println!("{}", sync.sync(&charters).await?);
/// # Ok(())
/// # }
/// ```
pub struct SheetSync {
    google: GoogleClient,
    spreadsheet: String,
    tab: String,
    columns: Columns,
    settings: Settings,
    /// Held while a sync is under way.
    doubt: Mutex<Option<Doubt>>,
}

#[derive(Clone, Debug)]
struct Settings {
    /// What becomes of rows that a full sync is not given.
    others: Others,
    rounds: u32,
    backoff: Duration,
}

impl SheetSync {
    /// The scope that reads and writes spreadsheets.
    pub const SCOPE: &'static str = "https://www.googleapis.com/auth/spreadsheets";

    /// How many more rounds a sync makes because rows were moved, unless it is said otherwise: 6.
    pub const ROUNDS: u32 = 6;

    /// Begins one for the tab of this name in the spreadsheet of this id, which stands in its
    /// address. The client's tokens carry [`SCOPE`](Self::SCOPE).
    pub fn builder(
        google: GoogleClient,
        spreadsheet: &str,
        tab: &str,
        columns: Columns,
    ) -> SheetSyncBuilder {
        SheetSyncBuilder(Self {
            google,
            spreadsheet: spreadsheet.to_owned(),
            tab: tab.to_owned(),
            columns,
            settings: Settings {
                others: Others::Left,
                rounds: Self::ROUNDS,
                backoff: GoogleClient::BACKOFF,
            },
            doubt: Mutex::new(None),
        })
    }

    /// Makes the tab hold `rows`, each key once. A second call waits for the first.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] for rows that contradict each other, or hold what no cell can: nothing was
    /// asked. [`Error::Tab`] for a tab that is not there, whose header is not known, or which has a
    /// key twice: a person mends it. [`Error::Google`], which is worth a retry where it is
    /// [transient](Error::is_transient); and [`Error::TabContended`], which always is: rows were
    /// moved in every round. After these two, cells may be in wrong rows until the next sync.
    pub async fn sync<R: SheetRow>(&self, rows: &[R]) -> Result<SyncReport, Error> {
        self.settle(&Wanted::of(rows, &self.columns, self.settings.others.clone())?).await
    }

    /// Makes the tab hold these rows too, each key once, and leaves all others as they are.
    ///
    /// # Errors
    ///
    /// As for [`sync`](Self::sync).
    pub async fn upsert<R: SheetRow>(&self, rows: &[R]) -> Result<SyncReport, Error> {
        self.apply::<_, &str>(rows, &[]).await
    }

    /// Removes the rows of these keys as [`prune`](SheetSyncBuilder::prune) does, and leaves all
    /// others as they are. One that is not there is no error; one that stays, since others have
    /// something in its row, is told as [vanished](SyncReport::vanished).
    ///
    /// # Errors
    ///
    /// As for [`sync`](Self::sync).
    pub async fn remove<K: AsRef<str>>(&self, keys: &[K]) -> Result<SyncReport, Error> {
        self.settle(&Wanted::none(Others::named(keys)?)).await
    }

    /// [`upsert`](Self::upsert)s rows and [`remove`](Self::remove)s others by one atomic request:
    /// a batch of changes.
    ///
    /// # Errors
    ///
    /// As for [`sync`](Self::sync); [`Error::Row`] for a key that is in both as well.
    pub async fn apply<R: SheetRow, K: AsRef<str>>(
        &self,
        rows: &[R],
        removed: &[K],
    ) -> Result<SyncReport, Error> {
        self.settle(&Wanted::of(rows, &self.columns, Others::named(removed)?)?).await
    }

    /// The same with other columns, such as where a person deleted one of ours: what was written to a
    /// wrong place and is not mended yet goes with it.
    #[must_use]
    pub fn with_columns(self, columns: Columns) -> Self {
        Self { columns, ..self }
    }

    async fn settle(&self, wanted: &Wanted) -> Result<SyncReport, Error> {
        let mut doubt = self.doubt.lock().await;
        let mut run = Run::new(self, wanted, &mut doubt);
        let mut pauses = Pauses::new(self.settings.backoff);
        let mut rounds = 0;
        loop {
            match run.round().await {
                Ok(Round::Settled) => return Ok(run.report()),
                Ok(Round::Unsettled) if rounds == self.settings.rounds => {
                    return Err(Error::TabContended { tab: self.tab.clone(), rounds });
                }
                Ok(Round::Unsettled) => rounds += 1,
                Err(failure) => pauses.after(failure).await?,
            }
        }
    }
}

impl SheetSync {
    /// The names in the first row of the tab, column by column, without the spaces around them; a
    /// blank one is empty, and a formula is `=`. So whoever keeps the names of columns that were
    /// synced can tell which of them are there yet.
    ///
    /// # Errors
    ///
    /// As for [`sync`](Self::sync).
    pub async fn header(&self) -> Result<Vec<String>, Error> {
        let (wanted, mut doubt) = (Wanted::default(), None);
        let mut run = Run::new(self, &wanted, &mut doubt);
        let mut pauses = Pauses::new(self.settings.backoff);
        loop {
            match run.header().await {
                Ok(names) => return Ok(names),
                Err(failure) => pauses.after(failure).await?,
            }
        }
    }
}

impl fmt::Debug for SheetSync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SheetSync")
            .field("google", &self.google)
            .field("spreadsheet", &self.spreadsheet)
            .field("tab", &self.tab)
            .field("columns", &self.columns)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What a [`SheetSync`] is built from.
#[derive(Debug)]
#[must_use]
pub struct SheetSyncBuilder(SheetSync);

impl SheetSyncBuilder {
    /// Removes rows whose key is not in the input: their cells are cleared, and the row stays,
    /// blank, since Sheets deletes whatever row is at a place by then. A row in which others have
    /// something, or a formula, is left as it is and reported. So may be a key that is a number with
    /// a format, as Sheets finds a key by what it shows.
    pub fn prune(mut self) -> Self {
        self.0.settings.others = Others::Removed;
        self
    }

    /// Makes at most `rounds` more rounds because rows were moved, 1 or more, instead of
    /// [`ROUNDS`](SheetSync::ROUNDS).
    pub fn rounds(mut self, rounds: u32) -> Self {
        self.0.settings.rounds = rounds.max(1);
        self
    }

    /// Pauses for at most `backoff` after the first round that failed instead of
    /// [`GoogleClient::BACKOFF`]; the pause doubles with each further one.
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.0.settings.backoff = backoff;
        self
    }

    /// The sync. Reads nothing and connects to nobody yet.
    pub fn build(self) -> SheetSync {
        self.0
    }
}
