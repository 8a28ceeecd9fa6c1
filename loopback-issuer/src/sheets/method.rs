//! The methods of Sheets' API that are served, and what each wants.

use crate::loopback::Head;

/// A method of [Sheets' API](https://developers.google.com/workspace/sheets/api/reference/rest), as
/// far as it is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SheetsMethod {
    /// `GET {id}`: tabs, and cells where they are asked for.
    Get,
    /// `GET {id}/values:batchGet`.
    ValuesBatchGet,
    /// `POST {id}:batchUpdate`.
    BatchUpdate,
}

impl SheetsMethod {
    /// What a request asks for; `None` where it is nothing that is served.
    pub fn of(head: &Head) -> Option<Self> {
        Some(match (head.method(), &head.segments()[..]) {
            ("GET", ["v4", "spreadsheets", id]) if !id.contains(':') => Self::Get,
            ("GET", ["v4", "spreadsheets", _, "values:batchGet"]) => Self::ValuesBatchGet,
            ("POST", ["v4", "spreadsheets", id]) if id.ends_with(BATCH_UPDATE) => Self::BatchUpdate,
            _ => return None,
        })
    }

    /// Google's name for it, such as `spreadsheets.get`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "spreadsheets.get",
            Self::ValuesBatchGet => "spreadsheets.values.batchGet",
            Self::BatchUpdate => "spreadsheets.batchUpdate",
        }
    }

    /// One of these is enough, beside the scope of everything.
    pub(super) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Get | Self::ValuesBatchGet => &[SPREADSHEETS, READONLY],
            Self::BatchUpdate => &[SPREADSHEETS],
        }
    }
}

/// The id of the spreadsheet that a request is for.
pub(super) fn spreadsheet_id(head: &Head) -> String {
    let id = head.segments().get(2).copied().unwrap_or_default().to_owned();
    id.strip_suffix(BATCH_UPDATE).map(str::to_owned).unwrap_or(id)
}

/// That of Drive, which Sheets takes too.
pub(super) const EVERYTHING: &str = "https://www.googleapis.com/auth/drive";
const SPREADSHEETS: &str = "https://www.googleapis.com/auth/spreadsheets";
const READONLY: &str = "https://www.googleapis.com/auth/spreadsheets.readonly";
const BATCH_UPDATE: &str = ":batchUpdate";
