//! Events on stdout: a page for a person, JSON for a program.

use std::fmt;

use jada_roster::{
    Assignment, Charter, CharterEvent, CrewView, EventColumns, Published, ScrubbedRow,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::warn;

/// A charter, as somebody may see it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct EventShown {
    charter_id: String,
    date: String,
    hours: Option<String>,
    status: String,
    kind: String,
    brand: String,
    boat: String,
    harbour: String,
    guest: String,
    head_count: Option<u32>,
    notes: String,
    assignments: Vec<Berth>,
    columns: Map<String, Value>,
    #[serde(flatten)]
    money: Option<Money>,
}

#[derive(Clone, Debug, Serialize)]
struct Berth {
    crew_id: String,
    berth: String,
}

/// What operations alone see.
#[derive(Clone, Debug, Serialize)]
struct Money {
    total: Option<String>,
    currency: String,
}

/// What became of a month or a charter that was copied for crew.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PublishedShown {
    written: usize,
    unchanged: usize,
    withdrawn: usize,
    left_out: usize,
    refused: Vec<String>,
}

/// A row of which money was taken, or would be.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RowShown {
    key: String,
    attributes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<Vec<String>>,
}

/// What became of all rows that were looked at.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct RowsShown {
    rows: usize,
    with_money: usize,
    removed: usize,
    dry_run: bool,
}

/// Whether what was taken out is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Values {
    /// By the names of its attributes alone.
    Hidden,
    /// As it stood there.
    Shown,
}

impl EventShown {
    pub(crate) fn for_operations(charter: Charter) -> anyhow::Result<Self> {
        let event = CharterEvent::of(charter, &EventColumns::default())?;
        let charter = event.charter();
        let columns = charter.extra().iter();
        let money = Money {
            total: charter.total().map(|total| total.decimal().to_string()),
            currency: charter.currency().to_string(),
        };
        Ok(Self {
            charter_id: event.id().to_string(),
            date: event.date().to_string(),
            hours: event.hours().map(|hours| hours.to_string()),
            status: event.status().to_string(),
            kind: charter.kind().to_string(),
            brand: charter.brand().to_owned(),
            boat: event.boat().to_owned(),
            harbour: event.harbour().to_owned(),
            guest: charter.guest().to_owned(),
            head_count: event.head_count(),
            notes: charter.notes().to_owned(),
            assignments: berths(event.assignments()),
            columns: columns.map(|(name, text)| (name.clone(), text.as_str().into())).collect(),
            money: Some(money),
        })
    }

    pub(crate) fn for_crew(view: &CrewView) -> Self {
        let columns = view.columns().iter();
        Self {
            charter_id: view.id().to_string(),
            date: view.date().to_string(),
            hours: view.hours().map(|hours| hours.to_string()),
            status: view.status().to_string(),
            kind: view.kind().to_string(),
            brand: view.brand().to_string(),
            boat: view.boat().to_string(),
            harbour: view.harbour().to_string(),
            guest: view.guest().to_string(),
            head_count: view.head_count(),
            notes: view.note().to_string(),
            assignments: berths(view.assignments()),
            columns: columns.map(|(name, text)| (name.clone(), text.as_str().into())).collect(),
            money: None,
        }
    }
}

fn berths(assignments: &[Assignment]) -> Vec<Berth> {
    let berth =
        |it: &Assignment| Berth { crew_id: it.crew().to_string(), berth: it.berth().to_string() };
    assignments.iter().map(berth).collect()
}

impl fmt::Display for EventShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head_count = self.head_count.map(|guests| guests.to_string()).unwrap_or_default();
        let total = self.money.as_ref().map(|money| {
            format!("{} {}", money.total.as_deref().unwrap_or("not agreed, in"), money.currency)
        });
        write!(f, "{} on {}", self.charter_id, self.date)?;
        let facts = [
            ("hours", self.hours.clone().unwrap_or_default()),
            ("status", self.status.clone()),
            ("kind", self.kind.clone()),
            ("brand", self.brand.clone()),
            ("boat", self.boat.clone()),
            ("harbour", self.harbour.clone()),
            ("guest", self.guest.clone()),
            ("guests", head_count),
            ("total", total.unwrap_or_default()),
            ("notes", self.notes.clone()),
        ];
        for (name, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
            write!(f, "\n{name:8}{text}")?;
        }
        for Berth { crew_id, berth } in &self.assignments {
            write!(f, "\n{:8}{crew_id}, as {berth}", "sails")?;
        }
        Ok(())
    }
}

impl PublishedShown {
    /// The outcome; charters that were refused are named on stderr.
    #[must_use]
    pub fn of(published: &Published) -> Self {
        let Published { written, unchanged, withdrawn, left_out, refused, .. } = published;
        let refused: Vec<String> = refused.iter().map(|(id, why)| format!("{id}: {why}")).collect();
        refused.iter().for_each(warn);
        let (written, unchanged, withdrawn, left_out) =
            (*written, *unchanged, *withdrawn, *left_out);
        Self { written, unchanged, withdrawn, left_out, refused }
    }

    /// Fails where charters were refused.
    ///
    /// # Errors
    /// Says how many, and what mends it.
    pub fn check(&self) -> anyhow::Result<()> {
        let refused = self.refused.len();
        anyhow::ensure!(refused == 0, "charters that were not copied: {refused}; mend them");
        Ok(())
    }
}

impl fmt::Display for PublishedShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { written, unchanged, withdrawn, left_out, refused } = self;
        write!(
            f,
            "{written} copied, {unchanged} unchanged, {withdrawn} withdrawn, {} refused; {left_out} \
             amounts of money were left out",
            refused.len()
        )
    }
}

impl RowShown {
    /// A row, if there was money in it.
    #[must_use]
    pub fn of(row: &ScrubbedRow, values: Values) -> Option<Self> {
        let shown = (values == Values::Shown)
            .then(|| row.removed.iter().map(|removed| removed.expose().to_owned()).collect());
        (!row.removed.is_empty()).then(|| Self {
            key: row.key.clone(),
            attributes: row.removed.iter().map(|removed| removed.place().to_owned()).collect(),
            removed: shown,
        })
    }
}

impl fmt::Display for RowShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, attributes, removed } = self;
        let Some(removed) = removed else {
            return write!(f, "{key}: {}", attributes.join(", "));
        };
        let pairs = attributes.iter().zip(removed);
        let pairs: Vec<String> = pairs.map(|(name, text)| format!("{name} `{text}`")).collect();
        write!(f, "{key}: {}", pairs.join(", "))
    }
}

impl RowsShown {
    /// Nothing yet, of a dry run or of a real one.
    #[must_use]
    pub fn begin(doing: crate::Scrubbing) -> Self {
        Self { dry_run: doing == crate::Scrubbing::Dry, ..Self::default() }
    }

    /// With one more row.
    pub fn add(&mut self, row: &ScrubbedRow) {
        self.rows += 1;
        self.with_money += usize::from(!row.removed.is_empty());
        self.removed += row.removed.len();
    }
}

impl fmt::Display for RowsShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, with_money, removed, dry_run } = self;
        let done =
            if *dry_run { "would be taken out; this was a dry run" } else { "were taken out" };
        write!(
            f,
            "{with_money} of {rows} rows had money in them: {removed} attributes and amounts {done}"
        )
    }
}
