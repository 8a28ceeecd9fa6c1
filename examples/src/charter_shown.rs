//! A charter and its thread on stdout: a page and lines for a person, JSON for a program.

use std::fmt;

use jada_roster::{Assignment, Charter, ChatMessage};
use serde::Serialize;
use serde_json::{Map, Value};

/// One charter, with all that is known of it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CharterPage {
    charter_id: String,
    date: String,
    status: &'static str,
    guest: String,
    /// In units of the currency.
    total: Option<String>,
    currency: String,
    kind: String,
    brand: String,
    notes: String,
    other_columns: Map<String, Value>,
    /// None where who sails cannot be read.
    assignments: Option<Vec<Berth>>,
    /// Why it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    crew_unread: Option<String>,
    version: u64,
}

#[derive(Clone, Debug, Serialize)]
struct Berth {
    berth: String,
    crew_id: String,
}

/// One message of a thread.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MessageLine {
    charter_id: String,
    time: String,
    message_id: String,
    author: String,
    text: String,
}

impl From<&Charter> for CharterPage {
    fn from(charter: &Charter) -> Self {
        let others =
            charter.extra().iter().map(|(name, text)| (name.clone(), text.as_str().into()));
        let berth = |assignment: &Assignment| Berth {
            berth: assignment.berth().to_string(),
            crew_id: assignment.crew().to_string(),
        };
        let crew = charter.assignments();
        Self {
            charter_id: charter.id().to_string(),
            date: charter.date().to_string(),
            status: charter.status().as_str(),
            guest: charter.guest().to_owned(),
            total: charter.total().map(|total| total.decimal().to_string()),
            currency: charter.currency().to_string(),
            kind: charter.kind().to_string(),
            brand: charter.brand().to_owned(),
            notes: charter.notes().to_owned(),
            other_columns: others.collect(),
            crew_unread: crew.as_ref().err().map(ToString::to_string),
            assignments: crew.ok().map(|crew| crew.iter().map(berth).collect()),
            version: charter.version().number(),
        }
    }
}

impl fmt::Display for CharterPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { charter_id, date, status, kind, currency, .. } = self;
        write!(f, "{charter_id}, {date}, {kind}, {status}")?;
        let total = self.total.as_ref().map(|total| format!("{total} {currency}"));
        line(f, "guest", &self.guest)?;
        line(f, "total", total.as_deref().unwrap_or("not agreed"))?;
        line(f, "brand", &self.brand)?;
        line(f, "notes", &self.notes)?;
        for (name, text) in &self.other_columns {
            line(f, name, text.as_str().unwrap_or_default())?;
        }
        if let Some(unread) = &self.crew_unread {
            return line(f, "crew", unread);
        }
        let crew = self.assignments.iter().flatten();
        let crew: Vec<_> =
            crew.map(|sails| format!("{}: {}", sails.berth, sails.crew_id)).collect();
        line(
            f,
            "crew",
            if crew.is_empty() { "nobody yet".to_owned() } else { crew.join("\n") }.as_str(),
        )
    }
}

impl From<&ChatMessage> for MessageLine {
    fn from(message: &ChatMessage) -> Self {
        Self {
            charter_id: message.charter().to_string(),
            time: message.at().to_string(),
            message_id: message.id().to_string(),
            author: message.author().to_string(),
            text: message.text().to_string(),
        }
    }
}

impl fmt::Display for MessageLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { time, author, text, .. } = self;
        write!(f, "{time}  {author}: {}", indented(text, 2))
    }
}

/// A field that says something.
fn line(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    if text.trim().is_empty() {
        return Ok(());
    }
    write!(f, "\n  {name:8}  {}", indented(text, 12))
}

/// All lines but the first are moved to the right.
fn indented(text: &str, by: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(by)))
}
