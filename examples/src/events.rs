//! Where an example keeps charters and crew's copies of them; fictional ones where nothing was named.

use anyhow::Context;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use jada_roster::{
    CharterId, CharterRepository, DynamoCharters, DynamoEvents, Error, EventKey, EventRepository,
    EventTable, Filter, Format, Month, OnConflict, Published, Reading, ScrubStream, ScrubbedRow,
    ViewRules, import, publish_charter, publish_month,
};

use crate::{CHARTERS, EventShown, Store, StoreArgs, warn};

/// Charters, and what crew may read of them.
#[derive(Debug)]
#[non_exhaustive]
pub struct EventStores {
    /// The charters, with everything that the office knows.
    pub charters: DynamoCharters,
    /// Crew's copies, and the scrubber.
    pub events: DynamoEvents,
}

impl EventStores {
    /// Opens what is there, or makes up a year of charters in memory where nothing was named: crew's
    /// copies of May, and the table `older-events`, as another tool might have written it.
    ///
    /// # Errors
    /// A store that is not there; an AWS environment that is incomplete.
    pub async fn open(store: &StoreArgs) -> anyhow::Result<Self> {
        let store = store.store();
        if store == Store::Memory {
            warn(
                &"note: the charters are fictional, in memory, for this run alone; --db FILE has yours",
            );
            return Self::fictional(Store::Memory.client().await?).await;
        }
        store.check_charters()?;
        Ok(Self::of(store.client().await?))
    }

    fn of(client: Client) -> Self {
        let charters = DynamoCharters::new(client.clone());
        let events = DynamoEvents::new(client, &charters);
        Self { charters, events }
    }

    async fn fictional(client: Client) -> anyhow::Result<Self> {
        let stores = Self::of(client.clone());
        stores.charters.ensure_table().await?;
        let rows = Reading::of("charters-2026.csv", CHARTERS.as_bytes(), Format::Csv)?;
        import(&stores.charters, rows.complete(OnConflict::Refuse)?, OnConflict::Refuse).await?;
        let may: Month = "2026-05".parse()?;
        stores.publish_month(may, &ViewRules::default()).await?;
        stores.events.clone().with_table(OLDER).ensure_table().await?;
        let mut charters = stores.charters.month(may, &Filter::everything());
        while let Some(charter) = charters.try_next().await? {
            let row = older_row(&charter);
            client.put_item().table_name(OLDER).set_item(Some(row.into())).send().await?;
        }
        Ok(stores)
    }

    /// A charter as operations see it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; those of the store.
    pub async fn for_operations(&self, id: &CharterId) -> anyhow::Result<EventShown> {
        let found = self.charters.find(std::slice::from_ref(id)).await?.pop();
        let missing = || Error::NotFound { what: "charter", id: id.to_string() };
        EventShown::for_operations(found.ok_or_else(missing)?)
    }

    /// A charter as crew see it: their copy, and nothing else is read.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it was not published; those of the store.
    pub async fn for_crew(&self, id: &CharterId) -> anyhow::Result<EventShown> {
        let found = self.events.find(id).await.map_err(unpublished)?;
        let missing =
            || Error::NotFound { what: "copy of the charter for crew", id: id.to_string() };
        let found = found.ok_or_else(missing).context(PUBLISH)?;
        Ok(EventShown::for_crew(&found))
    }

    /// Copies a month for crew; creates the table where it is missing.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn publish_month(
        &self,
        month: Month,
        rules: &ViewRules,
    ) -> anyhow::Result<Published> {
        Box::pin(self.events.ensure_table()).await?;
        Ok(Box::pin(publish_month(&self.charters, &self.events, month, rules)).await?)
    }

    /// Copies a charter for crew; creates the table where it is missing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a charter that was never there; those of the store.
    pub async fn publish_charter(
        &self,
        id: &CharterId,
        rules: &ViewRules,
    ) -> anyhow::Result<Published> {
        Box::pin(self.events.ensure_table()).await?;
        Ok(Box::pin(publish_charter(&self.charters, &self.events, id, rules)).await?)
    }

    /// Looks at one row, as [`all_rows`](Self::all_rows) at all.
    #[must_use]
    pub fn one_row<'a>(
        &'a self,
        table: &'a EventTable,
        key: EventKey,
        doing: Scrubbing,
    ) -> BoxStream<'a, Result<ScrubbedRow, Error>> {
        let row = async move {
            match doing {
                Scrubbing::Real => self.events.scrub(table, &key).await,
                Scrubbing::Dry => self.events.inspect(table, &key).await,
            }
        };
        stream::once(row).boxed()
    }

    /// Looks at all rows of a table of events, and takes the money out of them unless this is a dry
    /// run.
    #[must_use]
    pub fn all_rows(&self, table: &EventTable, doing: Scrubbing) -> ScrubStream {
        match doing {
            Scrubbing::Real => self.events.scrub_all(table),
            Scrubbing::Dry => self.events.inspect_all(table),
        }
    }
}

/// Whether money is taken out, or only looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scrubbing {
    /// It is taken out.
    Real,
    /// Nothing is written.
    Dry,
}

/// A charter as a tool might have kept it that knew of no copies for crew.
fn older_row(charter: &jada_roster::Charter) -> [(String, AttributeValue); 6] {
    let text = |text: String| AttributeValue::S(text);
    let total = charter.total().map(|total| total.decimal().to_string()).unwrap_or_default();
    [
        ("charter_id", text(charter.id().to_string())),
        ("date", text(charter.date().to_string())),
        ("guest", text(charter.guest().to_owned())),
        (
            "charter_fee",
            AttributeValue::N(if total.is_empty() { "0".to_owned() } else { total.clone() }),
        ),
        ("notes", text(format!("{} Slip 12, 10:30. Balance due {total}", charter.notes()))),
        ("status", text(charter.status().to_string())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}

fn unpublished(error: Error) -> anyhow::Error {
    match error {
        Error::TableMissing { .. } => anyhow::Error::new(error).context(PUBLISH),
        error => error.into(),
    }
}

const OLDER: &str = "older-events";
const PUBLISH: &str = "crew see what `event publish` has copied";
