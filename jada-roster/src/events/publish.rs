//! A month of charters copied for crew, so that what crew see follows what the office has.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt};

use crate::charter::{Charter, CharterId};
use crate::error::Error;
use crate::event::rules::ViewRules;
use crate::event::view::CrewView;
use crate::events::EventRepository;
use crate::filter::Filter;
use crate::month::Month;
use crate::repository::{CHARTER, CharterRepository};

/// What [`publish_month`] did.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Published {
    /// Copies that were written: new ones, and those that say something else than before.
    pub written: usize,
    /// Copies that say what they said.
    pub unchanged: usize,
    /// Copies that were taken away, as their charters are no more.
    pub withdrawn: usize,
    /// How many amounts of money, and columns of money, the charters hold that their copies do not.
    pub left_out: usize,
    /// Charters that were not copied, with the reason. A copy from before is left as it is.
    pub refused: Vec<(CharterId, Error)>,
}

/// Copies a month's charters for crew. Doing it again changes nothing; interrupted, it leaves some
/// copies of before, and running it again makes up for it.
///
/// A charter that was moved to another month is copied to where it is now, one that was called off is
/// shown so, and the copy of one that is no more is taken away. One that was deleted and made anew, so
/// that its numbers began again, gets a new copy. Charters that became others meanwhile are left to the
/// next run, and counted as unchanged.
///
/// Reads the month from either repository, and writes one by one what differs.
///
/// # Errors
/// [`Error::Unavailable`] and [`Error::Unprocessed`] are worth a retry. Rows that cannot be read are
/// [`Published::refused`] where their charter is known; else [`Error::CorruptItem`].
pub async fn publish_month(
    charters: &dyn CharterRepository,
    events: &dyn EventRepository,
    month: Month,
    rules: &ViewRules,
) -> Result<Published, Error> {
    let stored: Vec<CrewView> = readable(events, month).await?;
    let mut stored: BTreeMap<CharterId, CrewView> =
        stored.into_iter().map(|view| (view.id().clone(), view)).collect();
    let mut published = Published::default();
    let mut pages = charters.month(month, &Filter::everything());
    while let Some(charter) = pages.next().await {
        let id = match charter {
            Ok(charter) => {
                let before = stored.remove(charter.id());
                published.publish(charters, events, rules, charter, before).await?;
                continue;
            }
            Err(error) => published.refuse_row(error)?,
        };
        stored.remove(&id);
    }
    for (id, before) in stored {
        published.follow(charters, events, rules, &id, Some(before)).await?;
    }
    Ok(published)
}

/// Copies one charter for crew, and takes its copy away where it is no more.
///
/// # Errors
/// As [`publish_month`].
pub async fn publish_charter(
    charters: &dyn CharterRepository,
    events: &dyn EventRepository,
    id: &CharterId,
    rules: &ViewRules,
) -> Result<Published, Error> {
    let mut published = Published::default();
    let before = match events.find(id).await {
        Err(Error::CorruptItem { .. }) => None,
        found => found?,
    };
    published.follow(charters, events, rules, id, before).await?;
    Ok(published)
}

/// Copies that can be read; the others are written anew with their charters.
async fn readable(events: &dyn EventRepository, month: Month) -> Result<Vec<CrewView>, Error> {
    let mut rows = events.month(month);
    let mut views = Vec::new();
    loop {
        match rows.try_next().await {
            Ok(Some(view)) => views.push(view),
            Ok(None) => return Ok(views),
            Err(Error::CorruptItem { .. }) => {}
            Err(error) => return Err(error),
        }
    }
}

impl Published {
    /// Whatever became of a charter which the month does not show.
    async fn follow(
        &mut self,
        charters: &dyn CharterRepository,
        events: &dyn EventRepository,
        rules: &ViewRules,
        id: &CharterId,
        before: Option<CrewView>,
    ) -> Result<(), Error> {
        let mut found = match charters.find(std::slice::from_ref(id)).await {
            Ok(found) => found,
            Err(error) => return self.refuse_row(error).map(drop),
        };
        match (found.pop(), before) {
            (Some(charter), before) => self.publish(charters, events, rules, charter, before).await,
            (None, None) => Err(Error::NotFound { what: CHARTER, id: id.to_string() }),
            (None, Some(before)) => {
                events.remove(&before).await?;
                self.withdrawn += 1;
                Ok(())
            }
        }
    }

    /// Names a charter whose row cannot be read, but not what was found there, which may be its total.
    /// Its copy from before is left as it is.
    fn refuse_row(&mut self, mut error: Error) -> Result<CharterId, Error> {
        if let Error::CorruptItem { expected, .. } = &mut error {
            let told = expected.find(FOUND).unwrap_or(expected.len());
            expected.truncate(told);
        }
        let id = match &error {
            Error::CorruptItem { key, .. } => CharterId::new(key).ok(),
            _ => None,
        };
        let Some(id) = id else {
            return Err(error);
        };
        self.refused.push((id.clone(), error));
        Ok(id)
    }

    async fn publish(
        &mut self,
        charters: &dyn CharterRepository,
        events: &dyn EventRepository,
        rules: &ViewRules,
        charter: Charter,
        before: Option<CrewView>,
    ) -> Result<(), Error> {
        let id = charter.id().clone();
        let copy = match rules.view(charter) {
            Ok(copy) => copy,
            Err(error) => {
                self.refused.push((id, error));
                return Ok(());
            }
        };
        self.left_out += copy.removed.len();
        if before.is_some_and(|before| before == copy.value) {
            self.unchanged += 1;
            return Ok(());
        }
        match events.put(&copy.value).await {
            Ok(()) => self.written += 1,
            Err(Error::VersionConflict { .. }) => {
                return self.begin_again(charters, events, rules, &id).await;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A copy of a later state is stored: of one that another run has read since, or of a charter
    /// that was deleted and made anew. The copy is read first, so that a charter behind it is no
    /// older reading, but another charter.
    async fn begin_again(
        &mut self,
        charters: &dyn CharterRepository,
        events: &dyn EventRepository,
        rules: &ViewRules,
        id: &CharterId,
    ) -> Result<(), Error> {
        let stored = match events.find(id).await {
            Err(error @ Error::CorruptItem { .. }) => return self.refuse_row(error).map(drop),
            found => found?,
        };
        let charter = match charters.find(std::slice::from_ref(id)).await {
            Ok(mut found) => found.pop(),
            Err(error) => return self.refuse_row(error).map(drop),
        };
        let number = |view: &CrewView| view.charter_version().number();
        let Some((stored, charter)) = stored
            .zip(charter)
            .filter(|(stored, charter)| charter.version().number() < number(stored))
        else {
            self.unchanged += 1;
            return Ok(());
        };
        let copy = match rules.view(charter) {
            Ok(copy) => copy.value,
            Err(error) => {
                self.refused.push((id.clone(), error));
                return Ok(());
            }
        };
        match events.replace(&stored, &copy).await {
            Ok(()) => self.written += 1,
            Err(Error::VersionConflict { .. }) => self.unchanged += 1,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Before what was found, in errors of rows.
const FOUND: &str = ", found `";
