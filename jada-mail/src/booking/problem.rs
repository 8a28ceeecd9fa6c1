//! Why a mail was not read as a booking confirmation.

use std::fmt;

use serde::Serialize;

use super::{BookingField, BookingStatus};

/// Why a mail was not read as a booking confirmation, in one line by `Display`.
///
/// It is about this mail, to be shown to whoever looks after the rules, and no failure of the
/// crate: so it is no [`Error`](crate::Error).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BookingProblem {
    /// No layout knows it: by its sender, or by its subject.
    #[error("no layout knows this mail{}", subject_unknown_to(sender_known_to))]
    NotABooking {
        /// The layouts that know the sender, and not the subject: another kind of mail, or a
        /// subject that has changed.
        sender_known_to: Vec<String>,
    },
    /// A layout knows it, and what the mail says is not as that layout has it.
    #[error("layout {layout:?}: {}", joined(faults))]
    Unreadable {
        /// The name of the layout.
        layout: String,
        /// What the mail does to the booking, by its subject.
        status: BookingStatus,
        /// Every fault, in the order of the fields; at least one.
        faults: Vec<FieldFault>,
    },
}

/// What is wrong with one field. Texts of the mail are cut to 60 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FieldFault {
    /// It is required, and it is not there or is empty.
    Missing {
        /// The field.
        field: BookingField,
        /// What was looked for: the label "Date".
        sought: String,
    },
    /// It is there, and it is not what it should be.
    Unreadable {
        /// The field.
        field: BookingField,
        /// What is there.
        found: String,
        /// What it should be: a date as "%d.%m.%Y".
        expected: String,
    },
    /// It is there more than once, and differs.
    Ambiguous {
        /// The field.
        field: BookingField,
        /// What is there, each once, in order, at most five.
        found: Vec<String>,
    },
}

impl FieldFault {
    /// Returns the field.
    pub fn field(&self) -> BookingField {
        match self {
            Self::Missing { field, .. }
            | Self::Unreadable { field, .. }
            | Self::Ambiguous { field, .. } => *field,
        }
    }
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { field, sought } => write!(f, "no {field}: looked for {sought}"),
            Self::Unreadable { field, found, expected } => {
                write!(f, "{field} {found:?} is not {expected}")
            }
            Self::Ambiguous { field, found } => {
                let found: Vec<_> = found.iter().map(|text| format!("{text:?}")).collect();
                write!(f, "{field} is {}: which is not clear", found.join(" and "))
            }
        }
    }
}

/// `text` as a fault shows it.
pub(super) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn subject_unknown_to(layouts: &[String]) -> String {
    match layouts {
        [] => String::new(),
        layouts => format!(": its sender is known to {layouts:?}, its subject is not"),
    }
}

fn joined(faults: &[FieldFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

const LONGEST: usize = 60;
