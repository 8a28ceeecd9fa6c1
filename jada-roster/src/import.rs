//! Bringing charters and crew from elsewhere into a repository, so that doing it twice changes nothing.

#[cfg(feature = "import")]
mod aliases;
pub(crate) mod bad_row;
#[cfg(feature = "import")]
mod charter_row;
pub(crate) mod crew;
#[cfg(feature = "import")]
pub(crate) mod csv;
#[cfg(feature = "import")]
mod json;
#[cfg(feature = "import")]
pub(crate) mod place;
#[cfg(feature = "import")]
pub(crate) mod read;
#[cfg(feature = "import")]
mod row;
#[cfg(feature = "import")]
pub(crate) mod table;

use std::collections::HashMap;
use std::fmt;

use crate::charter::{Charter, CharterId, Difference};
use crate::error::{Error, shorten};
use crate::repository::CharterRepository;

/// What to do about a charter or a member that is stored with other content, or told twice
/// differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnConflict {
    /// Report every such account and write nothing of it; of charters, nothing at all.
    #[default]
    Refuse,
    /// The later account wins.
    TakeNew,
}

/// What an import did. Charters that are stored and were not named stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// Charters that are new.
    pub added: usize,
    /// Charters whose content was replaced.
    pub updated: usize,
    /// Charters that were stored already, word for word.
    pub unchanged: usize,
}

/// Two accounts of one charter that disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// Which charter.
    pub id: CharterId,
    /// Where the two stand: `line 3 and line 9`, `the store and the import`.
    pub between: String,
    /// What they disagree about.
    pub differences: Vec<Difference>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({}):", self.id, self.between)?;
        for (index, difference) in self.differences.iter().enumerate() {
            let Difference { field, before, after } = difference;
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma} {field} `{}` or `{}`", shorten(before), shorten(after))?;
        }
        Ok(())
    }
}

/// Puts charters into a repository: adds the new ones, leaves alone those that say the same.
///
/// Everything is compared before anything is written. Writes go in groups of 100, each whole;
/// after an interruption the same import finishes what is missing.
///
/// # Errors
/// [`Error::Conflicts`] names every charter whose account differs; nothing was written.
/// [`Error::VersionConflict`], [`Error::Unavailable`] and [`Error::Unprocessed`] are worth a retry
/// of the whole import.
pub async fn import(
    repository: &dyn CharterRepository,
    charters: Vec<Charter>,
    on_conflict: OnConflict,
) -> Result<Imported, Error> {
    let charters = distinct(charters.into_iter().map(|charter| (IMPORT, charter)), on_conflict)?;
    let mut imported = Imported::default();
    let mut conflicts = Vec::new();
    let mut writes = Vec::new();
    let mut charters = charters.into_iter();
    while let Some(group) = next_group(&mut charters) {
        let ids: Vec<CharterId> = group.iter().map(|charter| charter.id().clone()).collect();
        let found = repository.find(&ids).await?;
        let stored: HashMap<&CharterId, &Charter> =
            found.iter().map(|charter| (charter.id(), charter)).collect();
        for charter in group {
            match stored.get(charter.id()) {
                None => {
                    imported.added += 1;
                    writes.push(charter);
                }
                Some(stored) if stored.says_the_same(&charter) => imported.unchanged += 1,
                Some(stored) if on_conflict == OnConflict::TakeNew => {
                    imported.updated += 1;
                    writes.push(charter.with_version(stored.version()));
                }
                Some(stored) => conflicts.push(Conflict {
                    id: charter.id().clone(),
                    between: format!("{STORE} and {IMPORT}"),
                    differences: stored.differences(&charter),
                }),
            }
        }
    }
    if !conflicts.is_empty() {
        return Err(Error::Conflicts { conflicts });
    }
    // Charters are let go as they are written: a large import and its store need not both fit.
    let mut writes = writes.into_iter();
    while let Some(group) = next_group(&mut writes) {
        repository.save(&group).await?;
    }
    Ok(imported)
}

fn next_group(charters: &mut impl Iterator<Item = Charter>) -> Option<Vec<Charter>> {
    let group: Vec<Charter> = charters.take(GROUP).collect();
    (!group.is_empty()).then_some(group)
}

/// One account for each charter, in the order of their first appearance.
pub(crate) fn distinct<P: fmt::Display>(
    charters: impl IntoIterator<Item = (P, Charter)>,
    on_conflict: OnConflict,
) -> Result<Vec<Charter>, Error> {
    let charters = charters.into_iter();
    let mut kept: Vec<(P, Charter)> = Vec::with_capacity(charters.size_hint().0);
    let mut known: HashMap<CharterId, usize> = HashMap::with_capacity(charters.size_hint().0);
    let mut conflicts = Vec::new();
    for (place, charter) in charters {
        let Some(&at) = known.get(charter.id()) else {
            known.insert(charter.id().clone(), kept.len());
            kept.push((place, charter));
            continue;
        };
        let (first, earlier) = &kept[at];
        if earlier.says_the_same(&charter) {
            continue;
        }
        match on_conflict {
            OnConflict::TakeNew => kept[at] = (place, charter),
            OnConflict::Refuse => conflicts.push(Conflict {
                id: charter.id().clone(),
                between: format!("{first} and {place}"),
                differences: earlier.differences(&charter),
            }),
        }
    }
    if conflicts.is_empty() {
        Ok(kept.into_iter().map(|(_, charter)| charter).collect())
    } else {
        Err(Error::Conflicts { conflicts })
    }
}

const STORE: &str = "the store";
const IMPORT: &str = "the import";
/// Charters compared, or written, at a time: one request to DynamoDB.
const GROUP: usize = 100;
