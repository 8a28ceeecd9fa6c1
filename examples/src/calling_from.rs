//! The charters and the crew to plan calls from: those of a store, or fictional ones in memory.

use anyhow::{Context, bail};
use futures_util::{StreamExt, stream};
use jada_roster::{
    Call, CallRepository, Charter, CharterEvent, CharterId, CharterRepository, CrewMember,
    CrewStream, DynamoCharters, DynamoRoster, Error, EventColumns, Filter, Format, Kind,
    MemoryCharters, Month, OnConflict, Reading, RosterRepository, Status, charters_around, import,
};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::crew::is_corrupt;
use crate::portal::fictional_crew;
use crate::{CHARTERS, Store, StoreArgs, warn};

/// The charters and the crew to plan calls from.
#[derive(Debug)]
pub struct CallStores {
    charters: Box<dyn CharterRepository>,
    calls: Box<dyn CallRepository>,
    /// None for a crew that is made up for the days of a charter.
    roster: Option<DynamoRoster>,
}

/// Everyone on the crew, by name, as far as their rows can be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadCrew {
    /// Who they are.
    pub members: Vec<CrewMember>,
    /// Why the others cannot.
    pub unreadable: Vec<Error>,
}

impl ReadCrew {
    /// # Errors
    /// Those of the store.
    pub(crate) async fn of(mut rows: CrewStream) -> anyhow::Result<Self> {
        let (mut members, mut unreadable) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next().await {
            match row {
                Err(corrupt) if is_corrupt(&corrupt) => unreadable.push(corrupt),
                member => members.push(member?),
            }
        }
        members.sort_by(|one, other| (one.name(), one.id()).cmp(&(other.name(), other.id())));
        Ok(Self { members, unreadable })
    }
}

impl CallStores {
    /// Those of the store that was named, else the bundled charters and crew.
    ///
    /// # Errors
    /// A store that is not there; an AWS environment that is incomplete.
    pub async fn of(args: &StoreArgs) -> anyhow::Result<Self> {
        let store = args.store();
        if store == Store::Memory {
            let charters = MemoryCharters::new();
            let rows = Reading::of("bundled charters", CHARTERS.as_bytes(), Format::Csv)?;
            import(&charters, rows.complete(OnConflict::Refuse)?, OnConflict::Refuse).await?;
            let calls = Box::new(charters.clone());
            return Ok(Self { charters: Box::new(charters), calls, roster: None });
        }
        store.check_charters()?;
        let client = store.client().await?;
        let charters = Box::new(DynamoCharters::new(client.clone()));
        let calls = charters.clone();
        Ok(Self { charters, calls, roster: Some(DynamoRoster::new(client)) })
    }

    /// The charter of this id.
    ///
    /// # Errors
    /// Without such a charter, naming some that are to be sailed; hours that cannot be read; those of
    /// the store.
    pub async fn event(&self, id: &CharterId) -> anyhow::Result<CharterEvent> {
        let Some(charter) = self.charters.find(std::slice::from_ref(id)).await?.pop() else {
            bail!("there is no charter `{id}`; {}", self.to_be_sailed().await?);
        };
        let event = CharterEvent::of(charter, &EventColumns::default());
        event.with_context(|| format!("charter `{id}` cannot be planned for"))
    }

    /// The call of a charter, if it was called for.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn call(&self, id: &CharterId) -> anyhow::Result<Option<Call>> {
        let opened = self.calls.open(id).await?;
        Ok(opened.and_then(|opened| opened.call))
    }

    /// The charters of a day, of the day before and of the day after on which somebody sails. Hours
    /// that cannot be read are warned of, and taken for the whole day.
    ///
    /// # Errors
    /// Rows that cannot be read, since nobody knows who sails on them; those of the store.
    pub async fn others(&self, day: Date) -> anyhow::Result<Vec<CharterEvent>> {
        let mut found = charters_around(&*self.charters, day).await?;
        found.retain(|charter| charter.assignments().map_or(true, |crew| !crew.is_empty()));
        let unknown = EventColumns::default().with_hours("").with_head_count("");
        let event = |charter: Charter| {
            charter.assignments()?;
            CharterEvent::of(charter.clone(), &EventColumns::default()).or_else(|error| {
                let id = charter.id();
                warn(&format!("warning: charter `{id}` takes its whole day, since {error}"));
                Ok(CharterEvent::of(charter, &unknown)?)
            })
        };
        found.into_iter().map(event).collect()
    }

    /// Everyone on the crew. Rows that cannot be read are named on stderr.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn crew(&self, event: &CharterEvent) -> anyhow::Result<ReadCrew> {
        let read = ReadCrew::of(match &self.roster {
            Some(roster) => roster.list(),
            None => fictional_crew(days_before(event)).await?.0.list(),
        });
        let read = read.await?;
        read.unreadable.iter().for_each(warn);
        Ok(read)
    }

    /// The clocks of the harbour unless an operator names them: a fictional one has UTC.
    #[must_use]
    pub fn time_zone(&self) -> Option<TimeZone> {
        self.roster.is_none().then_some(TimeZone::UTC)
    }

    /// When calls are planned unless an operator says so: now, and for a fictional charter in time.
    #[must_use]
    pub fn now(&self, event: &CharterEvent) -> Timestamp {
        let noon = days_before(event).to_datetime(Time::constant(12, 0, 0, 0));
        match self.roster {
            Some(_) => Timestamp::now(),
            None => TimeZone::UTC.to_timestamp(noon).unwrap_or_else(|_| Timestamp::now()),
        }
    }

    /// The first few confirmed charters of the bundled year, or of this month and the next, as far as
    /// they can be read.
    async fn to_be_sailed(&self) -> anyhow::Result<String> {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let months = match self.roster {
            Some(_) => vec![Month::of(today)?, Month::of(today.saturating_add(1.month()))?],
            None => (1..=12)
                .map(|month| format!("2026-{month:02}").parse())
                .collect::<Result<_, _>>()?,
        };
        let found = stream::iter(months)
            .flat_map(|month| self.charters.month(month, &Filter::everything()))
            .filter_map(async |charter| charter.ok().filter(is_to_be_sailed))
            .map(|charter| charter.id().to_string())
            .take(SHOWN);
        Ok(match found.collect::<Vec<_>>().await.join(", ").as_str() {
            "" => "none is confirmed this month or the next".to_owned(),
            ids => format!("confirmed are, among others, {ids}"),
        })
    }
}

fn is_to_be_sailed(charter: &Charter) -> bool {
    charter.status() == Status::Confirmed && *charter.kind() != Kind::Training
}

fn days_before(event: &CharterEvent) -> Date {
    event.date().saturating_sub(4.days())
}

const SHOWN: usize = 5;
