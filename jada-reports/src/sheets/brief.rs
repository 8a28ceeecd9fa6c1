//! A report in short, for a journal that has a line for each run.

use std::fmt;

use serde::Serialize;

use super::report::SyncReport;

/// What a [`SyncReport`] says, in short: of each list how many there are, and the first few. As JSON
/// it has no empty list, so that a line of a journal is some 50 bytes where nothing was done, and 1
/// or 2 KiB where thousands of rows were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SyncBrief {
    /// The keys of rows that the tab did not have.
    #[serde(skip_serializing_if = "Few::is_none")]
    pub added: Few,
    /// The keys of rows of which cells were written.
    #[serde(skip_serializing_if = "Few::is_none")]
    pub changed: Few,
    /// How many rows were in the tab as they should be.
    pub unchanged: usize,
    /// The keys of rows that were left as they are.
    #[serde(skip_serializing_if = "Few::is_none")]
    pub vanished: Few,
    /// The keys of rows whose cells were cleared.
    #[serde(skip_serializing_if = "Few::is_none")]
    pub removed: Few,
    /// The A1 addresses of key cells that are blank.
    #[serde(skip_serializing_if = "Few::is_none")]
    pub keyless: Few,
    /// The A1 addresses of cells that were given back what they held.
    #[serde(skip_serializing_if = "Few::is_none")]
    pub restored: Few,
    /// How many cells were written.
    pub cells: usize,
    /// How many requests were made.
    pub requests: usize,
}

/// How many there are of something, and the first [`SHOWN`](Self::SHOWN) of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Few {
    /// How many there are.
    pub count: usize,
    /// The first of them, in their order.
    pub first: Vec<String>,
}

impl SyncReport {
    /// The same in short.
    #[must_use]
    pub fn brief(&self) -> SyncBrief {
        SyncBrief {
            added: Few::of(&self.added),
            changed: Few::of(self.changed.iter().map(|row| &row.key)),
            unchanged: self.unchanged,
            vanished: Few::of(&self.vanished),
            removed: Few::of(&self.removed),
            keyless: Few::of(&self.keyless),
            restored: Few::of(&self.restored),
            cells: self.cells,
            requests: self.requests,
        }
    }
}

impl Few {
    /// How many are named: 5.
    pub const SHOWN: usize = 5;

    /// Of these.
    pub fn of<'a, I>(all: I) -> Self
    where
        I: IntoIterator<Item = &'a String, IntoIter: ExactSizeIterator>,
    {
        let all = all.into_iter();
        Self { count: all.len(), first: all.take(Self::SHOWN).cloned().collect() }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for Few {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.join(", "))?;
        match self.count - self.first.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_thousands_is_a_short_line_and_one_of_nothing_a_shorter_one() {
        let keys = |count| (0..count).map(|number| format!("C-{number}")).collect::<Vec<_>>();
        let report = SyncReport { added: keys(10_000), vanished: keys(6), ..SyncReport::default() };
        let brief = report.brief();
        assert_eq!((brief.added.count, &brief.added.first[4][..]), (10_000, "C-4"));
        let json = serde_json::to_string(&brief).unwrap();
        assert!(json.len() < 200, "{json}");
        assert_eq!(brief.vanished.to_string(), "C-0, C-1, C-2, C-3, C-4 and 1 more");
        let json = serde_json::to_string(&SyncReport::default().brief()).unwrap();
        assert_eq!(json, r#"{"unchanged":0,"cells":0,"requests":0}"#);
    }
}
