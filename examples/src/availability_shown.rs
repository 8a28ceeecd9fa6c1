//! A sync of availability: what was done on stdout, what could not be taken on stderr.

use std::fmt;

use anyhow::ensure;
use jada_roster::{AvailabilitySynced, DayChange, DayState, Error, LeftOver};
use serde::Serialize;

use crate::{Log, print};

/// What a sync of availability did, or would do.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct AvailabilitySummary {
    month: String,
    dry_run: bool,
    added: Vec<DayLine>,
    changed: Vec<DayLine>,
    removed: Vec<DayLine>,
    /// Those of the above by which a word is gone that was said elsewhere since the last sync.
    overruled: Vec<DayLine>,
    /// The ids of the members who were written.
    written: Vec<String>,
    left_over: Vec<String>,
    unknown: Vec<String>,
    ambiguous: Vec<String>,
    /// Members of whom the tab has said something before, and who stand in it no more.
    absent: Vec<String>,
    unread: Vec<String>,
    unreadable: Vec<String>,
    /// Days of the month that the tab does not have.
    missing: Vec<String>,
    #[serde(skip)]
    line: String,
    /// Why somebody was left over, rather one whom time alone does not heal.
    #[serde(skip)]
    failure: Option<Error>,
}

/// The same in numbers, as the journal keeps it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AvailabilityCounts {
    month: String,
    added: usize,
    changed: usize,
    removed: usize,
    overruled: usize,
    written: usize,
}

#[derive(Debug, Serialize)]
struct DayLine {
    at: String,
    crew_id: String,
    name: String,
    day: String,
    before: Option<&'static str>,
    after: Option<&'static str>,
}

impl AvailabilitySummary {
    /// What would be done.
    #[must_use]
    pub fn planned(synced: &AvailabilitySynced) -> Self {
        Self { dry_run: true, ..Self::of(synced) }
    }

    /// What was done.
    #[must_use]
    pub fn done(mut synced: AvailabilitySynced) -> Self {
        let summary = Self::of(&synced);
        synced.left_over.sort_by_key(|left| left.error.is_transient());
        let failure = synced.left_over.into_iter().next().map(|left| left.error);
        Self { failure, ..summary }
    }

    fn of(synced: &AvailabilitySynced) -> Self {
        let days = |changes: &[DayChange]| changes.iter().map(DayLine::from).collect();
        Self {
            month: synced.month.to_string(),
            dry_run: false,
            added: days(&synced.added),
            changed: days(&synced.changed),
            removed: days(&synced.removed),
            overruled: days(&synced.overruled),
            written: lines(&synced.written),
            left_over: synced.left_over.iter().map(left_over).collect(),
            unknown: lines(&synced.unknown),
            ambiguous: lines(&synced.ambiguous),
            absent: lines(&synced.absent),
            unread: lines(&synced.unread),
            unreadable: lines(&synced.unreadable),
            missing: lines(&synced.missing),
            line: synced.to_string(),
            failure: None,
        }
    }

    /// Prints it, and names on stderr what could not be taken, and what a member had said otherwise.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn show(&self, log: Log, json: bool) -> anyhow::Result<()> {
        print(self, json)?;
        let notes = self.overruled.iter().map(|day| format!("note: {}", day.overruled()));
        let missing = self.missing.iter().map(|day| format!("note: the tab has no day {day}"));
        let absent = self.absent.iter().map(|line| format!("note: {line}"));
        let not_taken = [&self.unknown, &self.ambiguous, &self.unread, &self.unreadable];
        let warnings = not_taken.into_iter().chain([&self.left_over]).flatten();
        let warnings = warnings.map(|line| format!("warning: {line}"));
        notes.chain(missing).chain(absent).chain(warnings).for_each(|line| log.note(&line));
        Ok(())
    }

    /// How much was done, where all that the tab says was.
    ///
    /// # Errors
    /// What a person must mend in the tab or in the roster; else why members were left over.
    pub fn check(self) -> anyhow::Result<AvailabilityCounts> {
        let people = self.unknown.len() + self.ambiguous.len();
        let (cells, rows) = (self.unread.len(), self.unreadable.len());
        ensure!(
            people + cells + rows == 0,
            "of the tab of {} not all was taken: people whom nobody can tell: {people}, cells that \
             are not understood: {cells}, stored rows that cannot be read: {rows}; mend them, or \
             declare what people are called by --aliases and what words mean by --word",
            self.month
        );
        if let Some(failure) = self.failure {
            let left = self.left_over.len();
            let mend = match failure.is_transient() {
                true => "again finishes it",
                false => "the warnings say of each what mends it",
            };
            let said = format!("members left over: {left}; {mend}");
            return Err(anyhow::Error::new(failure).context(said));
        }
        Ok(AvailabilityCounts {
            month: self.month,
            added: self.added.len(),
            changed: self.changed.len(),
            removed: self.removed.len(),
            overruled: self.overruled.len(),
            written: self.written.len(),
        })
    }
}

impl fmt::Display for AvailabilitySummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)?;
        if !self.dry_run {
            return Ok(());
        }
        f.write_str("; a dry run, nothing was written")?;
        let mut days = [&self.added, &self.changed, &self.removed].into_iter().flatten();
        days.try_for_each(|day| write!(f, "\n  {day}"))
    }
}

impl From<&DayChange> for DayLine {
    fn from(change: &DayChange) -> Self {
        Self {
            at: change.at.to_string(),
            crew_id: change.crew.to_string(),
            name: change.name.to_string(),
            day: change.day.to_string(),
            before: change.before.map(DayState::as_str),
            after: change.after.map(DayState::as_str),
        }
    }
}

impl DayLine {
    fn overruled(&self) -> String {
        let Self { at, name, day, .. } = self;
        let [before, after] = self.words();
        format!(
            "{at}: {name} had said otherwise since the last sync: {day} is {after}, was {before}"
        )
    }

    fn words(&self) -> [&str; 2] {
        [self.before, self.after].map(|word| word.unwrap_or("nothing"))
    }
}

impl fmt::Display for DayLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, name, day, .. } = self;
        let [before, after] = self.words();
        write!(f, "{at}: {name}, {day}: {after} instead of {before}")
    }
}

fn left_over(left: &LeftOver) -> String {
    format!("{left}: {}", left.error)
}

fn lines<T: fmt::Display>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}
