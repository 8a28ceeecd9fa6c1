//! Which bookings are synced, and what became of the others that a tab shows.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Args;
use jada_roster::{
    Charter, CharterId, CharterRepository, DynamoCharters, Error, Format, Month, OnConflict,
    Reading,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::secrets::google_is_on_this_machine;
use crate::{CHARTERS, Store, StoreArgs};

/// The flags by which an operator says which bookings are synced.
#[derive(Args, Clone, Debug)]
pub struct BookingsArgs {
    /// Sync the bookings of this file, .csv or .json, which is read anew each time [default: those
    /// of the database; where none is named, a bundled year, to a Google on this machine alone]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["db", "dynamodb"])]
    charters: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// Sync this month, repeatable; of other bookings only the rows that are there are kept up
    /// [default: all of a file, this year of a database]
    #[arg(long = "month", value_name = "YYYY-MM")]
    months: Vec<Month>,
    /// Clear the rows whose booking is gone: from the whole file or the whole database, also where
    /// --month syncs a part of them
    #[arg(long)]
    prune: bool,
}

/// The bookings that are synced, and where all are that there are.
#[derive(Debug)]
pub struct BookingsToSync {
    charters: Vec<Charter>,
    prune: bool,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// The bookings of a file in months that are not synced.
    File(Vec<Charter>),
    Store(DynamoCharters),
}

/// What became of bookings that a tab shows and that are not among the synced.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct OtherBookings {
    /// Those that there are, as they are by now: of another month, or moved to one.
    pub charters: Vec<Charter>,
    /// The ids of which there is none at all, in any month.
    pub gone: Vec<String>,
}

impl BookingsArgs {
    /// Reads them.
    ///
    /// # Errors
    /// A file with rows that cannot be read, or that contradict each other; those of the store.
    pub async fn read(&self) -> anyhow::Result<BookingsToSync> {
        let prune = self.prune;
        if let Some(reading) = self.input()? {
            let months = &self.months;
            let (charters, others) =
                reading.complete(OnConflict::Refuse)?.into_iter().partition(|charter: &Charter| {
                    months.is_empty() || months.iter().any(|month| month.contains(charter.date()))
                });
            return Ok(BookingsToSync { charters, prune, source: Source::File(others) });
        }
        let store = self.store.store().open().await?;
        let mut charters = Vec::new();
        for month in self.months_or_this_year()? {
            charters.extend(in_month(&store, month).await?);
        }
        Ok(BookingsToSync { charters, prune, source: Source::Store(store) })
    }

    fn input(&self) -> anyhow::Result<Option<Reading>> {
        match &self.charters {
            None if self.store.store() != Store::Memory => Ok(None),
            None => {
                ensure!(
                    google_is_on_this_machine() && !self.prune,
                    "no bookings are named, and the bundled ones are fictional: name yours by \
                     --charters FILE, --db FILE, --dynamodb or JADA_DB"
                );
                Ok(Some(Reading::of("bundled charters", CHARTERS.as_bytes(), Format::Csv)?))
            }
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

impl BookingsToSync {
    /// Those that are to be in the tab.
    #[must_use]
    pub fn charters(&self) -> &[Charter] {
        &self.charters
    }

    /// Whether the rows of those that are gone are to be cleared.
    #[must_use]
    pub fn is_pruned(&self) -> bool {
        self.prune
    }

    /// What became of those that are not synced: of the database as it is now. One that cannot be
    /// read is there, and stays in the tab as it is.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn others(&self, ids: &[String]) -> anyhow::Result<OtherBookings> {
        let synced: HashSet<&str> = self.charters.iter().map(|it| it.id().as_str()).collect();
        let ids: Vec<&str> = ids.iter().map(|id| &**id).filter(|id| !synced.contains(id)).collect();
        let (charters, unreadable) = match &self.source {
            Source::File(others) => (among(others, &ids), HashSet::new()),
            Source::Store(store) => stored(store, &ids).await?,
        };
        let there: HashSet<&str> = charters.iter().map(|it| it.id().as_str()).collect();
        let is_gone = |id: &&str| !there.contains(id) && !unreadable.contains(*id);
        let gone = ids.into_iter().filter(is_gone).map(str::to_owned).collect();
        Ok(OtherBookings { charters, gone })
    }
}

fn among(charters: &[Charter], ids: &[&str]) -> Vec<Charter> {
    let ids: HashSet<&str> = ids.iter().copied().collect();
    charters.iter().filter(|it| ids.contains(it.id().as_str())).cloned().collect()
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

/// Those of which there is a row, and the ids of rows that cannot be read. What can be no id of a
/// booking has none.
async fn stored(
    store: &DynamoCharters,
    ids: &[&str],
) -> Result<(Vec<Charter>, HashSet<String>), Error> {
    let (mut charters, mut unreadable) = (Vec::new(), HashSet::new());
    let ids: Vec<_> = ids.iter().filter_map(|id| CharterId::new(id).ok()).collect();
    for batch in ids.chunks(BATCH) {
        let mut batch = batch.to_vec();
        loop {
            match store.find(&batch).await {
                Ok(found) => break charters.extend(found),
                // Of another month it is none of our business, but it is there.
                Err(Error::CorruptItem { key, .. })
                    if batch.iter().any(|id| id.as_str() == key) =>
                {
                    batch.retain(|id| id.as_str() != key);
                    unreadable.insert(key);
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok((charters, unreadable))
}

/// How long the month index of a DynamoDB may lag behind its table.
const SETTLED_WITHIN: Duration = Duration::from_secs(30);
/// What one request finds.
const BATCH: usize = 100;

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use jada_roster::EmbeddedEngine;

    use super::*;

    #[tokio::test]
    async fn a_row_that_cannot_be_read_is_there_and_what_can_be_no_id_is_not() {
        let client = EmbeddedEngine::in_memory().unwrap().client();
        let store = DynamoCharters::new(client.clone());
        store.ensure_table().await.unwrap();
        for id in ["C-1", "C-3"] {
            let text = |text: &str| AttributeValue::S(text.to_owned());
            let put = client.put_item().table_name(store.table()).item("charter_id", text(id));
            put.item("date", text("the third")).send().await.unwrap();
        }
        let (charters, prune) = (Vec::new(), false);
        let bookings = BookingsToSync { charters, prune, source: Source::Store(store) };
        let ids = ["C-1", "C-2", "C-3", "a\u{7}"].map(str::to_owned);
        let others = bookings.others(&ids).await.unwrap();
        assert_eq!((others.charters.len(), others.gone), (0, vec!["C-2".into(), "a\u{7}".into()]));
    }
}
