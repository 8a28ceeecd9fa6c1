//! Who sails on which charter around a day, read once for many calls.

use std::collections::{HashMap, HashSet};

use futures_util::StreamExt;
use jiff::civil::Date;

use crate::cascade::voyage::elsewhere;
use crate::charter::{Charter, CharterId};
use crate::crew::id::CrewId;
use crate::crew_call::CrewCall;
use crate::error::Error;
use crate::event::{CharterEvent, EventColumns};
use crate::filter::Filter;
use crate::month::Month;
use crate::status::Status;

/// The charters around the days of calls: each month is read when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Around {
    months: HashMap<Month, Vec<CharterEvent>>,
    /// Those on which somebody sails, of a day, the day before and the day after.
    days: HashMap<Date, Vec<CharterEvent>>,
    unreadable: Vec<Error>,
}

impl Around {
    /// The charters on which somebody sails around a day.
    pub(super) async fn day(&mut self, of: &CrewCall, day: Date) -> Result<&[CharterEvent], Error> {
        if !self.days.contains_key(&day) {
            self.read_months(of, day).await?;
            let sails = |event: &&CharterEvent| !event.assignments().is_empty();
            let events = self.near(day).filter(sails).cloned().collect();
            self.days.insert(day, events);
        }
        Ok(self.days.get(&day).map(Vec::as_slice).unwrap_or_default())
    }

    /// Who sails on others while this charter is under way, by their rows as they are now: an index
    /// may lag, and says no more than which rows there are.
    pub(super) async fn away(
        &mut self,
        of: &CrewCall,
        event: &CharterEvent,
    ) -> Result<HashSet<CrewId>, Error> {
        self.read_months(of, event.date()).await?;
        let others = self.near(event.date()).map(CharterEvent::id).filter(|id| *id != event.id());
        let ids: Vec<CharterId> = others.cloned().collect();
        let found = of.charters.find(&ids).await?;
        let events = found.into_iter().map(|charter| known(of, charter));
        let events = events.collect::<Result<Vec<_>, _>>()?;
        Ok(elsewhere(event, &events).into_keys().cloned().collect())
    }

    /// Rows that could not be read since the last call.
    pub(super) fn unreadable(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.unreadable)
    }

    fn near(&self, day: Date) -> impl Iterator<Item = &CharterEvent> {
        let days = days(day);
        let months = months(day).into_iter().filter_map(|month| self.months.get(&month));
        months.flatten().filter(move |event| days.contains(&event.date()))
    }

    async fn read_months(&mut self, of: &CrewCall, day: Date) -> Result<(), Error> {
        for month in months(day) {
            if !self.months.contains_key(&month) {
                if self.months.len() >= MOST_MONTHS {
                    (self.months, self.days) = (HashMap::new(), HashMap::new());
                }
                let events = self.read_month(of, month).await?;
                self.months.insert(month, events);
            }
        }
        Ok(())
    }

    /// A row that cannot be read is left out, and said: it is no reason to call nobody.
    async fn read_month(
        &mut self,
        of: &CrewCall,
        month: Month,
    ) -> Result<Vec<CharterEvent>, Error> {
        let mut charters = of.charters.month(month, &Filter::everything());
        let mut events = Vec::new();
        while let Some(charter) = charters.next().await {
            match charter.and_then(|charter| known(of, charter)) {
                Ok(event) if event.status() == Status::Cancelled => {}
                Ok(event) => events.push(event),
                Err(error @ (Error::CorruptItem { .. } | Error::Invalid { .. })) => {
                    self.unreadable.push(error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(events)
    }
}

/// A charter whose hours cannot be read keeps its crew all day.
fn known(of: &CrewCall, charter: Charter) -> Result<CharterEvent, Error> {
    let blank = EventColumns::default().with_hours("").with_head_count("");
    of.event(&charter).or_else(|_| CharterEvent::of(charter, &blank))
}

fn days(day: Date) -> [Date; 3] {
    [day.yesterday().unwrap_or(day), day, day.tomorrow().unwrap_or(day)]
}

fn months(day: Date) -> Vec<Month> {
    let mut months: Vec<Month> = days(day).iter().filter_map(|day| Month::of(*day).ok()).collect();
    months.dedup();
    months
}

/// So many months are kept in mind.
const MOST_MONTHS: usize = 4;
