//! Who sails on which charter around a day, read once for many calls.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use futures_util::StreamExt;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::cascade::around::days_around;
use crate::cascade::voyage::{Other, Voyage, elsewhere};
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterId};
use crate::crew::id::CrewId;
use crate::crew_call::CrewCall;
use crate::error::Error;
use crate::event::{CharterEvent, EventColumns};
use crate::status::Status;

/// The charters around the days of calls: each day is read when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Around {
    days: HashMap<Date, Vec<Sails>>,
    unreadable: Vec<Error>,
}

/// What is kept of a charter: who sails on it, and when.
#[derive(Debug)]
struct Sails {
    id: CharterId,
    voyage: Voyage,
    crew: Box<[Assignment]>,
}

impl Around {
    /// The charters of a day, of the day before and of the day after.
    pub(super) async fn day(
        &mut self,
        of: &CrewCall,
        day: Date,
    ) -> Result<impl Iterator<Item = Other<'_>>, Error> {
        let days = days_around(day);
        if self.missing(&days).is_some() {
            self.make_room();
        }
        if let Some(missing) = self.missing(&days) {
            self.read(of, missing).await?;
        }
        Ok(dates(&days).filter_map(|date| self.days.get(&date)).flatten().map(Sails::other))
    }

    /// Who sails on others while this charter is under way, by their rows as they are now: an index
    /// may lag, and says no more than which rows there are.
    pub(super) async fn away(
        &mut self,
        of: &CrewCall,
        event: &CharterEvent,
    ) -> Result<HashSet<CrewId>, Error> {
        let others = self.day(of, event.date()).await?.filter(|other| other.id != event.id());
        let ids: Vec<CharterId> = others.map(|other| other.id.clone()).collect();
        let found = of.charters.find(&ids).await?;
        let events = found.into_iter().map(|charter| known(of, charter));
        let events = events.collect::<Result<Vec<_>, _>>()?;
        Ok(elsewhere(event, Other::of_all(&events)).into_keys().cloned().collect())
    }

    /// Rows that could not be read since the last call.
    pub(super) fn unreadable(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.unreadable)
    }

    /// From the first of these days that is not kept to the last.
    fn missing(&self, days: &RangeInclusive<Date>) -> Option<RangeInclusive<Date>> {
        let mut missing = dates(days).filter(|date| !self.days.contains_key(date));
        let first = missing.next()?;
        Some(first..=missing.last().unwrap_or(first))
    }

    fn make_room(&mut self) {
        if self.days.values().map(Vec::len).sum::<usize>() > MOST_CHARTERS {
            self.days.clear();
        }
    }

    /// A row that cannot be read is left out, and said: it is no reason to call nobody.
    async fn read(&mut self, of: &CrewCall, days: RangeInclusive<Date>) -> Result<(), Error> {
        let mut charters = of.charters.days(days.clone());
        let mut read: HashMap<Date, Vec<Sails>> =
            dates(&days).map(|date| (date, Vec::new())).collect();
        while let Some(charter) = charters.next().await {
            match charter.and_then(|charter| known(of, charter)) {
                Ok(event) if event.status() == Status::Cancelled => {}
                Ok(event) => read.entry(event.date()).or_default().push(Sails::of(&event)),
                Err(error @ (Error::CorruptItem { .. } | Error::Invalid { .. })) => {
                    self.unreadable.push(error);
                }
                Err(error) => return Err(error),
            }
        }
        self.days.extend(read);
        Ok(())
    }
}

impl Sails {
    fn of(event: &CharterEvent) -> Self {
        let (id, voyage, crew) = (event.id().clone(), Voyage::of(event), event.assignments());
        Self { id, voyage, crew: crew.into() }
    }

    fn other(&self) -> Other<'_> {
        Other { id: &self.id, voyage: self.voyage, crew: &self.crew }
    }
}

/// A charter whose hours cannot be read keeps its crew all day.
fn known(of: &CrewCall, charter: Charter) -> Result<CharterEvent, Error> {
    let blank = EventColumns::default().with_hours("").with_head_count("");
    of.event(&charter).or_else(|_| CharterEvent::of(charter, &blank))
}

fn dates(days: &RangeInclusive<Date>) -> impl Iterator<Item = Date> + use<> {
    let last = *days.end();
    days.start().series(1.day()).take_while(move |date| *date <= last)
}

/// No more are kept in mind, about 10 MB, and the days of one call; then all are forgotten and read anew.
const MOST_CHARTERS: usize = 50_000;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::cascade::rules::CallRules;
    use crate::crew_call::postman::MockPostman;
    use crate::harbour::Harbour;
    use crate::money::Currency;
    use crate::repository::memory::MemoryCharters;
    use crate::roster::memory::MemoryRoster;

    #[tokio::test]
    async fn days_are_read_once_and_forgotten_when_they_are_many() {
        let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
        let (charters, post) = (Arc::new(MemoryCharters::new()), Arc::new(MockPostman::new()));
        let call = CrewCall::builder(charters, Arc::new(MemoryRoster::new()), rules, post).build();
        let mut around = Around::default();
        let id = CharterId::new("C-1").unwrap();
        let charter = Charter::builder(id, date(2026, 5, 3), Currency::USD).build().unwrap();
        let event = CharterEvent::of(charter, &EventColumns::default()).unwrap();
        let mut sails = |day, count: usize| {
            around.days.insert(day, (0..count).map(|_| Sails::of(&event)).collect());
        };
        sails(date(2026, 5, 1), MOST_CHARTERS - 1);
        sails(date(2026, 5, 3), 1);
        assert_eq!(around.day(&call, date(2026, 5, 4)).await.unwrap().count(), 1);
        assert_eq!(around.days.len(), 4, "of those that were kept none was read again");
        around.days.entry(date(2026, 5, 5)).or_default().push(Sails::of(&event));
        assert_eq!(around.day(&call, date(2026, 5, 4)).await.unwrap().count(), 2);
        assert_eq!(around.day(&call, date(2026, 5, 8)).await.unwrap().count(), 0);
        assert_eq!(
            around.days.len(),
            3,
            "more than there is room for, so that only these are kept"
        );
    }
}
