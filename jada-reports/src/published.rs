//! What became of a statement that was published.

use std::fmt;

use jada_mail::MailState;
use serde::Serialize;

use crate::artefact::Artefact;
use crate::uploaded::Uploaded;

/// What was published: what lies in the folder, what is elsewhere, and the mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Published {
    /// The files.
    pub artefacts: Vec<Artefact>,
    /// What was uploaded, or was there already.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uploads: Vec<Uploaded>,
    /// The mail, if it is one that is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailed: Option<Mailed>,
    /// SHA-256 of the style that the workbook was made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style_sha256: Option<String>,
}

/// A mail in an outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mailed {
    /// Its key.
    pub key: String,
    /// The addresses of its recipients.
    pub to: Vec<String>,
    /// What became of it so far.
    pub state: MailState,
    /// Where it went, once it is sent: a path, or a service's id for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The mail as it was queued; none once the outbox has freed its room.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub artefact: Option<Artefact>,
}

/// On one line: what became of it, and to whom it goes.
impl fmt::Display for Mailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail {} {}, to {}", self.key, self.state, self.to.join(", "))
    }
}
