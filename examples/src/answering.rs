//! Who takes the answers of crew that are called: for a store, and for a fictional charter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use jada_roster::{
    CallRules, Charter, CharterId, CharterRepository, CrewCall, Currency, DynamoCharters, Error,
    Harbour, Letter, Link, LinkSpec, MagicLinks, MemoryCharters, MemoryLinks, MemoryRoster, Money,
    NoPostman, NoticeKind, PersonName, Postman, Purpose, Status,
};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::Crew;

/// A link by which somebody who is asked answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AskLink {
    /// Who is asked.
    pub name: PersonName,
    /// The charter that they are asked about.
    pub charter: CharterId,
    /// The link.
    pub link: Link,
}

/// Takes answers to the calls of a store. What is to be mailed then is left to a dispatcher.
pub(crate) fn answers_of(crew: &Crew, rules: CallRules) -> CrewCall {
    let charters = Arc::new(DynamoCharters::new(crew.client().clone()));
    CrewCall::builder(charters, Arc::new(crew.roster.clone()), rules, Arc::new(NoPostman)).build()
}

/// A charter of next week for which the fictional crew is called, and the links of those who are asked.
pub(crate) async fn fictional_call(
    roster: &MemoryRoster,
    links: &MemoryLinks,
    today: Date,
    time_zone: TimeZone,
) -> anyhow::Result<(CrewCall, Vec<AskLink>)> {
    let (charters, charter) = (MemoryCharters::new(), charter_to_call_for(today)?);
    let id = charter.id().clone();
    charters.save(&[charter]).await?;
    let harbour = Harbour::new(HARBOUR, time_zone).without_quiet_hours();
    let pocket = Arc::new(Pocket { links: links.clone(), asks: Mutex::default() });
    let rules = CallRules::builder(harbour).build()?;
    let postman = Arc::clone(&pocket) as Arc<dyn Postman>;
    let call = CrewCall::builder(Arc::new(charters), Arc::new(roster.clone()), rules, postman);
    let call = call.build();
    call.advance(&id).await?;
    Ok((call, pocket.asks()))
}

/// On a morning on which two fictional captains have not said no.
fn charter_to_call_for(today: Date) -> anyhow::Result<Charter> {
    let day = today.checked_add(6.days()).context("the calendar ends")?;
    let columns =
        [("boat", "Isla"), ("hours", "09:00-12:00"), ("harbour", HARBOUR), ("guests", "5")];
    let columns = columns.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let charter = Charter::builder(CharterId::new("F-100")?, day, Currency::USD)
        .guest("Dee Harper")
        .total(Money::from_minor(45_000, Currency::USD))
        .status(Status::Confirmed)
        .brand("Example Sails")
        .notes("First time on the water; balance due $450 on board. Meet at 08:30 at the gate")
        .extra(columns);
    Ok(charter.build()?)
}

/// Keeps the links of asks, to be printed; whatever else would be mailed is told to nobody.
#[derive(Debug)]
struct Pocket {
    links: MemoryLinks,
    asks: Mutex<BTreeMap<String, AskLink>>,
}

impl Pocket {
    fn asks(&self) -> Vec<AskLink> {
        let asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asks: Vec<_> = asks.values().cloned().collect();
        asks.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
        asks
    }
}

#[async_trait]
impl Postman for Pocket {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let Some(member) = letter.member.as_ref() else {
            return Ok(());
        };
        if letter.notice.kind() != NoticeKind::Ask {
            return Ok(());
        }
        let charter = letter.event.id().clone();
        let spec = LinkSpec::single_use(Purpose::answer(&charter));
        // It is longer than a fictional crew lives.
        let link = self.links.issue(member.id(), &spec.with_life(LONGEST)).await?;
        let ask = AskLink { name: member.name().clone(), charter, link };
        let mut asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner);
        asks.insert(letter.notice.key(letter.event.id()), ask);
        Ok(())
    }
}

const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const HARBOUR: &str = "East Harbour, slip 12";
