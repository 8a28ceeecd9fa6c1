//! Who sails on a charter, or why its row does not tell.

use crate::charter::CharterId;
use crate::charter::assignment::Assignment;
use crate::error::Error;

/// Who sails, or what stands in the row instead.
pub(crate) type Crew = Result<Vec<Assignment>, Box<Unread>>;

/// Who sails is kept in a way that cannot be read: there may be somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) table: String,
    pub(crate) attribute: String,
    /// What would have been accepted.
    pub(crate) expected: String,
}

impl Unread {
    /// What whoever has to know who sails is told.
    pub(crate) fn error(&self, charter: &CharterId) -> Error {
        let Self { table, attribute, expected } = self.clone();
        Error::CorruptItem { table, key: charter.to_string(), attribute, expected, called: None }
    }
}
