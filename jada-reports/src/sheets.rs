//! Rows of ours in a tab that others work in too.

mod cell;
mod charter;
mod columns;
mod report;
mod row;

use std::fmt;
use std::time::Duration;

use jada_auth::GoogleClient;

pub use self::cell::Cell;
pub use self::charter::charter_columns;
pub use self::columns::{Column, ColumnKind, Columns};
pub use self::report::{ChangedRow, SyncReport};
pub use self::row::SheetRow;

use crate::error::Error;

/// Keeps rows of ours in a tab of a Google spreadsheet.
pub struct SheetSync {
    google: GoogleClient,
    spreadsheet: String,
    tab: String,
    columns: Columns,
    settings: Settings,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    vanished: Vanished,
    rounds: u32,
    backoff: Duration,
}

/// What becomes of a row in the tab whose key is not in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vanished {
    Left,
    Removed,
}

impl SheetSync {
    /// The scope that reads and writes spreadsheets.
    pub const SCOPE: &'static str = "https://www.googleapis.com/auth/spreadsheets";

    /// Begins one for the tab of this name in the spreadsheet of this id, which stands in its
    /// address.
    pub fn builder(
        google: GoogleClient,
        spreadsheet: &str,
        tab: &str,
        columns: Columns,
    ) -> SheetSyncBuilder {
        let settings =
            Settings { vanished: Vanished::Left, rounds: 5, backoff: GoogleClient::BACKOFF };
        let (spreadsheet, tab) = (spreadsheet.to_owned(), tab.to_owned());
        SheetSyncBuilder(Self { google, spreadsheet, tab, columns, settings })
    }

    /// Syncs.
    ///
    /// # Errors
    ///
    /// Those.
    pub async fn sync<R: SheetRow>(&self, rows: &[R]) -> Result<SyncReport, Error> {
        let _ = rows;
        Err(Error::Tab { tab: self.tab.clone(), what: "is not synced yet".to_owned() })
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
            .finish()
    }
}

/// What a [`SheetSync`] is built from.
#[derive(Debug)]
#[must_use]
pub struct SheetSyncBuilder(SheetSync);

impl SheetSyncBuilder {
    /// Removes rows whose key is not in the input.
    pub fn prune(mut self) -> Self {
        self.0.settings.vanished = Vanished::Removed;
        self
    }

    /// Pauses for at most `backoff` before the second try instead of
    /// [`GoogleClient::BACKOFF`].
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.0.settings.backoff = backoff;
        self
    }

    /// Writes at most `rounds` times, 1 or more, instead of 5.
    pub fn rounds(mut self, rounds: u32) -> Self {
        self.0.settings.rounds = rounds.max(1);
        self
    }

    /// The sync. Reads nothing and connects to nobody yet.
    pub fn build(self) -> SheetSync {
        self.0
    }
}
