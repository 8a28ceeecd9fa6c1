//! Which bookings are synced, and which of those that a tab shows are gone.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use jada_roster::{
    Charter, CharterId, CharterRepository, DynamoCharters, Error, Format, Month, OnConflict,
    Reading,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{CHARTERS, Store, StoreArgs};

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
    /// The ids of all bookings of a file.
    File(HashSet<String>),
    Store(DynamoCharters),
}

impl BookingsArgs {
    /// Reads them.
    ///
    /// # Errors
    /// A file with rows that cannot be read, or that contradict each other; those of the store.
    pub async fn read(&self) -> anyhow::Result<BookingsToSync> {
        let prune = self.prune;
        if let Some(reading) = self.input()? {
            let mut charters = reading.complete(OnConflict::Refuse)?;
            let ids = charters.iter().map(|charter| charter.id().to_string()).collect();
            let months = &self.months;
            charters.retain(|charter| {
                months.is_empty() || months.iter().any(|month| month.contains(charter.date()))
            });
            return Ok(BookingsToSync { charters, prune, source: Source::File(ids) });
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

    /// The ids of which there is no booking at all, in any month: of the database as it is now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn gone(&self, ids: &[String]) -> anyhow::Result<Vec<String>> {
        let there = match &self.source {
            Source::File(all) => all,
            Source::Store(store) => &stored(store, ids).await?,
        };
        Ok(ids.iter().filter(|id| !there.contains(*id)).cloned().collect())
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

/// Those of which there is a row. What can be no id of a booking has none.
async fn stored(charters: &DynamoCharters, ids: &[String]) -> Result<HashSet<String>, Error> {
    let mut there = HashSet::new();
    let ids: Vec<_> = ids.iter().filter_map(|id| CharterId::new(id).ok()).collect();
    for batch in ids.chunks(BATCH) {
        let mut batch = batch.to_vec();
        loop {
            match charters.find(&batch).await {
                Ok(found) => break there.extend(found.iter().map(|it| it.id().to_string())),
                // Of another month it is none of our business, but it is there.
                Err(Error::CorruptItem { key, .. })
                    if batch.iter().any(|id| id.as_str() == key) =>
                {
                    batch.retain(|id| id.as_str() != key);
                    there.insert(key);
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(there)
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
        assert_eq!(bookings.gone(&ids).await.unwrap(), ["C-2", "a\u{7}"]);
    }
}
